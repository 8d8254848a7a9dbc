"""Reading the served release for a page, and what a page says about where its figures come from.

Belongs here: one audience's file, its release and its sources, and the error where a table holds nothing. Does not
belong here: the questions of a single plot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from orchestration.plots.style import facts
from warehouse.errors import KettenwerkError
from warehouse.paths import Lineage
from warehouse.query import connection

EMPTY_RULE = "MRT-002"


@dataclass(frozen=True)
class Origin:
    """What every page says about its release: id, moment of publication, region, invented or not, sources."""

    release_id: str
    created: str
    region_code: str
    is_synthetic: bool
    sources: tuple[str, ...]


class Release:
    """The served file of one audience."""

    def __init__(self, door: duckdb.DuckDBPyConnection, audience: str, profile: str) -> None:
        self.door = door
        self.audience = audience
        self.profile = profile

    def frame(self, statement: str, *parameters: Any) -> pl.DataFrame:
        """Rows of one statement."""
        return self.door.execute(statement, list(parameters)).pl()

    def has(self, table: str) -> bool:
        """Whether the file holds this table; releases of an earlier version may lack one."""
        schema, name = table.split(".")
        found = self.door.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?", [schema, name]
        )
        return found.fetchall() != [(0,)]

    def need_rows(self, table: str) -> None:
        """Refuse to draw nothing.

        Raises:
            KettenwerkError: the table is missing or empty, with the reason that the release gives.
        """
        if not self.has(table):
            raise KettenwerkError(
                f"the served release has no table {table}; it is older than this plot",
                where=f"profile {self.profile}",
                todo=f"call: kettenwerk refresh --profile {self.profile}",
            )
        if self.door.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
            return
        reasons = self.door.execute(
            "SELECT DISTINCT partition_key FROM marts.mart_dq_status WHERE rule_id = ? AND asset_name = ? ORDER BY 1",
            [EMPTY_RULE, table.split(".")[1]],
        ).fetchall()
        reason = "; ".join(r for (r,) in reasons) or "mart_dq_status gives no reason"
        raise KettenwerkError(
            f"{table} is empty ({reason}), so there is nothing to draw",
            where=f"profile {self.profile}, {self.audience}.duckdb",
            todo=f"deliver what is missing and call: kettenwerk refresh --profile {self.profile}",
        )

    def origin(self, plot: str, source_ids: Sequence[str] = ()) -> Origin:
        """Release and sources of a page: those that are given, else those of ``plot`` in facts.yml."""
        [(release_id, created, region_code, is_synthetic)] = self.door.execute(
            "SELECT release_id, strftime(created_at, '%d.%m.%Y %H:%M UTC'), region_code, is_synthetic FROM meta.release"
        ).fetchall()
        named = dict.fromkeys(
            _attribution(text, restriction)
            for source_id in source_ids or facts()["sources"][plot]
            for text, restriction in self.door.execute(
                "SELECT attribution, restriction_code FROM meta.source WHERE source_id = ?", [source_id]
            ).fetchall()
        )
        return Origin(release_id, created, region_code, is_synthetic, tuple(named))


def _attribution(text: str, restriction: str | None) -> str:
    """'CEPII, BACI'; with what may not be done with it in brackets."""
    words = facts()["restrictions"].get(restriction or "")
    return f"{text.removeprefix('Source: ')} ({words})" if words else text.removeprefix("Source: ")


@contextmanager
def served(lineage: Lineage, audience: str) -> Iterator[Release]:
    """The served file of an audience, read-only; raises where nothing is published."""
    with connection(lineage, audience) as door:
        yield Release(door, audience, lineage.profile)
