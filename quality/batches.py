"""Batches: the small frames the audit looks at, each one query on the sealed candidate.

Belongs here: reading a candidate (and the served release) into frames of a few rows. Does not belong here: what
is expected of them (``suites``). Never a row of a big fact, only aggregates and projections.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.compare import Change
from warehouse.errors import SettingsError
from warehouse.files import quoted
from warehouse.seal import reading


@dataclass(frozen=True)
class Context:
    """What the audit may look at.

    ``gates`` are severity and limits per rule of the region and profile, ``smallest_cell`` is the region's k,
    ``company_names`` all names that companies gave of themselves and their suppliers, consent or not. ``moved`` is what
    ``moved.moved`` counted in the survey table beside the served release.
    """

    candidate: Path
    served: Path | None
    changes: list[Change]
    gates: dict[str, dict[str, Any]]
    is_synthetic: bool
    smallest_cell: int
    company_names: frozenset[str]
    moved: pl.DataFrame = field(default_factory=pl.DataFrame)

    def limit(self, rule_id: str, name: str) -> Any:
        """A limit of a rule, as the region's gates give it."""
        try:
            return self.gates[rule_id]["limits"][name]
        except KeyError:
            raise SettingsError(
                f"the limit '{name}' of {rule_id} is missing",
                where="gates.yml",
                todo="take it over from regions/default",
            ) from None

    def severity(self, rule_id: str) -> str:
        """Severity of a rule."""
        if rule_id not in self.gates:
            raise SettingsError(
                f"the rule {rule_id} is missing", where="gates.yml", todo="take it over from regions/default"
            )
        return str(self.gates[rule_id]["severity"])

    def frame(self, audience: str, sql: str) -> pl.DataFrame:
        """One query on one audience's file of the candidate."""
        with reading(self.candidate, audience) as connection:
            return connection.execute(sql).pl()

    def rows(self) -> pl.DataFrame:
        """One row per published table: audience, name, rows now and before, change in percent."""
        schema = {"audience": pl.String, "table": pl.String, "kind": pl.String, "before": pl.Float64, "after": pl.Float64,
                  "change_pct": pl.Float64}  # fmt: skip
        rows = [(c.audience, c.name, c.kind, c.before, c.after, c.change_pct) for c in self.changes]
        return pl.DataFrame(rows, schema=schema, orient="row")


def columns(folder: Path, audience: str) -> list[tuple[str, str, str, str, str | None]]:
    """Schema, table, column, type and comment of every column of an audience's file."""
    with reading(folder, audience) as connection:
        return connection.execute(
            "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal AND database_name = current_database() ORDER BY ALL"
        ).fetchall()


RANDOM_ID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"


def scan_text(folder: Path, audience: str, patterns: dict[str, str]) -> list[dict[str, object]]:
    """Search every text value of an audience's file; one row per column and pattern that occurs, with its count.

    The random ids of runs are taken out first: now and then one of them reads like a phone number.
    """
    found: list[dict[str, object]] = []
    with reading(folder, audience) as connection:
        for schema, table, column, kind, _ in columns(folder, audience):
            if kind != "VARCHAR" and not kind.startswith("ENUM"):
                continue
            tests = ", ".join(f"count(*) FILTER (regexp_matches(v, {quoted(p)}))" for p in patterns.values())
            text = f"""regexp_replace("{column}"::VARCHAR, {quoted(RANDOM_ID)}, '', 'g')"""
            values = f'SELECT DISTINCT {text} AS v FROM {schema}.{table} WHERE "{column}" IS NOT NULL'
            [counts] = connection.execute(f"SELECT {tests} FROM ({values})").fetchall()
            found += [
                {"table": f"{schema}.{table}", "column": column, "pattern": name, "hits": hits}
                for name, hits in zip(patterns, counts, strict=True)
                if hits
            ]
    return found
