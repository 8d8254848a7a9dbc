"""Two names beside one another: a level, and how much what they share says of which company it is.

Belongs here: overlap of words weighed by rarity, whole-name similarity, the name's level and bits. Does not: other fields.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from warehouse.methods.linkage.candidates import Left
from warehouse.methods.linkage.ragged import Ragged
from warehouse.methods.linkage.register import PreparedRegister
from warehouse.methods.linkage.settings import LEVELS, MISSING
from warehouse.methods.linkage.vocabulary import WORDS_PER_NAME, rarest

Floats = npt.NDArray[np.float32]
# Share of the names' information that is common (words) and similarity of the whole (letters, 0 to 100), per level.
CLOSE, SIMILAR, PARTLY = (0.85, 92.0), (0.60, 86.0), (0.30, 75.0)
# Bits a word loses when it agrees only but for a slip, and a name when only its letters as a whole are alike: other words
# of the register are as near.
NEAR_WORD_BITS, NEAR_NAME_BITS = 2.0, 4.0


def name_levels(left: Left, right: npt.NDArray[np.uint32], at: npt.NDArray[np.uint32], register: PreparedRegister, bits: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:  # fmt: skip
    """Level of the name, and where it agrees in part the bits of what is shared, per pair.

    Args:
        left, at: the records and the row of each pair in them.
        right: register row of each pair.
        bits: ``Vocabulary.information``.
    """
    most = np.float32(np.log2(max(register.rows, 1)))
    others = _matrix(register.words_of(right))
    overlap, shared, same_words = _overlap(left.words[at], left.has_word[at], others, bits, most)
    own, known = left.records.fields, register.fields
    joined, other_joined = own["joined"][at], known["joined"][right]
    exact, same = own["core"][at] == known["core"][right], (joined == other_joined) | same_words
    letters = np.zeros(len(at), dtype=np.float32)
    unlike = np.flatnonzero(~(exact | same))
    if len(unlike):
        texts = _texts(left.records.joined_of, at[unlike]), _texts(register.joined_of, right[unlike])
        letters[unlike] = cpdist(*texts, scorer=fuzz.ratio, score_cutoff=PARTLY[1])
    level = np.select(
        [(joined == 0) | (other_joined == 0), exact, same]
        + [(overlap >= words) | (letters >= whole) for words, whole in (CLOSE, SIMILAR, PARTLY)],
        [np.uint8(MISSING), *(np.uint8(i) for i in range(5, 0, -1))],
        default=np.uint8(LEVELS["name"].index("different")),
    )
    joined_bits = most - np.log2(np.maximum(known["joined_rows"][right], 1)).astype(np.float32)
    of_letters = np.where(letters >= SIMILAR[1], np.maximum(joined_bits - NEAR_NAME_BITS, 0), 0)
    in_part = (level >= 1) & (level <= 3)
    found = np.where(in_part, np.minimum(np.maximum(shared, of_letters), most), np.float32(0))
    return level, found.astype(np.float32)


def _texts(joined_of: Callable[[npt.NDArray[np.uint32]], pl.Series], rows: npt.NDArray[np.uint32]) -> list[str]:
    """Names of rows, each row's put together once."""
    distinct, at = np.unique(rows, return_inverse=True)
    return joined_of(distinct).gather(at).to_list()


def _matrix(words: Ragged) -> npt.NDArray[np.uint32]:
    """rows x WORDS_PER_NAME word ids, rarest first; 0 where there is no further word."""
    row, place, at = rarest(words, words.values)
    made = np.zeros((len(words.ends), WORDS_PER_NAME), dtype=np.uint32)
    made[row, place] = words.values[at]
    return made


def _overlap(words: npt.NDArray[np.uint32], has_word: npt.NDArray[np.bool_], others: npt.NDArray[np.uint32], bits: Floats, most: np.float32) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:  # fmt: skip
    """Share of both names' bits that they have in common; those bits; whether the words are the same in any order."""
    pairs, places = has_word.shape
    own = np.where(words[:, :, 0] > 0, bits[words[:, :, 0]], np.where(has_word, most, np.float32(0)))
    theirs = bits[others]
    shared, lost = np.zeros(pairs, np.float32), theirs.sum(axis=1) + own.sum(axis=1)
    total, exact_words = lost.copy(), np.zeros(pairs, np.int8)
    free = others > 0
    for near in (False, True):
        for place in range(places):
            asked = words[:, place, 1:] if near else words[:, place, :1]
            hit = ((others[:, :, None] == asked[:, None, :]) & (asked > 0)[:, None, :]).any(axis=2) & free
            open_ = hit.any(axis=1) & (own[:, place] > 0)
            at = hit.argmax(axis=1)
            rows = np.flatnonzero(open_)
            # Each word agrees once.
            free[rows, at[rows]] = False
            found = theirs[rows, at[rows]]
            shared[rows] += np.maximum(found - NEAR_WORD_BITS, 0) if near else found
            exact_words[rows] += 0 if near else 1
            # A slip's own rarity says nothing: what was meant is as rare as the word it is near to.
            total[rows] += found - own[rows, place]
            lost[rows] -= found + own[rows, place]
            own[rows, place] = 0
    overlap = np.where(total > 0, 1 - np.maximum(lost, 0) / np.maximum(total, 1e-6), 0).astype(np.float32)
    count = has_word.sum(axis=1)
    same = (count > 0) & (exact_words == count) & (exact_words == (others > 0).sum(axis=1))
    return overlap, shared, same
