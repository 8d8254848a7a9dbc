"""The review list goes out as a CSV without formulas, comes back with decisions, and those hold for later deliveries."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from ingest.dock import receive, write_meta
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.survey.review import write_review_list
from tests.unit.survey.wave import as_bytes, cells
from warehouse.errors import KettenwerkError
from warehouse.methods.survey_decisions import resolve
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import load

SOURCES = ("limesurvey", "kobo", "survey_decision")
GIVEN = {"ELECMWH": "1.234", "GASMWH": "ca. 40", "HEADC": "=1+1", "WZ": "2550", "ENCOST": "30-40"}


def _land(lineage: Lineage, region: Region) -> None:
    for name in SOURCES:
        receive(sources()[name], lineage, region, load("sample"))
    write_meta(lineage, load("sample"))


def _survey(lineage: Lineage, region: Region, *rows: dict[str, str]) -> None:
    path = lineage.inbox / "limesurvey" / "results-survey-2027.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(cells(region, "2027", *rows)))
    _land(lineage, region)


def _decided(lineage: Lineage, region: Region, decisions: dict[str, tuple[str, str]], name: str = "one") -> None:
    """Fill in the list by question, as a German spreadsheet saves it (Windows-1252), and put it into the inbox."""
    made = write_review_list(lineage, region, "2027")
    assert made.path is not None and made.path.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(io.StringIO(made.path.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))
    header = rows[0]
    for row in rows[1:]:
        decision, value = decisions.get(row[header.index("Frage")], ("", ""))
        filled = {
            "Entscheidung": decision,
            "Neuer Wert": value,
            "Entschieden von": "Prüferin (erfunden)",
            "Entschieden am": "03.03.2027",
        }
        for column, text in filled.items():
            row[header.index(column)] = text if decision else ""
    target = lineage.inbox / "survey_review" / f"{name}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(as_bytes(rows, encoding="cp1252"))
    _land(lineage, region)


def _resolved(lineage: Lineage) -> dict[str, tuple[str, float | None, str | None]]:
    review = pl.read_parquet(lineage.lake / "limesurvey" / "review" / "*.parquet")
    decisions = pl.read_parquet(lineage.lake / "survey_decision" / "decision" / "*.parquet")
    columns = ("question_concept_id", "decided_status", "decided_num", "decided_code")
    return {row[0]: row[1:] for row in resolve(review, decisions).select(columns).iter_rows()}


def test_nothing_received_is_said(lineage: Lineage, region: Region) -> None:
    with pytest.raises(KettenwerkError, match="nothing has been received yet"):
        write_review_list(lineage, region, None)


def test_decisions_come_back_and_hold(lineage: Lineage, region: Region) -> None:
    """Value, proposal and rejection; a later delivery with the same text needs no new decision, another text does."""
    _survey(lineage, region, GIVEN)
    made = write_review_list(lineage, region, "2027")
    assert made.open_count == len(GIVEN)
    text = made.path.read_text(encoding="utf-8-sig") if made.path else ""
    assert '"\'=1+1"' in text and '"=1+1"' not in text
    decisions = {
        "ELEC_MWH": ("wert", "1234"),
        "GAS_MWH": ("annehmen", ""),
        "HEADCOUNT": ("verwerfen", ""),
        "MAIN_WZ": ("annehmen", ""),
    }
    _decided(lineage, region, decisions)
    assert _resolved(lineage) == {
        "ELEC_MWH": ("answered", 1234.0, None), "GAS_MWH": ("answered", 40.0, None),
        "HEADCOUNT": ("invalid", None, None), "MAIN_WZ": ("answered", None, "25.50"),
    }  # fmt: skip
    log = pl.read_parquet(lineage.lake / "survey_decision" / "decision" / "*.parquet")
    assert set(log.select("wave_id", "response_id").iter_rows()) == {("2027", "1")}
    _survey(lineage, region, {**GIVEN, "GASMWH": "ca. 60"}, {"HEADC": "50"})
    open_now = write_review_list(lineage, region, "2027").rows
    assert sorted(open_now["question_concept_id"]) == ["ENERGY_COST_SHARE", "GAS_MWH"]
    # A second list under the name of the first takes nothing back.
    _decided(lineage, region, {"ENERGY_COST_SHARE": ("annehmen", "")})
    assert _resolved(lineage)["ENERGY_COST_SHARE"] == ("answered", 35.0, None)
    assert _resolved(lineage)["ELEC_MWH"] == ("answered", 1234.0, None)


WRONG = [
    (("vielleicht", ""), "is no decision"), (("wert", ""), "no value is given"), (("wert", "1.234"), "two readings"), (("wert", "-5"), "two readings"),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "said"), WRONG)
def test_a_decision_that_decides_nothing_is_refused(
    lineage: Lineage, region: Region, decision: tuple[str, str], said: str
) -> None:
    _survey(lineage, region, GIVEN)
    with pytest.raises(DeliveryError, match=said):
        _decided(lineage, region, {"ELEC_MWH": decision})
