"""Company records brought into the form in which they are compared; the same for both sides.

Belongs here: the columns a record may have, and each one's normal form. Does not: names (``names``), or two records.
"""

from __future__ import annotations

import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.methods.linkage.hashing import hashes
from warehouse.methods.linkage.names import folded, loose, with_name_parts
from warehouse.methods.linkage.settings import LinkageSettings

# What a record may say; only the id must be there and never NULL. All are text.
COLUMNS = (
    "record_id", "name", "postcode", "town", "street", "court_code", "register_type", "register_number", "lei", "vat_number",
)  # fmt: skip
NO_POSTCODE = -1


def checked(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """The columns of a side as text, absent ones as NULL; refuse a side without ids or with one id twice."""
    if "record_id" not in frame.columns or "name" not in frame.columns:
        raise KettenwerkError(
            f"columns are {', '.join(frame.columns)}", where=f"linkage, {side}", expected="at least record_id and name"
        )
    absent = [pl.lit(None, pl.String).alias(c) for c in COLUMNS if c not in frame.columns]
    frame = frame.with_columns(absent).select(pl.col(c).cast(pl.String) for c in COLUMNS)
    if frame["record_id"].null_count() or frame["record_id"].n_unique() < frame.height:
        raise KettenwerkError(
            "a record_id is missing or there twice", where=f"linkage, {side}", expected="one row per record_id"
        )
    return frame


def prepared(frame: pl.DataFrame, settings: LinkageSettings, side: str) -> pl.DataFrame:
    """One row per record, in order, with the parts of the name and every other field in its normal form.

    Hash columns (``*_key``) are 0 where the record says nothing; ``postcode`` is a number or -1.
    """
    frame = with_name_parts(checked(frame, side), settings)
    # The last run of digits is the number: "Hauptstr. 12 a" and "Hauptstraße 12A" are one house, "Straße des 17. Juni 1".
    street = folded(pl.col("street")).str.replace(r"str\b", "strasse").str.replace(r" strasse\b", "strasse")
    number = pl.col("register_number").fill_null("").str.to_uppercase()
    frame = frame.with_columns(
        postcode=pl.col("postcode").fill_null("").str.strip_chars().str.extract(r"^(?:D[- ]?)?(\d{5})$").cast(pl.Int32).fill_null(NO_POSTCODE),
        town=loose(folded(pl.col("town"))).str.replace(r"^(?:stadt|gemeinde|markt) ", ""),
        street=street.str.replace(r" ?\d+(?: ?[a-z])?(?: \d+(?: ?[a-z])?)*$", ""),
        house=street.str.extract(r"(\d+) ?[a-z]?(?: \d+ ?[a-z]?)*$").fill_null(""),
        court=pl.col("court_code").fill_null("").str.to_uppercase().str.strip_chars(),
        register_type=pl.coalesce(
            pl.col("register_type").str.to_uppercase().str.extract(r"(HRA|HRB|GNR|GSR|PR|VR|^\s*A\s*$|^\s*B\s*$)"),
            number.str.extract(r"^\s*(HRA|HRB|GNR|GSR|PR|VR|A|B)"),
            pl.lit(""),
        ).str.strip_chars().replace({"A": "HRA", "B": "HRB"}),
        # "HRB1234", "HRB 01234", "1234 (Ort)", "B 1234": the first digits; "1,23E+04" is no number any more.
        register_number=pl.when(number.str.contains(r"\d[.,]\d|\dE\+?\d")).then(pl.lit("")).otherwise(number.str.extract(r"0*([1-9]\d{0,6})")).fill_null(""),
        lei=pl.col("lei").fill_null("").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "").str.extract(r"^([A-Z0-9]{18}\d{2})$").fill_null(""),
        vat=pl.col("vat_number").fill_null("").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "").str.extract(r"^([A-Z]{2}[A-Z0-9]{7,12})$").fill_null(""),
    ).drop("court_code", "vat_number")  # fmt: skip
    keys = {f"{name}_key": hashes(frame[name]) for name in HASHED}
    return frame.with_columns(pl.Series(name, key) for name, key in keys.items())


HASHED = (
    "core",
    "joined",
    "extra",
    "town",
    "street",
    "house",
    "court",
    "register_type",
    "register_number",
    "lei",
    "vat",
)
