"""The settings of the market-fit score as a frozen value, and their check.

Belongs here: names of components and inputs, and the reading of a mapping into `MarketFitConfig`. Does not: opening
a YAML file, the numbers themselves, which live in the scores folder of a region, or the country a region lies in, which
the caller adds.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from warehouse.errors import SettingsError
from warehouse.methods.breakpoints import Breakpoints, as_breakpoints
from warehouse.methods.settings_check import check_keys, checked_weights

SCORE_VERSION = "2026.1"
COMPONENTS = ("capability", "demand", "access", "resilience", "diversification")
# Market inputs per component; several inputs of one component are averaged with the weights in `part_weights`.
MARKET_INPUTS: dict[str, tuple[str, ...]] = {
    "demand": ("import_value_eur", "import_cagr_5y_pct", "unit_value_eur_per_kg"),
    "access": ("is_single_market", "home_export_value_eur", "home_share"),
    "resilience": ("origin_hhi",),
}
WEIGHTED_PARTS = ("demand", "access")
# Money and prices span orders of magnitude: their curves run on log10, with breakpoints still written in euro.
LOG_SCALED = frozenset({"import_value_eur", "unit_value_eur_per_kg", "home_export_value_eur"})
# Curves of the company's automotive band, one for targets inside that industry and one for all others.
AUTOMOTIVE_CURVE, OTHER_CURVE = "automotive_target", "other_target"
CURVES = (*(name for names in MARKET_INPUTS.values() for name in names), AUTOMOTIVE_CURVE, OTHER_CURVE)


@dataclass(frozen=True)
class MarketFitConfig:
    """One version of the score. `from_mapping` reads it; the fields with a default may be left out there."""

    weights: Mapping[str, float]  # per component, any positive scale
    part_weights: Mapping[str, Mapping[str, float]]  # per input of demand and of access
    breakpoints: Mapping[str, Breakpoints]  # per input in its own unit, see CURVES
    candidate_proximity_floor: float  # a product is a candidate from this proximity on
    min_import_value_eur: float  # smaller markets are no candidates
    automotive_prefixes: tuple[str, ...]  # HS prefixes of the automotive industry
    home_country: str  # ISO alpha-2 of the region's country: never a target, its sales open markets
    home_country_label_de: str  # as the reasons call it
    targets_per_company: int = 50
    perturbation: float = 0.2  # each weight up and down by this share
    share_band_width_pct: float = 20.0  # product shares enter as midpoints of bands this wide
    score_version: str = SCORE_VERSION

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "MarketFitConfig":
        """Read plain dicts, lists and numbers (as YAML gives them); refuse missing, unknown and senseless keys."""
        required = {field.name for field in fields(cls) if field.default is MISSING}
        check_keys(mapping, required, {field.name for field in fields(cls)} - required, "market fit settings")
        weights = checked_weights(mapping["weights"], COMPONENTS, "weights")
        parts = mapping["part_weights"]
        check_keys(parts, set(WEIGHTED_PARTS), set(), "part_weights")
        check_keys(mapping["breakpoints"], set(CURVES), set(), "breakpoints")
        curves = {name: as_breakpoints(mapping["breakpoints"][name], f"breakpoints.{name}") for name in CURVES}
        for name in LOG_SCALED:
            if curves[name][0][0] <= 0:
                raise SettingsError(
                    f"the first x is {curves[name][0][0]}",
                    where=f"breakpoints.{name}",
                    expected="x > 0, on a log scale",
                )
        prefixes = mapping["automotive_prefixes"]
        if isinstance(prefixes, str) or not all(isinstance(p, str) and p.isdigit() for p in prefixes):
            raise SettingsError(
                f"it is {prefixes!r}",
                where="automotive_prefixes",
                expected="a list of digits in quotes, ['8708']",
            )
        rest = {k: v for k, v in mapping.items() if k not in ("weights", "part_weights", "breakpoints")}
        config = cls(
            weights=weights,
            part_weights={p: checked_weights(parts[p], MARKET_INPUTS[p], f"part_weights.{p}") for p in WEIGHTED_PARTS},
            breakpoints=curves,
            **{**rest, "automotive_prefixes": tuple(prefixes)},
        )
        config._check_numbers()
        config._check_home()
        return config

    def _check_home(self) -> None:
        if not re.fullmatch("[A-Z]{2}", str(self.home_country)):
            raise SettingsError(f"it is {self.home_country!r}", where="home_country", expected="two capital letters")
        if not (isinstance(self.home_country_label_de, str) and self.home_country_label_de.strip()):
            raise SettingsError(
                f"it is {self.home_country_label_de!r}", where="home_country_label_de", expected="a German name"
            )

    def _check_numbers(self) -> None:
        limits = {
            "candidate_proximity_floor": (0, 1),
            "min_import_value_eur": (0, float("inf")),
            "targets_per_company": (1, float("inf")),
            "perturbation": (0, 0.99),
            "share_band_width_pct": (1, 100),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise SettingsError(f"it is {value!r}", where=name, expected=f"a number from {low} to {high}")
