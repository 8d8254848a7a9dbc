"""The attack on shares of official employment: what an analyst computes about headcounts, from one release or two.

Belongs here: his equations, company by company, written from what he sees. Like ``attack`` it shares no code with the
suppression (``warehouse/privacy``). Does not belong here: what follows from a finding.

He sees every respondent under its pseudonym with place, division and size band, and the official employees; a share times
those is the sum of the respondents' headcounts, to half a tenth of a percent. From one release to the next he knows who
joined, left or answered anew, and that all others are as they were. He wins where he tells to within a fifth, beyond what
the bands and the first release say: one company's headcount, a sum that is hidden, or how fewer than k companies moved one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array

TOTAL = "TOTAL"
BANDS = {"1-9": (1, 9), "10-19": (10, 19), "20-49": (20, 49), "50-249": (50, 249), "250+": (250, 100_000)}
HALF = 0.05 + 1e-9
SLACK = 1e-6
LOOKS = 20
Cell = tuple[str, str]
FINDING = {"kind": pl.String, "cell": pl.String, "truth": pl.Float64, "low": pl.Float64, "high": pl.Float64}


@dataclass(frozen=True, eq=False)
class Release:
    """What one release says of one table, and the truth behind it.

    people: company_id, kreis_ags, wz2_code, band, headcount. shares: kreis_ags, wz2_code, coverage_pct (NULL where hidden),
    employees_count; only rows that this release says afresh.
    """

    people: pl.DataFrame
    shares: pl.DataFrame


@dataclass(frozen=True, eq=False)
class _Aim:
    kind: str
    cell: str
    weights: dict[int, float]
    truth: float


def told(releases: list[Release], k: int, tolerance: float = 0.2) -> pl.DataFrame:
    """What the last release adds to those before and to the bands: kind, cell, truth and range; empty where nothing."""
    unknowns = _Unknowns(releases)
    aims = _aims(releases, unknowns, k)
    found = _near(unknowns, releases, aims, tolerance)
    before = _near(unknowns, releases[:-1], [aims[i] for i in found], tolerance)
    old = {i for place, i in enumerate(found) if place in before}
    rows = [(aims[i].kind, aims[i].cell, aims[i].truth, *found[i]) for i in found if i not in old]
    return pl.DataFrame(rows, schema=FINDING, orient="row")


class _Unknowns:
    """One per company and headcount it ever had; who did not answer anew is the same unknown in both releases."""

    def __init__(self, releases: list[Release]) -> None:
        self.place: dict[tuple[str, float], int] = {}
        self.bounds: list[tuple[float, float]] = []
        self.cells: list[dict[Cell, list[int]]] = []
        for release in releases:
            inside: dict[Cell, list[int]] = defaultdict(list)
            for company, kreis, division, band, size in release.people.select(
                "company_id", "kreis_ags", "wz2_code", "band", "headcount"
            ).iter_rows():
                own = self.place.setdefault((company, size), len(self.place))
                if own == len(self.bounds):
                    self.bounds.append(BANDS[band])
                for cell in {(kreis, division), (TOTAL, division), (kreis, TOTAL), (TOTAL, TOTAL)}:
                    inside[cell].append(own)
            self.cells.append(inside)
        self.truth = np.array([size for _, size in self.place])


def _aims(releases: list[Release], unknowns: _Unknowns, k: int) -> list[_Aim]:
    aims = [_Aim("headcount", company, {own: 1.0}, size) for (company, size), own in unknowns.place.items()]
    shown = {
        (a, b) for r in releases for a, b, pct in r.shares.select("kreis_ags", "wz2_code", "coverage_pct").iter_rows()
        if pct is not None
    }  # fmt: skip
    for number, release in enumerate(releases):
        for cell in release.shares.select("kreis_ags", "wz2_code").iter_rows():
            members = unknowns.cells[number].get(cell, [])
            if members and cell not in shown:
                truth = float(unknowns.truth[members].sum())
                aims.append(_Aim(f"hidden sum {number}", str(cell), dict.fromkeys(members, 1.0), truth))
    for then, now in zip(unknowns.cells, unknowns.cells[1:], strict=False):
        who = {own: company for (company, _), own in unknowns.place.items()}
        for cell in then.keys() | now.keys():
            gone, come = (set(a.get(cell, [])) - set(b.get(cell, [])) for a, b in ((then, now), (now, then)))
            weights = dict.fromkeys(gone, -1.0) | dict.fromkeys(come, 1.0)
            truth = float(sum(w * unknowns.truth[own] for own, w in weights.items()))
            if 0 < len({who[own] for own in weights}) < k and abs(truth) > SLACK:
                aims.append(_Aim("change of few", str(cell), weights, truth))
    return aims


def _near(
    unknowns: _Unknowns, releases: list[Release], aims: list[_Aim], tolerance: float
) -> dict[int, tuple[float, float]]:
    """Aims that lie within the tolerance in every possible world, with their range."""
    rows, columns, limits = [], [], []
    for inside, release in zip(unknowns.cells, releases, strict=False):
        for kreis, division, pct, official in release.shares.select(
            "kreis_ags", "wz2_code", "coverage_pct", "employees_count"
        ).iter_rows():
            members = inside.get((kreis, division), [])
            if pct is not None and members:
                rows += [len(limits)] * len(members)
                columns += members
                limits.append(((pct - HALF) * official / 100, (pct + HALF) * official / 100))
    n = len(unknowns.truth)
    sums = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(limits), n))
    low, high = (np.array([limit[side] for limit in limits]) for side in (0, 1))

    def world(objective: np.ndarray) -> np.ndarray:
        stack = csr_array(np.vstack([sums.toarray(), -sums.toarray()]))
        found = linprog(
            objective, A_ub=stack, b_ub=np.concatenate([high, -low]), bounds=unknowns.bounds, method="highs"
        )
        if found.x is None:
            raise ValueError(f"the published shares contradict each other: {found.message}")
        return found.x

    return _ranges(aims, n, world, tolerance)


def _ranges(
    aims: list[_Aim], n: int, world: Callable[[np.ndarray], np.ndarray], tolerance: float
) -> dict[int, tuple[float, float]]:
    """Each aim's range, where it lies within the tolerance; ``world`` gives the possible headcounts where an objective is least."""
    matrix = csr_array(
        (
            [w for aim in aims for w in aim.weights.values()],
            ([i for i, aim in enumerate(aims) for _ in aim.weights], [own for aim in aims for own in aim.weights]),
        ),
        shape=(len(aims), n),
    )
    truth = np.array([aim.truth for aim in aims])
    floor, ceiling = np.sort([(1 - tolerance) * truth, (1 + tolerance) * truth], axis=0)
    least, most = np.full(len(aims), np.inf), np.full(len(aims), -np.inf)
    is_open = np.ones(len(aims), dtype=np.bool_)

    def look(objective: np.ndarray) -> None:
        value = matrix @ world(objective)
        # Headcounts are whole, and so is every sum of them.
        np.minimum(least, np.ceil(value - SLACK), out=least)
        np.maximum(most, np.floor(value + SLACK), out=most)
        is_open[(least < floor - SLACK) | (most > ceiling + SLACK)] = False

    draw = np.random.default_rng(3)
    for _ in range(LOOKS if aims else 0):
        look(draw.uniform(-1, 1, n))
    for i, aim in enumerate(aims):
        for sign in (1.0, -1.0):
            if is_open[i]:
                objective = np.zeros(n)
                objective[list(aim.weights)] = sign * np.array(list(aim.weights.values()))
                look(objective)
    return {int(i): (float(least[i]), float(most[i])) for i in np.flatnonzero(is_open)}
