"""64-bit hashes of texts and numbers that stay the same in every version of every library.

Belongs here: a polynomial hash modulo 2^64 over UTF-8 bytes, the same for a text with one letter left out, and mixing.
Does not: what is hashed. A library's own hash is not promised to be the same tomorrow, and prepared registers are kept.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.ragged import Ragged, running

U64 = npt.NDArray[np.uint64]
BASE = 0x9E3779B97F4A7C15 | 1
MODULUS = 1 << 64
BASE_INVERSE = pow(BASE, -1, MODULUS)
TEXTS_AT_A_TIME = 1 << 12


@cache
def _powers(base: int, length: int) -> U64:
    powers = np.full(length, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def mixed(value: U64) -> U64:
    """Finaliser of splitmix64: near inputs give far outputs."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


def combined(kind: int, *parts: npt.NDArray[np.integer]) -> U64:
    """One key of several hashes, in this order, apart from keys of another kind."""
    with np.errstate(over="ignore"):
        key = np.full(len(parts[0]), kind, dtype=np.uint64) * np.uint64(BASE)
        for part in parts:
            key = mixed(key + part.astype(np.uint64, copy=False) + np.uint64(0x632BE59BD9B4E019))
        return key


def _bytes(texts: pl.Series) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """All bytes in a row, and where each text begins (one more at the end)."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return np.frombuffer("".join(texts.to_list()).encode(), dtype=np.uint8), ends


def hashes(texts: pl.Series) -> U64:
    """Hash of each text; 0 for NULL and ''."""
    raw, lengths = raw_hashes(texts.fill_null(""))
    return np.where(lengths > 0, mixed(raw), np.uint64(0))


def _sums(letters: npt.NDArray[np.uint8]) -> U64:
    weighted = (letters.astype(np.uint64) + np.uint64(1)) * _powers(BASE, _room(len(letters)))[: len(letters)]
    return np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(weighted, dtype=np.uint64)])


def _room(length: int) -> int:
    """Lengths rounded up, so that few tables of powers are kept."""
    return 1 << max(length, 1).bit_length()


def raw_hashes(texts: pl.Series) -> tuple[U64, npt.NDArray[np.int64]]:
    """Unmixed hash of each text and its length in bytes, as ``hashes_of_joined`` takes them."""
    raw, lengths = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for start in range(0, len(texts), TEXTS_AT_A_TIME):
        letters, ends = _bytes(texts.slice(start, TEXTS_AT_A_TIME))
        with np.errstate(over="ignore"):
            sums, back = _sums(letters), _powers(BASE_INVERSE, _room(len(letters)))
            raw.append((sums[ends[1:]] - sums[ends[:-1]]) * back[ends[:-1]])
        lengths.append(np.diff(ends))
    return np.concatenate(raw), np.concatenate(lengths)


def hashes_of_joined(words: Ragged, raw: U64, lengths: npt.NDArray[np.int64]) -> U64:
    """Hash of each row's words written behind one another, as ``hashes`` would give for that text; 0 for none.

    ``words``: numbers into ``raw`` and ``lengths``, which are those of ``raw_hashes``.
    """
    before = running(lengths[words.values])
    place = before[:-1] - np.repeat(before[words.begins], np.diff(words.ends, prepend=0))
    with np.errstate(over="ignore"):
        shifted = raw[words.values] * _powers(BASE, _room(int(place.max(initial=0)) + 1))[place]
        return np.where(before[words.ends] > before[words.begins], mixed(words.sums(shifted)), np.uint64(0))


def hashes_without_one_letter(texts: pl.Series) -> tuple[U64, npt.NDArray[np.uint32]]:
    """Hash of each text with one byte left out, for every byte; and which text it came from. Texts are ASCII."""
    starts = range(0, max(len(texts), 1), TEXTS_AT_A_TIME)
    parts = [(_without_one_letter(texts.slice(i, TEXTS_AT_A_TIME)), np.uint32(i)) for i in starts]
    return np.concatenate([key for (key, _), _ in parts]), np.concatenate([owner + i for (_, owner), i in parts])


def _without_one_letter(texts: pl.Series) -> tuple[U64, npt.NDArray[np.uint32]]:
    letters, ends = _bytes(texts)
    owner = np.repeat(np.arange(len(texts), dtype=np.uint32), np.diff(ends))
    if not len(letters):
        return np.zeros(0, dtype=np.uint64), owner
    start, end, here = ends[:-1][owner], ends[1:][owner], np.arange(len(letters))
    with np.errstate(over="ignore"):
        sums, back = _sums(letters), _powers(BASE_INVERSE, _room(len(letters) + 1))
        raw = (sums[here] - sums[start]) * back[start] + (sums[end] - sums[here + 1]) * back[start + 1]
    return mixed(raw), owner
