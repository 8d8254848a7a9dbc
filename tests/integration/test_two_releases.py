"""BIX-004 from end to end: two consecutive releases, attacked together as the files that were served, or refused."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from quality.attack_coverage import Release as Shares
from quality.attack_coverage import told as coverage_told
from quality.attack_pair import won
from quality.audit import audit
from quality.moved import moved
from tests.integration.conftest import Works
from tests.integration.test_gate import TESTED, refused, sealed
from warehouse.files import opened
from warehouse.privacy import disclosure_memory
from warehouse.privacy.disclosure_changes import CELL, changes, tally
from warehouse.region import Region

TABLE = ["wave_id", "driver_code"]
LIMITS = Region.load("maerkische_region").privacy
K, HIGH_FROM = int(LIMITS["k"]), float(LIMITS["high_score_from"])


@dataclass(frozen=True)
class Release:
    """What was served, and what only the build knows: everybody's answers, and the table protected by itself.

    respondents and shares: whom the coverage of official employment counts, and what of it analysts got.
    """

    name: str
    served: pl.DataFrame
    people: pl.DataFrame
    alone: pl.DataFrame
    respondents: pl.DataFrame
    shares: pl.DataFrame


def release(works: Works, build: Path) -> Release:
    folder = works.lineage.current.resolve()
    with opened(folder / "bi.duckdb") as connection:
        served = connection.execute("SELECT * FROM bi.bi_dependency").pl()
    with duckdb.connect(str(build), read_only=True) as connection:
        people = connection.execute("SELECT * FROM intermediate.int_dependency__contribution").pl()
        alone = connection.execute(
            "SELECT * REPLACE (CASE WHEN suppression_code = 'none' THEN company_count END AS company_count, "
            "published_mean AS mean_score, published_share AS share_high_pct), 'second' AS published_run_id "
            "FROM intermediate.int_dependency__protected"
        ).pl()
        respondents = connection.execute(
            "SELECT wave_id, company_id, kreis_ags, wz2_code, size_band_code AS band, dependency_score AS headcount "
            "FROM intermediate.int_coverage__contribution WHERE driver_code = 'coverage:C'"
        ).pl()
        official = connection.execute(
            "SELECT kreis_ags, wz2_code, employees_count FROM intermediate.int_survey__official_employees"
        ).pl()
    with opened(folder / "analyst.duckdb") as connection:
        shares = connection.execute(
            "SELECT wave_id, kreis_ags, wz2_code, employment_coverage_pct AS coverage_pct FROM marts.mart_survey_coverage "
            "WHERE headcount_band_code = 'TOTAL'"
        ).pl()
    shares = shares.join(official, on=["kreis_ags", "wz2_code"])
    return Release(folder.name, served, people, alone, respondents, shares)


def attacked(first: Release, second: Release, rows: pl.DataFrame) -> pl.DataFrame:
    """Every table of a wave and driver, the first release beside these rows."""
    found = []
    for (wave, driver), then in first.served.group_by(TABLE):
        own = (pl.col("wave_id") == wave) & (pl.col("driver_code") == driver)
        before, after = first.people.filter(own), second.people.filter(own)
        keys = list(then.select(CELL).iter_rows())
        truths = tally(before, keys, HIGH_FROM), tally(after, keys, HIGH_FROM)
        moves = changes(before, after, keys, 0.0).select(*CELL, "joined", "left", "changed")
        found.append(won(then, rows.filter(own), truths, moves, K, HIGH_FROM))
    return pl.concat(found)


def told_of_headcounts(first: Release, second: Release, *, afresh: bool) -> pl.DataFrame:
    """The coverage of every wave in both releases; ``afresh``: as it were without any protection, today's only by the rules of cells."""
    found = []
    for wave in sorted(first.respondents["wave_id"].unique()):
        own = pl.col("wave_id") == wave
        then, now = (r.respondents.filter(own) for r in (first, second))
        shares = [r.shares.filter(own) for r in (first, second)]
        if afresh:
            shares = [_unprotected(people, table) for people, table in zip((then, now), shares, strict=True)]
        both = shares[1].join(shares[0], on=["kreis_ags", "wz2_code"], how="left", suffix="_then")
        said = both.filter(
            pl.col("coverage_pct").ne_missing(pl.col("coverage_pct_then")) | pl.col("coverage_pct").is_null()
        )
        found.append(coverage_told([Shares(then, shares[0]), Shares(now, said.select(shares[0].columns))], K))
    return pl.concat(found)


def _unprotected(people: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Every share that k respondents stand behind."""
    margins = [
        people.with_columns(pl.lit("TOTAL").alias(c) for c in summed)
        for summed in ([], ["kreis_ags"], ["wz2_code"], ["kreis_ags", "wz2_code"])
    ]
    sums = pl.concat(margins).group_by("kreis_ags", "wz2_code").agg(size=pl.col("headcount").sum(), n=pl.len())
    pct = pl.when(pl.col("n") >= K).then((100 * pl.col("size") / pl.col("employees_count")).round(1))
    return table.join(sums, on=["kreis_ags", "wz2_code"]).with_columns(coverage_pct=pct).select(table.columns)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_release_beside_the_one_before_tells_of_nobody(
    works: Works, published: Works, build_file: Path, tmp_path: Path
) -> None:
    """One respondent's line is no longer delivered, another company withdraws its consent to benchmarks."""
    first = release(works, build_file)
    withdrawn = _withdrawn(works, first)
    left = _one_line_less(works, first, withdrawn)
    build = tmp_path / "second.duckdb"
    done = works.drive("--copy-build", str(build))
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    second = release(works, build)
    gone = set(first.people["company_id"]) - set(second.people["company_id"])
    assert gone == {withdrawn, left}
    assert attacked(first, second, second.served).is_empty()
    assert not attacked(first, second, second.alone).is_empty(), "the same reader wins where each release is alone"
    assert told_of_headcounts(first, second, afresh=False).is_empty()
    assert not told_of_headcounts(first, second, afresh=True).is_empty(), "and so does the analyst of headcounts"
    both = first.served.join(second.served, on=[*TABLE, *CELL], how="left", suffix="_now")
    pending = both.filter(pl.col("suppression_code_now") == "pending")
    behind = first.people.filter(pl.col("company_id") == withdrawn)
    assert 0 < pending.height <= 6 * behind.height, "hidden is what counted who withdrew, and nothing else"
    held = both.filter(pl.col("suppression_code_now") != "pending")
    for name in ("company_count", "mean_score", "share_high_pct", "suppression_code"):
        assert held[name].equals(held[f"{name}_now"], null_equal=True), name
    _survives_rollback(works, first, second)
    _refused_if_renewed_all_the_same(published.copy(tmp_path / "careless"), build)


def _refused_if_renewed_all_the_same(before: Works, build: Path) -> None:
    """The second build as it were without holding: every row afresh, beside the first release, up to the gate."""
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "CREATE OR REPLACE TABLE intermediate.int_dependency__published AS SELECT wave_id, driver_code, kreis_ags, "
            "wz2_code, headcount_band_code, CASE WHEN suppression_code = 'none' THEN company_count::BIGINT END AS company_count, "
            "published_mean AS mean_score, published_share AS share_high_pct, suppression_code, 'afresh' AS world_id, "
            "true AS is_renewed FROM intermediate.int_dependency__protected"
        )
        connection.execute("DELETE FROM bi.bi_dependency")
        connection.execute(
            "INSERT INTO bi.bi_dependency BY NAME SELECT * EXCLUDE (world_id, is_renewed), world_id AS published_run_id "
            "FROM intermediate.int_dependency__published"
        )
    candidate = sealed(before, build)
    certificate, suites = audit(before.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    failed = {(r.rule_id, r.partition_key): r for r in suites["disclosure"] if r.blocks}
    assert set(failed) == {("BIX-004", "moved_by_few")} and certificate.outcome == "failed"
    result = failed["BIX-004", "moved_by_few"]
    assert (result.observed_value or 0) > 20 and "vault/published" in result.message
    refused(before, candidate.name, "audit failed", "BIX-004")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_refresh_that_remembers_nothing_is_refused(works: Works, build_file: Path) -> None:
    """The memory of publications is lost and one respondent's line is no longer delivered: every row would be renewed."""
    first = release(works, build_file)
    served = works.served_bytes()
    _one_line_less(works, first, "")
    [memory] = (works.lineage.vault / "published").glob("*.enc")
    kept = memory.read_bytes()
    memory.unlink()
    done = works.refresh(check=False)
    assert done.returncode == 1
    for words in ("Nothing was published", "BIX-004", "vault/published", f"Still served: {first.name}"):
        assert words in done.stderr, done.stderr
    assert works.served_bytes() == served
    memory.write_bytes(kept)
    [candidate] = works.lineage.candidates.iterdir()
    with opened(candidate / "bi.duckdb") as connection:
        rows = connection.execute("SELECT * FROM bi.bi_dependency").pl()
    assert set(rows["published_run_id"]).isdisjoint(first.served["published_run_id"])
    refused(works, candidate.name, "audit failed", "BIX-004")


def test_a_candidate_is_published_only_beside_the_release_it_was_compared_with(works: Works, build_file: Path) -> None:
    """Two candidates made beside the same release: once one is served, nobody has compared the other one with it."""
    region = Region.load("maerkische_region")
    one, other = sealed(works, build_file), sealed(works, build_file)
    for candidate in (one, other):
        assert audit(works.lineage, candidate, region, [TESTED])[0].outcome == "passed"
    works.call("publish", one.name, check=True)
    refused(works, other.name, "another release is served", "kettenwerk refresh")


@pytest.mark.parametrize("lost", ["candidate", "served"])
def test_without_a_memory_no_row_passes_for_compared(works: Works, build_file: Path, tmp_path: Path, lost: str) -> None:
    """Nothing to compare with is not nothing found: one row moved, and the vault forgot either release."""
    spoilt = tmp_path / "spoilt.duckdb"
    shutil.copyfile(build_file, spoilt)
    with duckdb.connect(str(spoilt)) as connection:
        total = "WHERE kreis_ags = 'TOTAL' AND wz2_code = 'TOTAL' AND suppression_code = 'none'"
        gone = connection.execute(f"SELECT * FROM bi.bi_dependency {total}").pl().height
        connection.execute(f"DELETE FROM bi.bi_dependency {total}")
    candidate, served = sealed(works, spoilt), works.lineage.current.resolve()
    disclosure_memory.forget(works.lineage, candidate.name if lost == "candidate" else served.name)
    [counted] = moved(works.lineage, candidate, served, K).to_dicts()
    rows = release(works, build_file).served.height
    assert gone > 0 and counted["unknown"] == (gone if lost == "served" else 0)
    assert counted["forgotten"] == (rows - gone if lost == "candidate" else gone)


def _withdrawn(works: Works, first: Release) -> str:
    company_id = str(first.people.sort("company_id")["company_id"][0])
    works.call("consent", "withdraw", company_id, "--purpose", "CONS_BENCHMARK", check=True)
    return company_id


def _one_line_less(works: Works, first: Release, but: str) -> str:
    """Take the last respondent of the delivery away who is counted and answered once; its company."""
    path = works.lineage.inbox / "limesurvey" / "results-survey-2026.csv"
    keys = pl.read_parquet(works.lineage.lake / "identity" / "company_key" / "table.parquet")
    counted = set(first.people.filter(pl.col("wave_id") == "2026")["company_id"]) - {but}
    answers = keys.filter(pl.col("source_id") == "limesurvey")
    once = answers.filter(pl.len().over("company_id") == 1, pl.col("company_id").is_in(list(counted)))
    once = once.filter(pl.col("record_id").str.starts_with("2026:"))
    company_of = {
        record.split(":")[1]: company for record, company in once.select("record_id", "company_id").iter_rows()
    }
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    place, response = next(
        (n, own) for n in range(len(lines) - 1, 0, -1) if (own := lines[n].split(";")[0].strip('"')) in company_of
    )
    path.write_text("".join(lines[:place] + lines[place + 1 :]), encoding="utf-8-sig")
    return str(company_of[response])


def _survives_rollback(works: Works, first: Release, second: Release) -> None:
    """What a rolled-back release said is still remembered; what is served is what the next one is held by."""
    lineage = works.lineage
    memory = disclosure_memory.read(lineage, second.name)
    assert memory is not None and memory.beside == first.name
    refused = works.call("rollback")
    assert refused.returncode == 1, "the first release was built on a consent that was withdrawn"
    disclosure_memory.hand_to_build(lineage)
    remembered = pl.read_parquet(lineage.lake / "disclosure" / "figure" / "table.parquet")
    assert set(remembered["world_id"]) >= set(first.served["published_run_id"])
