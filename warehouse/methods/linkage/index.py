"""The blocking index: all keys of a register with their rows, in one sorted array of numbers.

Belongs here: its form, and looking keys up. Does not: what makes a key (``keys``), or which pairs are compared.

A number holds the row in its low bits and the first bits of the key above them, so that sorting numbers sorts keys, and
eight bytes a key are all there is. Keys that agree in those bits only meet about once in a million; the pair is then
compared like any other.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from warehouse.methods.linkage.hashing import U64

# Numbers looked at a time where all of them would take too much memory.
PART = 1 << 17


def row_bits(rows: int) -> int:
    """Bits that hold any row number."""
    return max(1, (max(rows, 1) - 1).bit_length())


def build_index(keys: Iterable[tuple[U64, npt.NDArray[np.integer]]], rows: int, most: int) -> U64:
    """All keys, at most ``most``, and their rows as sorted numbers."""
    low = np.uint64((1 << row_bits(rows)) - 1)
    # Memory that is never written to costs nothing.
    index, end = np.empty(most, dtype=np.uint64), 0
    for key, row in keys:
        index[end : end + len(key)] = (key & ~low) | row.astype(np.uint64)
        end += len(key)
    index = index[:end]
    index.sort()
    return index


def looked_up(key: U64, index: U64, rows: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where each key's rows begin and end in the index. Keys are asked in order, which is kind to the processor's cache."""
    low = np.uint64((1 << row_bits(rows)) - 1)
    order = np.argsort(key)
    asked = key[order] & ~low
    begin, end = np.empty(len(key), np.intp), np.empty(len(key), np.intp)
    begin[order] = np.searchsorted(index, asked, "left")
    end[order] = np.searchsorted(index, asked | low, "right")
    return begin, end


def rows_at(place: npt.NDArray[np.intp], index: U64, rows: int) -> npt.NDArray[np.uint32]:
    """Rows at places of the index."""
    return (index[place] & np.uint64((1 << row_bits(rows)) - 1)).astype(np.uint32)


def rows_per_value(values: npt.NDArray[np.unsignedinteger]) -> npt.NDArray[np.uint32]:
    """How many rows share each row's hash; 0 where it is 0. In a million rows a hundred hashes of 32 bits meet by chance."""
    bits = np.uint64(row_bits(len(values)))
    low = (np.uint64(1) << bits) - np.uint64(1)
    high = np.uint64(64 - 8 * values.dtype.itemsize)
    packed = (values.astype(np.uint64) << high & ~low) | np.arange(len(values), dtype=np.uint64)
    packed.sort()
    begin = [np.zeros(1, np.intp)]
    for at in range(1, len(packed), PART):
        part = packed[at - 1 : at + PART]
        begin.append(at + np.flatnonzero((part[1:] ^ part[:-1]) > low))
    begins = np.concatenate(begin)
    lengths = np.diff(np.append(begins, len(packed))).astype(np.uint32)
    counts = np.zeros(len(values), np.uint32)
    for at in range(0, len(packed), PART):
        part = packed[at : at + PART]
        value = np.searchsorted(begins, np.arange(at, at + len(part)), "right") - 1
        counts[(part & low).astype(np.intp)] = lengths[value]
    counts[values == 0] = 0
    return counts
