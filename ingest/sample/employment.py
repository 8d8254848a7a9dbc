"""Invented employment by WZ group, region and year, whole persons.

Belongs here: the numbers, and that they add up. Does not belong here: how a statistical office prints them (statistics.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from wz_code import WZ

from ingest.sample.region import state_name
from ingest.sample.streams import stream
from ingest.sample.truths import STATISTIC_YEARS
from warehouse.region import Region

Counts = NDArray[np.int64]

GERMANY_EMPLOYEES = 33_400_000
STATE_SHARE = 0.21
# Private households and embassies: nobody in the Kreise, so that a true zero exists beside the secret cells.
ABSENT_SECTIONS = ("T", "U")
# Where the invented regions are specialised: divisions of WZ 2008.
STRONG_DIVISIONS = ("22", "24", "25", "27", "28", "29")


@dataclass(frozen=True)
class StatisticRegion:
    """A region as the statistical offices key it."""

    variable_code: str
    variable_label: str
    code: str
    label: str


@dataclass(frozen=True)
class Employment:
    """Employees by region and year; the columns of each array are the WZ groups."""

    regions: tuple[StatisticRegion, ...]
    groups: tuple[str, ...]
    sections: tuple[str, ...]  # section of each group
    persons: dict[tuple[str, int], Counts]


def wz_groups() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All groups of WZ 2008 and the section each belongs to."""
    wz = WZ(version="2008")
    groups = sorted(code for code in wz.get_all_codes() if wz.get(code).level == 3)
    sections: list[str] = []
    for code in groups:
        node = wz.get(code)
        while node.parent is not None:
            node = node.parent
        sections.append(node.code)
    return tuple(groups), tuple(sections)


def statistic_regions(region: Region) -> tuple[StatisticRegion, ...]:
    """Germany, the Land and the Kreise, keyed as published."""
    kreise = [
        StatisticRegion(
            "KREISE",
            "Kreise und kreisfreie Städte",
            k.ags,
            f"{k.name}, kreisfreie Stadt" if k.kind == "city" else k.name,
        )
        for k in region.kreise
    ]
    return (
        StatisticRegion("DINSG", "Deutschland", "DG", "Deutschland"),
        StatisticRegion("DLAND", "Bundesländer", region.state_ags, state_name(region)),
        *kreise,
    )


def invent_employment(region: Region, seed: int) -> Employment:
    """All numbers; the Kreise are strong in the metal industries and lose jobs there faster than Germany."""
    rng = stream(seed, "employment")
    groups, sections = wz_groups()
    strong = np.array([g[:2] in STRONG_DIVISIONS for g in groups])
    germany = np.exp(rng.normal(0.0, 0.9, len(groups)))
    germany *= GERMANY_EMPLOYEES / germany.sum()
    national_growth = np.where(strong, rng.normal(-0.006, 0.006, len(groups)), rng.normal(0.008, 0.01, len(groups)))
    shrinking = strong & (rng.random(strong.size) < 0.6)
    household = np.isin(np.array(sections), ABSENT_SECTIONS)
    regions = statistic_regions(region)
    persons: dict[tuple[str, int], Counts] = {}
    for item in regions:
        if item.code == "DG":
            base, growth = germany, national_growth
        elif item.variable_code == "DLAND":
            base, growth = (
                germany * STATE_SHARE * np.exp(rng.normal(0.0, 0.15, len(groups))),
                national_growth - 0.001,
            )
        else:
            base = _kreis(germany, strong, household, rng)
            growth = national_growth + np.where(shrinking, -0.02, 0.004)
        for age, year in enumerate(STATISTIC_YEARS):
            wobble = 1.0 if item.code == "DG" else np.exp(rng.normal(0.0, 0.01, len(groups)))
            persons[item.code, year] = np.round(base * (1.0 + growth) ** age * wobble).astype(np.int64)
    return Employment(regions, groups, sections, persons)


def _kreis(
    germany: NDArray[np.float64],
    strong: NDArray[np.bool_],
    absent: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    quotient = np.where(
        strong, np.exp(rng.normal(1.55, 0.45, strong.size)), np.exp(rng.normal(-0.45, 0.5, strong.size))
    )
    # A Kreis is not active everywhere: outside its strength some groups are missing, some have a handful of people.
    thin = ~strong & (rng.random(strong.size) < 0.12)
    quotient = np.where(thin, quotient * rng.choice([0.0, 0.002], strong.size), quotient)
    share = germany / germany.sum() * np.where(absent, 0.0, quotient)
    return rng.uniform(45_000, 150_000) * share / share.sum()
