"""Five thousand hostile cells: nothing crashes, nothing is executed, and no number comes out that was not written.

The right value of a number is known before it is written (``spellings``), or follows from two plain conventions that know nothing of
the reader. The last tests break the reader, so that a clean result means something.
"""

from __future__ import annotations

import random
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import DeliveryError
from ingest.survey import numbers
from ingest.survey.book import load_book
from ingest.survey.damage import FORMS
from ingest.survey.numbers import Cell, Unit, read_number
from ingest.survey.review import as_csv
from ingest.survey.text import clean, repaired
from tests.unit.survey.spellings import SPELLINGS, meanings
from tests.unit.survey.wave import as_bytes, cells, read_bytes
from warehouse.region import Region
from warehouse.spreadsheet import unarmed

SEED = 2027
EXAMPLES, CELLS_EACH = 200, 25
CELLS = EXAMPLES * CELLS_EACH
FORMULAE = ["=cmd|' /C calc'!A0", "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.invalid")', "'=1"]
FRAGMENTS = [
    "';DROP TABLE answer;--",
    "' OR 1=1 --",
    "{{ config() }}",
    "{% raw %}",
    "{{ 7*7 }}",
    "${HOME}",
    "$(id)",
    "<script>",
    "%s%n",
]
CONTROLS = ["\x00", "\x07", "\x1b[31m", "\u202e", "\ufeff", "\u00ad", "\ud7ff", "\x85", "\u2028"]
MIXED = [
    "MÃ¤r",
    "Ã\u0083Â¤",
    "â‚¬",
    "ä",
    "u\u0308",
    "١٢",
    "４０",
    "5²",
    "½",
    "Ⅳ",
    "\U0001f600",
    "Gr\u00fc\u00dfe".encode().decode("cp1252"),
]
NUMBERS = ["1.234", "1,234", "1e999", "NaN", "inf", "0x1F", "1_000", "--5", "1..2", "99999999999999999999", "ca.", "~", "30-40", "> 50", "%",
           "€", "Mio", "07. Mrz", "1.234,5", "12", "7"]  # fmt: skip
PIECES = [
    *FORMULAE,
    *FRAGMENTS,
    *CONTROLS,
    *MIXED,
    *NUMBERS,
    "\n",
    "\r\n",
    ";",
    ",",
    "\t",
    '"',
    "'",
    "|",
    " ",
    "x" * 5_000,
]
COLUMNS = ["PTXT[SQ001]", "IDEATXT[SQ001]", "LNAME", "WZ", "PHS[SQ001]", "RNO", "PLZ", "ORT", "ELECEND", "OCC[SQ001]"]

pieces = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
hostile = st.one_of(
    pieces,
    st.text(max_size=40),
    st.text(max_size=20).map(lambda t: t.encode("utf-8", "ignore").decode("cp1252", "replace")),
)
wholes, fractions = st.integers(0, 999_999_999), st.from_regex(r"[0-9]{0,4}", fullmatch=True)
quick = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module")
def mwh(region: Region) -> Unit:
    return load_book(region, "2027").unit("MWh_per_year")


def no_number_nobody_wrote(text: str, unit: Unit) -> Cell | None:
    """A number that is read is the only one the text can mean."""
    text = clean(repaired(text))
    cell = read_number(text, unit) if text else None
    if cell is not None and cell.value is not None:
        assert {float(value) for value in meanings(text)} == {cell.value}, (text, cell)
    return cell


def comes_back(name: str, whole: int, decimals: str, unit: Unit) -> None:
    """A spelling gives the number it was made from; where two conventions differ it is set aside with both."""
    text, exact = SPELLINGS[name](whole, decimals)
    plain = clean(repaired(text))
    cell, possible = read_number(plain, unit), meanings(plain)
    assert exact in possible, (text, possible)
    if len(possible) > 1:
        assert cell.status == "ambiguous" and cell.value is None, (text, cell)
        assert {Decimal(p) for p in str(cell.proposal).split(" | ")} == possible, (text, cell)
    else:
        assert cell.status == "answered" and cell.value == float(exact), (text, cell)


@quick
@given(st.lists(hostile, min_size=CELLS_EACH, max_size=CELLS_EACH))
def test_five_thousand_hostile_cells_leave_no_number_nobody_wrote(mwh: Unit, texts: list[str]) -> None:
    for text in texts:
        no_number_nobody_wrote(text, mwh)


@pytest.mark.parametrize("name", SPELLINGS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=wholes, decimals=fractions)
def test_a_number_in_twenty_spellings_comes_back(mwh: Unit, name: str, whole: int, decimals: str) -> None:
    comes_back(name, whole, decimals, mwh)


def test_there_are_twenty_spellings() -> None:
    assert len(SPELLINGS) >= 20
    assert {len(meanings(t)) for t in ("1.234", "1,234")} == {2}
    assert (
        meanings("1.234,5") == {Decimal("1234.5")}
        and meanings("1,5 Mio") == {Decimal(1_500_000)}
        and meanings("viel") == set()
    )


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_set_aside(text: str) -> None:
    """Every reading of every form gives a status, never an error, and a value only where it is answered."""
    plain = clean(repaired(text))
    for cell in [read_number(plain, Unit()), *(form(plain) for form in FORMS.values())]:
        assert cell.status in ("answered", "invalid", "ambiguous", "range", "approximate")
        assert cell.status == "answered" or (cell.value is None and cell.code is None and cell.finding)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(pieces, st.sampled_from(FORMULAE).flatmap(lambda f: st.text(max_size=10).map(lambda t: t + f))))
def test_no_cell_of_the_list_is_a_formula(text: str) -> None:
    assert not re.match(r"\s*[=+@\t\r-]", unarmed(clean(text)))


def test_a_whole_file_of_hostile_cells(tmp_path: Path, region: Region) -> None:
    """Texts and numbers of a delivery: every response lands as written, nothing is carried out, the list has no formula."""
    rng = random.Random(SEED)
    rows = [
        {c: "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 4))).replace("\x00", "") for c in COLUMNS}
        for _ in range(CELLS // len(COLUMNS))
    ]
    got = read_bytes(tmp_path, region, "2027", as_bytes(cells(region, "2027", *rows), encoding="utf-8"))
    assert got.response.height == len(rows)
    written = {n: clean(repaired(row["PTXT[SQ001]"])) for n, row in enumerate(rows, 1)}
    said = got.answer.filter(question_concept_id="PRODUCT_TEXT", item_code="1")
    assert {int(n): text for n, text in said.select("response_id", "raw_value").iter_rows()} == {
        n: t for n, t in written.items() if t
    }
    target = tmp_path / "answer.parquet"
    got.answer.write_parquet(target)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE answer AS SELECT * FROM read_parquet(?)", [str(target)])
        assert connection.execute("SELECT count(*) FROM answer").fetchall() == [(got.answer.height,)]
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


NEVER = re.compile(r"(?!)")
BROKEN = {
    "a point is always a decimal": ({"EITHER": NEVER, "DECIMAL": re.compile(r"[0-9]+|[0-9]+[.,][0-9]+")}, ["point", "comma"]),
    "one group is always thousands": ({"EITHER": NEVER, "GROUPED": re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")}, ["german", "point"]),
    "german is read as english": ({"GERMAN": NEVER, "ENGLISH": re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})*[.,][0-9]+")}, ["german"]),
    "blanks between thousands are unknown": ({"SPACED": NEVER}, ["blanks", "swiss"]),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_reader_is_noticed(mwh: Unit, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """The same checks, over a reader that takes one thing wrong."""
    patterns, spellings = BROKEN[broken]
    for name, pattern in patterns.items():
        monkeypatch.setattr(numbers, name, pattern)
    failed = 0
    for name in spellings:
        for whole, decimals in ((1, "234"), (12, "345"), (1234, ""), (1_234_567, "5"), (1_234_567, "891")):
            try:
                comes_back(name, whole, decimals, mwh)
            except (AssertionError, ArithmeticError):
                failed += 1
    assert failed, broken
