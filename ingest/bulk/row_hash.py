"""The row hash: 64 bits that say whether two rows hold the same values, in any file, release or engine.

The definition, so that anybody can compute it again. All arithmetic is modulo 2^64, bytes are little endian:

- Every value is one word. Text of up to 12 bytes in UTF-8: ``a ^ t(b)``, where ``a`` is its length plus 2^32 times its
  first four bytes, ``b`` the next eight (missing bytes are 0), ``t(b) = y ^ (y >> 29)`` with ``y = b * K2``. Longer
  text: the same with the two halves of its BLAKE2b-128 as ``a`` and ``b``. A number: the bits of its float64, -0.0 as
  0.0. A missing value: 2^64 - 1.
- ``h`` begins with 0. For every column of the contract, in its order: ``h = (h ^ word) * K1``, then ``h ^= h >> 32``.
  At the end ``h *= K2``, then ``h ^= h >> 29``.

``source_row`` and ``snapshot_id`` take no part: an unchanged row keeps its hash from vintage to vintage. The hash finds
changes; it is no protection against somebody who looks for two rows with one hash.

The twelve bytes are no accident: Arrow keeps short text in a 16-byte view of length and bytes, which is read here as
two words without touching a string. Arrays are written to in place, because new ones cost more than the arithmetic.

Belongs here: the definition and its vectorised computation. Does not belong here: reading or writing files.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

Words = np.ndarray  # of uint64
K1, K2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
MISSING = np.uint64(2**64 - 1)
SHORT = 12
_FOLD1, _FOLD2 = np.uint64(32), np.uint64(29)
_LENGTH, _BEYOND_ASCII = 2**32 - 1, 0x8080808080808080
_LANES = 512


def put_text(values: pl.Series, words: Words, spare: Words) -> bool:
    """Write the words of a text column; false where the text may be more than ASCII. ``spare`` is overwritten."""
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    views = np.frombuffer(array.buffers()[1], np.uint64)[2 * array.offset : 2 * (array.offset + len(array))]
    first, second = views[0::2], views[1::2]
    all_first, all_second = _union(views)
    # Lengths up to 12 set no bit above 8 + 4 + 2 + 1; whether one is longer is looked at only then.
    has_long = all_first & _LENGTH > SHORT and bool((np.bitwise_and(first, _LENGTH, out=spare) > SHORT).any())
    if all_second:
        np.multiply(second, K2, out=words)
        np.right_shift(words, _FOLD2, out=spare)
        words ^= spare
        words ^= first
    else:
        words[:] = first
    if has_long:
        _put_long(values, words)
    if values.null_count():
        words[values.is_null().to_numpy()] = MISSING
    return not has_long and not (all_first | all_second) & _BEYOND_ASCII


def put_numbers(values: pl.Series, words: Words) -> None:
    """Write the words of a number column."""
    numbers = values if values.dtype == pl.Float64 else values.cast(pl.Float64)
    has_missing = values.null_count() > 0
    np.add((numbers.fill_null(0.0) if has_missing else numbers).to_numpy(), 0.0, out=words.view(np.float64))
    if has_missing:
        words[values.is_null().to_numpy()] = MISSING


def fold(total: Words, words: Words, spare: Words) -> None:
    """Take one column's words into the hash of each row."""
    total ^= words
    total *= K1
    np.right_shift(total, _FOLD1, out=spare)
    total ^= spare


def finish(total: Words, spare: Words) -> None:
    """The last step of the hash."""
    total *= K2
    np.right_shift(total, _FOLD2, out=spare)
    total ^= spare


def _union(views: Words) -> tuple[int, int]:
    """All bits that occur in the first and in the second words, of which there is one after the other."""
    whole = len(views) // _LANES * _LANES
    lanes = np.zeros(_LANES, np.uint64)
    if whole:
        lanes = np.bitwise_or.reduce(views[:whole].reshape(-1, _LANES), axis=0)
    rest = views[whole:]
    first = int(np.bitwise_or.reduce(lanes[0::2])) | int(np.bitwise_or.reduce(rest[0::2]))
    return first, int(np.bitwise_or.reduce(lanes[1::2])) | int(np.bitwise_or.reduce(rest[1::2]))


def _put_long(values: pl.Series, words: Words) -> None:
    """Text of more than twelve bytes, one by one."""
    is_long = (values.str.len_bytes() > SHORT).fill_null(False)
    texts = values.filter(is_long).to_list()
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    halves = np.frombuffer(digests, "<u8").reshape(-1, 2)
    turned = halves[:, 1] * K2
    words[is_long.to_numpy()] = halves[:, 0] ^ turned ^ (turned >> _FOLD2)
