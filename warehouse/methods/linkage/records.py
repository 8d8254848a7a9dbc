"""Company records brought into the form in which they are compared; the same for both sides.

Belongs here: the columns a record may have, and each one's normal form as a number. Does not: names (``names``), streets
(``streets``), or two records. Columns are read one by one, so that a register never lies in memory as text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.methods.linkage.folding import folded, loose
from warehouse.methods.linkage.hashing import hashes
from warehouse.methods.linkage.names import NameReader
from warehouse.methods.linkage.ragged import Growing, Ragged
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.streets import StreetReader
from warehouse.methods.linkage.wordbook import texts_of

# What a record may say; only the id must be there and never NULL. All are text.
COLUMNS = (
    "record_id", "name", "postcode", "town", "street", "court_code", "register_type", "register_number", "lei", "vat_number",
)  # fmt: skip
NO_POSTCODE = -1
DIVISIONS = ("HRA", "HRB", "GNR", "GSR", "PR", "VR")
ROWS_AT_A_TIME = 1 << 17
# More words than this a name's core has on average nowhere.
WORDS_EXPECTED = 8
# Numbers of a record, in the order in which they are kept; all are 0 where the record says nothing (postcode: -1). Of the
# identifiers half a hash is enough: two of them meet by chance in one of four billion pairs, a slip far oftener
# (``rarity.IDENTIFIER_BITS``).
FIELDS = {
    "form": np.uint8, "extra": np.uint32, "core": np.uint32, "joined": np.uint64, "postcode": np.int32, "town": np.uint32,
    "street": np.uint32, "house": np.uint32, "court": np.uint32, "division": np.uint8, "number": np.uint32,
    "lei": np.uint32, "vat": np.uint32,
}  # fmt: skip
Array = npt.NDArray


@dataclass(frozen=True)
class Records:
    """Records in order. ``fields``: an array per name of ``FIELDS``. ``words``: numbers into ``spelt``, the loose words of
    the names' cores. ``streets``: distinct streets without house numbers, first a blank; ``street`` is the place in it."""

    fields: dict[str, Array]
    words: Ragged
    spelt: pl.Series
    streets: pl.Series

    @property
    def rows(self) -> int:
        return len(self.fields["form"])

    def joined_of(self, rows: Array) -> pl.Series:
        """Names of some rows in loose spelling without blanks, as text."""
        return texts_of(self.words.rows(rows), self.spelt)


def checked(frame: pl.DataFrame | pl.LazyFrame, side: str) -> pl.LazyFrame:
    """The columns of a side as text, absent ones as NULL; refuse a side without ids or with one id twice."""
    lazy = frame.lazy()
    columns = lazy.collect_schema().names()
    if "record_id" not in columns or "name" not in columns:
        raise KettenwerkError(
            f"columns are {', '.join(columns)}", where=f"linkage, {side}", expected="at least record_id and name"
        )
    absent = [pl.lit(None, pl.String).alias(c) for c in COLUMNS if c not in columns]
    lazy = lazy.with_columns(absent).select(pl.col(c).cast(pl.String) for c in COLUMNS)
    if not _all_different(lazy):
        raise KettenwerkError(
            "a record_id is missing or there twice", where=f"linkage, {side}", expected="one row per record_id"
        )
    return lazy


def _all_different(frame: pl.LazyFrame) -> bool:
    """Whether every record has an id of its own. Equal hashes are looked at again; the ids themselves are not held."""
    found = [np.zeros(0, np.uint64)]
    for start in range(0, height(frame), ROWS_AT_A_TIME):
        ids = column(frame, "record_id", start)
        if ids.null_count():
            return False
        found.append(ids.hash().to_numpy())
    every = np.sort(np.concatenate(found))
    return not (every[1:] == every[:-1]).any() or frame.select(pl.col("record_id").is_duplicated().any().not_()).collect().item()  # fmt: skip


def height(frame: pl.LazyFrame) -> int:
    """Number of rows."""
    return frame.select(pl.len()).collect().item()


def column(frame: pl.LazyFrame, name: str, start: int) -> pl.Series:
    """One column from a row on, ROWS_AT_A_TIME of it at most."""
    return frame.slice(start, ROWS_AT_A_TIME).select(name).collect().to_series()


def prepared(frame: pl.LazyFrame, settings: LinkageSettings) -> Records:
    """The records of a checked side in their normal form."""
    names, streets = NameReader(settings), StreetReader()
    rows = height(frame)
    words = Growing(rows, WORDS_EXPECTED)
    whole = {name: np.empty(rows, kind) for name, kind in FIELDS.items()}
    for start in range(0, rows, ROWS_AT_A_TIME):
        own = names.read(column(frame, "name", start))
        words.add(own.words)
        street, house = streets.read(column(frame, "street", start))
        number = column(frame, "register_number", start)
        fields = {
            "form": own.form, "extra": own.extra, "core": own.core, "joined": own.joined,
            "postcode": by_value(column(frame, "postcode", start), postcodes),
            "town": by_value(column(frame, "town", start), lambda t: hashes(towns(t))),
            "street": street, "house": house,
            "court": by_value(column(frame, "court_code", start), lambda t: hashes(t.str.to_uppercase().str.strip_chars())),
            "division": divisions(column(frame, "register_type", start), number),
            "number": numbers(number),
            "lei": identifiers(column(frame, "lei", start), r"^([A-Z0-9]{18}\d{2})$"),
            "vat": identifiers(column(frame, "vat_number", start), r"^([A-Z]{2}[A-Z0-9]{7,12})$"),
        }  # fmt: skip
        for name, values in fields.items():
            whole[name][start : start + len(values)] = values
    return Records(whole, words.whole(), names.spelt, streets.streets)


def by_value(texts: pl.Series, normal: Callable[[pl.Series], Array]) -> Array:
    """``normal`` of each text, found once per distinct text; NULL counts as ''."""
    coded = texts.fill_null("").cast(pl.Categorical(pl.Categories.random()))
    distinct = coded.unique()
    code = distinct.to_physical().to_numpy()
    found = normal(distinct.cast(pl.String))
    table = np.zeros(int(code.max(initial=0)) + 1, dtype=found.dtype)
    table[code] = found
    return table[coded.to_physical().to_numpy()]


def postcodes(texts: pl.Series) -> Array:
    """German postcodes as numbers."""
    return texts.str.strip_chars().str.extract(r"^(?:D[- ]?)?(\d{5})$").cast(pl.Int32).fill_null(NO_POSTCODE).to_numpy()


def towns(texts: pl.Series) -> pl.Series:
    """Folded, without what stands before some towns' names."""
    plain = texts.to_frame("t").select(loose(folded(pl.col("t")))).to_series()
    return plain.str.replace(r"^(?:stadt|gemeinde|markt) ", "")


def divisions(types: pl.Series, numbers: pl.Series) -> Array:
    """Division of the register (HRA, HRB, ...), of its own column or of what stands before the number."""
    prefixed = r"^\s*(HRA|HRB|GNR|GSR|PR|VR|A|B)"
    named = r"(HRA|HRB|GNR|GSR|PR|VR|^\s*A\s*$|^\s*B\s*$)"
    own = by_value(types, lambda t: _division(t.str.to_uppercase().str.extract(named)))
    # Most numbers are digits and nothing else.
    at = np.flatnonzero((own == 0) & numbers.str.contains(r"^\s*[A-Za-z]").fill_null(False).to_numpy())
    own[at] = _division(numbers.gather(at).str.to_uppercase().str.extract(prefixed))
    return own


def _division(texts: pl.Series) -> Array:
    known = texts.fill_null("").str.strip_chars().replace({"A": "HRA", "B": "HRB"})
    return known.replace_strict(DIVISIONS, range(1, len(DIVISIONS) + 1), default=0, return_dtype=pl.UInt8).to_numpy()


def numbers(texts: pl.Series) -> Array:
    """Register numbers. "HRB1234", "HRB 01234", "1234 (Ort)": the first digits; "1,23E+04" is no number any more."""
    plain = texts.cast(pl.UInt32, strict=False)
    number = plain.fill_null(0).to_numpy().copy()
    odd = np.flatnonzero((plain.is_null() & texts.is_not_null() | (plain > 9_999_999)).fill_null(False).to_numpy())
    written = texts.gather(odd).str.to_uppercase()
    damaged = written.str.contains(r"\d[.,]\d|\dE\+?\d")
    digits = written.str.extract(r"0*([1-9]\d{0,6})").cast(pl.UInt32).fill_null(0)
    number[odd] = digits.zip_with(~damaged, pl.zeros(len(odd), pl.UInt32, eager=True)).to_numpy()
    return number


def identifiers(texts: pl.Series, pattern: str) -> Array:
    """Hash of each identifier that has the form of one; most records name none."""
    at = np.flatnonzero(texts.is_not_null().to_numpy())
    found = texts.gather(at).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "").str.extract(pattern).fill_null("")
    made = np.zeros(len(texts), dtype=np.uint64)
    made[at] = hashes(found)
    return made
