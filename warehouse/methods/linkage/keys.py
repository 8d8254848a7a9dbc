"""Blocking keys: two records are compared only where they share one.

Belongs here: which parts of a record make a key. Does not: keeping or looking keys up (``index``), or comparing.

A rare word is a key of its own; a common one (in more than `key_rows_max` rows) only together with another common word, the
postcode or the town. Beside the words: the whole name, the address, its first letters at a postcode, and each identifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from warehouse.methods.linkage.hashing import U64, combined
from warehouse.methods.linkage.ragged import Ragged

NAME, WORD, WORD_PAIR, WORD_POSTCODE, WORD_TOWN, ADDRESS, BEGINNING, REGISTER, LEI, VAT = range(1, 11)
BEGINNING_LETTERS = 4
U32 = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.integer]


def keys_of(
    fields: Mapping[str, Numbers], street: U64, beginning: U64, row: U32, word_id: U32, first_rare: int
) -> Iterator[tuple[U64, Numbers]]:
    """Key and row arrays, kind by kind.

    Args:
        fields: of ``Records``.
        street, beginning: hash of each record's street and of the first letters of its name; 0 for none.
        row, word_id: the words of the rows, rows ascending; ids from ``first_rare`` on are rare.
    """
    code = np.where(fields["postcode"] < 0, 0, fields["postcode"] + 1).astype(np.uint32)

    def plain(kind: int, *parts: Numbers) -> tuple[U64, Numbers]:
        at = np.flatnonzero(np.logical_and.reduce([part != 0 for part in parts])).astype(np.uint32)
        return combined(kind, *(part[at] for part in parts)), at

    yield plain(NAME, fields["joined"])
    yield plain(ADDRESS, street, code, fields["house"])
    yield plain(BEGINNING, beginning, code)
    yield plain(REGISTER, fields["number"])
    yield plain(LEI, fields["lei"])
    yield plain(VAT, fields["vat"])
    rare = word_id >= first_rare
    yield combined(WORD, word_id[rare]), row[rare]
    common, its = row[~rare], word_id[~rare]
    for kind, other in ((WORD_POSTCODE, code), (WORD_TOWN, fields["town"])):
        said = other[common] != 0
        yield combined(kind, its[said], other[common[said]]), common[said]
    yield from _pairs(common, its)


def keys_at_most(rows: int, words: Ragged) -> int:
    """No more keys than this come of so many rows and their words."""
    each = np.diff(words.ends, prepend=0).astype(np.int64)
    return 6 * rows + 3 * len(words.values) + int((each * (each - 1) // 2).sum())


def _pairs(row: U32, word_id: U32) -> Iterator[tuple[U64, U32]]:
    """Two common words of one row, the smaller id first."""
    for apart in range(1, len(row)):
        at = np.flatnonzero(row[apart:] == row[:-apart])
        if not len(at):
            return
        one, other = word_id[at], word_id[at + apart]
        different = one != other
        one, other, at = one[different], other[different], at[different]
        yield combined(WORD_PAIR, np.minimum(one, other), np.maximum(one, other)), row[at]


def beginnings(words: Ragged, by_word: U64) -> U64:
    """Hash of the first letters of each row's first word, taken from ``by_word``; 0 where there is none."""
    made = np.zeros(len(words.ends), np.uint64)
    named = np.flatnonzero(words.ends > words.begins)
    made[named] = by_word[words.values[words.begins[named]]]
    return made
