"""Preparing the register side of a linkage, once for all that is linked to it.

Belongs here: the order of the steps, and the blocking index. Does not: what a key, a word or a chance is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.chances import field_chances, name_chances
from warehouse.methods.linkage.keys import keys_of
from warehouse.methods.linkage.records import prepared
from warehouse.methods.linkage.register import WORD_COLUMNS, PreparedRegister, population
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import build_vocabulary, word_matrix, words_of

# Columns of a prepared record that comparing never reads.
NOT_KEPT = ("core", "loose_core", "house", "register_type")


def prepare_register(frame: pl.DataFrame, settings: LinkageSettings) -> PreparedRegister:
    """Prepare the register side of a linkage.

    Args:
        frame: a row per record with ``record_id``, ``name`` and, where known, the other columns of ``records.COLUMNS``.
        settings: words and limits.
    """
    records = prepared(frame, settings, "register")
    words = words_of(records)
    vocabulary = build_vocabulary(words)
    matrix = word_matrix(words, vocabulary, records.height)
    del words
    # Ids run from common to rare.
    first_rare = int((vocabulary.words["rows"] > settings.key_rows_max).sum()) + 1
    row, column = np.nonzero(matrix)
    keys, frequent = _index(records, row.astype(np.uint32), matrix[row, column], first_rare, settings.key_rows_max)
    counted = [_shared(records, name).alias(f"{name}_rows") for name in ("core", "joined", "town", "register_number")]
    bits = vocabulary.information(population(records.height))[matrix].sum(axis=1)
    records = records.drop(NOT_KEPT).with_columns(
        *counted,
        pl.Series("name_bits", np.minimum(bits, 255).astype(np.uint8)),
        *(pl.Series(name, matrix[:, i]) for i, name in enumerate(WORD_COLUMNS)),
    )
    facts = pl.DataFrame({"method_version": [settings.method_version], "first_rare": [first_rare]})
    found = field_chances(records, settings)
    made = PreparedRegister(records, vocabulary.words, vocabulary.spellings, keys, frequent, found, facts)
    return replace(made, chances=pl.concat([found, name_chances(made, frame, settings)]))


def _shared(records: pl.DataFrame, name: str) -> pl.Series:
    """How many rows share a row's value; 0 where it has none."""
    key = pl.col(f"{name}_key")
    return records.select(pl.when(key == 0).then(0).otherwise(pl.len().over(key)).cast(pl.UInt32)).to_series()


def _index(records: pl.DataFrame, row: npt.NDArray[np.uint32], word_id: npt.NDArray[np.uint32], first_rare: int, most: int) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Keys in order with their rows, and apart those that too many rows share."""
    kept, dropped = [], []
    for key, its_row in keys_of(records, row, word_id, first_rare):
        order = np.argsort(key)
        key, its_row = key[order], its_row[order]
        begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.intp)
        lengths = np.diff(np.append(begins, len(key)))
        frequent = lengths > most
        dropped.append(pl.DataFrame({"key": key[begins[frequent]], "rows": lengths[frequent].astype(np.uint32)}))
        stays = ~np.repeat(frequent, lengths)
        kept.append(pl.DataFrame({"key": key[stays], "row": its_row[stays]}))
    return pl.concat(kept).sort("key"), pl.concat(dropped).sort("key")
