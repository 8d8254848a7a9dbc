"""Whether a GENESIS file is the table its name says: the publisher may rename a code or give it to another table (LND-008).

Belongs here: what the answer itself names, its statistic, the statistic's title and the name the publisher gave the
file, against the file's name and the contract. Does not belong here: what stands in the cells (``genesis``).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

import polars as pl

from ingest.delivery import Delivery

# A table's code begins with the five signs of its statistic; tables of indicators (AI-…) belong to no single one.
OF_A_STATISTIC = re.compile(r"^(\d{4}[0-9A-Z])-")
MEMBER = re.compile(r"^(?P<table>[0-9A-Za-z-]+)_\d+_([a-z]{2}_)?flat\.csv$")
TODO = "ask for the table by its present code, or correct the source's contract if the publisher renamed it"


def table_code(partition_key: str) -> str:
    """Table number of a slice such as ``13111-07-05-4_2024-06-30``."""
    return partition_key.split("_")[0]


def is_english(delivery: Delivery) -> bool:
    """Whether the file was asked for in English; the name the publisher gave it says so."""
    return any("_en_" in name for name in _given_names(delivery))


def refuse_other_table(delivery: Delivery, frame: pl.DataFrame, titles: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse a flat file that names another table or statistic than its file name.

    ``titles`` are by language and statistic a regular expression that the statistic's own title has to meet; a statistic
    that is not listed may be called anything.
    """
    table = table_code(delivery.partition_key)
    for name in _given_names(delivery):
        member = MEMBER.match(name)
        if member and member["table"] != table:
            raise other_table(delivery, f"the file in the ZIP is table {member['table']} ('{name}')")
    of_statistic = OF_A_STATISTIC.match(table)
    known = titles.get("en" if is_english(delivery) else "de") or {}
    for statistic, title in frame.select("statistics_code", "statistics_label").unique(maintain_order=True).iter_rows():
        if of_statistic and statistic != of_statistic[1]:
            raise other_table(delivery, f"the rows are of statistic {statistic} ('{title}')", "statistics_code")
        if statistic in known and not re.search(known[statistic], title or "", re.IGNORECASE):
            raise other_table(
                delivery, f"statistic {statistic} calls itself '{title}'", "statistics_label", f"a title like {known[statistic]}"
            )  # fmt: skip


def other_table(delivery: Delivery, problem: str, field: str | None = None, expected: str = "") -> Exception:
    """The refusal of a file that is another table."""
    due = expected or f"table {table_code(delivery.partition_key)}, as the file's name says"
    return delivery.refuse(problem, due, TODO, field=field, rule_id="LND-008")


def _given_names(delivery: Delivery) -> list[str]:
    """Names the publisher gave: of the CSVs in the ZIP, else of the file."""
    if delivery.path.suffix != ".zip":
        return [delivery.path.name]
    with zipfile.ZipFile(io.BytesIO(delivery.path.read_bytes())) as archive:
        return [name for name in archive.namelist() if name.lower().endswith(".csv")]
