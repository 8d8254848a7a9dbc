"""Where the table lies in a grid: the header among one or two rows, the rows of responses, and what is left out.

Belongs here: header rows, empty columns at the end, rows of totals, rows of another width. Does not belong here: what a
column or a cell means.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.delivery import Delivery
from ingest.survey.grid import Grid
from ingest.survey.headers import Columns, Names, recognise
from ingest.survey.text import folded

LOOKED_AT = 2
SHOWN = 5


@dataclass(frozen=True)
class Layout:
    """Columns of the codebook by place, and rows with their number below the header (from 1)."""

    columns: Columns
    places: dict[int, str]
    rows: list[tuple[int, list[str]]]
    total_count: int


def find_table(delivery: Delivery, grid: Grid, names: Names, id_column: str, total_words: set[str]) -> Layout:
    """The table of a grid.

    Args:
        id_column: the codebook's column of the response id; its header is what tells the header row.
        total_words: folded words that begin a row of totals.

    Raises:
        DeliveryError: no header, columns nobody knows, or a row that does not fit it.
    """
    rows = [(number, row) for number, row in enumerate(grid.rows) if any(row)]
    told = [recognise(row, names) for _, row in rows[:LOOKED_AT]]
    fits = [i for i, columns in enumerate(told) if id_column in columns.named.values()]
    if not fits:
        _refuse_header(delivery, told, id_column)
    at = fits[0]
    columns, header = told[at], rows[at][1]
    _refuse_unknown(delivery, columns)
    _refuse_repeated(delivery, header)
    places = {i: columns.named.get(h) or columns.merged.get(h, "") for i, h in enumerate(header)}
    body = rows[at + 1 :]
    id_place = next(i for i, column in places.items() if column == id_column)
    if body and _is_second_header(body[0][1], id_place):
        body = body[1:]
    start = (body[0][0] if body else 0) - 1
    numbered = [(number - start, row) for number, row in body]
    kept, totals = _without_totals(numbered, id_place, total_words)
    width = len(header)
    return Layout(
        columns,
        {i: c for i, c in places.items() if c},
        [_fitted(delivery, n, r, width, header) for n, r in kept],
        totals,
    )


def _refuse_header(delivery: Delivery, told: list[Columns], id_column: str) -> None:
    if told:
        best = max(told, key=lambda c: len(c.named))
        if best.unknown and len(best.named) > SHOWN:
            _refuse_unknown(delivery, best)
    raise delivery.refuse(
        f"column '{id_column}' is missing", "the columns of every LimeSurvey export and the consent block",
        "export with question codes as headers, in the questionnaire version of this wave", field=id_column, rule_id="SRV-003",
    )  # fmt: skip


def _refuse_unknown(delivery: Delivery, columns: Columns) -> None:
    if columns.unknown:
        raise delivery.refuse(
            f"unknown column{'s' if len(columns.unknown) > 1 else ''} {', '.join(repr(u) for u in columns.unknown[:SHOWN])}"
            f" (the other headers are of the style '{columns.style}')",
            "only questions of the wave's codebook, all under headers of one style",
            "add the question to survey/codebook_<wave>.csv (field codes: to the wave's field_codes), or export the questionnaire version of this wave",
            field=columns.unknown[0], rule_id="SRV-001",
        )  # fmt: skip


def _refuse_repeated(delivery: Delivery, header: list[str]) -> None:
    twice = next((h for i, h in enumerate(header) if h and h in header[:i]), None)
    if twice is not None:
        raise delivery.refuse(
            f"column '{twice}' stands there twice", "every question once", "remove one of them and deliver again",
            field=twice, rule_id="SRV-001",
        )  # fmt: skip


def _is_second_header(row: list[str], id_place: int) -> bool:
    """A row below the header whose id is words: the questions' texts. An empty id is no header."""
    value = row[id_place] if id_place < len(row) else ""
    return bool(value) and not any(c.isdigit() for c in value) and sum(bool(cell) for cell in row) > len(row) / 2


def _without_totals(
    rows: list[tuple[int, list[str]]], id_place: int, words: set[str]
) -> tuple[list[tuple[int, list[str]]], int]:
    """Rows of totals end a table and carry a word for it, in the id's column or, where that is empty, in the first cell."""
    kept = list(rows)
    while kept:
        row = kept[-1][1]
        own = row[id_place] if id_place < len(row) else ""
        first = folded(own or next((cell for cell in row if cell), ""))
        if first.split(" ")[0] not in words:
            break
        kept.pop()
    return kept, len(rows) - len(kept)


def _fitted(delivery: Delivery, number: int, row: list[str], width: int, header: list[str]) -> tuple[int, list[str]]:
    if (len(row) < width and any(header[len(row) :])) or any(row[width:]):
        raise delivery.refuse(
            f"there are {len(row)} cells", f"{width}, as the header has",
            "look at this row: a separator or line break inside a text needs quotes", row=number, rule_id="LND-002",
        )  # fmt: skip
    if filled := next((i for i, cell in enumerate(row[:width]) if cell and not header[i]), None):
        raise delivery.refuse(
            f"column {filled + 1} has answers and no header", "a header over every column that is not empty",
            "export again, or remove the column", row=number, rule_id="SRV-001",
        )  # fmt: skip
    return number, row[:width] + [""] * (width - len(row))
