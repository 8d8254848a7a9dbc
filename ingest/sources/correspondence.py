"""Correspondences and code lists of classifications: two codes per row, or a code and its label.

Belongs here: which two columns hold the codes, the form of a code, and what a publisher's mark says. Does not belong
here: weights, levels that count, or one list turned round (dbt's intermediate models).
"""

from __future__ import annotations

import gzip
import re
import zlib

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, csv_as_text, reader, typed

GZIP = b"\x1f\x8b"


@reader("correspondence_pair")
def read_pairs(reading: Reading) -> Tables:
    """Pairs of codes; the file's name says of which classifications (``CN2022_CPA21``, ``hs6_hs5``, ``2008_to_2025``).

    Raises:
        DeliveryError: other columns, a code of another form, an unknown mark.
    """
    options, frame = reading.options, _text_frame(reading)
    names = re.split(r"_(?:to_)?", reading.delivery.partition_key)
    headers = options.get("headers") or [_column_of(reading, frame, name) for name in names]
    _only_known(reading, frame, [*headers, *([options["flag"]] if "flag" in options else [])])
    for header, pattern in zip(headers, (options["pattern_from"], options["pattern_to"]), strict=True):
        _codes_fit(reading.delivery, frame, header, pattern)
    scheme_from, scheme_to = (options.get("schemes", {}).get(name, name) for name in names)
    pairs = frame.select(
        "source_row",
        pl.lit(scheme_from).alias("scheme_from"),
        pl.col(headers[0]).alias("code_from"),
        pl.lit(scheme_to).alias("scheme_to"),
        pl.col(headers[1]).alias("code_to"),
        *_marks(reading, frame),
    )
    return {"pair": typed(reading.delivery, pairs, reading.table.columns)}


@reader("correspondence_code")
def read_codes(reading: Reading) -> Tables:
    """Codes and labels of one edition. ``level`` is the number of digits; 1 for a section's letter or numeral."""
    options, frame = reading.options, _text_frame(reading)
    name = reading.delivery.partition_key
    header = _column_of(reading, frame, name)
    _only_known(reading, frame, [header, options["label"]])
    _codes_fit(reading.delivery, frame, header, options["pattern"])
    code = pl.col(header)
    codes = frame.select(
        "source_row",
        pl.lit(options.get("schemes", {}).get(name, name)).alias("scheme"),
        code.alias("code"),
        pl.max_horizontal(code.str.count_matches(r"\d"), pl.lit(1, pl.UInt32)).cast(pl.Int64).alias("level"),
        pl.col(options["label"]).str.strip_chars().alias("label"),
    )
    return {"code": typed(reading.delivery, codes, reading.table.columns)}


def _text_frame(reading: Reading) -> pl.DataFrame:
    """Every cell as text with ``source_row`` counted from 1; CSV may be packed with gzip."""
    delivery = reading.delivery
    if delivery.path.suffix == ".parquet":
        try:
            frame = pl.read_parquet(delivery.path).cast(pl.String)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise delivery.refuse(f"the Parquet file cannot be read ({error})", "a complete file") from error
    else:
        frame = csv_as_text(reading, _unpacked(delivery))
    return frame.with_row_index("source_row", offset=1).with_columns(pl.col("source_row").cast(pl.Int64))


def _unpacked(delivery: Delivery) -> bytes:
    raw = delivery.path.read_bytes()
    if not raw.startswith(GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise delivery.refuse(
            f"the gzip file is damaged ({error})", "a complete gzip file", rule_id="LND-002"
        ) from error


def _column_of(reading: Reading, frame: pl.DataFrame, name: str) -> str:
    """The first column that carries a classification's name: 'CN 2022' for CN2022, 'HS6_6d' for hs6."""
    wanted = name.upper()
    found = [c for c in frame.columns if re.sub(r"[ .]", "", c).upper().startswith(wanted)]
    if not found:
        raise reading.delivery.refuse(
            f"no column carries the name {wanted} that the file's name promises",
            f"a column with the codes of {wanted}; there are {', '.join(frame.columns[1:])}",
            field=wanted,
        )
    return found[0]


def _only_known(reading: Reading, frame: pl.DataFrame, kept: list[str]) -> None:
    """Refuse a column that is missing or that the contract does not know."""
    headers, ignored = frame.columns[1:], reading.options.get("ignored", [])
    for header in kept:
        if header not in headers:
            raise reading.delivery.refuse(f"column '{header}' is missing", f"the columns {kept}", field=header)
    for header in headers:
        if header not in kept and not any(re.fullmatch(pattern, header) for pattern in ignored):
            raise reading.delivery.refuse(
                f"unknown column '{header}'",
                "the columns " + ", ".join([*kept, *ignored]),
                "if the publisher has changed the layout, extend the source's contract; else export again",
                field=header,
            )


def _codes_fit(delivery: Delivery, frame: pl.DataFrame, header: str, pattern: str) -> None:
    """A code that lost a leading zero or a dot is another code or none."""
    bad = frame.filter(~pl.col(header).str.contains(f"^(?:{pattern})$").fill_null(False))
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"'{first[header] or ''}' is not a code of this classification ({bad.height} such codes)",
            f"a code of the form {pattern}",
            "leading zeros or dots are lost when a spreadsheet reads codes as numbers; export the codes as text",
            field=header,
            row=first["source_row"],
            failed_rows=bad.height,
        )


def _marks(reading: Reading, frame: pl.DataFrame) -> list[pl.Expr]:
    """``is_partial`` and ``published_flag``; both NULL where the publisher marks nothing."""
    options = reading.options
    header, flags = options.get("flag"), options.get("flags", {})
    nothing = [pl.lit(None, pl.Boolean).alias("is_partial"), pl.lit(None, pl.String).alias("published_flag")]
    if header is None or _is_shifted(frame, header, options):
        return nothing
    unknown = frame.filter(pl.col(header).is_not_null() & ~pl.col(header).is_in(list(flags)))
    if unknown.height:
        first = unknown.row(0, named=True)
        raise reading.delivery.refuse(
            f"the mark '{first[header]}' is not known ({unknown.height} such marks)",
            "one of " + ", ".join(flags),
            "ask the publisher what the mark says and extend the source's contract",
            field=header,
            row=first["source_row"],
            failed_rows=unknown.height,
        )
    says = pl.col(header).replace_strict(flags, return_dtype=pl.Boolean)
    return [
        pl.when(pl.col(header).is_null()).then(pl.lit(options.get("flag_of_empty"), pl.Boolean)).otherwise(says)
        .alias("is_partial"),
        pl.col(header).alias("published_flag"),
    ]  # fmt: skip


def _is_shifted(frame: pl.DataFrame, header: str, options: dict[str, object]) -> bool:
    """Whether all cells stand one column to the left: the last column is empty and no mark stands under its header."""
    last = options.get("overflow")
    if last is None or not frame[str(last)].is_null().all():
        return False
    marks = frame[header].drop_nulls()
    return marks.len() > 0 and not marks.is_in(list(options["flags"])).any()  # pyright: ignore[reportArgumentType]
