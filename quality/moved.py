"""Rows of the survey table that differ between the candidate and the served release, and how many companies moved them.

Belongs here: that comparison, from both files and what the vault remembers of both, in plain sets. It shares no code with
the decision that it checks (``warehouse/privacy/disclosure_renewal``). Does not belong here: what follows (``suites``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.lake import read_system_table
from warehouse.paths import Lineage
from warehouse.privacy.disclosure_memory import Memory, read
from warehouse.seal import reading

DIMENSIONS = ("kreis_ags", "wz2_code", "headcount_band_code")
KEY = ("wave_id", "driver_code", *DIMENSIONS)
FIGURES = ("company_count", "mean_score", "share_high_pct", "suppression_code")
NEEDED = ("CONS_STORE", "CONS_BENCHMARK")
Key = tuple[str, ...]


def moved(lineage: Lineage, candidate: Path, served: Path | None, k: int) -> pl.DataFrame:
    """One row: figures moved by fewer than k companies, shown ones that count somebody who withdrew, and unknown ones.

    ``forgotten``: rows that the vault does not remember as they would be published; the next release could not be
    compared with them. ``unknown``: rows that differ from the served release where the vault does not remember who stood
    behind that one; nobody can say how many companies moved them.
    """
    now, then = (_of_table(read(lineage, folder.name)) if folder else None for folder in (candidate, served))
    rows, old = (_rows(folder) if folder else {} for folder in (candidate, served))
    # Of a release of which nothing is remembered nobody is known, so that every row counts.
    now, then = now or Memory.empty(), then or Memory.empty()
    people, before = _People(now), _People(then)
    different = _different(rows, old)
    unknown = sum(1 for key in different if not before.is_known(key))
    few = sum(
        1 for key in different if before.is_known(key) and len(_changed(before.behind(key), people.behind(key))) < k
    )
    agreed = _agreed(lineage)
    withdrawn = sum(
        1 for key, row in rows.items() if row["suppression_code"] == "none" and not people.behind(key).keys() <= agreed
    )
    found = {"few": few, "withdrawn": withdrawn, "forgotten": _forgotten(rows, now), "unknown": unknown}
    return pl.DataFrame([found], schema=dict.fromkeys(found, pl.Int64))


def _of_table(memory: Memory | None) -> Memory | None:
    """What is remembered of the dependency table alone."""
    if memory is None:
        return None
    own = ~pl.col("driver_code").str.starts_with("coverage:")
    parts = {name: getattr(memory, name).filter(own) for name in ("in_force", "figure", "contribution")}
    return replace(memory, **parts)


def _rows(folder: Path) -> dict[Key, dict[str, Any]]:
    with reading(folder, "bi") as connection:
        frame = connection.execute(f"SELECT {', '.join((*KEY, *FIGURES))} FROM bi.bi_dependency").pl()
    return {tuple(row[c] for c in KEY): row for row in frame.iter_rows(named=True)}


def _agreed(lineage: Lineage) -> set[str]:
    consent = read_system_table(lineage.lake, "identity", "consent").filter("is_granted")
    by_purpose = [set(consent.filter(pl.col("purpose_code") == purpose)["company_id"]) for purpose in NEEDED]
    return set.intersection(*by_purpose)


class _People:
    """Who stands behind each figure of one release: companies and their scores."""

    def __init__(self, memory: Memory) -> None:
        self.world = {tuple(key): world for *key, world in memory.in_force.select(*KEY, "world_id").iter_rows()}
        self.by_table: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        columns = ("world_id", "wave_id", "driver_code", "company_id", "dependency_score", *DIMENSIONS)
        for world, wave, driver, *rest in memory.contribution.select(columns).iter_rows():
            self.by_table[world, wave, driver].append(tuple(rest))
        self.newest = {
            (wave, driver): max(w for w, *t in self.by_table if t == [wave, driver])
            for _, wave, driver in self.by_table
        }

    def is_known(self, key: Key) -> bool:
        """Whether anybody is remembered behind the table that the cell is of."""
        return key[:2] in self.newest

    def behind(self, key: Key) -> dict[str, float | None]:
        """Companies of a cell's figure; of a cell without a row those that stand in it by the newest publication."""
        table = key[:2]
        world = self.world.get(key) or self.newest.get((table[0], table[1]))
        found = self.by_table.get((world or "", *table), [])
        return {
            company: score
            for company, score, *place in found
            if all(wanted in ("TOTAL", own) for wanted, own in zip(key[2:], place, strict=True))
        }


def _different(rows: dict[Key, dict[str, Any]], old: dict[Key, dict[str, Any]]) -> list[Key]:
    """Rows of a table that both releases have and that say something else now."""
    tables = {key[:2] for key in old}  # of a new wave nothing was published
    return [
        key
        for key in sorted(rows.keys() | old.keys())
        if key[:2] in tables
        and rows.get(key, {}).get("suppression_code") != "pending"  # says nothing
        and any(rows.get(key, {}).get(f) != old.get(key, {}).get(f) for f in FIGURES)
    ]


def _changed(one: dict[str, float | None], two: dict[str, float | None]) -> set[str]:
    """Companies that joined, left or have another score; one whose score is forgotten counts as changed."""
    return {c for c in one.keys() | two.keys() if c not in one or c not in two or one[c] is None or one[c] != two[c]}


def _forgotten(rows: dict[Key, dict[str, Any]], memory: Memory) -> int:
    kept = {
        (row["world_id"], *(row[c] for c in KEY)): tuple(row[f] for f in FIGURES)
        for row in memory.figure.iter_rows(named=True)
    }
    force = {tuple(key): world for *key, world in memory.in_force.select(*KEY, "world_id").iter_rows()}
    wrong = len(rows.keys() ^ force.keys())
    for key in rows.keys() & force.keys():
        shown = tuple(rows[key][f] for f in FIGURES)
        wrong += shown[-1] != "pending" and shown != kept.get((force[key], *key))
    return wrong
