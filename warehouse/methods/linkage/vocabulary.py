"""The words of the register's names: how many rows use each, and which are spelt nearly alike.

Belongs here: word ids, their frequencies, and finding words one slip away. Does not: names as a whole, or blocking keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from warehouse.methods.linkage.hashing import hashes, hashes_without_one_letter
from warehouse.methods.linkage.ragged import Ragged, expanded

# Words of a name that are kept, the rarest first; further ones say next to nothing.
WORDS_PER_NAME = 6
# A slip is looked for in words of this length; two slips are one too many in a word shorter than LONG_WORD.
SHORTEST_WORD, LONG_WORD, LONGEST_WORD = 4, 9, 40
NEAR_WORDS_MAX = 4
ASKED_AT_A_TIME = 4_000


@dataclass(frozen=True)
class Vocabulary:
    """``words``: word_id (1, 2, ...), word, rows, in order. ``spellings``: key (sorted), word_id: each word, and each with
    one letter left out."""

    words: pl.DataFrame
    spellings: pl.DataFrame

    def information(self, rows: int) -> npt.NDArray[np.float32]:
        """Bits a word says of which row it is, by word id; id 0 (no word) says nothing."""
        counts = self.words["rows"].to_numpy()
        return np.concatenate([[0.0], np.log2(max(rows, 1) / np.maximum(counts, 1))]).astype(np.float32)


def build_vocabulary(words: Ragged, spelt: pl.Series) -> tuple[Vocabulary, npt.NDArray[np.uint32]]:
    """Number the words of a register, commonest first, and prepare the search for slips; and the new number of each old one.

    ``words``: numbers into ``spelt``, row by row. Words that no row uses are left out (number 0).
    """
    counts = np.bincount(words.values, minlength=len(spelt))
    counted = pl.DataFrame(
        {"old": np.arange(len(spelt), dtype=np.uint32), "word": spelt, "rows": counts.astype(np.uint32)}
    )
    counted = counted.filter(pl.col("rows") > 0).sort("rows", "word", descending=[True, False])
    new = np.zeros(len(spelt), np.uint32)
    new[counted["old"].to_numpy()] = np.arange(1, counted.height + 1)
    counted = counted.select(word_id=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), word="word", rows="rows")
    searched = counted.filter(pl.col("word").str.len_bytes().is_between(SHORTEST_WORD, LONGEST_WORD))
    ids = searched["word_id"].to_numpy()
    less, owner = hashes_without_one_letter(searched["word"])
    key, word_id = np.concatenate([hashes(searched["word"]), less]), np.concatenate([ids, ids[owner]])
    order = np.argsort(key, kind="stable")
    return Vocabulary(counted, pl.DataFrame({"key": key[order], "word_id": word_id[order]})), new


def rarest(words: Ragged, rank: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:  # fmt: skip
    """Row, place from 0 on and place in ``words`` of each row's WORDS_PER_NAME words of highest ``rank``, highest first.

    ``rank``: of each value. Ids run from common to rare, so that of known words the id is the rank."""
    row = words.owner()
    order = np.lexsort((-rank.astype(np.int64), row))
    place = np.arange(len(row)) - words.begins.astype(np.intp)[row]
    kept = place < WORDS_PER_NAME
    return row[kept], place[kept], order[kept]


def near_words(asked: pl.Series, vocabulary: Vocabulary) -> pl.DataFrame:
    """Words of the register one slip away from each distinct asked word: word, near_id, similarity below 1.

    A slip is a letter too many, too few, another, or two swapped; in long words two of them are found in part.
    """
    asked = asked.unique().sort()
    asked = asked.filter(asked.str.len_bytes().is_between(SHORTEST_WORD, LONGEST_WORD))
    parts = [_near(asked.slice(i, ASKED_AT_A_TIME), vocabulary) for i in range(0, max(len(asked), 1), ASKED_AT_A_TIME)]
    return pl.concat(parts)


def _near(asked: pl.Series, vocabulary: Vocabulary) -> pl.DataFrame:
    less, owner = hashes_without_one_letter(asked)
    key = np.concatenate([hashes(asked), less])
    owner = np.concatenate([np.arange(len(asked), dtype=np.uint32), owner])
    known = vocabulary.spellings["key"].to_numpy()
    begin, end = np.searchsorted(known, key, "left"), np.searchsorted(known, key, "right")
    at, place = expanded(begin, end)
    found = pl.DataFrame({"asked": owner[at], "near_id": vocabulary.spellings["word_id"].gather(place)}).unique()
    near = vocabulary.words["word"].gather(found["near_id"] - 1)
    word = asked.gather(found["asked"])
    distance = cpdist(word.to_list(), near.to_list(), scorer=OSA.distance, dtype=np.uint8)
    length = np.maximum(word.str.len_bytes().to_numpy(), near.str.len_bytes().to_numpy())
    allowed = np.where(length >= LONG_WORD, 2, 1)
    found = found.select(
        "near_id", word=word, similarity=pl.Series(1 - distance / np.maximum(length, 1), dtype=pl.Float32)
    )
    kept = found.filter(pl.Series((distance > 0) & (distance <= allowed)))
    # The nearest first; among equally near ones the commoner word (the smaller id).
    return (
        kept.sort("word", "similarity", "near_id", descending=[False, True, False])
        .group_by("word", maintain_order=True)
        .head(NEAR_WORDS_MAX)
    )
