"""The settings of the market-fit score as a frozen value, and their check.

Belongs here: reading a mapping into `MarketFitConfig`. Does not: opening a YAML file, the numbers themselves, which live in
the scores folder of a region, or the country a region lies in, which the caller adds.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from warehouse.errors import SettingsError
from warehouse.methods.breakpoints import Breakpoints, as_breakpoints
from warehouse.methods.market_fit.inputs import (
    COMPETENCE_GROUPS,
    COMPONENTS,
    CURVES,
    LEVELS,
    LOG_SCALED,
    TARGET_INPUTS,
    weighted_parts,
)
from warehouse.methods.settings_check import check_keys, checked_weights

SCORE_VERSION = "2026.2"
NOT_NEGATIVE = (0, float("inf"))
LIMITS = {
    "candidate_proximity_floor": (0, 1),
    "candidate_overlap_floor": (0, 100),
    "min_import_value_eur": NOT_NEGATIVE,
    "targets_per_company": (1, float("inf")),
    "perturbation": (0, 0.99),
    "share_band_width_pct": (1, 100),
    "bootstrap_shortlist": (1, float("inf")),
    "uncertain_rank_width": NOT_NEGATIVE,
    "gap_quantile": (0, 0.5),
}


@dataclass(frozen=True)
class MarketFitConfig:
    """One version of the score. `from_mapping` reads it; the fields with a default may be left out there."""

    weights: Mapping[str, float]  # per component, any positive scale
    part_weights: Mapping[str, Mapping[str, Mapping[str, float]]]  # route > component > input
    breakpoints: Mapping[str, Breakpoints]  # per input in its own unit, see inputs.CURVES
    level_points: Mapping[str, float]  # what a competence counts, 0 to 100, by how well it is mastered
    group_weights: Mapping[str, float]  # process, material, certification in the overlap of competences
    group_counts: Mapping[str, int]  # how many of a kind a target takes: the best n count, absent ones as 0
    candidate_proximity_floor: float  # a product is a candidate from this proximity on
    candidate_overlap_floor: float  # an industry is a candidate from this overlap of competences on
    min_import_value_eur: float  # smaller markets are no candidates
    automotive_prefixes: tuple[str, ...]  # HS prefixes of the automotive industry
    automotive_wz_prefixes: tuple[str, ...]  # and its industries
    home_country: str  # ISO alpha-2 of the region's country: never a target, its sales open markets
    home_country_label_de: str  # as the reasons call it
    targets_per_company: int = 50
    perturbation: float = 0.2  # each weight up and down by this share
    share_band_width_pct: float = 20.0  # product shares enter as midpoints of bands this wide
    bootstrap_shortlist: int = 500  # rank intervals are counted among this many of a company's best targets
    gap_quantile: float = 0.1  # a missing figure is tried as this poor and this good among all targets
    uncertain_rank_width: float = 15.0  # a rank interval wider than this is "unsicher"
    score_version: str = SCORE_VERSION

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "MarketFitConfig":
        """Read plain dicts, lists and numbers (as YAML gives them); refuse missing, unknown and senseless keys."""
        required = {field.name for field in fields(cls) if field.default is MISSING}
        check_keys(mapping, required, {field.name for field in fields(cls)} - required, "market fit settings")
        read = {
            "weights": checked_weights(mapping["weights"], COMPONENTS, "weights"),
            "part_weights": _part_weights(mapping["part_weights"]),
            "breakpoints": _curves(mapping["breakpoints"]),
            "group_weights": checked_weights(mapping["group_weights"], COMPETENCE_GROUPS, "group_weights"),
            "group_counts": _counts(mapping["group_counts"]),
            "level_points": _points(mapping["level_points"]),
            **{key: _prefixes(mapping[key], key) for key in ("automotive_prefixes", "automotive_wz_prefixes")},
        }
        config = cls(**{**mapping, **read})
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
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise SettingsError(f"it is {value!r}", where=name, expected=f"a number from {low} to {high}")


def _curves(mapping: Any) -> dict[str, Breakpoints]:
    check_keys(mapping, set(CURVES), set(), "breakpoints")
    curves = {name: as_breakpoints(mapping[name], f"breakpoints.{name}") for name in CURVES}
    for name in LOG_SCALED:
        if curves[name][0][0] <= 0:
            raise SettingsError(
                f"the first x is {curves[name][0][0]}", where=f"breakpoints.{name}", expected="x > 0, on a log scale"
            )
    return curves


def _part_weights(mapping: Any) -> dict[str, dict[str, dict[str, float]]]:
    check_keys(mapping, set(TARGET_INPUTS), set(), "part_weights")
    read: dict[str, dict[str, dict[str, float]]] = {}
    for route in TARGET_INPUTS:
        parts, where = weighted_parts(route), f"part_weights.{route}"
        check_keys(mapping[route], set(parts), set(), where)
        read[route] = {name: checked_weights(mapping[route][name], parts[name], f"{where}.{name}") for name in parts}
    return read


def _counts(mapping: Any) -> dict[str, int]:
    for group, count in checked_weights(mapping, COMPETENCE_GROUPS, "group_counts").items():
        if count != int(count):
            raise SettingsError(f"{group} is {count!r}", where="group_counts", expected="a whole number")
    return {group: int(mapping[group]) for group in COMPETENCE_GROUPS}


def _points(mapping: Any) -> dict[str, float]:
    check_keys(mapping, set(LEVELS), set(), "level_points")
    for level, points in mapping.items():
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points <= 100:
            raise SettingsError(f"{level} is {points!r}", where="level_points", expected="a number from 0 to 100")
    return {level: float(mapping[level]) for level in LEVELS}


def _prefixes(given: Any, where: str) -> tuple[str, ...]:
    if isinstance(given, str) or not all(isinstance(p, str) and re.fullmatch(r"[0-9.]+", p) for p in given):
        raise SettingsError(f"it is {given!r}", where=where, expected="a list of digits in quotes, ['8708']")
    return tuple(given)
