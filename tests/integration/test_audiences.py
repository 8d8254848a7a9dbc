"""Every column of every published file, read: nobody gets what the audience table does not name."""

from __future__ import annotations

import re

import duckdb
import polars as pl
import pytest

from quality.batches import RANDOM_ID
from quality.suites.disclosure import IDENTIFIERS, IDENTIFYING_COLUMNS
from tests.integration.conftest import Works
from warehouse.privacy.audiences import PERCENT_BANDS, SCORE_BANDS, audience_table
from warehouse.seal import reading

AUDIENCES = ("bi", "analyst", "advisory")


def columns(works: Works, audience: str) -> list[tuple[str, str, str, str]]:
    with reading(works.lineage.current.resolve(), audience) as connection:
        return connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal AND database_name = current_database()"
        ).fetchall()


def values(works: Works, audience: str) -> list[tuple[str, str]]:
    """Every distinct text value of an audience's DuckDB file and Parquet files, with the column it stands in."""
    folder = works.lineage.current.resolve()
    found = []
    with reading(folder, audience) as connection:
        for schema, table, column, _ in columns(works, audience):
            rows = connection.execute(f'SELECT DISTINCT "{column}"::VARCHAR FROM {schema}.{table}').fetchall()
            found += [(f"{schema}.{table}.{column}", str(v)) for (v,) in rows if v is not None]
    for path in (folder / "parquet" / audience).rglob("*.parquet"):
        frame = pl.read_parquet(path)
        for name in frame.columns:
            unique = frame[name].drop_nulls().unique()
            found += [(f"{path.stem}.{name}", str(v)) for v in unique]
    # The random id of a run may read like a phone number; it is nobody's.
    return [(where, re.sub(RANDOM_ID, "", value)) for where, value in found]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_files_hold_exactly_what_the_table_names(published: Works, audience: str) -> None:
    there = columns(published, audience)
    named = audience_table().tables_of(audience)
    assert {(s, t) for s, t, _, _ in there} == set(named)
    for (schema, table), share in named.items():
        if share.columns != "all":
            assert [c for s, t, c, _ in there if (s, t) == (schema, table)] == [*share.columns]
    parquet = {
        (p.parent.name, p.stem) for p in (published.lineage.current.resolve() / "parquet" / audience).rglob("*.parquet")
    }
    assert parquet == set(named)


def test_nothing_about_a_company_in_bi(published: Works) -> None:
    assert not [c for _, t, c, _ in columns(published, "bi") if c in IDENTIFYING_COLUMNS and t != "dim_region"]
    names = {str(n) for (n,) in published.ask("SELECT company_name FROM marts.dim_company", "advisory")}
    for where, value in values(published, "bi"):
        assert value not in names, where
        for what, pattern in IDENTIFIERS.items():
            assert not re.search(pattern, value), f"{what} in {where}: {value}"


def test_no_identifier_for_analysts(published: Works) -> None:
    forbidden = set(IDENTIFYING_COLUMNS) - {"company_id"}
    assert not [c for _, t, c, _ in columns(published, "analyst") if c in forbidden and t != "dim_region"]
    names = {str(n) for (n,) in published.ask("SELECT company_name FROM marts.dim_company", "advisory")}
    patterns = {k: v for k, v in IDENTIFIERS.items() if k != "company id"}
    for where, value in values(published, "analyst"):
        assert value not in names, where
        for what, pattern in patterns.items():
            assert not re.search(pattern, value), f"{what} in {where}: {value}"


def test_the_scan_finds_identifiers_where_they_are(published: Works) -> None:
    """The same scan on the advisers' file finds plenty, so that a clean result means something."""
    hits = {
        what for _, value in values(published, "advisory") for what, p in IDENTIFIERS.items() if re.search(p, value)
    }
    assert {"company id", "LEI", "EUID"} <= hits


def test_analysts_see_bands_only(published: Works) -> None:
    scores = {(low + high) / 2 for low, high in SCORE_BANDS}
    found = published.ask("SELECT DISTINCT dependency_score FROM marts.mart_company_dependency")
    assert {float(str(v)) for (v,) in found if v is not None} <= scores
    exact = published.ask("SELECT count(DISTINCT dependency_score) FROM marts.mart_company_dependency", "advisory")
    assert int(str(exact[0][0])) > len(scores)
    assert published.ask("SELECT max(length(wz2008_code)) FROM marts.dim_company") == [(2,)]


def test_analysts_see_no_exact_answer(published: Works) -> None:
    """Of the survey's long form: closed questions, bands instead of numbers, short codes; advisers see what was said."""
    answers = "FROM marts.fct_survey_answer WHERE answer_status_code = 'answered'"
    middles = {(low + high) / 2 for low, high in PERCENT_BANDS}
    shares = published.ask(f"SELECT DISTINCT answer_num {answers} AND unit_code = 'pct' AND answer_code IS NULL")
    assert {v for (v,) in shares} <= middles
    assert not published.ask(
        f"SELECT 1 {answers} AND answer_code IS NULL AND unit_code <> 'pct' AND answer_num IS NOT NULL"
    )
    assert not published.ask(
        "SELECT 1 FROM marts.fct_survey_answer WHERE answer_code IS NULL AND (answer_low IS NOT NULL OR answer_high IS NOT NULL)"
    )
    [(longest,)] = published.ask(
        f"SELECT max(length(answer_code)) {answers} AND unit_code IN ('WZ2008', 'HS2017', 'date')"
    )
    assert longest == 4
    assert not published.ask(
        "SELECT 1 FROM marts.fct_survey_answer WHERE question_concept_id IN ('LEGAL_FORM', 'LEGAL_NAME', 'IDEA_TEXT', 'REG_NO')"
    )
    exact = published.ask(
        f"SELECT count(DISTINCT answer_num) {answers} AND question_concept_id = 'HEADCOUNT'", "advisory"
    )
    assert int(str(exact[0][0])) > 50
    means = published.ask(
        f"SELECT wave_id, count(*) {answers} AND question_concept_id = 'ENERGY_COST_SHARE' GROUP BY 1 ORDER BY 1"
    )
    assert [wave for wave, _ in means] == ["2026", "2026p", "2027"]


def test_analysts_see_profiles_in_bands_and_advisers_exactly(published: Works) -> None:
    """Shares are middles of bands, the industry two digits, the place a Kreis; the same companies, exact, for advisers."""
    middles = {(low + high) / 2 for low, high in PERCENT_BANDS}
    shares = {
        "mart_company_profile": ("export_share_pct", "automotive_revenue_share_pct", "top_customer_share_pct", "energy_cost_share_pct"),
        "mart_competence_map": ("automotive_share_pct",),
    }  # fmt: skip
    for table, names in shares.items():
        for name in names:
            found = published.ask(f"SELECT DISTINCT {name} FROM marts.{table} WHERE {name} IS NOT NULL")
            assert found and {float(str(v)) for (v,) in found} <= middles, f"{table}.{name}"
    exact = "SELECT count(DISTINCT energy_cost_share_pct), count(headcount), count(municipality_name), max(length(wz2008_code)) FROM marts.mart_company_profile"
    [(energy, heads, places, wz)] = published.ask(exact, "advisory")
    assert int(str(energy)) > len(middles) and heads and places and wz == 5
    assert published.ask("SELECT max(length(wz2008_code)) FROM marts.mart_company_profile") == [(2,)]


def test_a_supplier_that_did_not_agree_is_not_described(published: Works) -> None:
    rows = published.ask(
        "SELECT count(*) FILTER (supplier_kreis_ags IS NOT NULL OR supplier_wz2008_code IS NOT NULL) FROM marts.mart_supply_link "
        "WHERE supplier_company_id IS NULL",
        "advisory",
    )
    assert rows == [(0,)]
    ids = {i for (i,) in published.ask("SELECT supply_link_id FROM marts.mart_supply_link")}
    assert not ids & {i for (i,) in published.ask("SELECT supply_link_id FROM marts.mart_supply_link", "advisory")}


def test_advisers_see_only_companies_that_agreed(published: Works) -> None:
    consent = pl.read_parquet(published.lineage.lake / "identity" / "consent" / "table.parquet")
    agreed = set(consent.filter(pl.col("purpose_code") == "CONS_ADVISER", pl.col("is_granted"))["company_id"])
    for _, table, column, _ in columns(published, "advisory"):
        if column.endswith("company_id"):
            seen = {
                i for (i,) in published.ask(f"SELECT DISTINCT {column} FROM marts.{table}", "advisory") if i is not None
            }
            assert seen <= agreed, f"{table}.{column}"
    assert agreed


@pytest.mark.parametrize("audience", AUDIENCES)
def test_files_are_read_only_and_private_folders_private(published: Works, audience: str) -> None:
    path = published.lineage.current.resolve() / f"{audience}.duckdb"
    assert path.stat().st_mode & 0o222 == 0
    assert bool(path.stat().st_mode & 0o004) == (audience == "bi")
    for folder in ("vault", "lake", "raw", "build", "runs", "inbox"):
        assert (published.lineage.root / folder).stat().st_mode & 0o077 == 0, folder


def test_a_published_file_refuses_writing(published: Works) -> None:
    path = published.lineage.current.resolve() / "analyst.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection, pytest.raises(duckdb.Error):
        connection.execute("CREATE TABLE marts.x AS SELECT 1")
