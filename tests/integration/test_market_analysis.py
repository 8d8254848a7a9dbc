"""Markets by product and country on the sample: the binding question has answers, and planted trade gives figures by hand."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Works

# Question 1 of the analysts, word for word but for the year.
FASTEST_SPRING_MARKETS = """
SELECT partner_iso2_code,
       sum(value_eur)                            AS export_value_eur,
       sum(value_eur) / nullif(sum(net_mass_kg), 0) AS unit_value_eur_per_kg,
       max(partner_import_cagr_5y_pct)           AS partner_import_cagr_5y_pct
FROM marts.mart_market_analysis
WHERE reporter_geo_code = 'DE' AND flow_code = 'export'
  AND hs6_code LIKE '7320%' AND year = 2024
  AND NOT is_series_break AND coalesce(confidential_share_pct, 0) <= 20
GROUP BY partner_iso2_code
HAVING sum(value_eur) >= 1000000
ORDER BY partner_import_cagr_5y_pct DESC NULLS LAST
LIMIT 15
"""


@pytest.mark.parametrize("audience", ["analyst", "bi"])
def test_the_question_for_growing_markets_is_answered(published: Works, audience: str) -> None:
    rows = published.ask(FASTEST_SPRING_MARKETS, audience)
    assert len(rows) >= 5
    growth = [float(str(rate)) for *_, rate in rows]
    assert growth == sorted(growth, reverse=True)
    assert all(float(str(value)) >= 1e6 and float(str(price)) > 0 for _, value, price, _ in rows)


def test_planted_trade_gives_share_and_concentration_by_hand(published: Works) -> None:
    """Locks 830140: DE sells 150 to FR and 200 to US, 3/7 and 4/7 of its exports. FR buys 20 more from TR and nothing else, so
    its concentration is (150/170)^2 + (20/170)^2; US buys elsewhere too."""
    rows = published.ask(
        "SELECT partner_iso2_code, partner_share_pct, market_hhi, value_eur / partner_world_import_eur "
        "FROM marts.mart_market_analysis WHERE reporter_geo_code = 'DE' AND flow_code = 'export' AND hs6_code = '830140' "
        "AND year = 2024 ORDER BY 1"
    )
    (fr, *france), (us, *states) = rows
    assert (fr, us) == ("FR", "US")
    assert france == [pytest.approx(v) for v in (100 * 3 / 7, 1e4 * (150**2 + 20**2) / 170**2, 150 / 170)]
    assert states[0] == pytest.approx(100 * 4 / 7)
    assert 0 < float(str(states[2])) < 1


def test_a_single_month_is_no_year(published: Works) -> None:
    """The sample's Comext is August 2024 alone: no row of the mart comes from it, and the fact has it."""
    counts = published.ask(
        "SELECT s.source_id, count(*) FROM marts.mart_market_analysis m JOIN meta.snapshot s USING (snapshot_id) GROUP BY ALL"
    )
    assert {str(source) for source, _ in counts} == {"baci"}
    assert published.ask("SELECT count(*) > 10000 FROM marts.fct_trade_flow WHERE source_id = 'comext'") == [(True,)]


def test_growth_needs_both_years(published: Works) -> None:
    """World trade begins in 2017: growth over five years from 2022 on, and none of it before."""
    assert published.ask(
        "SELECT min(year) FILTER (cagr_5y_pct IS NOT NULL), min(year) FILTER (yoy_growth_pct IS NOT NULL), min(year) "
        "FROM marts.mart_market_analysis"
    ) == [(2022, 2018, 2017)]
