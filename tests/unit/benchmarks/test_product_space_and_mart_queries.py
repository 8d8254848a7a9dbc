"""What the benchmarks measure is the same on every side: a few rows through all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.benchmarks.complexity import difference
from tests.benchmarks.complexity_data import invent, matrix, reference
from tests.benchmarks.complexity_side import ours
from tests.benchmarks.mart_queries import gaps
from tests.benchmarks.mart_queries_data import make_build, seal_fact, write_years
from tests.benchmarks.mart_queries_side import QUERIES, ask, ask_polars, keep
from tests.benchmarks.sides import Run, median, spread


def test_our_side_gives_what_plain_matrices_give(tmp_path: Path) -> None:
    exports = invent(40, 90)
    exports.write_parquet(tmp_path / "exports.parquet")
    assert set(ours("float64", tmp_path / "exports.parquet", tmp_path / "out.parquet")["steps"]) == {
        *("rows to matrix", "measures", "long table")
    }
    got = pl.read_parquet(tmp_path / "out.parquet")
    for name, expected in reference(matrix(exports)).items():
        np.testing.assert_allclose(got[name].to_numpy(), expected.ravel(), rtol=0, atol=1e-9, err_msg=name)
    other = got.with_columns(
        cog=pl.col("complexity_outlook_gain") + pl.when(pl.int_range(pl.len()) == 7).then(0.5).otherwise(0)
    )
    assert difference(got, other, {"rca": "rca"}) == 0
    assert difference(got, other, {"cog": "complexity_outlook_gain"}) == pytest.approx(0.5)
    with pytest.raises(SystemExit, match="cells with exports are lost"):
        difference(got, other.head(100), {"rca": "rca"})
    hole = got.with_columns(rca=pl.when(pl.int_range(pl.len()) != 7).then("rca"))
    with pytest.raises(SystemExit, match="missing in other cells"):
        difference(got, hole, {"rca": "rca"})


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trade")
    write_years(folder, 60_000)
    make_build(folder)
    seal_fact(folder)
    for side in ("native", "duckdb", "polars"):
        answers: dict[str, Any] = {}
        ask_polars(folder, answers) if side == "polars" else ask(side, folder, answers)
        assert set(answers) == set(QUERIES)
        keep(side, folder, answers)
    return folder


def test_all_sides_answer_alike(answered: Path) -> None:
    assert max(gaps(answered).values()) < 1e-12
    assert pl.read_parquet(answered / "native-Q4.parquet")["change"].count() > 1000


def test_another_answer_is_seen(answered: Path) -> None:
    file = answered / "polars-Q3.parquet"
    kept = pl.read_parquet(file)
    try:
        kept.with_columns(value=pl.col("value") * 1.001).write_parquet(file)
        assert gaps(answered)["polars"] == pytest.approx(0.001)
        kept.with_columns(origin=pl.lit("XX")).write_parquet(file)
        with pytest.raises(SystemExit, match="Q3: the rows of 'polars'"):
            gaps(answered)
    finally:
        kept.write_parquet(file)


def test_a_side_is_its_median_and_its_spread() -> None:
    runs = [Run(seconds, cpu, 1.0) for seconds, cpu in ((1.0, 3.0), (4.0, 2.0), (2.0, 1.0))]
    assert median(runs) == 2 and median(runs, "cpu") == 2 and spread(runs) == 1.5
