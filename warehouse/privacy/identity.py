"""From lake records to companies and their consent: the one step that reads names to give ids.

Belongs here: which lake columns make identity keys, and writing ``lake/identity``. Does not belong here: handing out
ids (``pseudonyms``) or anything a reader of a release sees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from warehouse.lake import write_system_table
from warehouse.methods.survey_decisions import KEY, resolve
from warehouse.paths import Lineage
from warehouse.privacy.consent import in_force, record_events
from warehouse.privacy.erasure.tombstones import Tombstones
from warehouse.privacy.pseudonyms import Assignment, Record, assign, normalised_name, normalised_register
from warehouse.region import Region
from warehouse.steps import step

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


def identify(lineage: Lineage, region: Region, snapshots: pl.DataFrame, is_synthetic: bool) -> dict[str, int]:
    """Give every company of the region its id and write ``identity.company_key`` and ``identity.consent``.

    Returns counts: records, companies, conflicts (a weaker key pointed to another company; nothing was merged).
    """
    records = list(_without_erased(lineage, known_records(lineage, region, snapshots)))
    assigned = assign(lineage, records)
    keys = pl.DataFrame(
        [(a.record.source_id, a.record.record_id, a.company_id, a.key_type, is_synthetic) for a in assigned],
        schema=["source_id", "record_id", "company_id", "key_type_code", "is_synthetic"],
        orient="row",
    ) if assigned else pl.DataFrame(schema=dict.fromkeys(("source_id", "record_id", "company_id", "key_type_code"), pl.String()) | {"is_synthetic": pl.Boolean()})  # fmt: skip
    write_system_table(lineage.lake, "identity", "company_key", keys)
    record_events(lineage, _responses_of(assigned), _answers(lineage, snapshots), _events(lineage, snapshots))
    consent = in_force(lineage, sorted({a.company_id for a in assigned}))
    write_system_table(lineage.lake, "identity", "consent", consent)
    counts = {
        "records": len(assigned),
        "companies": len({a.company_id for a in assigned}),
        "conflicts": sum(a.conflict for a in assigned),
    }
    step("vault", "identified", f"{counts['records']:,} records, {counts['companies']:,} companies", **counts)
    return counts


def known_records(lineage: Lineage, region: Region, snapshots: pl.DataFrame) -> list[Record]:
    """Every record that speaks of a company of the region, with its identity keys."""
    return list(_records(lineage, Places.of(region), snapshots))


def _without_erased(lineage: Lineage, records: list[Record]) -> Iterator[Record]:
    """Open registers never bring an erased company back; only its own new answer does."""
    stones = Tombstones.of(lineage)
    if stones.is_empty:
        yield from records
        return
    answered = {key for record in records if record.source_id in SURVEYS for key in record.keys}
    for record in records:
        erased = [key for key in record.keys if key not in answered and stones.has_key(*key)]
        if not erased or record.source_id in SURVEYS:
            yield record


def _responses_of(assigned: list[Assignment]) -> dict[str, str]:
    return {a.record.record_id: a.company_id for a in assigned if a.record.source_id in SURVEYS}


def _read(lineage: Lineage, source: str, table: str, snapshots: pl.DataFrame) -> pl.DataFrame:
    """A lake table restricted to the snapshots in force."""
    frame = pl.read_parquet(lineage.lake / source / table / "*.parquet")
    latest = snapshots.filter(pl.col("is_latest_vintage"))["snapshot_id"].implode()
    return frame.filter(pl.col("snapshot_id").is_in(latest))


def _answers(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Answers in force of every survey tool; a response's id says nothing twice, whichever tool gave it."""
    answers = pl.concat(_read(lineage, s, "answer", snapshots).select(ANSWER) for s in SURVEYS)
    review = pl.concat(pl.read_parquet(lineage.lake / s / "review" / "*.parquet") for s in SURVEYS)
    decided = resolve(review, pl.read_parquet(lineage.lake / "survey_decision" / "decision" / "*.parquet"))
    is_decided = pl.col("decided_status").is_not_null()
    answers = answers.join(decided, on=KEY, how="left").with_columns(
        pl.when(is_decided).then("decided_code").otherwise("answer_code").alias("answer_code"),
        pl.coalesce("decided_status", "answer_status_code").alias("answer_status_code"),
    )
    return answers.select(ANSWER).join(_responses(lineage, snapshots), on=["wave_id", "response_id"])


def _responses(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """Responses in force of every survey tool, in the order they were delivered."""
    frames = [_read(lineage, s, "response", snapshots).select(RESPONSE).sort("wave_id", "source_row") for s in SURVEYS]
    named = [frame.with_columns(source_id=pl.lit(s)) for s, frame in zip(SURVEYS, frames, strict=True)]
    return pl.concat(named).drop("source_row")


def _events(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    return _read(lineage, "consent", "event", snapshots)


def _records(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """Registers first, because their keys are the strongest; then lists; then what companies say of themselves."""
    for row in _read(lineage, "offeneregister", "company", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["registered_office"])
        if kreis:
            register = normalised_register(row["court_code"], row["register_type_code"], row["register_number"])
            yield _record("offeneregister", row["company_number"], row["company_name"], kreis, register=register)
    for row in _read(lineage, "register_list", "company", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["seat"])
        if kreis:
            court = row["court_code"] or places.court(row["court_name"])
            register = normalised_register(court, row["register_type_code"], row["register_number"])
            yield _record("register_list", row["record_id"], row["company_name"], kreis, register=register)
    for row in _read(lineage, "gleif", "lei_record", snapshots).iter_rows(named=True):
        kreis = places.kreis(row["postcode"], row["city"])
        if kreis:
            yield _record("gleif", row["lei"], row["legal_name"], kreis, lei=row["lei"])
    yield from _listed(lineage, places, snapshots)
    yield from _surveyed(lineage, places, snapshots)


def _listed(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """Listed companies of the region; a LEI name that is theirs alone (exact, unique on both sides) gives the LEI."""
    leis: dict[str, list[str]] = defaultdict(list)
    for row in _read(lineage, "gleif", "lei_name", snapshots).iter_rows(named=True):
        leis[normalised_name(row["legal_name"])].append(row["lei"])
    listed: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in _read(lineage, "geonames_company", "company", snapshots).iter_rows(named=True):
        kreis = row["kreis_ags"] if row["kreis_ags"] in set(places.by_name.values()) else None
        if kreis:
            listed[(row["company_name"], kreis)].append(row["source_row"])
    names = [normalised_name(name) for name, _ in listed]
    for (name, kreis), rows in listed.items():
        found = leis.get(normalised_name(name), [])
        lei = found[0] if len(found) == 1 and names.count(normalised_name(name)) == 1 else None
        for number in rows:
            yield _record("geonames_company", str(number), name, kreis, lei=lei)
        if lei:
            yield _record("gleif", lei, name, kreis, lei=lei)


def _surveyed(lineage: Lineage, places: Places, snapshots: pl.DataFrame) -> Iterator[Record]:
    """What companies say of themselves; a damaged register number or LEI identifies nobody until somebody decided."""
    identity = _answers(lineage, snapshots).filter(
        pl.col("class_code") == "identity", pl.col("answer_status_code") == "answered"
    )
    by_response: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in identity.iter_rows(named=True):
        value = row["answer_code"] if row["answer_code"] is not None else row["raw_value"]
        by_response[(row["wave_id"], row["response_id"])][row["question_concept_id"]] = value
    responses = _responses(lineage, snapshots)
    for source_id, wave, response in responses.select("source_id", "wave_id", "response_id").iter_rows():
        said = by_response.get((wave, response), {})
        kreis = places.kreis(said.get("SITE_POSTCODE"), said.get("SITE_CITY"))
        register = normalised_register(places.court(said.get("REG_COURT")), said.get("REG_TYPE"), said.get("REG_NO"))
        yield _record(
            source_id,
            f"{wave}:{response}",
            said.get("LEGAL_NAME", ""),
            kreis,
            register=register,
            lei=said.get("LEI"),
        )


def _record(
    source_id: str, record_id: str, name: str, kreis: str | None, register: str | None = None, lei: str | None = None
) -> Record:
    keys = [
        ("register", register),
        ("lei", lei),
        ("name_place", f"{normalised_name(name)}|{kreis}" if name and kreis else None),
    ]
    given = tuple((kind, value) for kind, value in keys if value)
    return Record(source_id, record_id, given or (("record", f"{source_id}:{record_id}"),))
