"""Which lake records speak of a company of the region: each with its identity keys and what it says of who it is.

Belongs here: the columns of each source that say so. Does not belong here: handing out ids (``pseudonyms``), deciding which
records are one company (``matching``, ``ledger``) or anything a reader of a release sees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from warehouse.methods.survey_decisions import KEY, resolve
from warehouse.paths import Lineage
from warehouse.privacy.pseudonyms import Facts, Record, normalised_name, normalised_register
from warehouse.region import Region

# The survey tools, whose answers have the same columns.
SURVEYS = ("limesurvey", "kobo")
ANSWER = (
    "wave_id", "response_id", "question_concept_id", "item_code", "class_code", "raw_value", "answer_code", "answer_status_code",
)  # fmt: skip
RESPONSE = ("wave_id", "response_id", "submitted_at", "started_at", "source_row")


@dataclass(frozen=True)
class Places:
    """Where a record lies: Kreis by postcode, else by place name; court codes by name."""

    by_postcode: dict[str, str]
    by_name: dict[str, str]
    courts: dict[str, str]

    @classmethod
    def of(cls, region: Region) -> Places:
        kreise = {k.ags for k in region.kreise}

        def kreis(ags: str) -> str | None:
            return ags[:5] if ags[:5] in kreise else None

        names = {m["name"].lower(): m["ags"][:5] for m in region.municipalities}
        names |= {k.name.lower(): k.ags for k in region.kreise}
        postcodes = {p["postcode"]: found for p in region.postcodes if (found := kreis(p["ags"]))}
        courts = {}
        for row in region.courts:
            for name in (row["court_name"], row["court_name"].removeprefix("Amtsgericht "), row["court_code"]):
                courts[name.lower()] = row["court_code"]
        return cls(postcodes, names, courts)

    def kreis(self, postcode: str | None, place: str | None) -> str | None:
        """Kreis of a postcode, or of a place name where there is no readable postcode; None outside the region.

        A postcode elsewhere decides against a town's name: many towns have a namesake in another region.
        """
        if re.fullmatch(r"\d{5}", (postcode or "").strip()):
            return self.by_postcode.get((postcode or "").strip())
        return self.by_name.get((place or "").strip().lower())

    def court(self, text: str | None) -> str | None:
        """Court code of a court's name or code."""
        return self.courts.get((text or "").strip().lower())


def known_records(lineage: Lineage, region: Region, snapshots: pl.DataFrame) -> list[Record]:
    """Every record that speaks of a company of the region, with its identity keys."""
    return list(_records(lineage, Places.of(region), snapshots))


def named_records(lineage: Lineage, snapshots: pl.DataFrame) -> list[Record]:
    """Every LEI of which only the name is known, wherever it lies: its company is found by likeness or not at all."""
    placed = _read(lineage, "gleif", "lei_record", snapshots).select("lei")
    names = (
        _read(lineage, "gleif", "lei_name", snapshots)
        .join(placed, on="lei", how="anti")
        .unique("lei", maintain_order=True)
    )
    return [
        record_of("gleif", lei, None, Facts(name, lei=lei))
        for lei, name in names.select("lei", "legal_name").iter_rows()
    ]


def _read(lineage: Lineage, source: str, table: str, snapshots: pl.DataFrame) -> pl.DataFrame:
    """A lake table restricted to the snapshots in force."""
    frame = pl.read_parquet(lineage.lake / source / table / "*.parquet")
    latest = snapshots.filter(pl.col("is_latest_vintage"))["snapshot_id"].implode()
    return frame.filter(pl.col("snapshot_id").is_in(latest))


def answers(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Answers in force of every survey tool; a response's id says nothing twice, whichever tool gave it."""
    given = pl.concat(_read(lineage, s, "answer", snapshots).select(ANSWER) for s in SURVEYS)
    review = pl.concat(pl.read_parquet(lineage.lake / s / "review" / "*.parquet") for s in SURVEYS)
    decided = resolve(review, pl.read_parquet(lineage.lake / "survey_decision" / "decision" / "*.parquet"))
    is_decided = pl.col("decided_status").is_not_null()
    given = given.join(decided, on=KEY, how="left").with_columns(
        pl.when(is_decided).then("decided_code").otherwise("answer_code").alias("answer_code"),
        pl.coalesce("decided_status", "answer_status_code").alias("answer_status_code"),
    )
    return given.select(ANSWER).join(responses(lineage, snapshots), on=["wave_id", "response_id"])


def responses(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Responses in force of every survey tool, in the order they were delivered."""
    frames = [_read(lineage, s, "response", snapshots).select(RESPONSE).sort("wave_id", "source_row") for s in SURVEYS]
    named = [frame.with_columns(source_id=pl.lit(s)) for s, frame in zip(SURVEYS, frames, strict=True)]
    return pl.concat(named).drop("source_row")


def events(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Consent events that came outside the survey."""
    return _read(lineage, "consent", "event", snapshots)


def _records(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """Registers first, because their keys are the strongest; then lists; then what companies say of themselves."""
    for row in _read(lineage, "offeneregister", "company", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["registered_office"])
        if kreis:
            facts = Facts(
                row["company_name"], row["postcode"], row["registered_office"], row["registered_address"], row["court_code"],
                row["register_type_code"], row["register_number"],
            )  # fmt: skip
            yield record_of("offeneregister", row["company_number"], kreis, facts)
    for row in _read(lineage, "register_list", "company", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["seat"])
        if kreis:
            court = row["court_code"] or places.court(row["court_name"])
            facts = Facts(
                row["company_name"], row["postcode"], row["seat"], row["street"], court, row["register_type_code"], row["register_number"]
            )  # fmt: skip
            yield record_of("register_list", row["record_id"], kreis, facts)
    for row in _read(lineage, "gleif", "lei_record", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["city"])
        if kreis:
            yield record_of(
                "gleif", row["lei"], kreis, Facts(row["legal_name"], row["postcode"], row["city"], lei=row["lei"])
            )
    yield from _listed(lineage, places, snapshots)
    yield from _surveyed(lineage, places, snapshots)


def _listed(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """Companies of lists that know a name and a postcode, and nothing that identifies."""
    kreise = set(places.by_name.values())
    for row in _read(lineage, "geonames_company", "company", snapshots).iter_rows(named=True):
        if row["kreis_ags"] in kreise:
            facts = Facts(row["company_name"], row["postcode"])
            yield record_of("geonames_company", str(row["source_row"]), row["kreis_ags"], facts)


def _surveyed(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """What companies say of themselves; a damaged register number or LEI identifies nobody until somebody decided."""
    identity = answers(lineage, snapshots).filter(
        pl.col("class_code") == "identity", pl.col("answer_status_code") == "answered"
    )
    by_response: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in identity.iter_rows(named=True):
        value = row["answer_code"] if row["answer_code"] is not None else row["raw_value"]
        by_response[(row["wave_id"], row["response_id"])][row["question_concept_id"]] = value
    own = responses(lineage, snapshots).select("source_id", "wave_id", "response_id")
    for source_id, wave, response in own.iter_rows():
        said = by_response.get((wave, response), {})
        facts = Facts(
            said.get("LEGAL_NAME"), said.get("SITE_POSTCODE"), said.get("SITE_CITY"), None,
            places.court(said.get("REG_COURT")), said.get("REG_TYPE"), said.get("REG_NO"), said.get("LEI"),
        )  # fmt: skip
        kreis = places.kreis(facts.postcode, facts.town)
        yield record_of(source_id, f"{wave}:{response}", kreis, facts)


def record_of(source_id: str, record_id: str, kreis: str | None, facts: Facts) -> Record:
    """A record with the keys its facts give: register number and court, LEI, name and Kreis; else its own place alone."""
    keys = [
        ("register", normalised_register(facts.court_code, facts.register_type, facts.register_number)),
        ("lei", facts.lei),
        (
            "name_place",
            f"{normalised_name(facts.name)}{_partnership(facts.name)}|{kreis}" if facts.name and kreis else None,
        ),
    ]
    given = tuple((kind, value) for kind, value in keys if value)
    return Record(source_id, record_id, given or (("record", f"{source_id}:{record_id}"),), facts)


def _partnership(name: str) -> str:
    """What tells a "GmbH & Co. KG" from the GmbH of the same name that is its general partner."""
    return "&co" if re.search(r"(?i)\bco(?:mp(?:agnie)?)?\b\.?[^a-z0-9]*(?:kg|ohg|kommandit|offene)", name) else ""
