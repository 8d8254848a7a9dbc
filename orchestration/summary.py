"""The summary a refresh ends with: what came, what was checked, what is served, one real answer, the next doors.

Belongs here: choosing those facts. Does not belong here: computing any of them.
"""

from __future__ import annotations

from typing import Any

from orchestration import show
from orchestration.show import counts, out, rows
from warehouse.paths import Lineage
from warehouse.query import run_sql, status
from warehouse.release import Manifest, current_release

LOADED = "SELECT source_id, count(*) AS snapshots, sum(row_count)::BIGINT AS row_count FROM meta.snapshot GROUP BY 1 ORDER BY 1"
ANSWERS = (
    (
        "advisory",
        "Best target markets of one company and why",
        """SELECT c.company_name, f.target_label_de AS target, round(f.fit_score, 1) AS fit,
                  CASE WHEN f.confidence_code = 'low' THEN 'unsicher' ELSE f.rank_low || '-' || f.rank_high END AS rank_range,
                  f.reason_1_de AS reason
           FROM marts.mart_market_fit f JOIN marts.dim_company c USING (company_id)
           WHERE c.is_current AND f.company_id = (SELECT company_id FROM marts.mart_market_fit ORDER BY fit_score DESC, company_id LIMIT 1)
           ORDER BY f.rank_in_company LIMIT 3""",
    ),
    (
        "bi",
        "Employees in manufacturing and specialisation (location quotient, Germany = 1)",
        """SELECT r.region_name, p.year, p.employees_svb_count AS employees, round(p.location_quotient, 2) AS location_quotient
           FROM marts.mart_region_industry_profile p JOIN marts.dim_region r USING (region_code)
           WHERE p.wz_code = 'C' AND p.wz_revision = 'WZ2008' AND r.region_level_code = 'district'
             AND p.region_code IN (SELECT member_region_code FROM marts.bridge_region_group)
             AND p.year = (SELECT max(year) FROM marts.mart_region_industry_profile WHERE wz_code = 'C')
           ORDER BY p.employees_svb_count DESC NULLS LAST LIMIT 3""",
    ),
)


def summarise(lineage: Lineage, evidence: dict[str, Any]) -> None:
    """Print the summary of a refresh that was published."""
    folder = current_release(lineage)
    assert folder is not None
    manifest = Manifest.read(folder)
    facts = status(lineage)["served"]
    out.print(
        f"\n[green bold]Published {manifest.release_id}[/green bold] (profile {lineage.profile}, region {manifest.region_code})"
    )
    if manifest.is_synthetic:
        out.print("[bold]Demodaten:[/bold] every company and figure in this profile is invented.")
    out.print("\n[bold]Loaded[/bold]")
    rows(*run_sql(lineage, "bi", LOADED), form="table")
    out.print(f"\n[bold]Checked[/bold]  {counts(evidence['results'])}")
    for warning in facts["warnings"][:5]:
        out.print(
            f"  warning {warning['rule_id']} {warning['asset_name']}: {warning['message']}",
            markup=False,
            soft_wrap=True,
        )
    empty = [r for r in evidence["results"] if r["message"].startswith("published empty")]
    if empty:
        reasons = sorted({r["partition_key"] for r in empty})
        out.print(f"\n[bold]Empty[/bold]    {', '.join(r['asset_name'] for r in empty)}", soft_wrap=True)
        out.print(f"         because there was {'; '.join(reasons)}; nothing invented takes its place", soft_wrap=True)
    out.print(f"\n[bold]Served[/bold]   {lineage.current}")
    for audience, tables in manifest.tables.items():
        filled = sum(f.rows > 0 for f in tables.values())
        out.print(
            f"  {audience + '.duckdb':<16} {filled} of {len(tables)} tables hold rows, {sum(f.rows for f in tables.values()):,} rows"
        )
    for audience, title, statement in ANSWERS:
        names, data = run_sql(lineage, audience, statement)
        if data:
            out.print(f"\n[bold]{title}[/bold]")
            rows(names, data, "table")
            break
    out.print("\n[bold]Back-test[/bold]  ", end="")
    out.print(show.backtest(facts["backtest"]), markup=False, soft_wrap=True)
    out.print("\n[bold]Next[/bold]")
    command = "" if lineage.profile == "sample" else f" --profile {lineage.profile}"
    out.print(f"  see the graph, the checks and the schedules:  kettenwerk ui{command}", markup=False)
    out.print(
        f'  ask in SQL:  kettenwerk sql{command} --audience bi "SELECT * FROM marts.dim_region LIMIT 5"',
        markup=False,
        soft_wrap=True,
    )
    out.print(
        "  (the command lies in .venv/bin; 'source .venv/bin/activate' puts it on the path)",
        markup=False,
        soft_wrap=True,
    )
