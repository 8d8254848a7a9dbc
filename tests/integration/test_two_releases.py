"""BIX-004 from end to end: two consecutive releases, attacked together as the files that were served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from quality.attack_pair import won
from tests.integration.conftest import Works
from warehouse.files import opened
from warehouse.privacy import disclosure_memory
from warehouse.privacy.disclosure_changes import CELL, changes, tally
from warehouse.region import Region

TABLE = ["wave_id", "driver_code"]
LIMITS = Region.load("maerkische_region").privacy
K, HIGH_FROM = int(LIMITS["k"]), float(LIMITS["high_score_from"])


@dataclass(frozen=True)
class Release:
    """What was served, and what only the build knows: everybody's answers, and the table protected by itself."""

    name: str
    served: pl.DataFrame
    people: pl.DataFrame
    alone: pl.DataFrame


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
    return Release(folder.name, served, people, alone)


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


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_release_beside_the_one_before_tells_of_nobody(works: Works, build_file: Path, tmp_path: Path) -> None:
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
    both = first.served.join(second.served, on=[*TABLE, *CELL], how="left", suffix="_now")
    pending = both.filter(pl.col("suppression_code_now") == "pending")
    behind = first.people.filter(pl.col("company_id") == withdrawn)
    assert 0 < pending.height <= 6 * behind.height, "hidden is what counted who withdrew, and nothing else"
    held = both.filter(pl.col("suppression_code_now") != "pending")
    for name in ("company_count", "mean_score", "share_high_pct", "suppression_code"):
        assert held[name].equals(held[f"{name}_now"], null_equal=True), name
    _survives_rollback(works, first, second)


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
