"""The audience table, typed, and the SQL its rules stand for.

Belongs here: reading ``audiences.yml`` and turning one table for one audience into a SELECT. Does not belong here:
running it (``seal``).

The build is attached as ``build``; ``consent_adviser(company_id)`` is a temporary table of companies whose adviser
consent is in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from warehouse.errors import KettenwerkError

AUDIENCES_FILE = Path(__file__).parent / "audiences.yml"

# Percent answers are asked in these bands; nothing narrower is shown to analysts or enters a score of theirs.
PERCENT_BANDS = ((0, 0), (0, 10), (10, 25), (25, 50), (50, 80), (80, 100))
SCORE_BANDS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))


def _band_middle(column: str, bands: tuple[tuple[float, float], ...]) -> str:
    cases = " ".join(f"WHEN {column} <= {high} THEN {(low + high) / 2}" for low, high in bands)
    return f"CASE WHEN {column} IS NULL THEN NULL {cases} ELSE {(bands[-1][0] + bands[-1][1]) / 2} END::DOUBLE"


def _only_with_supplier_consent(column: str) -> str:
    agreed = "supplier_company_id IN (SELECT company_id FROM consent_adviser)"
    return f"CASE WHEN {agreed} THEN {column} END"


def _short_code(column: str) -> str:
    """Divisions, headings and years: what a code of its own length would tell of one company alone."""
    return (
        f"CASE WHEN unit_code LIKE 'WZ%' THEN left({column}, 2) WHEN unit_code LIKE 'HS%' THEN left(replace({column}, '.', ''), 4) "
        f"WHEN unit_code = 'date' THEN left({column}, 4) ELSE {column} END"
    )


def _number_band_middle(column: str) -> str:
    """The middle of the band that was asked, of a percentage that of its band; other numbers are exact answers."""
    return f"CASE WHEN answer_code IS NOT NULL THEN {column} WHEN unit_code = 'pct' THEN {_band_middle(column, PERCENT_BANDS)} END"


TRANSFORMS = {
    "wz_division": lambda column: f"left({column}, 2)",
    "percent_band_middle": lambda column: _band_middle(column, PERCENT_BANDS),
    "score_band_middle": lambda column: _band_middle(column, SCORE_BANDS),
    "only_with_supplier_consent": _only_with_supplier_consent,
    "short_code": _short_code,
    "number_band_middle": _number_band_middle,
    "band_end": lambda column: f"CASE WHEN answer_code IS NOT NULL THEN {column} END",
    "own_key": lambda column: f"md5('advisory' || {column})",
}
ROW_FILTERS = {
    # The legal form is one of the columns that tell companies apart (quality/suites/disclosure).
    "answers_of_nobody": "question_concept_id <> 'LEGAL_FORM'",
    "evidence_without_own_products": "unit_code <> 'proximity'",
    "adviser_consent": "company_id IN (SELECT company_id FROM consent_adviser)",
    "both_adviser_consent": " AND ".join(
        f"{side}_company_id IN (SELECT company_id FROM consent_adviser)" for side in ("seeker", "candidate")
    ),
    "buyer_adviser_consent": "buyer_company_id IN (SELECT company_id FROM consent_adviser)",
}


class Share(BaseModel):
    """What one audience gets of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    columns: str | list[str] = "all"
    transform: dict[str, str] = Field(default_factory=dict)
    rows: str | None = None
    codes_as_enum: bool = False
    order_by: list[str] = Field(default_factory=list)


class Licence(BaseModel):
    """Whom a restriction of a licence keeps out; profile -> audiences in ``shown_in`` get the rows all the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kept_from: list[str]
    shown_in: dict[str, list[str]] = Field(default_factory=dict)
    with_derived: bool = False


@dataclass(frozen=True)
class AudienceTable:
    """The whole table: ``labels`` audience -> who, ``shares`` (schema, table) -> audience -> share, ``licences`` by code.

    ``summed_rows``: (schema, table) -> column of the source's rows -> column of the table, for tables that only sum them.
    """

    labels: dict[str, str]
    shares: dict[tuple[str, str], dict[str, Share]] = field(default_factory=dict)
    licences: dict[str, Licence] = field(default_factory=dict)
    summed_rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def tables_of(self, audience: str) -> dict[tuple[str, str], Share]:
        """The tables one audience gets."""
        return {table: by[audience] for table, by in self.shares.items() if audience in by}


@cache
def audience_table() -> AudienceTable:
    """Read and check ``audiences.yml``."""
    raw = yaml.safe_load(AUDIENCES_FILE.read_text(encoding="utf-8"))
    shares: dict[tuple[str, str], dict[str, Share]] = {}
    for name, by_audience in raw["tables"].items():
        schema, table = name.split(".")
        shares[(schema, table)] = {audience: Share.model_validate(share) for audience, share in by_audience.items()}
        for audience, share in shares[(schema, table)].items():
            unknown = [t for t in share.transform.values() if t not in TRANSFORMS]
            if audience not in raw["audiences"] or unknown or (share.rows and share.rows not in ROW_FILTERS):
                raise KettenwerkError(
                    f"{audience}: unknown audience, transform {unknown} or row rule '{share.rows}'",
                    where=f"audiences.yml, {name}",
                )
    licences = {code: Licence.model_validate(licence) for code, licence in raw["licences"].items()}
    for code, licence in licences.items():
        named = {*licence.kept_from, *(a for audiences in licence.shown_in.values() for a in audiences)}
        if unknown := named - set(raw["audiences"]):
            raise KettenwerkError(f"unknown audience {min(unknown)}", where=f"audiences.yml, licence {code}")
    summed: dict[tuple[str, str], dict[str, str]] = {}
    for name, names in raw.get("summed_rows", {}).items():
        schema, table = name.split(".")
        if (schema, table) not in shares:
            raise KettenwerkError("no audience gets this table", where=f"audiences.yml, summed_rows, {name}")
        summed[(schema, table)] = names
    return AudienceTable(raw["audiences"], shares, licences, summed)


def select_statement(table: tuple[str, str], share: Share, columns: list[str], without: str | None = None) -> str:
    """The SELECT that gives one audience its share of one build table, columns in the build's order.

    ``without``: a condition on the build's columns that is true for rows the audience does not get (``licences``).

    Raises:
        KettenwerkError: a column is named that the build does not have.
    """
    kept = columns if share.columns == "all" else list(share.columns)
    unknown = [c for c in [*kept, *share.transform, *share.order_by] if c not in columns]
    if unknown:
        raise KettenwerkError(
            f"column {unknown[0]} does not exist in the build", where=f"audiences.yml, {'.'.join(table)}"
        )
    expressions = [
        f'{TRANSFORMS[share.transform[c]](chr(34) + c + chr(34))} AS "{c}"' if c in share.transform else f'"{c}"'
        for c in columns
        if c in kept
    ]
    kept_rows = [ROW_FILTERS[share.rows]] if share.rows else []
    kept_rows += [f"NOT ({without})"] if without else []
    where = f" WHERE {' AND '.join(kept_rows)}" if kept_rows else ""
    return f"SELECT {', '.join(expressions)} FROM build.{table[0]}.{table[1]}{where}"
