"""Which register rows are worth comparing with each record: those that share a blocking key.

Belongs here: the left side's words (with slips undone) and looking up the index. Does not: judging a pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.keys import keys_of, name_keys
from warehouse.methods.linkage.records import prepared
from warehouse.methods.linkage.register import PreparedRegister
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import NEAR_WORDS_MAX, WORDS_PER_NAME, expanded, near_words, words_of

U32 = npt.NDArray[np.uint32]
# Bits of a word no row of the register has: as rare as a word of one row.
KNOWN, NEAR = 1, NEAR_WORDS_MAX


@dataclass(frozen=True)
class Left:
    """The records to be placed: normal forms, and per name up to WORDS_PER_NAME words.

    ``words``: rows x words x (1 + NEAR_WORDS_MAX) register word ids; first the word itself (0 when the register does not
    know it), then words one slip away. ``has_word``: where there is a word at all.
    """

    records: pl.DataFrame
    words: U32
    has_word: npt.NDArray[np.bool_]

    def part(self, start: int, length: int) -> Left:
        """Some rows."""
        stop = start + length
        return Left(self.records.slice(start, length), self.words[start:stop], self.has_word[start:stop])


def prepare_left(frame: pl.DataFrame, register: PreparedRegister, settings: LinkageSettings) -> Left:
    """Bring the left side into the form of the register, with the register's word ids and its near spellings."""
    records = prepared(frame, settings, "records")
    words = words_of(records)
    distinct = words["word"].unique()
    near = near_words(distinct, register.vocabulary)
    known = register.words.filter(pl.col("word").is_in(distinct.implode())).select("word", "word_id")
    table = (
        pl.DataFrame({"word": distinct}).join(known, on="word", how="left").with_columns(pl.col("word_id").fill_null(0))
    )
    ids = np.zeros((table.height, KNOWN + NEAR), dtype=np.uint32)
    ids[:, 0] = table["word_id"].to_numpy()
    near = near.join(table.with_row_index("at").select("word", "at"), on="word").with_columns(
        place=pl.int_range(1, pl.len() + 1).over("word", order_by=-pl.col("similarity"))
    )
    ids[near["at"].to_numpy(), near["place"].to_numpy()] = near["near_id"].to_numpy()
    # An unknown word counts as the rarest of all; then known ones from rare to common (ids run from common to rare).
    rank = table.with_row_index("at").select(
        "word", "at", rarity=pl.when(pl.col("word_id") == 0).then(2**32 - 1).otherwise(pl.col("word_id"))
    )
    listed = words.join(rank, on="word", how="left").sort("row", "rarity", "at", descending=[False, True, False])
    row, at = listed["row"].to_numpy(), listed["at"].to_numpy()
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < WORDS_PER_NAME
    matrix = np.zeros((records.height, WORDS_PER_NAME, KNOWN + NEAR), dtype=np.uint32)
    has_word = np.zeros((records.height, WORDS_PER_NAME), dtype=np.bool_)
    matrix[row[kept], place[kept]] = ids[at[kept]]
    has_word[row[kept], place[kept]] = True
    return Left(records, matrix, has_word)


def candidate_pairs(left: Left, register: PreparedRegister) -> tuple[U32, U32]:
    """Left and register row numbers of all pairs that share a key, each pair once, in order of the left rows."""
    row, word, near = np.nonzero(left.words)
    index, rows = register.keys["key"].to_numpy(), register.keys["row"].to_numpy()
    packed = []
    for key, its_row in keys_of(left.records, row.astype(np.uint32), left.words[row, word, near], register.first_rare):
        begin, end = np.searchsorted(index, key, "left"), np.searchsorted(index, key, "right")
        at, place = expanded(begin, end)
        packed.append(its_row[at].astype(np.uint64) << np.uint64(32) | rows[place].astype(np.uint64))
    pairs = np.unique(np.concatenate(packed))
    return (pairs >> np.uint64(32)).astype(np.uint32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def too_frequent(left: Left, register: PreparedRegister) -> pl.Series:
    """In how many register rows a record's whole name occurs, where that is too often to compare them all; else NULL."""
    asked = pl.DataFrame({"key": name_keys(left.records)})
    return asked.join(register.frequent_keys, on="key", how="left", maintain_order="left")["rows"]
