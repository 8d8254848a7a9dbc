"""The Federal Employment Agency's site as it behaves: a file lies behind ``?__blob=publicationFile``, a page without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.replay.server import PAGE, Reply, Request
from tests.replay.workbook import Cell, workbook

TABLE = "gemband-dlk-0-202406"
FILE = f"{TABLE}-xlsx.xlsx"
PATH = f"202406/iiia6/beschaeftigung-sozbe-gemband/{FILE}"
SHEET = "Wirtschaftsabteilungen"
MAPPING = f"""\
table_code: gemband-dlk
unit_label: Anzahl
wz_revision: WZ2008
sheet: {SHEET}
header_row: [5, 6]
ends_before: Quelle
fill_down: [region_code, region_label]
columns: {{region_code: Schlüssel, region_label: Region}}
values:
  - {{column: Insgesamt, indicator_code: employees}}
  - {{column: darunter | Frauen, indicator_code: employees, characteristic_code: sex=female}}
  - {{pattern: '(davon \\| )?(?P<wz>\\d{{2}}) .+', indicator_code: employees}}
"""
ROWS: list[list[Cell]] = [
    ["05999", "Probekreis", 1234, 600, 1000, "*", "-"],
    ["05998", "Probestadt", 77.0, ".", "x", 70, 0],
]


def table(rows: Sequence[Sequence[Cell]] = ROWS, more: Sequence[Sequence[Cell]] = ()) -> bytes:
    """An invented table with a preamble, a header of two rows, merged cells, signs and a footnote."""
    head: list[list[Cell]] = [
        ["Sozialversicherungspflichtig Beschäftigte (erfunden)"], [], ["Stichtag: 30.06.2024"], [],
        ["Schlüssel", "Region", "Insgesamt", "darunter", "davon", None, None],
        [None, None, None, "Frauen", "24 Metallerzeugung", "25 Metallerzeugnisse", "29 Kraftwagen"],
    ]  # fmt: skip
    foot: list[list[Cell]] = [["Quelle: Probestatistik"], ["*) Werte kleiner 3"]]
    cover: list[list[Cell]] = [["Impressum"]]
    return workbook(
        {"Impressum": cover, SHEET: [*head, *rows, *more, *foot]}, {SHEET: ["D5:D5", "E5:G5", "A5:A6", "B5:B6"]}
    )


@dataclass
class Ba:
    """The site. ``publish`` puts a file there or a newer one in its place; ``says_state`` sends Last-Modified."""

    prefix: str = "/"
    says_state: bool = True
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def publish(self, path: str, content: bytes, date: str) -> None:
        self.files[path] = (content, date)

    def answer(self, request: Request) -> Reply:
        path = request.path.lstrip("/")
        if path not in self.files:
            return Reply(PAGE, 404, "text/html; charset=utf-8")
        if request.query.get("__blob") != "publicationFile":
            return Reply(PAGE, 200, "text/html; charset=utf-8")
        content, date = self.files[path]
        headers = {"Last-Modified": date} if self.says_state else {}
        return Reply(content, 200, "application/octet-stream", headers, ranges=self.says_state)
