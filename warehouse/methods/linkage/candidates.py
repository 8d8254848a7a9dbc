"""Which register rows are worth comparing with each record: those that share a blocking key, best by first impression.

Belongs here: the left side's words (with slips undone), looking up the index, and the first impression: how rare the keys
are that two records share. Does not: judging a pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.hashing import U64, combined, hashes
from warehouse.methods.linkage.index import looked_up, rows_at
from warehouse.methods.linkage.keys import BEGINNING_LETTERS, NAME, beginnings, keys_of
from warehouse.methods.linkage.ragged import expanded
from warehouse.methods.linkage.records import Records, checked, prepared
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import NEAR_WORDS_MAX, WORDS_PER_NAME, near_words, rarest

U32 = npt.NDArray[np.uint32]
# Bits of a word no row of the register has: as rare as a word of one row.
KNOWN, NEAR = 1, NEAR_WORDS_MAX
# First impressions are added up in quarters of a bit, at most so many; low bits of a packed pair.
QUARTERS, IMPRESSION_BITS = 4, 12
RECORDS_AT_A_TIME = 700


@dataclass(frozen=True)
class Left:
    """The records to be placed, and per name up to WORDS_PER_NAME words.

    ``words``: rows x words x (1 + NEAR_WORDS_MAX) register word ids; first the word itself (0 when the register does not
    know it), then words one slip away. ``has_word``: where there is a word at all. ``street_keys``: hash per street.
    """

    records: Records
    words: U32
    has_word: npt.NDArray[np.bool_]
    street_keys: U64

    @property
    def rows(self) -> int:
        return self.records.rows


def prepare_left(frame: pl.DataFrame, register: PreparedRegister, settings: LinkageSettings) -> Left:
    """Bring the left side into the form of the register."""
    return placed(prepared(checked(frame, "records"), settings), register)


def placed(records: Records, register: PreparedRegister) -> Left:
    """Records with the register's word ids and its near spellings."""
    ids = np.zeros((len(records.spelt), KNOWN + NEAR), dtype=np.uint32)
    used = np.unique(records.words.values)
    table = pl.DataFrame({"at": used, "word": records.spelt.gather(used)})
    known = table.join(register.words, on="word")
    ids[known["at"].to_numpy(), 0] = known["word_id"].to_numpy()
    near = near_words(table["word"], register.vocabulary).join(table, on="word", maintain_order="left")
    place = near.select(pl.int_range(1, pl.len() + 1).over("word")).to_series()
    ids[near["at"].to_numpy(), place.to_numpy()] = near["near_id"].to_numpy()
    # An unknown word counts as the rarest of all; then known ones from rare to common (ids run from common to rare).
    rank = np.where(ids[:, 0] == 0, 2**32 - 1, ids[:, 0].astype(np.int64))
    row, place, at = rarest(records.words, rank[records.words.values])
    matrix = np.zeros((records.rows, WORDS_PER_NAME, KNOWN + NEAR), dtype=np.uint32)
    has_word = np.zeros((records.rows, WORDS_PER_NAME), dtype=np.bool_)
    matrix[row, place] = ids[records.words.values[at]]
    has_word[row, place] = True
    return Left(records, matrix, has_word, hashes(records.streets))


@dataclass(frozen=True)
class Hits:
    """Ranges of the index that the keys of some records lead to: the row, where it begins and ends, in order of the row."""

    row: U32
    begin: npt.NDArray[np.intp]
    end: npt.NDArray[np.intp]

    def at_most(self, each: int) -> int:
        """No more pairs than this come of the ranges when ``each`` at most are kept of a record."""
        return int(np.minimum(np.bincount(self.row, self.end - self.begin), each).sum())


def hits(left: Left, register: PreparedRegister, key_rows_max: int) -> Hits:
    """Where each record's keys lead; keys of more than ``key_rows_max`` register rows say too little and are left out."""
    records = left.records
    beginning = beginnings(records.words, hashes(records.spelt.str.slice(0, BEGINNING_LETTERS)))
    row, word, near = np.nonzero(left.words)
    found = []
    street = left.street_keys[records.fields["street"]]
    for key, its_row in keys_of(records.fields, street, beginning, row.astype(np.uint32), left.words[row, word, near], register.first_rare):  # fmt: skip
        begin, end = looked_up(key, register.index, register.rows)
        kept = (end > begin) & (end - begin <= key_rows_max)
        found.append((its_row[kept], begin[kept], end[kept]))
    row, begin, end = (np.concatenate([f[i] for f in found]) for i in range(3))
    order = np.argsort(row, kind="stable")
    return Hits(row[order], begin[order], end[order])


def candidate_pairs(found: Hits, rows: range, register: PreparedRegister, most: int | None) -> tuple[U32, U32, int]:
    """Record and register row numbers of pairs that share a key, each pair once, in order of the records; and how many pairs
    share one in all. ``most``: of each record only so many, those whose shared keys are rarest taken together."""
    part = slice(*np.searchsorted(found.row, [rows.start, rows.stop]))
    begin, end = found.begin[part], found.end[part]
    at, place = expanded(begin, end)
    says = np.log2(population(register.rows) / np.maximum(end - begin, 1)) * QUARTERS
    packed = (found.row[part] - np.uint32(rows.start)).astype(np.uint64)[at] << np.uint64(44)
    packed |= rows_at(place, register.index, register.rows).astype(np.uint64) << np.uint64(IMPRESSION_BITS)
    packed |= says.astype(np.uint64)[at]
    packed.sort()
    pair, low = packed >> np.uint64(IMPRESSION_BITS), np.uint64((1 << IMPRESSION_BITS) - 1)
    first = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])) if len(pair) else np.zeros(0, np.intp)
    pair = pair[first]
    if most is not None and len(pair):
        impression = np.minimum(np.add.reduceat(packed & low, first), low)
        pair = _best(pair, impression, most)
    return (pair >> np.uint64(32)).astype(np.uint32) + np.uint32(rows.start), pair.astype(np.uint32), len(first)


def _best(pair: U64, impression: U64, most: int) -> U64:
    """The pairs of each record (high 32 bits) with the strongest impressions, in the order they came in."""
    group = pair >> np.uint64(32)
    strength = (group << np.uint64(IMPRESSION_BITS)) | (np.uint64((1 << IMPRESSION_BITS) - 1) - impression)
    order = np.argsort(strength, kind="stable")
    sorted_group = group[order]
    begin = np.flatnonzero(np.append(True, sorted_group[1:] != sorted_group[:-1]))
    place = np.arange(len(order)) - np.repeat(begin, np.diff(np.append(begin, len(order))))
    return pair[np.sort(order[place < most])]


def too_frequent(left: Left, register: PreparedRegister, most: int) -> npt.NDArray[np.bool_]:
    """Whether a record's whole name occurs in more register rows than are all compared."""
    name = left.records.fields["joined"]
    begin, end = looked_up(combined(NAME, name), register.index, register.rows)
    return (name != 0) & (end - begin > most)
