"""What every typed table must keep before it lands: the contract's facts as row checks.

Belongs here: required, bounds, patterns, accepted values, unique keys, double encoding. Does not belong here: rules
that need two tables (dbt tests) or a whole release (``quality``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from ingest.contract import Column, Correction, Table
from ingest.delivery import Delivery

# An UTF-8 umlaut read as Latin-1 and written as UTF-8 again: 'Ã' or 'Â' followed by a character of that block.
MOJIBAKE = r"[ÃÂ][\u0080-\u00BF\u0152\u0153\u0160\u0161\u0178\u017D\u017E\u0192\u02C6\u02DC\u2013-\u203A\u20AC\u2122]"


def correct(delivery: Delivery, frame: pl.DataFrame, corrections: list[Correction]) -> pl.DataFrame:
    """Apply the dated manual fixes of a dataset; one that no longer finds what it expects is refused."""
    for fix in corrections:
        values = frame[fix.column]
        hit = values.str.contains(MOJIBAKE) if fix.method == "double_encoding" else values == fix.find
        hit = hit.fill_null(False)
        if int(hit.sum()) != fix.expect:
            raise delivery.refuse(
                f"the correction '{fix.method}' of {fix.decided_on} finds {int(hit.sum())} rows",
                f"{fix.expect} ({fix.reason})",
                "look whether the publisher repaired or worsened the fault, then change the source's contract",
                field=fix.column,
                rule_id="LND-003",
            )
        fixed = [
            (undo_double_encoding(value) if fix.method == "double_encoding" else fix.replace) if broken else value
            for value, broken in zip(values, hit, strict=True)
        ]
        frame = frame.with_columns(pl.Series(fix.column, fixed, dtype=pl.String))
    return frame


def undo_double_encoding(text: str) -> str:
    """'MÃ¤rkisch' to 'Märkisch'; text that cannot be undone stays, so that the check still finds it."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def check(delivery: Delivery, frame: pl.DataFrame, table: Table) -> None:
    """Refuse the delivery at the first rule a row breaks."""
    for column in table.columns:
        _check_column(delivery, frame, column)
    if table.key:
        check_key(delivery, frame, table)


Looks = Literal["missing", "beyond_ascii", "value"]


@dataclass(frozen=True)
class Rule:
    """One thing a column keeps: ``broken`` is true where a value breaks it, ``problem`` may say the ``{value}``.

    ``looks_at`` says which values can break it at all: missing ones, those with more than ASCII, or any.
    """

    column: Column
    broken: pl.Expr
    problem: str
    expected: str
    rule_id: str
    looks_at: Looks = "value"


def rules_of(column: Column) -> list[Rule]:
    """What the contract asks of a column. Each rule looks at one value only, never at two rows."""
    values = pl.col(column.name)
    rules: list[Rule] = []

    def add(
        broken: pl.Expr, problem: str, expected: str, rule_id: str = column.rule_id, looks_at: Looks = "value"
    ) -> None:
        rules.append(Rule(column, broken.fill_null(False), problem, expected, rule_id, looks_at))

    if column.required:
        add(values.is_null(), "a required value is missing", "a value in every row", looks_at="missing")
    if column.min is not None:
        add(values < column.min, "{value} is too small", f"at least {column.min:g}")
    if column.max is not None:
        add(values > column.max, "{value} is too large", f"at most {column.max:g}")
    if column.pattern is not None:
        add(~values.str.contains(f"^(?:{column.pattern})$"), "'{value}' has another form", column.pattern)
    if column.one_of is not None:
        add(~values.is_in(column.one_of), "'{value}' is not known", "one of " + ", ".join(column.one_of))
    if column.type == "float":
        add(values.is_nan() | values.is_infinite(), "{value} is not a finite number", "a finite number")
    if column.type == "text":
        expected = "text in UTF-8, such as 'Märkisch'"
        add(values.str.contains(MOJIBAKE), "'{value}' is encoded twice", expected, "LND-003", "beyond_ascii")
    return rules


def _check_column(delivery: Delivery, frame: pl.DataFrame, column: Column) -> None:
    for rule in rules_of(column):
        bad = frame.filter(rule.broken)
        if bad.height:
            first = bad.row(0, named=True)
            more = f" ({bad.height} rows)" if bad.height > 1 else ""
            raise delivery.refuse(
                rule.problem.format(value=first[column.name]) + more,
                rule.expected,
                field=column.delivered_as,
                row=first.get("source_row"),
                rule_id=rule.rule_id,
                failed_rows=bad.height,
            )


def check_key(delivery: Delivery, frame: pl.DataFrame, table: Table) -> None:
    """Refuse the delivery when two rows have one key."""
    twice = frame.filter(frame.select(table.key).is_duplicated()).sort(table.key)
    if twice.height:
        first = twice.row(0, named=True)
        shown = ", ".join(f"{name} {first[name]}" for name in table.key)
        raise delivery.refuse(
            f"{shown} occurs more than once ({twice.height} rows)",
            "each " + " + ".join(table.key) + " once",
            "ask the sender which row counts, remove the other and deliver again",
            field=" + ".join(table.key),
            row=first.get("source_row"),
            rule_id=table.key_rule_id,
            failed_rows=twice.height,
        )
