"""The settings of the region's opportunities as a frozen value, and their check.

Belongs here: names of parts and inputs, and the reading of a mapping. Does not: opening a YAML file, or the numbers
themselves, which live in the scores folder of a region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from warehouse.errors import SettingsError
from warehouse.methods.breakpoints import Breakpoints, as_breakpoints
from warehouse.methods.settings_check import check_keys, checked_weights

PARTS = ("density", "pci", "demand")
DEMAND_INPUTS = ("world_import_value_eur", "world_import_cagr_5y_pct")
CURVES = ("density", "pci", *DEMAND_INPUTS)
# Money spans orders of magnitude: its curve runs on log10, with breakpoints still written in euro.
LOG_SCALED = frozenset({"world_import_value_eur"})


@dataclass(frozen=True)
class RegionOpportunityConfig:
    """One version of the score; every field is required."""

    score_version: str
    weights: Mapping[str, float]  # per part, any positive scale
    demand_weights: Mapping[str, float]  # per input of demand
    breakpoints: Mapping[str, Breakpoints]  # per curve in its own unit
    presence_from: float  # specialisation from which a heading is made here
    node_level_min: int  # coarsest level of industries that says something about a heading
    perturbation: float  # each weight up and down by this share
    uncertain_rank_share: float  # a rank that moves further through the list is uncertain

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> RegionOpportunityConfig:
        """Read plain dicts, lists and numbers (as YAML gives them); refuse missing, unknown and senseless keys."""
        check_keys(mapping, {field.name for field in fields(cls)}, set(), "region opportunity settings")
        check_keys(mapping["breakpoints"], set(CURVES), set(), "breakpoints")
        curves = {name: as_breakpoints(mapping["breakpoints"][name], f"breakpoints.{name}") for name in CURVES}
        for name in LOG_SCALED:
            if curves[name][0][0] <= 0:
                raise SettingsError(
                    f"the first x is {curves[name][0][0]}", where=f"breakpoints.{name}", expected="x > 0, on a log scale"
                )  # fmt: skip
        limits = {"presence_from": (0, float("inf")), "node_level_min": (1, 4), "perturbation": (0, 0.99),
                  "uncertain_rank_share": (0, 1)}  # fmt: skip
        for name, (low, high) in limits.items():
            value = mapping[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise SettingsError(f"it is {value!r}", where=name, expected=f"a number from {low} to {high}")
        return cls(
            score_version=str(mapping["score_version"]),
            weights=checked_weights(mapping["weights"], PARTS, "weights"),
            demand_weights=checked_weights(mapping["demand_weights"], DEMAND_INPUTS, "demand_weights"),
            breakpoints=curves,
            **{name: mapping[name] for name in limits},
        )
