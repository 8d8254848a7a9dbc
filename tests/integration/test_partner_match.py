"""Matches of the sample: both sides agreed, advisers alone see them, and what a match says is true."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import Works
from warehouse.privacy.audiences import audience_table

AGREED = """SELECT company_id FROM staging.stg_identity__consent WHERE is_granted AND purpose_code IN ('CONS_STORE', 'CONS_MATCHMAKING')
    GROUP BY company_id HAVING count(DISTINCT purpose_code) = 2"""


def built(build: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(build), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def test_both_sides_agreed_to_be_matched(published: Works, build_file: Path) -> None:
    """In the build both to matchmaking, in the advisers' file both to advisers as well; nobody is matched with itself."""
    sides = "SELECT seeker_company_id FROM marts.mart_partner_match UNION SELECT candidate_company_id FROM marts.mart_partner_match"
    assert built(build_file, f"({sides}) EXCEPT ({AGREED})") == []
    assert len(built(build_file, sides)) > 100
    assert (
        built(build_file, "SELECT 1 FROM marts.mart_partner_match WHERE seeker_company_id = candidate_company_id") == []
    )
    advised = {i for (i,) in built(build_file, "SELECT company_id FROM staging.stg_identity__consent WHERE is_granted AND purpose_code = 'CONS_ADVISER'")}  # fmt: skip
    shown = {i for (i,) in published.ask(sides, "advisory")}
    assert shown and shown <= advised
    assert shown < {i for (i,) in built(build_file, sides)}, "some agreed to be matched and not to advisers"


@pytest.mark.parametrize("audience", ["bi", "analyst", "advisory"])
def test_matches_are_for_advisers(audience: str) -> None:
    tables = {table for _, table in audience_table().tables_of(audience)}
    assert ("mart_partner_match" in tables) == (audience == "advisory")


def test_a_match_says_what_is_true(build_file: Path) -> None:
    """Headings named are made by the one and bought by the other; a score of a process is the share that is covered."""
    wrong = """SELECT count(*) FROM (SELECT m.*, unnest(string_split(shared_hs4_codes, ',')) AS code FROM marts.mart_partner_match m
        WHERE match_type_code = 'supplier') AS m
        WHERE code NOT IN (SELECT hs4_code FROM intermediate.int_company__product WHERE company_id = candidate_company_id)
        OR code NOT IN (SELECT hs4_code FROM intermediate.int_survey__supply WHERE company_id = seeker_company_id)"""
    assert built(build_file, wrong) == [(0,)]
    mirrored = """SELECT count(*) FROM marts.mart_partner_match a JOIN marts.mart_partner_match b
        ON a.seeker_company_id = b.candidate_company_id AND a.candidate_company_id = b.seeker_company_id
        WHERE a.match_type_code = 'supplier' AND b.match_type_code = 'customer' AND abs(a.match_score - b.match_score) > 1e-9"""
    assert built(build_file, mirrored) == [(0,)]
    facts = (
        "(SELECT company_id, list(code) AS codes FROM intermediate.int_partner__fact WHERE fact_code = '{}' GROUP BY 1)"
    )
    low = f"""SELECT count(*) FROM marts.mart_partner_match m
        JOIN {facts.format("outsources")} w ON w.company_id = seeker_company_id
        JOIN {facts.format("masters")} h ON h.company_id = candidate_company_id
        WHERE match_type_code = 'supplier'
        AND match_score < 100.0 * len(list_intersect(w.codes, h.codes)) / len(w.codes) - 1e-9"""
    assert built(build_file, low) == [(0,)]
    names = built(
        build_file, "SELECT count(*) FROM marts.mart_partner_match WHERE reason_1_de LIKE '%Wärmebehandlung%'"
    )
    assert int(str(names[0][0])) > 0


def test_few_of_the_best_are_kept(build_file: Path) -> None:
    """At most ten of a kind, from 20 points, and none that was left out is better than one kept."""
    kept = "SELECT count(*) AS n, min(match_score) AS low FROM marts.mart_partner_match GROUP BY seeker_company_id, match_type_code"
    [(most, low)] = built(build_file, f"SELECT max(n), min(low) FROM ({kept})")
    assert most == 10 and float(str(low)) >= 20
    better = """SELECT count(*) FROM marts.mart_partner_match c
        JOIN (SELECT seeker_company_id, min(match_score) AS least, count(*) AS n FROM marts.mart_partner_match
              WHERE match_type_code = 'supplier' GROUP BY 1) AS s ON c.candidate_company_id = s.seeker_company_id
        WHERE c.match_type_code = 'customer' AND s.n = 10 AND c.match_score > s.least + 1e-9 AND NOT EXISTS (
            SELECT 1 FROM marts.mart_partner_match m WHERE m.match_type_code = 'supplier'
            AND m.seeker_company_id = c.candidate_company_id AND m.candidate_company_id = c.seeker_company_id)"""
    assert built(build_file, better) == [(0,)], (
        "who has me among its best customers is among my best suppliers, or beaten"
    )
