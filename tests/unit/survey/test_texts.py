"""Free texts: known by their hash, listed for a person without a name, decided once, taken back, and gone with who wrote them."""

from __future__ import annotations

import csv
import io
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.dock import receive, write_meta
from ingest.erasing import erase
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.survey.text_decide import take_over
from ingest.survey.text_review import Texts, write_text_list
from tests.unit.survey.wave import as_bytes, cells
from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table
from warehouse.methods.text_coding.mapping import map_texts
from warehouse.paths import Lineage
from warehouse.privacy.erasure.tombstones import Tombstones
from warehouse.privacy.identity import identify
from warehouse.region import Region
from warehouse.settings import load
from warehouse.text_dictionary import coder_from, coder_of, dictionary_rows

SOURCES = ("limesurvey", "kobo", "survey_decision", "text_decision", "consent", "offeneregister", "register_list", "gleif", "geonames_company")  # fmt: skip
OPEN = "Federn Bauart Ohm"
SHARED = "Federn Bauart Zeta"
ONE = {"LNAME": "Probe Federn GmbH (erfunden)", "WZ": "25.93", "PLZ": "58511", "ORT": "Lüdenscheid"}
TWO = {"LNAME": "Muster Stanzteile GmbH (erfunden)", "WZ": "25.50", "PLZ": "58636", "ORT": "Iserlohn"}


def land(lineage: Lineage, region: Region) -> None:
    for name in SOURCES:
        receive(sources()[name], lineage, region, load("sample"))
    snapshots = write_meta(lineage, load("sample"))
    identify(lineage, region, snapshots, True)


def deliver(lineage: Lineage, region: Region, *rows: dict[str, str]) -> None:
    path = lineage.inbox / "limesurvey" / "results-survey-2027.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(cells(region, "2027", *rows)))
    land(lineage, region)


@pytest.fixture
def surveyed(lineage: Lineage, region: Region) -> Lineage:
    """Two companies: one text each alone knows, one both wrote, one that needs nobody."""
    first = ONE | {"PTXT[SQ001]": OPEN, "PTXT[SQ002]": "Druckfedern, federn bauart  ZETA"}
    second = TWO | {
        "PTXT[SQ001]": SHARED,
        "PTXT[SQ002]": "Federn Typ 3 info@example.invalid",
        "PTXT[SQ003]": f"Federn wie {ONE['LNAME']}",
    }
    deliver(lineage, region, first, second)
    return lineage


def listed(path: Path | None) -> list[dict[str, str]]:
    assert path is not None
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))


def filled(rows: list[dict[str, str]], where: dict[str, dict[str, str]], folder: Path, name: str = "list.csv") -> Path:
    """The list with the rows of some texts filled in."""
    person = {"Entschieden von": "Prüferin (erfunden)", "Entschieden am": "03.03.2027"}
    made = [row | (person | where[row["Text"]] if row["Text"] in where else {}) for row in rows]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes([list(made[0]), *(list(row.values()) for row in made)]))
    return path


def codes(lineage: Lineage, region: Region, text: str) -> list[tuple[object, ...]]:
    """Classification, code, status and reviewer of a text, as the models compute them."""
    found = Texts.of(lineage, region)
    [text_hash] = found.things.filter(pl.col("thing") == text)["text_hash"].unique()
    mapping = map_texts(found.things, found.decisions, found.coder).filter(text_hash=text_hash)
    return mapping.select("classification_code", "code", "status_code", "reviewer").rows()


def test_nothing_received_is_said(lineage: Lineage, region: Region) -> None:
    with pytest.raises(KettenwerkError, match="nothing has been received yet"):
        write_text_list(lineage, region)


def test_the_list_names_texts_and_industries_and_nobody(surveyed: Lineage, region: Region) -> None:
    made = write_text_list(surveyed, region)
    rows = {row["Text"]: row for row in listed(made.path)}
    assert made.path is not None and made.path.stat().st_mode & 0o077 == 0
    assert rows[OPEN]["Branchen"] == "25.93" and rows[OPEN]["Vorschlag"].startswith("HS 7320")
    # One text however it is spelt, from two industries; an automatic one is not asked.
    [shared] = [row for text, row in rows.items() if text.casefold().split() == SHARED.casefold().split()]
    assert (shared["Branchen"], shared["Unternehmen"]) == ("25.50, 25.93", "2")
    assert "Druckfedern" not in rows
    said = made.path.read_text(encoding="utf-8-sig")
    assert "erfunden" not in said and "example.invalid" not in said and "C-" not in said


def test_the_lake_holds_hashes_and_models_the_same_dictionary(surveyed: Lineage, region: Region) -> None:
    keys = read_system_table(surveyed.lake, "identity", "text_key")
    assert keys["text_hash"].str.contains("^[0-9a-f]{32}$").all()
    coder, gold = coder_from((row["part_code"], row["row_json"]) for row in dictionary_rows(region))
    assert coder.dictionary.labels == coder_of(region).dictionary.labels and len(gold) >= 400
    assert coder.scoring == coder_of(region).scoring


def test_a_text_is_decided_once_and_taken_back(surveyed: Lineage, region: Region, tmp_path: Path) -> None:
    rows = listed(write_text_list(surveyed, region).path)
    assert codes(surveyed, region, OPEN)[0][2] == "review"
    where = {
        OPEN: {"Entscheidung": "annehmen"},
        SHARED: {"Entscheidung": "code", "HS-Code": "7320", "Kompetenz": "spring_coiling"},
    }
    assert take_over(surveyed, region, filled(rows, where, tmp_path)) == 2
    [kept] = (surveyed.inbox / "text_review").glob("*.csv")
    assert "Ohm" not in kept.read_text(encoding="utf-8-sig") and kept.stat().st_mode & 0o077 == 0
    land(surveyed, region)
    assert codes(surveyed, region, OPEN) == [("HS", "7320", "decided", "Prüferin (erfunden)")]
    assert {row[1] for row in codes(surveyed, region, SHARED)} == {"7320", "spring_coiling"}
    left = {row["Text"] for row in listed(write_text_list(surveyed, region).path)}
    assert not left & {OPEN, SHARED}
    # The same text from somebody new, spelt otherwise, is not asked again.
    third = TWO | {"LNAME": "Test Biegeteile KG (erfunden)", "PTXT[SQ001]": "FEDERN  Bauart ohm"}
    deliver(surveyed, region, ONE | {"PTXT[SQ001]": OPEN}, third)
    assert write_text_list(surveyed, region).open_count == 0
    again = listed(write_text_list(surveyed, region, everything=True).path)
    undone = {row["Text"]: {"Entscheidung": "zurücknehmen"} for row in again}
    time.sleep(1.1)  # two lists of one day are told apart by the second in which they came
    take_over(surveyed, region, filled(again, undone, tmp_path, "undo.csv"))
    land(surveyed, region)
    assert codes(surveyed, region, OPEN)[0][2] == "review"


def test_a_decision_for_one_industry_holds_there_alone(surveyed: Lineage, region: Region, tmp_path: Path) -> None:
    rows = listed(write_text_list(surveyed, region).path)
    only = {SHARED: {"Entscheidung": "keiner", "Gilt für Branche": "WZ 25.50"}}
    rows = [row | {"Text": SHARED} if row["Unternehmen"] == "2" else row for row in rows]
    take_over(surveyed, region, filled(rows, only, tmp_path))
    land(surveyed, region)
    found = Texts.of(surveyed, region)
    mapping = map_texts(found.things, found.decisions, found.coder)
    split = mapping.filter(pl.col("wz2008_code") != "").select("wz2008_code", "code", "status_code").sort("wz2008_code")
    assert split.rows()[0] == ("25.50", None, "decided")
    assert [row[2] for row in split.rows()[1:]] == ["review"]
    assert mapping.filter(status_code="decided")["decided_date"].to_list() == [date(2027, 3, 3)]


WRONG = [
    ({"Entscheidung": "vielleicht"}, "is no decision"), ({"Entscheidung": "code"}, "no code is given"),
    ({"Entscheidung": "code", "HS-Code": "713"}, "no code of the classification"),
    ({"Entscheidung": "code", "Kompetenz": "zaubern"}, "no competence of the region"),
    ({"Entscheidung": "annehmen", "Entschieden von": ""}, "nobody is named"),
    ({"Entscheidung": "annehmen", "Entschieden am": "neulich"}, "is no day"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "problem"), WRONG)
def test_a_decision_that_decides_nothing_is_refused(
    surveyed: Lineage, region: Region, tmp_path: Path, said: dict[str, str], problem: str
) -> None:
    path = filled(listed(write_text_list(surveyed, region).path), {OPEN: said}, tmp_path)
    with pytest.raises(DeliveryError, match=problem):
        take_over(surveyed, region, path)
    assert not list((surveyed.inbox / "text_review").glob("*"))


def test_a_list_without_a_decision_is_said(surveyed: Lineage, region: Region, tmp_path: Path) -> None:
    path = filled(listed(write_text_list(surveyed, region).path), {}, tmp_path)
    with pytest.raises(KettenwerkError, match="no row has a decision"):
        take_over(surveyed, region, path)


def test_a_text_goes_with_the_only_company_that_wrote_it(surveyed: Lineage, region: Region) -> None:
    """The filled-in list lies in the inbox with its texts, and has landed: only the rows of texts nobody else wrote go."""
    rows = listed(write_text_list(surveyed, region).path)
    decided = {row["Text"]: {"Entscheidung": "annehmen"} for row in rows}
    dropped = filled(rows, decided, surveyed.inbox / "text_review")
    land(surveyed, region)
    [own] = {row["Text-ID"] for row in rows if row["Text"] == OPEN}
    [shared] = {row["Text-ID"] for row in rows if row["Unternehmen"] == "2"}
    erase(load("sample"), region, "2027:1", "test")
    log = pl.concat([pl.read_parquet(p) for p in (surveyed.lake / "text_decision" / "decision").glob("*.parquet")])
    assert own not in set(log["text_hash"]) and shared in set(log["text_hash"])
    assert OPEN not in dropped.read_text(encoding="utf-8-sig") and shared in dropped.read_text(encoding="utf-8-sig")
    held = read_system_table(surveyed.lake, "identity", "text_key")
    assert own not in set(held["text_hash"]) and shared in set(held["text_hash"])
    assert Tombstones.of(surveyed).has_text(own) and not Tombstones.of(surveyed).has_text(shared)
    # Delivered again, the old list brings nothing back; written by somebody else, the text is theirs.
    filled(rows, decided, surveyed.inbox / "text_review", "again.csv")
    land(surveyed, region)
    log = pl.concat([pl.read_parquet(p) for p in (surveyed.lake / "text_decision" / "decision").glob("*.parquet")])
    assert own not in set(log["text_hash"])
    deliver(surveyed, region, TWO | {"id": "9", "PTXT[SQ001]": OPEN})
    assert not Tombstones.of(surveyed).has_text(own)
    assert OPEN in {row["Text"] for row in listed(write_text_list(surveyed, region).path)}
