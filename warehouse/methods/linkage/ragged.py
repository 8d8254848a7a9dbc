"""Lists of different lengths held as two arrays, and sums over each list.

Belongs here: the form and its arithmetic. Does not: what the numbers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def expanded(
    begin: npt.NDArray[np.integer], end: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """For ranges [begin, end): the number of the range and the place, one entry per place."""
    lengths = (end - begin).astype(np.intp)
    at = np.repeat(np.arange(len(lengths)), lengths)
    shift = begin.astype(np.intp) - (np.cumsum(lengths) - lengths)
    return at, np.arange(len(at)) + shift[at]


def running(values: Array) -> Array:
    """Sums of all values before each place, and of all: one longer than ``values``."""
    sums = np.zeros(len(values) + 1, dtype=np.int64 if values.dtype == np.bool_ else values.dtype)
    np.cumsum(values, out=sums[1:])
    return sums


@dataclass(frozen=True)
class Ragged:
    """``values`` of all rows behind one another; ``ends``: where each row ends in them."""

    values: Array
    ends: Array

    @property
    def begins(self) -> Array:
        return np.concatenate([np.zeros(1, self.ends.dtype), self.ends[:-1]]) if len(self.ends) else self.ends

    def owner(self) -> npt.NDArray[np.intp]:
        """Row of each value."""
        return np.repeat(np.arange(len(self.ends)), (self.ends - self.begins).astype(np.intp))

    def sums(self, numbers: Array) -> Array:
        """Sum per row of numbers beside the values; unsigned ones wrap around."""
        sums = running(numbers)
        return sums[self.ends] - sums[self.begins]

    def where(self, kept: npt.NDArray[np.bool_]) -> Ragged:
        """The values for which ``kept`` holds, in as many rows."""
        return Ragged(self.values[kept], running(kept)[self.ends])

    def rows(self, rows: npt.NDArray[np.integer]) -> Ragged:
        """Some rows, in the order asked for; reads no others."""
        begin = (
            np.where(rows > 0, self.ends[np.maximum(rows.astype(np.intp) - 1, 0)], 0) if len(rows) else self.ends[:0]
        )
        end = self.ends[rows]
        return Ragged(self.values[expanded(begin, end)[1]], np.cumsum((end - begin).astype(np.int64)))


def joined(parts: list[Ragged]) -> Ragged:
    """Rows of several behind one another."""
    shift = np.cumsum([0, *(len(p.values) for p in parts)])
    return Ragged(
        np.concatenate([p.values for p in parts]) if parts else np.zeros(0, np.uint32),
        np.concatenate([p.ends + s for p, s in zip(parts, shift, strict=False)]) if parts else np.zeros(0, np.int64),
    )


class Growing:
    """Rows of numbers taken in part by part, into memory that is asked for once and only used as far as it is filled."""

    def __init__(self, rows: int, each: int) -> None:
        """``each``: values per row for which room is made at once; more are taken all the same."""
        self._values, self._ends = np.empty(rows * each, np.uint32), np.empty(rows, np.uint32)
        self._filled = self._rows = 0

    def add(self, part: Ragged) -> None:
        filled, rows = self._filled + len(part.values), self._rows + len(part.ends)
        if filled > len(self._values):
            self._values = np.concatenate([self._values[: self._filled], np.empty(filled, np.uint32)])
        self._values[self._filled : filled] = part.values
        self._ends[self._rows : rows] = part.ends + self._filled
        self._filled, self._rows = filled, rows

    def whole(self) -> Ragged:
        return Ragged(self._values[: self._filled], self._ends[: self._rows])
