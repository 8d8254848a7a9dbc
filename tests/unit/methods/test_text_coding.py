"""Texts to codes: parts named by their process, and one row per text with what a person decided laid over it."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from warehouse.methods.text_coding import Coder, Context
from warehouse.methods.text_coding.mapping import THING, map_texts, shares
from warehouse.methods.text_coding.normal import key
from warehouse.region import Region
from warehouse.text_dictionary import coder_of

DECISION = {
    "text_hash": pl.String, "wz2008_code": pl.String, "decision_code": pl.String, "hs_code": pl.String, "competence_id": pl.String,
    "kldb_code": pl.String, "decided_by": pl.String, "decided_on": pl.Date, "received_at": pl.Datetime, "source_row": pl.Int64,
}  # fmt: skip
DAY = date(2027, 3, 1)


@pytest.fixture(scope="module")
def coder(region: Region) -> Coder:
    return coder_of(region)


def things(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Hash, text and industry of answers to the question for products."""
    full = [(text_hash, text, "", "PRODUCT_TEXT", wz) for text_hash, text, wz in rows]
    return pl.DataFrame(full, schema=dict.fromkeys(THING, pl.String()), orient="row")


def decisions(*rows: tuple[str, str, str, str | None, int, int]) -> pl.DataFrame:
    """Hash, industry, decision, HS code, hour it was received at, row of the list; all of one day."""
    full = [
        (h, wz, what, hs, None, None, "Prüferin (erfunden)", DAY, datetime(2027, 3, 2, hour), row)
        for h, wz, what, hs, hour, row in rows
    ]
    return pl.DataFrame(full, schema=DECISION, orient="row")


def facts(mapping: pl.DataFrame) -> list[tuple[object, ...]]:
    return mapping.select("text_hash", "wz2008_code", "classification_code", "code", "status_code").rows()


# A part is known by how it is made, and classified by its material only where that is how the list does it.
PARTS = [
    ("Stanzteile", "25.50", {"HS": "7326", "COMPETENCE": "stamping"}),
    ("Stanzteile aus Messing", "27.33", {"HS": "7419", "COMPETENCE": "stamping"}),
    ("Honteile", "25.62", {"HS": "7326", "COMPETENCE": "grp_machining"}),
    ("Präzisionsstanzteile", "", {"COMPETENCE": "stamping"}),
    ("Lackierteile", "25.61", {"COMPETENCE": "coating"}),
    ("Härteteile", "25.61", {"COMPETENCE": "heat_treatment"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wz", "wanted"), PARTS, ids=[p[0] for p in PARTS])
def test_a_part_is_known_by_its_process(coder: Coder, text: str, wz: str, wanted: dict[str, str]) -> None:
    found = coder.code(text, Context("PRODUCT_TEXT", wz))
    assert {c.classification: c.code for c in found if c.status == "automatic"} == wanted
    assert {c.method for c in found} == {"process_part"}


@pytest.mark.parametrize("text", ["Sägeteile", "Walzteile", "Federteile", "Maschinenteile", "Teile", "Schneidteile"])
def test_a_word_that_is_no_process_alone_decides_nothing(coder: Coder, text: str) -> None:
    """A 'Sägeteil' is sawn, or a part of a saw; 'Schneidteile' is no slip of the pen for 'Schleifteile'."""
    assert [c for c in coder.code(text, Context("PRODUCT_TEXT", "25.62")) if c.status == "automatic"] == []


def test_one_text_is_known_however_it_is_written() -> None:
    assert key("Druckfedern", "", "product") == key("  druckfeder ", "", "product") == key("DRUCKFEDERN", "", "product")
    assert key("Federn", "", "product") != key("Federn", "", "occupation")
    assert key("Buchsen", "Messing", "product") != key("Buchsen", "Stahl", "product")
    assert key("?!", "", "product") != key("--", "", "product")


def test_a_text_is_one_row_where_the_industry_changes_nothing(coder: Coder) -> None:
    made = map_texts(things(("t", "Druckfedern", "25.93"), ("t", "Druckfedern", "28.14")), decisions(), coder)
    assert facts(made) == [
        ("t", "", "COMPETENCE", "spring_coiling", "automatic"),
        ("t", "", "HS", "732020", "automatic"),
    ]
    assert made["edition"].to_list() == ["region", "HS2017"]


def test_a_text_is_split_where_the_industry_changes_its_code(coder: Coder) -> None:
    made = map_texts(things(("t", "Stanzteile", "25.50"), ("t", "Stanzteile", "22.29")), decisions(), coder)
    hs = made.filter(classification_code="HS").select("wz2008_code", "code").rows()
    assert hs == [("22.29", "3926"), ("25.50", "7326")]


def test_the_newest_decision_holds_and_may_be_taken_back(coder: Coder) -> None:
    text = things(("t", "Unfug Bauart Ohm", "25.50"))
    first, second, undo = (
        ("t", "", "code", "7318", 8, 1),
        ("t", "", "code", "7320", 9, 1),
        ("t", "", "undo", None, 10, 1),
    )
    assert facts(map_texts(text, decisions(second, first), coder)) == [("t", "", "HS", "7320", "decided")]
    assert facts(map_texts(text, decisions(undo, first, second), coder))[0][4] in ("review", "uncoded")
    nothing = map_texts(text, decisions(("t", "", "none", None, 8, 1)), coder)
    assert facts(nothing) == [("t", "", "HS", None, "decided")]
    assert nothing.select("reviewer", "decided_date", "method_code").row(0) == ("Prüferin (erfunden)", DAY, "reviewed")


def test_a_decision_for_one_industry_leaves_the_others_open(coder: Coder) -> None:
    text = things(("t", "Unfug Bauart Ohm", "25.50"), ("t", "Unfug Bauart Ohm", "28.14"))
    made = map_texts(text, decisions(("t", "28.14", "code", "8481", 8, 1)), coder)
    assert [(wz, code) for _, wz, _, code, status in facts(made) if status == "decided"] == [("28.14", "8481")]
    assert {wz for _, wz, *_ in facts(made)} == {"25.50", "28.14"}


def test_a_text_that_waits_anywhere_waits() -> None:
    made = pl.DataFrame(
        [("a", "automatic"), ("a", "automatic"), ("b", "automatic"), ("b", "review"), ("c", "uncoded"), ("d", "decided")],
        schema=["text_hash", "status_code"], orient="row",
    )  # fmt: skip
    assert shares(made) == {"texts": 4, "review": 1, "uncoded": 1, "decided": 1, "automatic": 1}
