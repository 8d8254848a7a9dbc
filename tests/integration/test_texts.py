"""What free texts say reaches the tables as codes; the texts themselves reach nobody."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.integration.conftest import Works
from tests.integration.test_audiences import AUDIENCES, values
from warehouse.privacy.audiences import audience_table

CODED = ("PRODUCT_TEXT", "SUP_INPUT_TEXT", "PROC_OTHER", "OCCUPATION")


def built(build_file: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def test_every_text_has_its_row_and_no_words(build_file: Path) -> None:
    columns = {
        c
        for (c,) in built(build_file, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'int_text__mapping'")
    }
    assert columns == {
        "text_hash", "wz2008_code", "classification_code", "edition", "code", "method_code", "score", "status_code", "reviewer",
        "decided_date",
    }  # fmt: skip
    missing = "SELECT count(*) FROM intermediate.int_text__answer WHERE text_hash NOT IN (SELECT text_hash FROM intermediate.int_text__mapping)"
    assert built(build_file, missing) == [(0,)]
    statuses = dict(built(build_file, "SELECT status_code, count(*) FROM intermediate.int_text__mapping GROUP BY 1"))
    assert {"automatic", "review", "uncoded"} <= set(statuses)


def test_a_product_named_in_words_only_counts_and_says_so(build_file: Path) -> None:
    """At the companies that stated no code for a further product: its heading is theirs, by its text."""
    sources = dict(
        built(build_file, "SELECT code_source_code, count(*) FROM intermediate.int_company__product GROUP BY 1")
    )
    assert int(str(sources["text_automatic"])) >= 5 and int(str(sources["stated"])) > 100
    deep = built(build_file, "SELECT DISTINCT code_source_code FROM intermediate.int_market_fit__product")
    assert set(deep) <= {("stated",), ("text_automatic",), ("text_decided",)} and ("stated",) in deep


@pytest.mark.parametrize(("wz", "competence"), [("25.61", "heat_treatment"), ("25.62", "turning")])
def test_services_without_a_product_code_are_on_the_map(build_file: Path, wz: str, competence: str) -> None:
    """Hardeners and contract turners name no product; a coded text or a tick shows every one of them."""
    companies = f"SELECT company_id FROM intermediate.int_company__survey WHERE wz2008_code = '{wz}'"
    written = f"SELECT DISTINCT company_id FROM intermediate.int_text__coded WHERE code = '{competence}'"
    on_map = f"SELECT company_id FROM marts.mart_competence_map WHERE competence_id = '{competence}'"
    assert built(build_file, f"{companies} EXCEPT ({on_map})") == []
    assert len(built(build_file, f"{companies} INTERSECT ({written})")) >= 5
    products = f"SELECT count(*) FROM intermediate.int_company__product WHERE company_id IN ({companies})"
    assert built(build_file, products) == [(0,)]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_text_and_no_hash_is_published(published: Works, build_file: Path, audience: str) -> None:
    hashes = {str(h) for (h,) in built(build_file, "SELECT DISTINCT text_hash FROM intermediate.int_text__mapping")}
    answers = pl.read_parquet(published.lineage.lake / "limesurvey" / "answer" / "*.parquet")
    coded = answers.filter(pl.col("question_concept_id").is_in(CODED))["raw_value"].drop_nulls().unique()
    own = [text for text in coded if "Probe-" in text]
    assert hashes and own
    for where, value in values(published, audience):
        assert value not in hashes and not any(text in value for text in own), where
    tables = {table for _, table in audience_table().tables_of(audience)}
    assert ("mart_competence_map" in tables) == ("mart_company_profile" in tables) == (audience != "bi")


def test_the_questions_that_need_them_are_answered(published: Works) -> None:
    """Questions 7 and 16 of the list, with towns and industries of the sample."""
    common = """SELECT c.competence_name_de, count(DISTINCT m.company_id) AS n FROM marts.mart_competence_map m
        JOIN marts.dim_competence c USING (competence_id) WHERE m.wave_id = '2026' AND m.automotive_share_pct >= 50
        AND (list_contains(string_split(c.related_wz2008_codes, ','), '30.20') OR list_contains(string_split(c.related_wz2008_codes, ','), '32.50'))
        GROUP BY 1 HAVING n >= 5"""
    assert len(published.ask(common)) >= 3
    stamping = """SELECT count(*), count(main_hs4_codes), min(profile_completeness_pct) FROM marts.mart_company_profile
        WHERE as_of_date = (SELECT max(as_of_date) FROM marts.mart_company_profile) AND wz2008_code LIKE '25.50%' AND headcount >= 20"""
    [(count, products, complete)] = published.ask(stamping, "advisory")
    assert count and products == count and float(str(complete)) >= 50


def test_the_rule_about_texts_is_judged(published: Works) -> None:
    rows = published.ask(
        "SELECT outcome_code, severity_code FROM marts.mart_dq_status WHERE rule_id = 'SRV-017' AND asset_name = 'int_text__quality'"
    )
    assert len(rows) == 2 and set(rows) == {("pass", "warn")}
