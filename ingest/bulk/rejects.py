"""The rows of a large file that break a rule: named, counted, kept as evidence.

A delivery with such a row is refused as a whole, so this is only called for files that do not land, and may take its
time. The table of rejects has one row per broken rule and row: ``source_row`` (1 is the first below the header),
``field``, ``rule_id``, ``value`` and ``line`` as delivered, ``problem``, ``expected``. It keeps the first 10,000; the
counts in the message are complete.

Belongs here: the second, slow pass over a file, and the table it leaves. Does not belong here: the rules themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingest.checks import Rule
from ingest.contract import Column, Table
from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from warehouse.lake import write_parquet

SCHEMA: dict[str, pl.DataType] = {
    "source_row": pl.Int64(), "field": pl.String(), "rule_id": pl.String(), "value": pl.String(),
    "problem": pl.String(), "expected": pl.String(), "line": pl.String(),
}  # fmt: skip
KEPT = 10_000
BLOCK = 16 * 2**20


@dataclass(frozen=True)
class Layout:
    """A delimited file: one record per line, no quoting; ``header`` as delivered.

    ``is_padded``: cells may have blanks around them. ``nulls`` are texts that stand for no value once those are gone.
    Where there is either, cells are text first and become values afterwards, as the reader in memory does it.
    """

    path: Path
    header: list[str]
    separator: str
    table: Table
    is_padded: bool = False
    nulls: tuple[str, ...] = ()

    @property
    def is_text_first(self) -> bool:
        """Whether cells are read as text and then turned into values."""
        return self.is_padded or bool(self.nulls)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Delivered column to the type it is read with; columns the contract does not know are text."""
        types = {} if self.is_text_first else {c.delivered_as: c.dtype for c in self.table.columns}
        return {h: types.get(h, pl.String()) for h in self.header}

    @property
    def last_column(self) -> str:
        """Lake name of the last column; empty where the contract does not know it."""
        return next((c.name for c in self.table.columns if c.delivered_as == self.header[-1]), "")

    def bare(self, cell: pl.Expr) -> pl.Expr:
        """A cell of text without its padding; NULL where it stands for no value."""
        text = cell.str.strip_chars() if self.is_padded else cell
        return pl.when(~text.is_in(["", *self.nulls])).then(text)

    def value(self, column: Column, *, is_strict: bool) -> pl.Expr:
        """A column's values from its cells; what does not fit its type is an error, or NULL where not strict."""
        cell = pl.col(column.delivered_as)
        return self.bare(cell).cast(column.dtype, strict=is_strict) if self.is_text_first else cell


@dataclass
class Rejects:
    """Broken rules in the order in which they are reported, each with its first row, and the rows that are kept."""

    counts: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, dict[str, object]] = field(default_factory=dict)
    kept: list[pl.DataFrame] = field(default_factory=list)

    def add(self, order: str, bad: pl.DataFrame) -> None:
        """Take rows that break one rule; ``order`` sorts the rule among all others."""
        if bad.height:
            self.counts[order] = self.counts.get(order, 0) + bad.height
            self.firsts.setdefault(order, bad.row(0, named=True))
            left = KEPT - sum(f.height for f in self.kept)
            self.kept += [bad.head(left)] if left > 0 else []

    def add_broken(self, frame: pl.DataFrame, rules: list[Rule]) -> None:
        """Take the rows of a typed frame that break a rule; the line as delivered is not kept."""
        for number, rule in enumerate(rules):
            bad = frame.filter(rule.broken)
            if bad.height:
                value = pl.col(rule.column.name).cast(pl.String).alias("value")
                own = bad.select("source_row", value, pl.lit(None, dtype=pl.String).alias("line"))
                self.add(f"3-{number:03d}", _broken(own, rule))

    def write(self, path: Path) -> None:
        """Write the table, whole or not at all; without rejects it is empty."""
        frame = pl.concat([pl.DataFrame(schema=SCHEMA), *self.kept])
        write_parquet(frame.sort("source_row", maintain_order=True), path)

    def refusal(self, delivery: Delivery, path: Path) -> DeliveryError:
        """The error that names the first broken rule, its first row, and where all rows are."""
        order = min(self.counts)
        count, first = self.counts[order], self.firsts[order]
        total = sum(self.counts.values())
        more = f" ({count:,} rows)" if count > 1 else ""
        todo = f"look at the {total:,} rejected values in {path}, have the file corrected and deliver it again; nothing of it was stored"
        return delivery.refuse(
            f"{first['problem']}{more}", str(first["expected"]), todo,
            field=first["field"], row=first["source_row"], rule_id=first["rule_id"], failed_rows=count,
        )  # fmt: skip


def find_rejects(layout: Layout, rules: list[Rule], only_cells: bool = False) -> Rejects:
    """Read a file again and collect every row that breaks a rule or does not fit its type.

    With ``only_cells`` it is only asked whether every line has all its cells.
    """
    found = Rejects()
    for first_row, block in _blocks(layout.path):
        lines = _lines(first_row, block)
        count = pl.col("line").str.count_matches(layout.separator, literal=True) + 1
        lines = lines.with_columns(count.alias("cells"))
        ragged = lines.filter(pl.col("cells") != len(layout.header))
        problem = pl.format("the line has {} cells", "cells")
        found.add("0", _rejected(ragged, None, "LND-005", problem, f"{len(layout.header)} cells in every line"))
        if only_cells:
            continue
        undecoded = pl.col("line").str.contains("\ufffd", literal=True)
        problem = pl.lit("the line holds bytes that are not UTF-8")
        found.add("1", _rejected(lines.filter(undecoded), None, "LND-003", problem, "text in UTF-8"))
        whole = lines.filter((pl.col("cells") == len(layout.header)) & ~undecoded)
        if whole.height:
            _add_cells(found, layout, whole, rules)
    return found


def _add_cells(found: Rejects, layout: Layout, lines: pl.DataFrame, rules: list[Rule]) -> None:
    """Judge the cells of complete lines: first whether they are of their type, then every rule."""
    content = ("\n".join(lines["line"]) + "\n").encode()
    typed = pl.read_csv(
        content, has_header=False, separator=layout.separator, quote_char=None, schema=layout.schema, ignore_errors=True
    )
    cells = lines["line"].str.split_exact(layout.separator, len(layout.header) - 1).struct.rename_fields(layout.header)
    raw = cells.struct.unnest().with_columns(layout.bare(pl.all()))
    for number, column in enumerate(layout.table.columns):
        header = column.delivered_as
        value = typed.select(layout.value(column, is_strict=False).alias(column.name)).to_series()
        own = lines.with_columns(raw[header].alias("value"), value)
        unfit = own.filter(pl.col(column.name).is_null() & pl.col("value").is_not_null())
        problem = pl.format("'{}' is not a valid " + column.type, "value")
        expected = f"a value of type {column.type}"
        found.add(f"2-{number:03d}", _rejected(unfit, header, column.rule_id, problem, expected))
        fit = own.filter(pl.col(column.name).is_not_null() | pl.col("value").is_null())
        for place, rule in enumerate(r for r in rules if r.column == column):
            found.add(f"3-{number:03d}-{place}", _broken(fit.filter(rule.broken), rule))


def _broken(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    before, has_value, after = rule.problem.partition("{value}")
    value = pl.col("value").fill_null("") if has_value else pl.lit("")
    problem = pl.concat_str(pl.lit(before), value, pl.lit(after))
    return _rejected(rows, rule.column.delivered_as, rule.rule_id, problem, rule.expected)


def _rejected(rows: pl.DataFrame, header: str | None, rule_id: str, problem: pl.Expr, expected: str) -> pl.DataFrame:
    value = pl.col("value") if "value" in rows.columns else pl.lit(None)
    facts = [
        pl.lit(header).alias("field"),
        pl.lit(rule_id).alias("rule_id"),
        value.alias("value"),
        problem.alias("problem"),
    ]
    frame = rows.with_columns(*facts, pl.lit(expected).alias("expected"))
    return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines below the header, many at a time, each time with the number of the first."""
    with path.open("rb") as handle:
        handle.readline()
        row, rest = 1, b""
        while read := handle.read(BLOCK):
            block, end, after = (rest + read).rpartition(b"\n")
            if end:
                yield row, block
                row += block.count(b"\n") + 1
            rest = after
        if rest:
            yield row, rest


def _lines(first_row: int, block: bytes) -> pl.DataFrame:
    lines = pl.Series("line", block.decode("utf-8", "replace").split("\n"), dtype=pl.String).str.strip_suffix("\r")
    return lines.to_frame().with_row_index("source_row", first_row).with_columns(pl.col("source_row").cast(pl.Int64))
