"""A card of a method says the defaults that the function really has; a reader recomputes with what the card says."""

from __future__ import annotations

import csv
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT
from warehouse.methods import (
    backtest,
    complexity,
    export_potential,
    fitness,
    gravity,
    gravity_estimate,
    opportunity,
    productivity,
    proximity_forms,
    reflections,
    relatedness,
    relatedness_forms,
    shift_share,
    shrinkage,
    specialisation,
    subnational,
)

CARDS = ROOT / "dbt_project" / "seeds" / "method_card.csv"
FUNCTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "product_space": (relatedness.proximity, complexity.complexity, specialisation.presence),
    "rca_forms": (specialisation.rsca,),
    "shrunk_rca": (shrinkage.shrunk_rca,),
    "proximity_forms": (proximity_forms.co_presence_proximity, proximity_forms.continuous_proximity),
    "relatedness_forms": (relatedness_forms.relative_relatedness,),
    "reflections": (reflections.reflections,),
    "fitness": (fitness.fitness,),
    "subnational_eci": (subnational.subnational_eci,),
    "outlook_forms": (opportunity.opportunity_gain,),
    "prody_expy": (productivity.prody,),
    "backtest": (backtest.BacktestConfig,),
    "shift_share": (shift_share.shift_share, shift_share.dynamic_shift_share),
    "export_potential": (export_potential.ease_of_trade,),
    "product_diversification": (export_potential.diversification,),
    "market_attractiveness": (gravity.attractiveness,),
    "distance_elasticity": (gravity_estimate.distance_elasticity,),
}
RENAMED = {"rca_threshold": "threshold"}


def cards() -> dict[str, dict[str, str]]:
    with CARDS.open(encoding="utf-8", newline="") as file:
        return {row["method_code"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("code", FUNCTIONS)
def test_parameters_are_the_defaults(code: str) -> None:
    stated = json.loads(cards()[code]["parameters_json"])
    defaults = [
        {name: p.default for name, p in inspect.signature(function).parameters.items() if p.default is not p.empty}
        for function in FUNCTIONS[code]
    ]
    for name, value in stated.items():
        found = [d[RENAMED.get(name, name)] for d in defaults if RENAMED.get(name, name) in d]
        assert found, f"{code} has no parameter {name}"
        assert all((list(x) if isinstance(x, tuple) else x) == value for x in found), name


def test_every_card_is_complete() -> None:
    for code, card in cards().items():
        assert all(card.values()), f"{code} leaves a column empty"
        json.loads(card["parameters_json"])


def test_the_readme_names_every_module() -> None:
    folder = ROOT / "warehouse" / "methods"
    text = (folder / "README.md").read_text(encoding="utf-8")
    modules = {p.name for p in folder.glob("*.py")} | {f"{p.parent.name}/" for p in folder.glob("*/__init__.py")}
    assert {name for name in modules - {"__init__.py"} if f"`{name}`" not in text} == set(), "give each module its line"
    named = set(re.findall(r"`(\w+\.py|\w+/)`", text.partition("How they are proven")[0]))
    assert named - modules == set(), "no longer there"
