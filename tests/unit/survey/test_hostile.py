"""Five thousand hostile cells: nothing crashes, nothing is executed, and no number comes out that was not written."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DeliveryError
from ingest.survey.book import Book, load_book
from ingest.survey.damage import FORMS
from ingest.survey.numbers import read_number
from ingest.survey.review import as_csv
from ingest.survey.text import clean, repaired
from tests.unit.survey.wave import as_bytes, cells, read_bytes
from warehouse.region import Region

CELLS = 5_000
SEED = 2027
PIECES = [
    "=cmd|' /C calc'!A0", "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "';DROP TABLE answer;--", "{{ config() }}", "{% raw %}", "${HOME}", "$(id)",
    "<script>", "%s%n", "\x00", "\x1b[31m", "\u202e", "\ufeff", "\u00ad", "\ud7ff", "MÃ¤r", "Ã\u0083Â¤", "ä", "u\u0308", "١٢", "４０", "5²", "½", "Ⅳ",
    "1.234", "1,234", "1e999", "NaN", "inf", "0x1F", "1_000", "--5", "1..2", "99999999999999999999", "ca.", "~", "30-40", "> 50", "%", "€", "Mio", "07. Mrz",
    "\n", "\r\n", ";", ",", "\t", '"', "'", "|", " ", "x" * 5_000, "\U0001f600",
]  # fmt: skip
SPELLINGS = [
    "{d}", " {d} ", "+{d}", "{d},0", "{d}.0", "{d},00", "{d}.00", "{d},50", "{d}.50", "{d} MWh", "{d}MWh", "{d} mwh", "{d} MWh.", "{d},-", "{d},--",
    "{d}.0000000000", "\u00a0{d}", "{d}\u200b", "0{d}", "{d} Tsd", "{d} Mio",
]  # fmt: skip


@pytest.fixture(scope="module")
def book(region: Region) -> Book:
    return load_book(region, "2027")


def _hostile(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 4)))


def test_hostile_cells_leave_no_number_nobody_wrote(book: Book) -> None:
    """Whatever is read as a number stands in the cell as plain digits, times a factor that a word beside it says."""
    rng = random.Random(SEED)
    unit = book.unit("MWh_per_year")
    for _ in range(CELLS):
        text = clean(repaired(_hostile(rng)))
        cell = read_number(text, unit) if text else None
        if cell is None or cell.value is None:
            continue
        digits = "".join(re.findall("[0-9]", text)).lstrip("0")
        plain = re.sub("[^0-9]", "", f"{abs(cell.value):.10f}").strip("0")
        assert text.isascii() or "\u20ac" in text, text
        assert plain == digits.strip("0"), (text, cell)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_twenty_spellings_of_a_number(book: Book, spelling: str) -> None:
    unit = book.unit("MWh_per_year")
    factor = 1e6 if "Mio" in spelling else 1e3 if "Tsd" in spelling else 1
    for number in (7, 12, 345, 6789):
        cell = read_number(clean(spelling.format(d=number)), unit)
        assert cell.value == (number + (0.5 if "50" in spelling else 0)) * factor


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_set_aside(text: str) -> None:
    """Every reading of every form gives a status, never an error, and a value only where it is answered."""
    from ingest.survey.numbers import Unit

    plain = clean(repaired(text))
    for cell in [read_number(plain, Unit()), *(form(plain) for form in FORMS.values())]:
        assert cell.status in ("answered", "invalid", "ambiguous", "range", "approximate")
        assert cell.status == "answered" or (cell.value is None and cell.code is None and cell.finding)


def test_a_whole_file_of_hostile_cells(tmp_path: Path, region: Region) -> None:
    """Texts and numbers of a delivery: every response lands, nothing is answered that is no number, the list has no formula."""
    rng = random.Random(SEED)
    columns = [
        "PTXT[SQ001]",
        "IDEATXT[SQ001]",
        "LNAME",
        "WZ",
        "PHS[SQ001]",
        "RNO",
        "PLZ",
        "ORT",
        "ELECEND",
        "OCC[SQ001]",
    ]
    rows = [{c: _hostile(rng).replace("\x00", "") for c in columns} for _ in range(CELLS // len(columns))]
    got = read_bytes(tmp_path, region, "2027", as_bytes(cells(region, "2027", *rows), encoding="utf-8"))
    assert got.response.height == len(rows)
    listed = got.review.with_columns(decision_code=None, label_de=None, todo_de=None)
    for line in as_csv(listed).splitlines():
        assert not re.search(r'(^|;)"\s*[=+@-]', line), line[:200]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, region: Region, content: bytes
) -> None:
    """Bytes that are no export are refused in words, never with an error of a library."""
    with pytest.raises(DeliveryError):
        read_bytes(tmp_path_factory.mktemp("any"), region, "2027", content or b"\n")
