"""The flat CSV as it was before version 5 of the interface: German headers, one value column per indicator.

Belongs here: its encoding and turning it into the layout of today. Does not belong here: what the cells mean
(``genesis``). The encoding is not declared anywhere in these files, so a rule decides: UTF-8 where the bytes are UTF-8,
else Windows-1252, which holds every letter of ISO-8859-1.
"""

from __future__ import annotations

import re

import polars as pl

from ingest.delivery import Delivery

FIRST_COLUMN = "Statistik_Code"
FIXED = {
    "Statistik_Code": "statistics_code",
    "Statistik_Label": "statistics_label",
    "Zeit_Code": "time_code",
    "Zeit_Label": "time_label",
    "Zeit": "time",
}
NUMBERED = re.compile(r"^(\d+)_(Merkmal|Auspraegung)_(Code|Label)$")
VALUE = re.compile(r"^(?P<code>[^_]+)__(?P<label>.*)__(?P<unit>.*)$")


def is_old(content: bytes) -> bool:
    """Whether a flat CSV begins with the header of the old layout."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').startswith(FIRST_COLUMN.encode())


def in_utf8(delivery: Delivery, content: bytes) -> bytes:
    """The same text in UTF-8, by the rule above."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding).encode()
        except UnicodeDecodeError as error:
            position = error.start
    raise delivery.refuse(
        f"byte {position} is neither UTF-8 nor Windows-1252", "the old flat layout in one of both", rule_id="LND-003"
    )


def as_new(delivery: Delivery, frame: pl.DataFrame) -> pl.DataFrame:
    """The wide frame in today's columns, one value per row; ``source_row`` names the delivered row."""
    names = FIXED | {c: _renamed(m) for c in frame.columns if (m := NUMBERED.match(c))}
    values = {c: m for c in frame.columns if c not in names and (m := VALUE.match(c))}
    unknown = [c for c in frame.columns if c not in names and c not in values and c != "source_row"]
    missing = [c for c in FIXED if c not in frame.columns]
    if unknown or missing or not values:
        field = (unknown or missing or ["a value column"])[0]
        raise delivery.refuse(
            f"{'unknown' if unknown else 'missing'} column '{field}' in the old flat layout",
            "Statistik_Code;…;1_Merkmal_Code;…;<code>__<label>__<unit>",
            "request the table again with format=ffcsv",
            field=field,
        )
    kept = [pl.col(old).alias(new) for old, new in names.items()]
    return pl.concat(
        frame.select(
            "source_row",
            *kept,
            pl.col(column).alias("value"),
            pl.lit(found["unit"]).alias("value_unit"),
            pl.lit(found["code"]).alias("value_variable_code"),
            pl.lit(found["label"].replace("_", " ")).alias("value_variable_label"),
        )
        for column, found in values.items()
    )


def _renamed(found: re.Match[str]) -> str:
    kind = "variable" if found[2] == "Merkmal" else "variable_attribute"
    return f"{found[1]}_{kind}_{found[3].lower()}"
