"""What an analyst can compute about headcounts from shares of official employment, of one publication or of several.

Belongs here: what he knows, as one linear programme over all publications, and what is kept from him. Does not belong here:
solving it (``disclosure_programme``) or choosing what to hide or hold (``coverage``).

He sees every respondent under its pseudonym with place, division and size band, and is taken to know from one publication to
the next who joined, left or gave another headcount; all others are as they were. Kept from him, beyond what the bands and
earlier publications say, are every company's headcount, every hidden sum, and how far fewer than k companies moved a sum.

Companies of one band that stood in the same cells of the same publications look alike to him: there is one unknown for any
one of them and one for all others together. An erased company's headcount is not remembered, so he is taken not to know its
band either; the figures that counted it were published while it was known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy.sparse import coo_array, csr_array

from warehouse.privacy.disclosure_changes import CELL
from warehouse.privacy.disclosure_cube import TOTAL, Key
from warehouse.privacy.disclosure_programme import SLACK, Figure, Programme, search

BANDS = {"1-9": (1.0, 9.0), "10-19": (10.0, 19.0), "20-49": (20.0, 49.0), "50-249": (50.0, 249.0)}
LARGEST = 100_000.0
HALF_STEP = 0.05 + 1e-9
SHARE = ["coverage_pct", "employees_count"]


@dataclass(frozen=True, eq=False)
class Publication:
    """Who stood behind one publication, and what it says.

    people: company_id, CELL (band 'TOTAL'), headcount (persons; NULL where it is not remembered any more).
    shares: CELL, coverage_pct (percent, one decimal; blank where hidden), employees_count (official, as far as known).
    """

    people: pl.DataFrame
    shares: pl.DataFrame


def band_of(headcount: float) -> tuple[float, float]:
    """Least and most of the size band that a headcount (persons) lies in."""
    low, high = next((band for band in BANDS.values() if headcount < band[1] + 1), (250.0, LARGEST))
    return min(low, float(np.floor(headcount))), max(high, float(np.ceil(headcount)))


@dataclass(frozen=True, eq=False)
class _Group:
    """Companies that look alike: where they stood (publication, Kreis, division), their band, and who they are."""

    places: tuple[tuple[int, str, str], ...]
    band: tuple[float, float]
    members: list[tuple[str, float | None]]

    @property
    def truth(self) -> float | None:
        """The sum of their headcounts; None where one is not remembered."""
        sizes = [size for _, size in self.members if size is not None]
        return sum(sizes) if len(sizes) == len(self.members) else None


@dataclass(frozen=True, eq=False)
class Attack:
    """The analyst before several publications, the earliest first.

    ``hidden``: per publication the cells whose sums are kept from him. ``k``: below so many companies that changed in a
    cell their change is kept from him too.
    """

    publications: Sequence[Publication]
    hidden: Sequence[Collection[Key]]
    k: int
    protection: float

    def told(self, read: Collection[Key], anyway: Collection[Key] | None = None) -> set[Key]:
        """Cells of what he learns when he reads the last publication's shares of the cells ``read``.

        What he would learn with those of ``anyway`` instead is not counted; None: of all publications the bands alone.
        """
        figures, cells = self._figures
        found = search(self._programme(read), figures, self.protection)
        if found:
            found -= search(self._programme(anyway), [_only(figure, found) for figure in figures], self.protection)
        return {cells[number] for number in found}

    @cached_property
    def _groups(self) -> list[_Group]:
        stood: dict[tuple[str, float | None], list[tuple[int, str, str]]] = defaultdict(list)
        for number, publication in enumerate(self.publications):
            columns = publication.people.select("company_id", *CELL[:2], "headcount")
            for company, kreis, division, size in columns.iter_rows():
                stood[company, size].append((number, kreis, division))
        groups: dict[tuple[tuple[tuple[int, str, str], ...], tuple[float, float]], _Group] = {}
        for member in sorted(stood, key=lambda m: (m[0], m[1] or 0.0)):
            band = band_of(member[1]) if member[1] is not None else (0.0, LARGEST)
            places = tuple(stood[member])
            groups.setdefault((places, band), _Group(places, band, [])).members.append(member)
        return list(groups.values())

    @cached_property
    def _cells(self) -> dict[tuple[int, Key], list[int]]:
        """Groups behind every cell of every publication."""
        inside: dict[tuple[int, Key], list[int]] = defaultdict(list)
        for number, group in enumerate(self._groups):
            for publication, kreis, division in group.places:
                for key in sorted({(a, b, TOTAL) for a in (kreis, TOTAL) for b in (division, TOTAL)}):
                    inside[publication, key].append(number)
        return dict(inside)

    @cached_property
    def _few(self) -> list[tuple[int, Key, float]]:
        """Earlier publication, cell and change of its sum since, where fewer than k companies make it up."""
        last, found = len(self.publications) - 1, []
        for before in range(last):
            for key in sorted({key for number, key in self._cells if number in (before, last)}):
                then, now = (set(self._cells.get((number, key), [])) for number in (before, last))
                who = {company for g in then ^ now for company, _ in self._groups[g].members}
                truths = [(self._groups[g].truth, 1 if g in now else -1) for g in then ^ now]
                change = sum(sign * truth for truth, sign in truths if truth is not None)
                if 0 < len(who) < self.k and all(t is not None for t, _ in truths) and abs(change) > SLACK:
                    found.append((before, key, change))
        return found

    @cached_property
    def _place(self) -> dict[tuple[int, Key], int]:
        """Columns of sums; before them stand one company and all others of every group, after them the changes."""
        return {cell: 2 * len(self._groups) + number for number, cell in enumerate(self._cells)}

    @cached_property
    def _figures(self) -> tuple[list[Figure], list[Key]]:
        """What is kept from him, numbered, and by number the cell to be hidden or held for it."""
        sizes = [(g, size) for g, group in enumerate(self._groups) for _, size in group.members if size]
        sums = [(cell, truth) for n, keys in enumerate(self.hidden) for key in sorted(keys)
                if (truth := self._truth(*(cell := (n, key)))) is not None]  # fmt: skip
        end = 2 * len(self._groups) + len(self._cells)
        kinds = [
            ([g for g, _ in sizes], [size for _, size in sizes]),
            ([self._place[cell] for cell, _ in sums], [truth for _, truth in sums]),
            ([end + n for n in range(len(self._few))], [change for _, _, change in self._few]),
        ]
        cells = [
            *((*self._groups[g].places[-1][1:], TOTAL) for g, _ in sizes),
            *(key for (_, key), _ in sums),
            *(key for _, key, _ in self._few),
        ]
        is_whole, figures, start = all(float(size).is_integer() for _, size in sizes), [], 0
        for columns, truths in kinds:
            numbers = np.arange(start, start := start + len(columns))
            figures.append(Figure(numbers, np.array(columns, dtype=np.int64), None, np.array(truths, dtype=np.float64), is_whole))  # fmt: skip
        return figures, cells

    def _truth(self, number: int, key: Key) -> float | None:
        truths = [self._groups[g].truth for g in self._cells.get((number, key), [])]
        known = [t for t in truths if t is not None]
        return sum(known) if truths and len(known) == len(truths) else None

    @cached_property
    def _equal(self) -> csr_array:
        """Every sum is its groups', every change the difference of two sums."""
        row, column, sign, size = [], [], [], len(self._groups)
        for number, (cell, members) in enumerate(self._cells.items()):
            columns = [*members, *(size + g for g in members), self._place[cell]]
            row += [number] * len(columns)
            column += columns
            sign += [1.0] * (len(columns) - 1) + [-1.0]
        first, last = 2 * size + len(self._cells), len(self.publications) - 1
        for number, (before, key, _) in enumerate(self._few):
            ends = ((before, -1.0), (last, 1.0))
            parts = [(self._place[n, key], s) for n, s in ends if (n, key) in self._place] + [(first + number, -1.0)]
            row += [len(self._cells) + number] * len(parts)
            column += [c for c, _ in parts]
            sign += [s for _, s in parts]
        shape = (len(self._cells) + len(self._few), first + len(self._few))
        return csr_array(
            coo_array((np.array(sign), (np.array(row, dtype=int), np.array(column, dtype=int))), shape=shape)
        )

    def _programme(self, read: Collection[Key] | None) -> Programme:
        """His programme; None: he has read no publication at all."""
        others = np.array([len(group.members) - 1 for group in self._groups], dtype=np.float64)
        band = np.array([group.band for group in self._groups], dtype=np.float64).reshape(-1, 2)
        free = np.full(len(self._few), LARGEST * max(sum(len(g.members) for g in self._groups), 1))
        most = np.full(len(self._cells), free[0] if len(free) else LARGEST * (1 + others.sum() + len(others)))
        low = np.concatenate([band[:, 0], others * band[:, 0], np.zeros(len(self._cells)), -free])
        high = np.concatenate([band[:, 1], others * band[:, 1], most, free])
        last = len(self.publications) - 1
        for number, publication in enumerate(self.publications if read is not None else ()):
            for *key, pct, employees in publication.shares.select(CELL + SHARE).iter_rows():
                cell = (number, tuple(key))
                if pct is None or cell not in self._place or (number == last and tuple(key) not in (read or ())):
                    continue
                ends = _ends(pct, employees, self._truth(*cell))
                if ends is not None:
                    place = self._place[cell]
                    low[place], high[place] = max(low[place], ends[0]), min(high[place], ends[1])
        return Programme(equal=self._equal, low=low, high=high)


def _ends(pct: float, employees: float | None, truth: float | None) -> tuple[float, float] | None:
    """What a share says of the sum. Where it was made with other official figures than today's, about as closely."""
    if employees:
        ends = (pct - HALF_STEP) * employees / 100, (pct + HALF_STEP) * employees / 100
        if truth is None or ends[0] <= truth <= ends[1]:
            return ends
    if truth is None or pct <= 0:
        return None
    return truth * (1 - HALF_STEP / pct), truth * (1 + HALF_STEP / pct)


def _only(figure: Figure, numbers: Collection[int]) -> Figure:
    keep = np.isin(figure.cells, list(numbers))
    return Figure(figure.cells[keep], figure.above[keep], None, figure.truth[keep], figure.is_whole)
