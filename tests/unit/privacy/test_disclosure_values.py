"""Means and shares against an attacker who shares no code with the suppression: quality/attack.py, from published columns."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from quality.attack import DIMENSIONS, recovered
from warehouse.privacy.disclosure import NONE, protect
from warehouse.privacy.disclosure_values import ValueRules, protect_values

CELL = list(DIMENSIONS)
MARGINS = ((1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 1, 0), (0, 0, 1))


def cells(seed: int, companies: int = 150, top: float = 100.0) -> pl.DataFrame:
    """The published margins of invented companies; scores lean towards 0 so that hidden cells without a high one occur."""
    draw = np.random.default_rng(seed)
    sizes = [draw.choice(n, companies, p=(w := 1 / np.arange(1, n + 1)) / w.sum()) for n in (3, 8, 5)]
    frame = pl.DataFrame({d: [f"{d[0]}{c}" for c in codes] for d, codes in zip(CELL, sizes, strict=True)})
    frame = frame.with_columns(score=pl.Series(np.round(top * draw.beta(0.6, 1.0, companies), 1)))
    score = pl.col("score")
    parts = [
        frame.with_columns(pl.lit("TOTAL").alias(d) for d, summed in zip(CELL, margin, strict=True) if summed)
        for margin in MARGINS
    ]
    return (
        pl.concat(parts).group_by(CELL)
        .agg(
            company_count=pl.len().cast(pl.Int64), score_sum=score.sum(), high_count=(score >= 70).sum().cast(pl.Int64),
            score_range=score.max() - score.min(),
        )
        .sort(CELL)
    )  # fmt: skip


def attacked(published: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(recovered(published, truth, 5, 70.0, reads_codes=reads) for reads in (False, True))


def as_published(protected: pl.DataFrame, mean: pl.Expr, share: pl.Expr) -> pl.DataFrame:
    shown = pl.col("suppression_code") == NONE
    return protected.with_columns(
        company_count=pl.when(shown).then("company_count"),
        mean_score=pl.when(shown).then(mean),
        share_high_pct=pl.when(shown).then(share),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nothing_withheld_is_recovered(seed: int) -> None:
    truth = cells(seed, top=76.0)
    protected = protect(truth, CELL, contributions=None)
    naive = as_published(
        protected,
        (pl.col("score_sum") / pl.col("company_count")).round(1),
        (100 * pl.col("high_count") / pl.col("company_count")).round(1),
    )
    assert attacked(naive, truth).height, "the attack wins where only counts are protected"
    careful = protect_values(protected, CELL, ValueRules())
    found = attacked(as_published(careful, pl.col("published_mean"), pl.col("published_share")), truth)
    assert found.is_empty(), found
    assert careful["published_mean"].count() > 0.5 * (protected["suppression_code"] == NONE).sum()


def test_a_cell_that_is_asked_to_be_hidden_is_hidden_and_covered() -> None:
    truth = cells(3)
    biggest = truth.filter(pl.col("wz2_code") != "TOTAL", pl.col("kreis_ags") == "TOTAL").sort("company_count")[-1]
    key = biggest.select(CELL).row(0)
    code = {
        tuple(k): c
        for *k, c in protect(truth, CELL, contributions=None, hide=[key]).select(*CELL, "suppression_code").iter_rows()
    }
    assert code[key] == "secondary"
    line = [c for k, c in code.items() if k[0] == k[2] == "TOTAL" and k[1] != "TOTAL"]
    assert sum(c != NONE for c in line) != 1
