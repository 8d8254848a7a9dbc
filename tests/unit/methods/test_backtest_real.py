"""The back-test on figures nobody here made: who delivered wood, paper and furniture to which member of the EU, 2018 to 2022."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.foresight import eu_suppliers, leads, stranger
from warehouse.methods.backtest import BacktestConfig, backtest
from warehouse.methods.backtest_models import RELATEDNESS_MODEL, SCORED_MODEL

pytestmark = pytest.mark.real
HORIZONS = (4, 3)  # five years are not in the file


@pytest.mark.parametrize("years", HORIZONS)
def test_relatedness_foretells_which_markets_a_supplier_enters(real_data: Path, years: int) -> None:
    exports, config = eu_suppliers(real_data, by_market=True), BacktestConfig(horizon_years=years)
    told = backtest(exports, config)
    for model in (SCORED_MODEL, RELATEDNESS_MODEL):
        found = leads(told, model)
        assert len(found) == 5 - years
        assert all(auc > 0.05 and hits > 0.01 for auc, hits in found), (model, found)
        # With the relatedness of some other supplier most of it is gone.
        own = told.filter(model_code=model).sort("train_until_year")
        blind = stranger(exports, model, config)
        assert (own["auc"] - blind["auc"] > 0.1).all()
        assert (own["precision_at_20"] > 1.5 * blind["precision_at_20"]).all()
