"""The licences in a whole release: what they forbid is in the build and in no file, and a candidate with it fails."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse.seal
from tests.integration.conftest import Works
from tests.integration.test_rules_fail import audited

DETAIL = "FROM marts.fct_trade_flow WHERE source_id = 'comext' AND reporter_code = 'AT'"


def test_austrian_detail_is_in_the_build_and_in_no_file(published: Works, build_file: Path) -> None:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        assert connection.execute(f"SELECT count(*) > 1000 {DETAIL} AND product_level = 8").fetchone() == (True,)
    assert published.ask(f"SELECT count(*) {DETAIL}") == [(0,)]
    assert int(str(published.ask("SELECT count(*) FROM marts.fct_trade_flow WHERE source_id = 'comext'")[0][0])) > 1000
    parquet = published.lineage.current.resolve() / "parquet" / "analyst" / "marts" / "fct_trade_flow.parquet"
    kept = pl.scan_parquet(parquet).filter(pl.col("source_id").cast(pl.String) == "comext")
    assert "AT" not in kept.select(pl.col("reporter_code").cast(pl.String).unique()).collect()["reporter_code"]
    for audience in ("bi", "analyst", "advisory"):
        [(said,)] = published.ask("SELECT licence FROM meta.source WHERE source_id = 'comext'", audience)
        assert "excludes Austrian trade data at CN8" in str(said)


@pytest.mark.long
def test_a_candidate_with_forbidden_rows_fails(works: Works, build_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BIX-009, with a seal that leaves nothing out."""
    monkeypatch.setattr(warehouse.seal, "forbidden", lambda *_: [])
    outcome, message = audited(works, build_file)[("BIX-009", "licences")]
    assert outcome == "fail"
    assert "audience analyst, table marts.fct_trade_flow, source comext, licence non_commercial" in message
