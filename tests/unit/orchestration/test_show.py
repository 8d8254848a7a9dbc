"""What the command says of a back-test."""

from __future__ import annotations

from typing import Any

from orchestration.show import backtest


def model(code: str, auc: float, hits: float) -> dict[str, Any]:
    return {
        "score_version": "9", "train_until_year": 2001, "test_until_year": 2006, "model_code": code, "auc": auc,
        "precision_at_20": hits, "calibration_error": 0.0123, "case_count": 4321,
    }  # fmt: skip


def test_the_better_naive_model_stands_beside_each_figure() -> None:
    said = backtest([model("popularity", 0.5, 0.06), model("market_fit", 0.7, 0.09), model("size", 0.6, 0.05)])
    assert said == (
        "what was known in 2001 about 2006, score 9: AUC 0.700 (naive, by size: 0.600), "
        "precision at 20 0.090 (naive, by popularity: 0.060), calibration error 0.012, 4,321 cases"
    )


def test_no_window_says_so() -> None:
    assert backtest([]) == "none: no edition of world trade holds two years five years apart"
