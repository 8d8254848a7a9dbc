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
    """One row: figures moved by fewer than k companies, shown ones that count somebody who withdrew, and forgotten ones.

    ``forgotten``: rows that the vault does not remember as they would be published; the next release could not be
    compared with them. Without a memory of the candidate there is no row.
    """
    now = _of_table(read(lineage, candidate.name))
    schema = {"few": pl.Int64, "withdrawn": pl.Int64, "forgotten": pl.Int64}
    if now is None:
        return pl.DataFrame(schema=schema)
    rows, people = _rows(candidate), _People(now)
    then = _of_table(read(lineage, served.name)) if served is not None else None
    few = _few(rows, people, _rows(served), _People(then), k) if served is not None and then is not None else 0
    agreed = _agreed(lineage)
    withdrawn = sum(
        1 for key, row in rows.items() if row["suppression_code"] == "none" and not people.behind(key).keys() <= agreed
    )
    return pl.DataFrame([(few, withdrawn, _forgotten(rows, now))], schema=schema, orient="row")


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


def _few(
    rows: dict[Key, dict[str, Any]], people: _People, old: dict[Key, dict[str, Any]], before: _People, k: int
) -> int:  # fmt: skip
    found = 0
    tables = {key[:2] for key in old}
    for key in sorted(rows.keys() | old.keys()):
        new, was = rows.get(key, {}), old.get(key, {})
        if (
            key[:2] not in tables
            or all(new.get(f) == was.get(f) for f in FIGURES)
            or new.get("suppression_code") == "pending"
        ):
            continue  # of a new wave nothing was published; a pending row says nothing
        one, two = before.behind(key), people.behind(key)
        changed = {
            c for c in one.keys() | two.keys() if c not in one or c not in two or one[c] is None or one[c] != two[c]
        }
        found += len(changed) < k
    return found


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
