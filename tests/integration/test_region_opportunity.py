"""Where a region can go, on the sample: scores recompute from what is stored, hidden cells stay hidden, question 6 is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.conftest import Works
from warehouse.files import opened
from warehouse.methods.breakpoints import piecewise_score
from warehouse.methods.region_opportunity_config import RegionOpportunityConfig
from warehouse.region import Region

# Question 6 of the analysts, word for word but for the year.
SHRINKING_STRENGTHS = """
SELECT r.wz_code, r.location_quotient, r.employment_change_5y_pct,
       d.employment_change_5y_pct AS germany_change_5y_pct
FROM marts.mart_region_industry_profile r
JOIN marts.mart_region_industry_profile d
  ON d.region_code = 'DE' AND d.wz_revision = r.wz_revision AND d.wz_code = r.wz_code AND d.year = r.year
WHERE r.region_code = 'maerkische_region' AND r.wz_revision = 'WZ2008' AND length(replace(r.wz_code, '.', '')) = 3
  AND r.year = 2024 AND r.location_quotient >= 3
  AND r.employment_change_5y_pct < d.employment_change_5y_pct
ORDER BY r.location_quotient DESC
"""


@pytest.mark.parametrize("audience", ["analyst", "bi"])
def test_the_question_for_shrinking_strengths_is_answered(published: Works, audience: str) -> None:
    """Groups of industries where the region is strong and loses faster than Germany, as the sample is made."""
    rows = published.ask(SHRINKING_STRENGTHS, audience)
    assert len(rows) >= 3
    for code, quotient, change, germany in rows:
        assert len(str(code).replace(".", "")) == 3
        assert float(str(quotient)) >= 3
        assert float(str(change)) < float(str(germany))


def test_every_region_of_kreise_has_its_headings(published: Works, region: Region) -> None:
    wanted = {k.ags for k in region.kreise} | {region.region_code}
    for audience in ("analyst", "bi"):
        counts = published.ask("SELECT region_code, count(*) FROM marts.mart_region_opportunity GROUP BY 1", audience)
        assert {str(code) for code, _ in counts} == wanted
        assert all(int(str(n)) >= 50 for _, n in counts)


def test_every_score_recomputes_from_its_stored_parts(published: Works, region: Region) -> None:
    """By hand from the settings: three parts, weights renormalised over those that are known."""
    config = RegionOpportunityConfig.from_mapping(region.region_opportunity())
    rows = published.ask(
        "SELECT opportunity_score, density, pci, world_import_value_eur, world_import_cagr_5y_pct "
        "FROM marts.mart_region_opportunity WHERE opportunity_score IS NOT NULL"
    )
    assert len(rows) >= 50
    stored, density, pci, value, growth = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    curve, weight = config.breakpoints, config.demand_weights
    size = piecewise_score(value, curve["world_import_value_eur"], log_scaled=True)
    pace = piecewise_score(growth, curve["world_import_cagr_5y_pct"])
    demand = (size * weight["world_import_value_eur"] + pace * weight["world_import_cagr_5y_pct"]) / sum(
        weight.values()
    )
    parts = {
        "density": piecewise_score(density, curve["density"]),
        "pci": piecewise_score(pci, curve["pci"]),
        "demand": demand,
    }
    assert not np.isnan(np.stack(list(parts.values()))).any()
    again = sum(parts[name] * w for name, w in config.weights.items()) / sum(config.weights.values())
    assert np.abs(again - stored).max() <= 0.01


def test_ranks_count_from_one_without_gaps(published: Works) -> None:
    rows = published.ask(
        "SELECT region_code, list(rank_in_region ORDER BY rank_in_region) FROM marts.mart_region_opportunity "
        "WHERE rank_in_region IS NOT NULL GROUP BY 1"
    )
    assert rows
    for _, ranks in rows:
        assert ranks == list(range(1, len(ranks) + 1))  # pyright: ignore[reportArgumentType]


def test_a_hidden_cell_is_an_interval_that_does_not_tell_it(published: Works, build_file: Path) -> None:
    """The planted secret: what subtraction would reveal is the upper bound, never the estimate; nothing is its lower one."""
    truths: dict[str, Any] = json.loads((published.lineage.root / "sample_truths.json").read_text(encoding="utf-8"))
    [secret] = truths["secret_cells"]
    with opened(build_file) as connection:
        rows = connection.execute(
            "SELECT low_count, employees_count, high_count, is_hidden FROM intermediate.int_industry__employment_interval "
            "WHERE region_code = ? AND wz_code = ? AND year = ?",
            [secret["region_code"], secret["wz_code"], int(secret["period"][:4])],
        ).fetchall()
    [(low, estimate, high, is_hidden)] = rows
    assert is_hidden and low == 0 and high == secret["value_by_subtraction"]
    assert estimate <= high / 2


def test_the_list_says_that_it_is_modelled(published: Works) -> None:
    [(comment,)] = published.ask(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'mart_region_opportunity'", "bi"
    )
    assert str(comment).startswith("Modelled")
    cards = published.ask("SELECT method_version FROM meta.method_card WHERE method_code = 'region_opportunity'")
    assert published.ask("SELECT DISTINCT method_version FROM marts.mart_region_opportunity") == cards
    assert published.ask("SELECT count(*) FROM marts.mart_region_opportunity WHERE confidence_code = 'high'") == [(0,)]
