"""What the linkage page counts: right matches among those said, and among those there are to find."""

from __future__ import annotations

import polars as pl

from tests.benchmarks.linkage import quality, tuned

TRUTH = pl.DataFrame({"record_id": ["S0", "S1", "S2", "S3"], "candidate_id": ["R0", "R1", None, "R3"]})


def test_a_stranger_that_is_matched_costs_precision_and_one_not_found_recall() -> None:
    found = pl.DataFrame({"record_id": ["S0", "S1", "S2"], "candidate_id": ["R0", "R9", "R5"]})
    got = quality(found, TRUTH)
    assert (got.precision, got.recall) == (1 / 3, 1 / 3)
    assert quality(found.clear(), TRUTH).f1 == 0


def test_the_limit_is_chosen_on_one_part_and_counted_on_the_other() -> None:
    ids = [f"S{i}" for i in range(100)]
    truth = pl.DataFrame({"record_id": ids, "candidate_id": [f"R{i}" for i in range(100)]})
    right = pl.Series([i % 2 == 0 for i in range(100)])
    found = pl.DataFrame({
        "record_id": ids,
        "candidate_id": [f"R{i}" if ok else "R-1" for i, ok in enumerate(right)],
        "probability": [0.9 if ok else 0.2 for ok in right],
    })  # fmt: skip
    limit, got = tuned(found, truth)
    assert 0.2 < limit <= 0.9
    assert (got.precision, got.recall) == (1.0, 0.5)
    shifted = found.with_columns(
        probability=pl.when(pl.col("record_id").is_in(ids[::5])).then("probability").otherwise(0.95)
    )
    assert tuned(shifted, truth)[1].precision == 0.5, "the other part is not looked at for the limit"
