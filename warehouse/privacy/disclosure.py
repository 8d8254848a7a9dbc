"""Disclosure control of survey aggregates: which cells of a cube are published as "geheim", and why.

Belongs here: the primary rules (too few companies, dominance), complementary suppression, and the loop with the audit.
Does not: the sums of a cube (disclosure_cube), the attack (disclosure_audit), and blanking the values, which the
model that publishes does by the code given here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray
from warehouse.privacy.disclosure_audit import recoverable
from warehouse.privacy.disclosure_cube import Cube, DisclosureError, Key, Line, build_cube

NONE, PRIMARY_N, PRIMARY_DOMINANCE, SECONDARY = "none", "primary_n", "primary_dominance", "secondary"


@dataclass(frozen=True)
class DisclosureRules:
    """The limits; a cell is too small below k companies, dominated above the shares, recovered within protection.

    codes_are_published: whether readers see why a cell is hidden. 'primary_n' tells them "below k", so more must hide.
    """

    k: int = 5
    dominance_1: float = 0.75
    dominance_2: float = 0.85
    protection: float = 0.2
    codes_are_published: bool = True
    max_unknowns: int = 5_000


@dataclass(frozen=True, eq=False)
class _Facts:
    """Per cell of the cube: why it is primary, and the absolute contributions that dominance is judged by."""

    cube: Cube
    rules: DisclosureRules
    is_small: BoolArray
    is_dominated: BoolArray
    is_asked: BoolArray
    largest: FloatArray
    second: FloatArray
    volume: FloatArray

    @property
    def is_primary(self) -> BoolArray:
        return self.is_small | self.is_dominated


def protect(
    cells: pl.DataFrame,
    dimensions: list[str],
    count: str = "company_count",
    contributions: tuple[str, str] | None = ("max_contribution_share", "two_max_contribution_share"),
    rules: DisclosureRules | None = None,
    volume: str | None = None,
    hide: Collection[Key] = (),
    companies: str | None = None,
) -> pl.DataFrame:
    """Return `cells` with suppression_code: none, primary_n, primary_dominance or secondary.

    cells: one row per cell of one cube (one wave, one driver); every dimension has 'TOTAL' for its sum.
    contributions: shares (0 to 1) of the largest and the two largest companies in the cell; None: no dominance rule.
    volume: what those shares are shares of; without it the count stands for it when hidden cells are judged together.
    hide: keys of cells to be hidden for reasons of the caller's; they are covered like the others.
    companies: how many companies the count of a cell stands for, where one may count twice; they are held against k.
    """
    rules = rules or DisclosureRules()
    facts = _facts(cells, build_cube(cells, dimensions, count), contributions, volume, rules)
    if hide or companies:
        facts = _asked(facts, cells, dimensions, hide, companies)
    suppressed = _suppressed(facts)
    published = slice(0, facts.cube.published_count)
    codes = np.select(
        [facts.is_small[published], facts.is_dominated[published], suppressed[published]],
        [PRIMARY_N, PRIMARY_DOMINANCE, SECONDARY],
        NONE,
    )
    by_row = np.empty(cells.height, dtype=object)
    by_row[facts.cube.row_of_cell] = codes
    return cells.with_columns(pl.Series("suppression_code", by_row.tolist(), dtype=pl.String))


def _facts(
    cells: pl.DataFrame,
    cube: Cube,
    contributions: tuple[str, str] | None,
    volume: str | None,
    rules: DisclosureRules,
) -> _Facts:
    def of_cell(values: FloatArray) -> FloatArray:
        """From row order to cell order; margins that are not published get zeros, they are never judged."""
        out = np.zeros(len(cube.count))
        out[: cube.published_count] = values[cube.row_of_cell]
        return out

    one, two = _shares(cells, contributions)
    size = cells[volume].cast(pl.Float64).to_numpy() if volume else None
    amount = of_cell(size) if size is not None else cube.count.astype(np.float64)
    first, both = of_cell(one), of_cell(two)
    occupied = (cube.count > 0) & (np.arange(len(cube.count)) < cube.published_count)
    small = occupied & (cube.count < rules.k)
    dominated = occupied & ~small & ((first > rules.dominance_1) | (both > rules.dominance_2))
    asked = np.zeros_like(small)
    return _Facts(cube, rules, small, dominated, asked, first * amount, (both - first) * amount, amount)


def _asked(
    facts: _Facts, cells: pl.DataFrame, dimensions: list[str], hide: Collection[Key], companies: str | None
) -> _Facts:
    """The caller's own wishes: cells to hide, and how many companies a count stands for."""
    keys = list(cells.select(pl.col(dimensions).cast(pl.String)).iter_rows())
    wanted = set(hide)
    asked, small = facts.is_asked.copy(), facts.is_small.copy()
    number = cells[companies].to_list() if companies else None
    for cell, row in enumerate(facts.cube.row_of_cell):
        asked[cell] = keys[row] in wanted and facts.cube.count[cell] > 0
        if number is not None:
            small[cell] = 0 < number[row] < facts.rules.k
    return replace(facts, is_asked=asked, is_small=small)


def _shares(cells: pl.DataFrame, contributions: tuple[str, str] | None) -> tuple[FloatArray, FloatArray]:
    """The shares of the largest and the two largest; a share nobody knows counts as the whole cell, to be safe."""
    if contributions is None:
        return np.zeros(cells.height), np.zeros(cells.height)
    shares = cells.select(pl.col(contributions).cast(pl.Float64).fill_nan(None))
    one, two = (shares[name].fill_null(1.0).to_numpy() for name in contributions)
    two = np.maximum(one, two) if shares.null_count().row(0) != (0, 0) else two
    wrong = int(((one < 0) | (one > two + 1e-9) | (two > 1 + 1e-9)).sum())
    if wrong:
        raise DisclosureError(
            f"{wrong} cells have shares out of order",
            where=", ".join(contributions),
            expected="0 <= largest <= two largest <= 1",
        )
    return one, two


def _suppressed(facts: _Facts) -> BoolArray:
    """Primary cells, their cover, and whatever else the audit asks for, until it finds nothing more to be done.

    The reader of the counts must not narrow down any hidden cell. The one who also uses the published codes knows which
    cells lie below k, which nobody can take from him, and must not narrow down a primary cell any further.
    """
    hidden = _complement(facts, facts.is_primary | facts.is_asked)
    told: set[int] = set()
    beyond_help: set[int] = set()
    while True:
        plain = _audit(facts, hidden, hidden, reads_codes=False)
        if facts.rules.codes_are_published:
            found = _audit(facts, hidden, facts.is_primary, reads_codes=True)
            beyond_help |= _pinned_by_codes(facts, found - told)
            told |= found
            plain |= found - beyond_help
        if not plain:
            return hidden
        wider = _widen(facts, hidden, plain)
        if (wider == hidden).all():
            raise DisclosureError(
                f"{len(plain)} cells stay recoverable", where="suppression", todo="publish fewer dimensions"
            )
        hidden = _complement(facts, wider)


def _pinned_by_codes(facts: _Facts, cells: set[int]) -> set[int]:
    """The cells whose count shows even if every cell is hidden: a total below k with four members is four singles.

    No cover helps them, so none is spent on them; their values are hidden all the same.
    """
    if not cells:
        return set()
    count = facts.cube.count
    everything = (count > 0) & (np.arange(len(count)) < facts.cube.published_count)
    targets = np.zeros_like(everything)
    targets[list(cells)] = True
    return _audit(facts, everything, targets, reads_codes=True)


def _around(cube: Cube, cells: set[int]) -> set[int]:
    """All cells that share a line with one of these, themselves included."""
    numbers = {number for cell in cells for number in cube.lines_of_cell.get(cell, ())}
    return cells.union(*(cube.lines[number].cells for number in numbers))


def _complement(facts: _Facts, suppressed: BoolArray) -> BoolArray:
    """Add cover until no line gives a hidden cell, or too small a group of hidden cells, away by subtraction."""
    waiting = set(range(len(facts.cube.lines)))
    while waiting:
        number = min(waiting)
        line = facts.cube.lines[number]
        cover = _cheapest(facts, suppressed, line.cells) if _gives_away(facts, suppressed, line) else None
        if cover is None:
            waiting.discard(number)
        else:
            suppressed[cover] = True
            waiting.update(facts.cube.lines_of_cell[cover])
    return suppressed


def _gives_away(facts: _Facts, suppressed: BoolArray, line: Line) -> bool:
    """Whether the known cells of this line alone reveal a hidden cell, or a sum of hidden cells that is itself primary."""
    hidden = [cell for cell in line.members if suppressed[cell]]
    total_is_hidden = suppressed[line.total] or line.total >= facts.cube.published_count
    if total_is_hidden:
        return bool(suppressed[line.total]) and not hidden
    if not hidden:
        return False
    if len(hidden) == 1:
        return True
    if len(hidden) == len(line.members):
        return False  # Their sum is the published total, which stands every rule by itself.
    if facts.cube.count[hidden].sum() < facts.rules.k:
        return True
    parts = np.sort(np.concatenate([facts.largest[hidden], facts.second[hidden]]))[::-1]
    whole = facts.volume[hidden].sum()
    return bool(parts[0] > facts.rules.dominance_1 * whole or parts[:2].sum() > facts.rules.dominance_2 * whole)


def _cheapest(facts: _Facts, suppressed: BoolArray, cells: Iterable[int]) -> int | None:
    """The published cell with companies and without suppression that has the least of them."""
    count, end = facts.cube.count, facts.cube.published_count
    free = [cell for cell in cells if cell < end and not suppressed[cell] and count[cell] > 0]
    return min(free, key=lambda cell: (int(count[cell]), cell), default=None)


def _audit(facts: _Facts, hidden: BoolArray, targets: BoolArray, *, reads_codes: bool) -> set[int]:
    """The targets a reader can recover from everything published, with or without the published codes."""
    cube, rules = facts.cube, facts.rules
    unknown = hidden.copy()
    unknown[cube.published_count :] = True
    # Zeros are published, so a hidden cell has at least one company; an unpublished margin may have none.
    low: IntArray = np.where(hidden, 1, 0)
    high: IntArray = np.full(len(cube.count), 10 * max(int(cube.count.max(initial=0)), rules.k))
    if reads_codes:
        low = np.where(hidden & ~facts.is_small, rules.k, low)
        high = np.where(facts.is_small, rules.k - 1, high)
    return recoverable(cube, unknown, low, high, targets, rules.protection, rules.max_unknowns)


def _widen(facts: _Facts, hidden: BoolArray, failing: set[int]) -> BoolArray:
    """Hide one more cell beside each failing one, or the nearest one, unless its lines just got another one's cover."""
    wider = hidden.copy()
    touched: set[int] = set()
    for cell in sorted(failing, key=lambda cell: (int(facts.cube.count[cell]), cell)):
        if touched.intersection(facts.cube.lines_of_cell.get(cell, ())):
            continue
        reach, cover = {cell}, None
        while cover is None and (around := _around(facts.cube, reach)) > reach:
            cover = _cheapest(facts, wider, around)
            reach = around
        if cover is not None:
            wider[cover] = True
            touched.update(facts.cube.lines_of_cell.get(cover, ()))
    return wider
