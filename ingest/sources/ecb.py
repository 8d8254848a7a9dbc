"""The ECB's CSV of exchange rates: the shared CSV rules, and a series name that says what its columns say.

Belongs here: what holds between columns of one row. Does not belong here: choosing a rate for a value (dbt).
"""

from __future__ import annotations

import polars as pl

from ingest.readers import Reading, Tables, conform, csv_as_text, reader
from ingest.registry import adapted

PERIODS = {"A": r"^\d{4}$", "Q": r"^\d{4}-Q[1-4]$", "M": r"^\d{4}-(0[1-9]|1[0-2])$", "D": r"^\d{4}-\d{2}-\d{2}$"}
PLACES = ("frequency_code", "currency_code", "base_currency_code", "rate_type_code", "variation_code")


@reader("ecb_csv")
def read_ecb(reading: Reading) -> Tables:
    """Rates as published. Options: ``flow``, and those of the CSV reader.

    A file named like a series of the contract (``exr_annual.csv``) holds that series and no other (LND-008).
    """
    delivery = reading.delivery
    frame = conform(reading, csv_as_text(reading), reading.table)
    composed = pl.concat_str([pl.lit(reading.options["flow"]), *(pl.col(p) for p in PLACES)], separator=".")
    period = pl.lit(None, pl.Boolean)
    for code, form in PERIODS.items():
        period = (
            pl.when(pl.col("frequency_code") == code).then(pl.col("period_code").str.contains(form)).otherwise(period)
        )
    asked, other = _other_series(reading)
    rules = [
        (composed != pl.col("series_key"), "KEY", "series_key", "the flow and the codes of the row, joined by dots", "LND-008"),
        (~period, "TIME_PERIOD", "period_code", "a period of the row's frequency, such as 2024 or 2024-01", "TRD-011"),
        (other, "KEY", "series_key", f"series of {asked}, as the file's name says", "LND-008"),
    ]  # fmt: skip
    for broken, header, column, expected, rule_id in rules:
        bad = frame.filter(broken.fill_null(False))
        if bad.height:
            raise delivery.refuse(
                f"'{bad[column][0]}' does not fit its row ({bad.height} rows)", expected,
                field=header, row=int(bad["source_row"][0]), rule_id=rule_id, failed_rows=bad.height,
            )  # fmt: skip
    return {reading.delivery.dataset.tables[0]: frame}


def _other_series(reading: Reading) -> tuple[str, pl.Expr]:
    """The key the contract has for this file's name, and the rows that are of another one; an empty place fits any.

    A code that no series may have is left to the contract's columns, which name it.
    """
    delivery = reading.delivery
    known = {c.name: c.one_of for c in reading.table.columns}
    for endpoint in adapted(delivery.source, reading.region).fetch.values():
        for series in endpoint.options.get("series") or []:
            if series["name"] == delivery.partition_key:
                key = str(series["key"])
                wrong = [
                    ~pl.col(column).is_in(place.split("+")) & _known(column, known[column])
                    for column, place in zip(PLACES, key.split("."), strict=True)
                    if place
                ]
                return key, pl.any_horizontal(wrong)
    return "", pl.lit(False)


def _known(column: str, codes: list[str] | None) -> pl.Expr:
    return pl.col(column).is_in(codes) if codes else pl.lit(True)
