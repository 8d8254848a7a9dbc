"""Preparing the register side of a linkage, once for all that is linked to it.

Belongs here: the order of the steps. Does not: what a key, a word or a chance is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.memory import give_back
from warehouse.methods.linkage.chances import field_chances, name_chances
from warehouse.methods.linkage.hashing import U64, hashes
from warehouse.methods.linkage.index import build_index, rows_per_value
from warehouse.methods.linkage.keys import BEGINNING_LETTERS, beginnings, keys_at_most, keys_of
from warehouse.methods.linkage.ragged import Ragged
from warehouse.methods.linkage.rarity import COUNTS, name_counts
from warehouse.methods.linkage.records import FIELDS, ROWS_AT_A_TIME, checked, prepared
from warehouse.methods.linkage.register import PreparedRegister
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import build_vocabulary


def prepare_register(frame: pl.DataFrame | pl.LazyFrame, settings: LinkageSettings) -> PreparedRegister:
    """Prepare the register side of a linkage.

    Args:
        frame: a row per record with ``record_id``, ``name`` and, where known, the other columns of ``records.COLUMNS``. A
            lazy one (``scan_parquet``) is read column by column and needs far less memory.
        settings: words and limits.
    """
    lazy = checked(frame, "register")
    records = prepared(lazy, settings)
    give_back()
    vocabulary, new = build_vocabulary(records.words, records.spelt)
    words = Ragged(new[records.words.values], records.words.ends.astype(np.uint32))
    # Ids run from common to rare.
    first_rare = int((vocabulary.words["rows"] > settings.key_rows_max).sum()) + 1
    street_keys = hashes(records.streets)
    fields = {
        **records.fields,
        "core_rows": rows_per_value(records.fields["core"]),
        "joined_rows": rows_per_value(records.fields["joined"]),
        "word_end": words.ends,
    }
    made = PreparedRegister(
        fields,
        words.values,
        np.zeros(0, np.uint64),
        vocabulary.words,
        vocabulary.spellings,
        pl.DataFrame({"key": street_keys, "street": records.streets}),
        pl.DataFrame(),
        pl.DataFrame(),
        pl.DataFrame({"method_version": [settings.method_version], "first_rare": [first_rare]}),
        lazy.select("record_id", "name"),
    )
    del records
    give_back()
    index = build_index(_keys(made, words), made.rows, keys_at_most(made.rows, words))
    give_back()
    made = replace(made, index=index, counts=_counts(made), chances=field_chances(made, settings))
    return replace(made, chances=pl.concat([made.chances, name_chances(made, settings.key_rows_max)]))


def _keys(register: PreparedRegister, words: Ragged) -> Iterator[tuple[U64, npt.NDArray[np.integer]]]:
    """Blocking keys and rows of the whole register, a part of it at a time."""
    street_keys, by_beginning = register.street_keys, hashes(register.spelt.str.slice(0, BEGINNING_LETTERS))
    for start in range(0, register.rows, ROWS_AT_A_TIME):
        rows = np.arange(start, min(start + ROWS_AT_A_TIME, register.rows))
        fields = {name: register.fields[name][rows[0] : rows[-1] + 1] for name in FIELDS}
        own = words.rows(rows)
        owner = own.owner().astype(np.uint32)
        for key, row in keys_of(fields, street_keys[fields["street"]], beginnings(own, by_beginning), owner, own.values, register.first_rare):  # fmt: skip
            yield key, row + np.uint32(start)


def _counts(register: PreparedRegister) -> pl.DataFrame:
    """kind, value, rows: how often each postcode, town and form occurs, and how often names are expected again."""
    counted = []
    for kind in ("postcode", "town", "form"):
        value, rows = np.unique(register.fields[kind], return_counts=True)
        counted.append(pl.DataFrame([[kind] * len(value), value.astype(np.int64), rows.astype(np.float64)], COUNTS))
    return pl.concat([*counted, name_counts(register)])
