"""The invented world's entries follow relatedness because it was built so, and without it a back-test finds none."""

from __future__ import annotations

import pytest

from ingest.sample.truths import TRADE_YEARS
from tests.foresight import invented, leads
from warehouse.methods.backtest import backtest
from warehouse.methods.backtest_models import RELATEDNESS_MODEL, SCORED_MODEL
from warehouse.region import Region

SEEDS = (2026, 1, 2)


def is_ahead(lead: tuple[float, float]) -> bool:
    """Both leads at least as large as the rule asks for."""
    wanted = Region.load("maerkische_region").gates("sample")["MRT-017"]["limits"]["lead_min"]
    return lead[0] >= wanted["auc"] and lead[1] >= wanted["precision_at_20"]


@pytest.mark.parametrize("seed", SEEDS)
def test_with_relatedness_the_score_leads_in_every_window(seed: int) -> None:
    told = backtest(invented(seed))
    assert told["train_until_year"].unique().sort().to_list() == list(TRADE_YEARS[:3])
    assert all(map(is_ahead, leads(told, SCORED_MODEL)))


@pytest.mark.parametrize("seed", SEEDS)
def test_without_relatedness_it_leads_in_none(seed: int) -> None:
    """The negative control: the same world, entries by size, popularity and chance alone."""
    told = backtest(invented(seed, relatedness=0.0))
    assert not any(map(is_ahead, leads(told, SCORED_MODEL)))
    assert not any(map(is_ahead, leads(told, RELATEDNESS_MODEL)))
