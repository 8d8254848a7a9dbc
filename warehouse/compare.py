"""Compare a candidate with the release that is served: tables, rows, totals.

Belongs here: facts of two releases side by side. Does not belong here: which difference is too large (``quality``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from warehouse.paths import write_text_atomically
from warehouse.release import CHANGES, Manifest
from warehouse.seal import reading

# Headline totals whose movement a person wants to see, as (audience, name, SQL giving one number).
TOTALS = (
    (
        "analyst",
        "world_exports_usd",
        "SELECT sum(value_usd) FROM marts.fct_trade_flow "
        "WHERE is_latest_vintage AND flow_code = 'export' AND source_id IN ('baci', 'hs4_world_exports')",
    ),
    (
        "bi",
        "employees_svb",
        "SELECT sum(employees_svb_count) FROM marts.mart_region_industry_profile WHERE wz_code = 'C'",
    ),
    ("analyst", "companies", "SELECT count(DISTINCT company_id) FROM marts.dim_company"),
    ("analyst", "supply_links", "SELECT count(*) FROM marts.mart_supply_link"),
    ("analyst", "market_fit_rows", "SELECT count(*) FROM marts.mart_market_fit"),
    ("bi", "dependent_products", "SELECT count(*) FROM marts.mart_import_dependency WHERE is_dependent"),
)


@dataclass(frozen=True)
class Change:
    """One figure before and after; ``change_pct`` is None where there is nothing to divide by."""

    audience: str
    name: str
    kind: str
    before: float | None
    after: float | None

    @property
    def change_pct(self) -> float | None:
        """Movement in percent of the former figure."""
        if self.before in (None, 0) or self.after is None:
            return None
        assert self.before is not None
        return 100.0 * (self.after - self.before) / self.before


def compare(candidate: Path, served: Path | None) -> list[Change]:
    """Row counts of all tables and the headline totals, before (the served release) and after (the candidate)."""
    after = Manifest.read(candidate)
    before = Manifest.read(served) if served is not None else None
    changes = []
    for audience, tables in after.tables.items():
        known = before.tables.get(audience, {}) if before else {}
        for name in sorted(set(tables) | set(known)):
            old, new = known.get(name), tables.get(name)
            changes.append(Change(audience, name, "rows", old.rows if old else None, new.rows if new else None))
    for audience, name, sql in TOTALS:
        changes.append(Change(audience, name, "total", _total(served, audience, sql), _total(candidate, audience, sql)))
    return changes


def _total(folder: Path | None, audience: str, sql: str) -> float | None:
    if folder is None:
        return None
    try:
        with reading(folder, audience) as connection:
            [(value,)] = connection.execute(sql).fetchall()
    except duckdb.CatalogException:  # an older release may not have the table yet
        return None
    return None if value is None else float(value)


def write_changes(candidate: Path, changes: list[Change]) -> None:
    """Keep the comparison beside the candidate."""
    rows = [asdict(c) | {"change_pct": c.change_pct} for c in changes]
    write_text_atomically(candidate / CHANGES, json.dumps(rows, indent=1) + "\n")
