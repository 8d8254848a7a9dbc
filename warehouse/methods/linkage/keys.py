"""Blocking keys: two records are compared only where they share one.

Belongs here: which parts of a record make a key. Does not: looking keys up (``candidates``) or comparing.

A rare word is a key of its own; a common one (in more than `key_rows_max` rows) only together with another common word, the
postcode or the town. Beside the words: the whole name, the address, its first letters at a postcode, and each identifier.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.hashing import U64, combined, hashes

NAME, WORD, WORD_PAIR, WORD_POSTCODE, WORD_TOWN, ADDRESS, BEGINNING, REGISTER, LEI, VAT = range(1, 11)
BEGINNING_LETTERS = 4
U32 = npt.NDArray[np.uint32]


def keys_of(prepared: pl.DataFrame, row: U32, word_id: U32, first_rare: int) -> Iterator[tuple[U64, U32]]:
    """Key and row arrays, kind by kind. ``row``/``word_id``: the words of the rows; ids from ``first_rare`` on are rare."""
    postcode = prepared["postcode"].to_numpy()
    code = np.where(postcode < 0, 0, postcode + 1).astype(np.uint64)
    column = {c: prepared[c].to_numpy() for c in prepared.columns if c.endswith("_key")}

    def plain(kind: int, *parts: U64) -> tuple[U64, U32]:
        at = np.flatnonzero(np.logical_and.reduce([part != 0 for part in parts])).astype(np.uint32)
        return combined(kind, *(part[at] for part in parts)), at

    yield plain(NAME, column["joined_key"])
    yield plain(ADDRESS, column["street_key"], code, column["house_key"])
    yield plain(BEGINNING, hashes(prepared["joined"].str.slice(0, BEGINNING_LETTERS)), code)
    yield plain(REGISTER, column["register_number_key"])
    yield plain(LEI, column["lei_key"])
    yield plain(VAT, column["vat_key"])
    rare = word_id >= first_rare
    yield combined(WORD, word_id[rare].astype(np.uint64)), row[rare]
    common, its = row[~rare], word_id[~rare].astype(np.uint64)
    for kind, other in ((WORD_POSTCODE, code), (WORD_TOWN, column["town_key"])):
        said = other[common] != 0
        yield combined(kind, its[said], other[common[said]]), common[said]
    yield _pairs(common, its)


def _pairs(row: U32, word_id: U64) -> tuple[U64, U32]:
    """Two common words of one row, the smaller id first."""
    words = pl.DataFrame({"row": row, "first": word_id})
    both = words.join(words.rename({"first": "second"}), on="row").filter(pl.col("first") < pl.col("second"))
    return combined(WORD_PAIR, both["first"].to_numpy(), both["second"].to_numpy()), both["row"].to_numpy()


def name_keys(prepared: pl.DataFrame) -> U64:
    """The key of each record's whole name; 0 where it has none."""
    name = prepared["joined_key"].to_numpy()
    return np.where(name != 0, combined(NAME, name), np.uint64(0))
