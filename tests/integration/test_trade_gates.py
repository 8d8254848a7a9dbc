"""Trade that moved too much, or a month that is missing: the refresh stops, and what is served stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.integration.conftest import Works


def dearer(month: Path) -> None:
    """The same month once more, every value a tenth higher."""
    frame = pl.read_csv(month, infer_schema=False)
    raised = (pl.col("VALUE_EUR").cast(pl.Float64) * 1.1).round(0).cast(pl.Int64).cast(pl.String)
    frame.with_columns(raised).write_csv(month)


def later(month: Path) -> None:
    """A delivery two months on; the month between never came."""
    period = month.stem.rsplit("_", 1)[-1]
    after_next = f"{int(period) + 2}"
    frame = pl.read_csv(month, infer_schema=False)
    frame.with_columns(pl.lit(after_next).alias("PERIOD")).write_csv(month.with_name(f"full_v2_{after_next}.dat"))


@pytest.mark.long
@pytest.mark.parametrize(
    ("spoil", "rule_id", "said"),
    [
        (dearer, "TRD-007", "a_month_in_total_stays_close_to_its_vintage_before"),
        (later, "TRD-010", "no_month_is_missing"),
    ],
)
def test_a_month_that_cannot_be_right_is_not_served(
    works: Works, spoil: Callable[[Path], None], rule_id: str, said: str
) -> None:
    before = works.served_bytes()
    [month] = (works.lineage.inbox / "comext").glob("full_v2_*.dat")
    spoil(month)
    done = works.refresh(check=False)
    assert done.returncode == 1
    assert rule_id in done.stderr
    assert said in done.stderr
    assert works.served_bytes() == before
