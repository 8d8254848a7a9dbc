"""Rank churn between two releases, by hand."""

from __future__ import annotations

import polars as pl
import pytest

from quality.suites.foresight import spearman_per_company


def ranks(*targets: str, company: str = "C-ERFUNDEN22", version: str = "1") -> pl.DataFrame:
    """Targets of one company, best first."""
    return pl.DataFrame(
        {
            "company_id": [company] * len(targets),
            "target_market_id": list(targets),
            "score_version": [version] * len(targets),
            "rank_in_company": pl.Series(range(1, len(targets) + 1), dtype=pl.Int32),
        }
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abcde", "abcde", 1.0),
        ("abcde", "edcba", -1.0),
        ("abcde", "bacde", 0.9),  # 1 - 6 * 2 / (5 * 24)
        ("abc", "bcd", -0.2),  # a and d stand last where they are not: 1 2 3 4 and 4 1 2 3, 1 - 6 * 12 / (4 * 15)
    ],
)
def test_spearman_by_hand(before: str, after: str, expected: float) -> None:
    [(_, found)] = spearman_per_company(ranks(*before), ranks(*after), 3).rows()
    assert found == pytest.approx(expected)


def test_only_what_can_be_compared_is() -> None:
    assert spearman_per_company(ranks(*"abc"), ranks(*"abc", version="2"), 3).is_empty()
    assert spearman_per_company(ranks(*"abc"), ranks(*"abc", company="C-ERFUNDEN33"), 3).is_empty()
    assert spearman_per_company(ranks(*"ab"), ranks(*"ba"), 3).is_empty()
