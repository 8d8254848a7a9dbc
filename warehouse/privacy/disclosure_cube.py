"""The sums of a published cube: which cells add up to which total.

Belongs here: reading cells into an index and finding every sum relation a reader can use. Does not: any decision
about suppression. A member that is missing from the rows has no companies and counts as a published zero.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.methods.arrays import IntArray

TOTAL = "TOTAL"
Key = tuple[str, ...]


class DisclosureError(KettenwerkError):
    """A cube that cannot be protected as it stands; nothing of it may be published."""


@dataclass(frozen=True)
class Line:
    """One equation a reader knows: the total's count is the sum of its members' counts (cells without companies left out)."""

    total: int
    members: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """The total and its members."""
        return (self.total, *self.members)


@dataclass(frozen=True, eq=False)
class Cube:
    """Counts in key order; the cells from `published_count` on are margins nobody publishes but everybody can name."""

    count: IntArray
    published_count: int
    row_of_cell: IntArray
    lines: tuple[Line, ...]
    lines_of_cell: dict[int, tuple[int, ...]]


def build_cube(cells: pl.DataFrame, dimensions: list[str], count: str) -> Cube:
    """Index the cells and find the lines of all margin combinations that are present; refuse what does not add up."""
    cells = cells.with_columns(pl.col(dimensions).cast(pl.String))
    counts_by_key = _read(cells, dimensions, count)
    published = sorted(counts_by_key)
    by_mask: dict[int, list[Key]] = defaultdict(list)
    for key in published:
        by_mask[_mask(key)].append(key)
    hidden = _add_hidden_margins(by_mask, counts_by_key)
    index = {key: position for position, key in enumerate([*published, *hidden])}
    lines = tuple(dict.fromkeys(_lines(by_mask, counts_by_key, index, dimensions)))
    of_cell: dict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for cell in line.cells:
            of_cell[cell].append(number)
    row_of_key = {key: row for row, key in enumerate(cells.select(dimensions).iter_rows())}
    return Cube(
        count=np.array([counts_by_key[key] for key in index], dtype=np.int64),
        published_count=len(published),
        row_of_cell=np.array([row_of_key[key] for key in published], dtype=np.int64),
        lines=lines,
        lines_of_cell={cell: tuple(numbers) for cell, numbers in of_cell.items()},
    )


def _read(cells: pl.DataFrame, dimensions: list[str], count: str) -> dict[Key, int]:
    keys = cells.select(dimensions)
    if any(keys.null_count().row(0)):
        raise DisclosureError(
            "a dimension holds NULL",
            where=f"dimensions {dimensions}",
            expected=f"codes, '{TOTAL}' for a total",
        )
    if keys.is_duplicated().any():
        raise DisclosureError(
            "a cell occurs twice", where=f"dimensions {dimensions}", todo="pass one wave and driver at a time"
        )
    numbers = cells[count]
    if not numbers.dtype.is_integer() or numbers.null_count() or (numbers < 0).any():
        raise DisclosureError(
            f"it is {numbers.dtype}, with {numbers.null_count()} NULL",
            where=count,
            expected="whole numbers >= 0",
        )
    return dict(zip(keys.iter_rows(), numbers.to_list(), strict=True))


def _mask(key: Key) -> int:
    """One bit per dimension that is summed over."""
    return sum(1 << position for position, code in enumerate(key) if code == TOTAL)


def _coarser(key: Key, mask: int) -> Key:
    return tuple(TOTAL if mask >> position & 1 else code for position, code in enumerate(key))


def _sums(keys: list[Key], mask: int, counts: dict[Key, int]) -> dict[Key, list[Key]]:
    """The cells of one margin combination by the coarser cell they belong to, without the empty ones."""
    groups: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        if counts[key]:
            groups[_coarser(key, mask)].append(key)
    return groups


def _add_hidden_margins(by_mask: dict[int, list[Key]], counts: dict[Key, int]) -> list[Key]:
    """Add the margins on which two published combinations meet: their sums agree even where nobody publishes them."""
    added: list[Key] = []
    waiting = [a | b for a in by_mask for b in by_mask]
    while waiting:
        mask = waiting.pop()
        if mask in by_mask:
            continue
        finer = min(m for m in by_mask if m & mask == m)
        sums = {key: sum(counts[k] for k in members) for key, members in _sums(by_mask[finer], mask, counts).items()}
        counts.update(sums)
        waiting.extend(mask | other for other in by_mask)
        by_mask[mask] = sorted(sums)
        added.extend(by_mask[mask])
    return added


def _lines(
    by_mask: dict[int, list[Key]], counts: dict[Key, int], index: dict[Key, int], dimensions: list[str]
) -> Iterator[Line]:
    """Every total with its members one step finer, where a step is the next combination that is there."""
    for total_mask in sorted(by_mask):
        finer = [mask for mask in by_mask if mask != total_mask and mask & total_mask == mask]
        steps = [m for m in finer if not any(m != other and m & other == m for other in finer)]
        for mask in sorted(steps):
            groups = _sums(by_mask[mask], total_mask, counts)
            for key in sorted({*groups, *(key for key in by_mask[total_mask] if counts[key])}):
                members = groups.get(key, [])
                if counts.get(key, 0) != sum(counts[member] for member in members):
                    raise DisclosureError(
                        f"the total {dict(zip(dimensions, key, strict=True))} has {counts.get(key, 0)} companies, its "
                        f"{len(members)} members have {sum(counts[member] for member in members)}",
                        where="cells",
                        expected="totals that are the sum of their members, all of them present",
                    )
                yield Line(index[key], tuple(index[member] for member in members))
