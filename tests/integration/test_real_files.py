"""The real files through the same rooms, against figures other people computed or published."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.integration.conftest import Works

pytestmark = [pytest.mark.real, pytest.mark.long]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Works:
    from warehouse import settings

    folder = settings.load("real").real_data
    if not (folder / "trade").is_dir():
        pytest.skip(f"the folder of real files is not there ({folder}); set KETTENWERK_REAL_DATA to run this test")
    home = tmp_path_factory.mktemp("real") / "home"
    home.mkdir()
    works = Works(home, "real", (("KETTENWERK_REAL_DATA", str(folder)),))
    works.refresh()
    return works


@pytest.fixture(scope="module")
def reference(real: Works) -> Path:
    return Path(dict(real.extra)["KETTENWERK_REAL_DATA"]) / "trade"


def iso2(real: Works) -> dict[str, str]:
    return {
        str(a).lower(): str(b)
        for a, b in real.ask(
            "SELECT DISTINCT iso3_code, country_code FROM marts.dim_country WHERE iso3_code IS NOT NULL"
        )
    }


def space(real: Works) -> pl.DataFrame:
    return pl.read_parquet(real.lineage.current.resolve() / "parquet/analyst/marts/mart_product_space.parquet")


def test_the_product_space_of_2017_is_there(real: Works) -> None:
    frame = space(real)
    assert frame["year"].unique().to_list() == [2017]
    assert (frame["location_code"].n_unique(), frame["product_code"].n_unique(), frame.height) == (
        224,
        1222,
        224 * 1222,
    )


def test_presence_equals_the_reference(real: Works, reference: Path) -> None:
    theirs = pl.read_parquet(reference / "hs4_2017_ref_rca_binary.parquet").with_columns(
        pl.col("country").replace_strict(iso2(real))
    )
    both = theirs.join(space(real), left_on=["country", "product"], right_on=["location_code", "product_code"])
    assert both.height == theirs.height == 176_971
    assert (both["value"] == both["is_present"].cast(pl.Float64)).all()


def test_proximity_equals_the_reference(real: Works, reference: Path) -> None:
    theirs = pl.read_parquet(reference / "hs4_2017_ref_products_proximity.parquet").select(
        pl.min_horizontal("from", "to").alias("product_code_a"),
        pl.max_horizontal("from", "to").alias("product_code_b"),
        "value",
    )
    ours = pl.read_parquet(real.lineage.current.resolve() / "parquet/analyst/marts/mart_product_proximity.parquet")
    both = theirs.join(ours, on=["product_code_a", "product_code_b"])
    assert both.height == theirs.height == 703_017
    assert (both["value"] - both["proximity"]).abs().max() < 1e-12  # pyright: ignore


def test_eci_ranks_as_the_reference(real: Works, reference: Path) -> None:
    theirs = pl.read_parquet(reference / "hs4_2017_ref_economic_complexity_index.parquet").with_columns(
        pl.col("country").replace_strict(iso2(real))
    )
    ours = space(real).unique("location_code").select("location_code", "eci")
    both = theirs.join(ours, left_on="country", right_on="location_code")
    assert both.height == 224
    assert both.select(pl.corr("value", "eci", method="spearman")).item() >= 0.999


def test_manufacturing_employees(real: Works) -> None:
    rows = real.ask(
        "SELECT region_code, year, employees_svb_count FROM marts.mart_region_industry_profile "
        "WHERE wz_code = 'C' AND region_code IN ('05962', '05954', '05914')"
    )
    found = {(r, y): n for r, y, n in rows}
    assert {y for _, y in found} == {2015, 2016, 2017, 2018, 2019}
    assert (found[("05962", 2019)], found[("05954", 2019)], found[("05914", 2019)]) == (72_966, 33_847, 15_602)


def test_secret_cells_are_null_and_never_zero(real: Works) -> None:
    where = "region_code = '05914' AND wz_code = 'A' AND period_start = DATE '2019-06-30'"
    rows = real.ask(
        f"SELECT value, value_status_code, source_symbol FROM marts.fct_regional_statistic WHERE {where} "
        "AND characteristic_code = 'nationality=foreign|sex=male'"
    )
    assert rows == [(None, "secret", ".")]
    assert real.ask(
        "SELECT count(*) FROM marts.fct_regional_statistic WHERE value_status_code = 'secret' AND value IS NOT NULL"
    ) == [(0,)]


def test_an_unfilled_slice_is_not_zero(real: Works) -> None:
    rows = real.ask(
        "SELECT period_start::VARCHAR, value, value_status_code FROM marts.fct_regional_statistic WHERE table_code = '13111-01-03-4' "
        "AND region_code = '05962' AND characteristic_code = 'TOTAL'"
    )
    assert ("2024-06-30", 159_346.0, "ok") in rows
    assert {(v, s) for p, v, s in rows if p == "2025-06-30"} == {(None, "not_available")}


def test_marts_without_input_are_empty_and_say_why(real: Works) -> None:
    for table in (
        "mart_company_dependency",
        "mart_supply_link",
        "mart_market_fit",
        "mart_survey_coverage",
        "mart_competence_map",
        "mart_company_profile",
        "mart_partner_match",
    ):
        audience = "advisory" if table == "mart_partner_match" else "analyst"
        assert real.ask(f"SELECT count(*) FROM marts.{table}", audience) == [(0,)]
        reasons = real.ask(
            f"SELECT partition_key, outcome_code FROM marts.mart_dq_status WHERE asset_name = '{table}' AND rule_id = 'MRT-002'"
        )
        assert any("limesurvey" in str(key) and outcome == "skipped" for key, outcome in reasons), table
    assert real.ask("SELECT count(*) FROM meta.backtest") == [(0,)]
    [(reason, outcome)] = real.ask(
        "SELECT partition_key, outcome_code FROM marts.mart_dq_status WHERE asset_name = 'backtest' AND rule_id = 'MRT-002'"
    )
    assert reason == "no edition of world trade holds two years five years apart"
    assert outcome == "skipped"
    assert real.ask("SELECT DISTINCT is_synthetic FROM marts.dim_company") == [(False,)]
    assert real.ask("SELECT is_synthetic FROM meta.release") == [(False,)]


def test_imports_without_exports_say_so(real: Works) -> None:
    rows = real.ask(
        "SELECT DISTINCT is_cdi3, imports_to_exports_ratio, eu_export_value_eur FROM marts.mart_import_dependency"
    )
    assert rows == [(None, None, None)]
    assert real.ask("SELECT count(*) FROM marts.mart_import_dependency WHERE reason_code = 'exports_not_loaded'") != [
        (0,)
    ]


def test_markets_from_comtrade_are_the_files_own_and_for_analysts_alone(real: Works, reference: Path) -> None:
    """Furniture into Germany by partner and year, euro at the annual rate; no masses, so no prices. The terms keep the rows
    from everybody else, as those of the fact."""
    files = pl.read_parquet(reference / "eu_imports_2018_2022.parquet").with_columns(
        pl.col("cmd_code").str.strip_chars(), pl.col("partner_iso").str.strip_chars()
    )
    theirs = files.filter(reporter_iso="DEU", cmd_code="940360", partner_iso="POL").sort("ref_year")
    rate = {y: float(str(r)) for y, r in real.ask(
        "SELECT year(period_start), max(value_usd / value_eur) FROM marts.fct_trade_flow WHERE source_id = 'comtrade' GROUP BY 1"
    )}  # fmt: skip
    wanted = [(y, pytest.approx(v / rate[y])) for y, v in theirs.select("ref_year", "primary_value").iter_rows()]
    where = "reporter_geo_code = 'DE' AND hs6_code = '940360' AND partner_iso2_code = 'PL' AND flow_code = 'import'"
    assert len(wanted) == 5
    assert real.ask(f"SELECT year, value_eur FROM marts.mart_market_analysis WHERE {where} ORDER BY 1") == wanted
    assert real.ask(
        "SELECT DISTINCT unit_value_eur_per_kg, partner_iso2_code = 'W00' FROM marts.mart_market_analysis"
    ) == [(None, False)]
    assert real.ask("SELECT count(*) FROM marts.mart_market_analysis", "bi") == [(0,)]


def test_employment_by_section_claims_nothing_about_goods(real: Works) -> None:
    """The real tables by Kreis know sections alone: headings of one section, or of one mixture of sections,
    share their specialisation, and there is neither presence nor density, score or rank. Kreise outside the region are no rows."""
    rows = real.ask(
        "SELECT region_code, count(*), count(DISTINCT round(modelled_rca, 9)), count(is_present), count(density), "
        "count(opportunity_score), string_agg(DISTINCT confidence_code || ' ' || estimation_method_code) "
        "FROM marts.mart_region_opportunity GROUP BY 1 ORDER BY 1"
    )
    assert [code for code, *_ in rows] == ["05914", "05954", "05962", "maerkische_region"]
    for _, count, specialisations, *claims, said in rows:
        assert int(str(count)) > 1000
        assert int(str(specialisations)) < int(str(count)) / 20  # by section and by mixture of sections
        assert claims == [0, 0, 0]
        assert said == "low wz_section_only"
