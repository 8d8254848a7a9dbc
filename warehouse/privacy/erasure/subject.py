"""Who is to be erased: one company with everything by which it can be recognised in a file.

Belongs here: finding that from lake and vault. Does not belong here: showing it (``held``) or removing it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table, table_folder
from warehouse.paths import Lineage
from warehouse.privacy.company_records import SURVEYS
from warehouse.privacy.ledger import clusters
from warehouse.privacy.pseudonyms import ID_LENGTH
from warehouse.privacy.vault import Vault

NAME = "LEGAL_NAME"
# Shorter texts stand in many files by chance: they are removed with their rows, and never searched for in free text.
SHORTEST_TRACE = 6


@dataclass(frozen=True)
class Subject:
    """One company. ``responses`` are (source, wave, response); ``names`` as answered; ``contacts`` all fields given.

    ``ids`` are all it has, the one under which it is shown first.
    """

    company_id: str
    ids: tuple[str, ...]
    responses: tuple[tuple[str, str, str], ...]
    names: tuple[str, ...]
    contacts: tuple[str, ...]
    records: tuple[tuple[str, str], ...]

    @property
    def unique_traces(self) -> tuple[str, ...]:
        """Texts that speak of nobody else wherever they stand: the id and what the contact person gave."""
        return _longest_first({*self.ids, *self.contacts})

    @property
    def traces(self) -> tuple[str, ...]:
        """All texts that may stand in no file afterwards; a name may be a part of another company's."""
        return _longest_first({*self.unique_traces, *self.names})

    def text(self) -> str:
        """As JSON, for the vault to keep while an erasure is under way."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Subject:
        """What :meth:`text` gave."""
        raw: dict[str, Any] = json.loads(text)
        pairs = {name: tuple(map(tuple, raw[name])) for name in ("responses", "records")}
        return cls(
            raw["company_id"], tuple(raw["ids"]), names=tuple(raw["names"]), contacts=tuple(raw["contacts"]), **pairs
        )


def _longest_first(texts: set[str]) -> tuple[str, ...]:
    return tuple(sorted((text for text in texts if len(text) >= SHORTEST_TRACE), key=len, reverse=True))


def find(lineage: Lineage, who: str) -> Subject:
    """A company by its id (``C-…``) or by one of its responses (``<wave>:<response>``).

    Raises:
        KettenwerkError: nothing is held under this id.
    """
    tied = clusters(lineage)
    company_id = tied.canonical(who if who.startswith("C-") else _company_of(lineage, who))
    keys = read_system_table(lineage.lake, "identity", "company_key").filter(company_id=company_id)
    with Vault(lineage).connection() as connection:
        known = connection.execute("SELECT 1 FROM company WHERE company_id = ?", (company_id,)).fetchone()
    if not known and keys.is_empty():
        raise KettenwerkError(
            "nothing is held under this id", where=who or "(empty)",
            expected=f"a company id (C- and {ID_LENGTH} characters) or <wave>:<response> as the vault knows it",
            todo="look the company up: kettenwerk sql --audience advisory \"SELECT company_id, company_name FROM marts.dim_company\"",
        )  # fmt: skip
    records = tuple(sorted(keys.select("source_id", "record_id").iter_rows()))
    responses = tuple((s, *r.split(":", 1)) for s, r in records if s in SURVEYS)
    return Subject(
        company_id,
        tied.members(company_id),
        responses,
        _names(lineage, responses),
        _contacts(lineage, responses),
        records,
    )


def _company_of(lineage: Lineage, response: str) -> str:
    keys = read_system_table(lineage.lake, "identity", "company_key")
    found = keys.filter(pl.col("source_id").is_in(SURVEYS), pl.col("record_id") == response)["company_id"]
    return str(found[0]) if len(found) else ""


def answers_of(lineage: Lineage, responses: tuple[tuple[str, str, str], ...]) -> pl.DataFrame:
    """Every answer of these responses that the lake holds, of all deliveries ever."""
    frames = []
    for source, wave, response in responses:
        rows = pl.scan_parquet(table_folder(lineage.lake, source, "answer") / "*.parquet")
        rows = rows.filter(pl.col("wave_id") == wave, pl.col("response_id") == response)
        frames.append(rows.collect().with_columns(source_id=pl.lit(source)))
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame()


def _names(lineage: Lineage, responses: tuple[tuple[str, str, str], ...]) -> tuple[str, ...]:
    """Names the company gave; one that another company gave too is not its own."""
    own: set[str] = set()
    others: set[str] = set()
    mine = set(responses)
    for source in SURVEYS:
        answers = pl.scan_parquet(table_folder(lineage.lake, source, "answer") / "*.parquet")
        given = answers.filter(pl.col("question_concept_id") == NAME).select("wave_id", "response_id", "raw_value")
        for wave, response, name in given.collect().drop_nulls("raw_value").iter_rows():
            (own if (source, wave, response) in mine else others).add(name.strip())
    return tuple(sorted(own - others - {""}))


def _contacts(lineage: Lineage, responses: tuple[tuple[str, str, str], ...]) -> tuple[str, ...]:
    """What the contact persons gave; one who speaks for another company too is still needed there."""
    own: set[str] = set()
    others: set[str] = set()
    mine = {(wave, response) for _, wave, response in responses}
    for contact in Vault(lineage).contacts():
        values = {str(v).strip() for name, v in contact.items() if name not in ("wave_id", "response_id") and v}
        (own if (contact["wave_id"], contact["response_id"]) in mine else others).update(values)
    return tuple(sorted(own - others - {""}))
