"""Lists that a user supplies: nothing is read that the mapping does not name, and every fault names its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from ingest.delivery import unclaimed
from ingest.dock import Receipt, receive, write_meta
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.sources.register_list import EXAMPLE, normal_entry
from tests.replay.workbook import Cell, workbook
from warehouse.lake import read_system_table
from warehouse.paths import Lineage
from warehouse.privacy.identity import identify
from warehouse.region import Region
from warehouse.settings import Settings

HEADER = ["Firma", "Register", "Gericht", "Ort", "Straße", "PLZ", "Status", "Seit", "Geschäftsführer", "Geburtsdatum"]
ROWS: list[list[Cell]] = [
    ["Probe Draht GmbH (erfunden)", "HRB 00123", "R9999", "Nirgendwo", "Werkweg 1", "09999", "eingetragen", date(2001, 2, 3), "Lieschen Probe", "01.01.1970"],
    ["Probe Feder GmbH & Co. KG (erfunden)", "hra 45 b", "Amtsgericht Nirgendwo", "Nirgendwo", "Werkweg 2", "09999", "in Liquidation", None, "", ""],
    ["Paul Probe e.K. (erfunden)", "HRA 7", "R9999", "Nirgendwo", "Wohnweg 3", "09999", "gelöscht", "4.5.2020", "Paul Probe", "02.02.1971"],
    ["Probehandel Paula Probe (erfunden)", None, None, "Nirgendwo", "Wohnweg 4", "09999", None, None, None, None],
]  # fmt: skip
MAPPING: dict[str, Any] = {
    "publisher": "Probekammer (erfunden)",
    "licence": "only for tests",
    "retrieved_at": date(2026, 3, 1),
    "date_format": "%d.%m.%Y",
    "columns": {
        "company_name": "Firma", "register_entry": "Register", "court": "Gericht", "seat": "Ort", "street": "Straße",
        "postcode": "PLZ", "status": "Status", "status_date": "Seit",
    },
    "status_values": {"Eingetragen": "registered", "in Liquidation": "liquidation", "gelöscht": "removed"},
}  # fmt: skip
Drop = Callable[..., Receipt]


def book(*rows: list[Cell], header: list[Any] | None = None, **more: Any) -> bytes:
    return workbook({"Firmen": [header or HEADER, *(rows or ROWS)]}, **more)


def text(rows: list[list[Cell]] = ROWS, encoding: str = "utf-8-sig") -> bytes:
    lines = [";".join("" if c is None else f"{c:%d.%m.%Y}" if isinstance(c, date) else str(c) for c in row) for row in [HEADER, *rows]]  # fmt: skip
    return "\n".join([*lines, ""]).encode(encoding)


def mapping(*without: str, **more: Any) -> str:
    said = {k: v for k, v in (MAPPING | more).items() if k not in without}
    return yaml.safe_dump(said, allow_unicode=True)


def columns(*without: str, **more: str) -> str:
    return mapping(columns={k: v for k, v in (MAPPING["columns"] | more).items() if k not in without})


@pytest.fixture
def drop(lineage: Lineage, region: Region, tmp_path: Path) -> Drop:
    """Put a list and its mapping into the inbox and receive it."""

    def drop_it(content: bytes | None, mapped: str | None = None, name: str = "liste.xlsx", where: Region = region) -> Receipt:  # fmt: skip
        folder = lineage.inbox / "register_list"
        folder.mkdir(exist_ok=True)
        if content is not None:
            (folder / name).write_bytes(content)
        if mapped is not None:
            (folder / f"{name}.mapping.yml").write_text(mapped, encoding="utf-8")
        settings = Settings(tmp_path / "home", "sample", "", tmp_path / "real", 5, None)
        return receive(sources()["register_list"], lineage, where, settings)

    return drop_it


def landed(lineage: Lineage, receipt: Receipt, table: str = "company") -> pl.DataFrame:
    return pl.read_parquet(lineage.lake / "register_list" / table / f"{receipt.present[-1]}.parquet")


@pytest.mark.parametrize("name", ["liste.xlsx", "liste.csv"])
def test_a_list_lands_typed_and_without_persons(drop: Drop, lineage: Lineage, name: str) -> None:
    """Workbook and text give the same rows; entries in normal form, dates typed, no street of a natural person."""
    receipt = drop(book() if name.endswith("xlsx") else text(), mapping(), name)
    frame = landed(lineage, receipt)
    assert dict(frame.schema) == sources()["register_list"].tables["company"].lake_schema
    picked = frame.select("company_name", "register_type_code", "register_number", "court_code", "court_name", "street", "status_code", "status_date", "source_row")  # fmt: skip
    assert picked.rows() == [
        ("Probe Draht GmbH (erfunden)", "HRB", "123", "R9999", None, "Werkweg 1", "registered", date(2001, 2, 3), 1),
        ("Probe Feder GmbH & Co. KG (erfunden)", "HRA", "45B", None, "Amtsgericht Nirgendwo", "Werkweg 2", "liquidation", None, 2),
        ("Paul Probe e.K. (erfunden)", "HRA", "7", "R9999", None, None, "removed", date(2020, 5, 4), 3),
        ("Probehandel Paula Probe (erfunden)", None, None, None, None, None, None, None, 4),
    ]  # fmt: skip
    assert frame["record_id"].to_list() == [f"liste:{n}" for n in range(1, 5)]
    assert set(frame["postcode"]) == {"09999"}
    about = landed(lineage, receipt, "list").row(0, named=True)
    assert (about["publisher"], about["licence"], about["retrieved_at"]) == ("Probekammer (erfunden)", "only for tests", datetime(2026, 3, 1))  # fmt: skip
    assert (about["company_count"], about["withheld_street_count"]) == (4, 2)


def test_no_person_is_anywhere(drop: Drop, lineage: Lineage) -> None:
    """Officers and birth dates of the file are in no table; the bytes as delivered lie encrypted."""
    drop(text(), mapping(), "liste.csv")
    for path in lineage.root.rglob("*"):
        if path.is_file() and path.parent.name != "register_list":
            content = path.read_bytes()
            assert b"Lieschen" not in content and b"1970" not in content and b"Wohnweg" not in content, path
    tables = [pl.read_parquet(p) for p in (lineage.lake / "register_list").rglob("*.parquet")]
    assert not [v for t in tables for row in t.rows() for v in row if "Lieschen" in str(v) or "Wohnweg" in str(v)]


def test_a_changed_mapping_reads_the_same_bytes_anew(drop: Drop, lineage: Lineage) -> None:
    """Correcting the mapping alone is enough; the snapshot stays the same one."""
    first = drop(book(), mapping())
    assert drop(None).new == []
    again = drop(None, columns("seat"))
    assert [s.snapshot_id for s in again.new] == first.present
    assert landed(lineage, again)["seat"].to_list() == [None] * 4


def test_one_mapping_serves_the_lists_of_its_name(drop: Drop, lineage: Lineage) -> None:
    """members.mapping.yml serves members_2026-03-01 and members_2026-06-01: one list, two vintages; the name gives the day."""
    folder = lineage.inbox / "register_list"
    folder.mkdir()
    (folder / "members.mapping.yml").write_text(mapping("retrieved_at"), encoding="utf-8")
    drop(book(), name="members_2026-03-01.xlsx")
    receipt = drop(book(ROWS[0]), name="members_2026-06-01.xlsx")
    assert [(s.partition_key, s.vintage_id, s.row_count) for s in receipt.new] == [("members", "2026-06-01", 1)]
    assert landed(lineage, receipt)["retrieved_at"].to_list() == [datetime(2026, 6, 1)]
    assert unclaimed(lineage) == []


def test_the_mapping_with_the_longest_name_wins(drop: Drop, lineage: Lineage) -> None:
    """One list of a series may have a mapping of its own."""
    folder = lineage.inbox / "register_list"
    folder.mkdir()
    (folder / "li.mapping.yml").write_text(mapping(columns={"company_name": "Sitz"}), encoding="utf-8")
    receipt = drop(book(), mapping())
    assert landed(lineage, receipt, "list")["mapping_name"].to_list() == ["liste.xlsx.mapping.yml"]


def test_a_region_may_keep_mappings(drop: Drop, region: Region, tmp_path: Path) -> None:
    """A layout that comes again and again is declared once, in drops/register_list/ of the region."""
    folder = tmp_path / "region"
    (folder / "drops" / "register_list").mkdir(parents=True)
    (folder / "region.yml").write_bytes((region.folder / "region.yml").read_bytes())
    (folder / "drops" / "register_list" / "liste.mapping.yml").write_text(mapping(), encoding="utf-8")
    assert [s.row_count for s in drop(book(), where=Region.load(str(folder))).new] == [4]


def test_a_mapping_without_its_list_is_named(drop: Drop, lineage: Lineage) -> None:
    """A mapping that serves no file is as unclaimed as any other file nobody takes."""
    drop(None, mapping())
    assert [p.name for p in unclaimed(lineage)] == ["liste.xlsx.mapping.yml"]


def test_a_header_of_two_rows_is_read_as_one(drop: Drop, lineage: Lineage) -> None:
    """What is merged above is said of every column below it; a preamble and a footnote are left out."""
    sheet: list[list[Cell]] = [
        [], ["Mitglieder der Probekammer"], ["Firma", "Register", None, None], [None, "Art", "Nummer", "Gericht"],
        ["Probe Draht GmbH (erfunden)", "B", 123, "R9999"], [], ["Probe Feder KG (erfunden)", "HRA", 4567, "R9999"],
        ["Quelle: Probekammer"],
    ]  # fmt: skip
    said = mapping("status_values", header_row=[3, 4], ends_before="Quelle", columns={
        "company_name": "Firma", "register_type": "Register | Art", "register_number": "Register | Nummer", "court": "Register | Gericht",
    })  # fmt: skip
    receipt = drop(workbook({"A": sheet}, merged={"A": ["B3:D3", "A3:A4"]}), said)
    assert landed(lineage, receipt).select("company_name", "register_type_code", "register_number", "source_row").rows() == [
        ("Probe Draht GmbH (erfunden)", "HRB", "123", 1), ("Probe Feder KG (erfunden)", "HRA", "4567", 3),
    ]  # fmt: skip


def test_an_older_export_is_read_in_its_encoding(drop: Drop, lineage: Lineage) -> None:
    """Windows-1252 and a comma as separator, when the mapping says so."""
    content = text(encoding="cp1252").replace(b";", b",")
    receipt = drop(content, mapping(encoding="cp1252", delimiter=","), "alt.csv")
    assert landed(lineage, receipt)["company_name"][0] == "Probe Draht GmbH (erfunden)"
    assert landed(lineage, receipt).height == 4


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        ("", "HRB 123", ("HRB", "123")),
        ("", "HRB123", ("HRB", "123")),
        ("", "hrb: 000123 b", ("HRB", "123B")),
        ("", "GnR 7", ("GnR", "7")),
        ("HRB", "123", ("HRB", "123")),
        ("Abteilung B", "HRB 123", ("HRB", "123")),
        ("A", "123.0", ("HRA", "123")),
        ("HRA", "HRB 123", None),
        ("", "123", None),
        ("HRC", "123", None),
        ("", "HRB 1234567", None),
        ("", "HRB 0", None),
        ("", "HRB 1,23E+05", None),
        ("", "HRB 12.345", None),
        ("", "HRB 12 und HRB 13", None),
    ],
)
def test_a_register_entry_in_normal_form(kind: str, entry: str, expected: tuple[str, str] | None) -> None:
    """REG-001: kind and up to six digits with up to three letters; anything else is none."""
    assert normal_entry(kind, entry, None) == expected


def test_numbers_that_a_spreadsheet_grouped_are_put_together_only_where_the_mapping_says_so(
    drop: Drop, lineage: Lineage
) -> None:
    """'12.345' is the number 12345 only with thousands: '.' in the mapping."""
    header, row = ["Firma", "Nummer"], ["Probe AG (erfunden)", "12.345"]
    facts = {"columns": {"company_name": "Firma", "register_number": "Nummer"}, "constants": {"register_type": "HRB"}}
    with pytest.raises(DeliveryError, match=r"'HRB 12\.345' is no register number"):
        drop(book(row, header=header), mapping(**facts))
    receipt = drop(None, mapping(number_format={"decimal": ",", "thousands": "."}, **facts))
    assert landed(lineage, receipt)["register_number"].to_list() == ["12345"]


def test_an_undeclared_list_is_told_what_to_write(drop: Drop) -> None:
    """Without a mapping the message says its name and shows one, and the one it shows would do."""
    with pytest.raises(DeliveryError, match=r"nothing says what its columns mean") as caught:
        drop(book())
    assert "liste.xlsx.mapping.yml" in caught.value.message and "company_name: Firma" in caught.value.message
    header = ["Firma", "Registernummer", "Registergericht", "Ort", "PLZ", "Status"]
    row = ["Probe AG (erfunden)", "HRB 1", "R9999", "Nirgendwo", "09999", "eingetragen"]
    assert drop(workbook({"Firmen": [header, row]}), EXAMPLE).new[0].row_count == 1


MALFORMED_MAPPINGS: dict[str, tuple[str, str]] = {
    "a missing column": (columns(seat="Sitz"), r"field 'seat'.*column 'Sitz' is missing.*Firma; Register; Gericht"),
    "two columns for one field": (mapping(columns={"company_name": ["Firma", "Ort"]}), r"'company_name' names 2 columns"),
    "a field twice": ("publisher: a\nlicence: b\ncolumns:\n  company_name: Firma\n  company_name: Ort\n", r"'company_name' stands twice"),
    "one column for two fields": (columns(seat="Firma"), r"column 'Firma' is given to two fields"),
    "an unknown field": (columns(umsatz="Firma 2"), r"no field 'umsatz'; there are: company_name, register_entry"),
    "an unknown key": (mapping(headerrow=1), r"'headerrow' is not known here"),
    "no names": (columns("company_name"), r"says nothing of 'company_name'"),
    "a number without its kind": (mapping(columns={"company_name": "Firma", "register_number": "Register"}), r"'register_number' needs 'register_type'"),
    "two numbers": (columns(register_number="PLZ 2", register_type="x"), r"both give the number"),
    "a status without words": (mapping("status_values"), r"'status' needs status_values"),
    "a word with an unknown meaning": (mapping(status_values={"eingetragen": "active"}), r"status_values.eingetragen: .*'registered'"),
    "a constant that cannot be one": (mapping(constants={"seat": "Ort"}), r"constants: 'seat' cannot be the same"),
    "no licence": (mapping("licence"), r"licence: Field required"),
    "no publisher": (mapping(publisher=""), r"publisher: .*at least 1 character"),
    "no day": (mapping("retrieved_at"), r"neither its name nor its mapping .* says when it was made"),
    "a day that is none": (mapping(retrieved_at="gestern"), r"retrieved_at: .*date"),
    "an unknown sheet": (mapping(sheet="Tabelle1"), r"there is no sheet 'Tabelle1'.*one of Firmen"),
    "a header row below the table": (mapping(header_row=99), r"row 99 holds no header"),
    "header rows that do not follow": (mapping(header_row=[1, 3]), r"rows that follow each other"),
    "an end that never comes": (mapping(ends_before="Summe"), r"no row begins with 'Summe'"),
    "an encoding that is none": (mapping(encoding="latin-99"), r"'latin-99' is no encoding"),
    "a birth date": (columns(status_date="Geburtsdatum"), r"reads 'Geburtsdatum', which speaks of natural persons"),
    "an officer": (columns(company_name="Geschäftsführer"), r"reads 'Geschäftsführer', which speaks of natural persons"),
    "no YAML": ("publisher: [", r"cannot be used: while parsing"),
    "a list": ("- publisher\n", r"it holds no keys and values"),
    "nothing": ("", r"it holds no keys and values"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED_MAPPINGS)
def test_a_malformed_mapping_is_refused(drop: Drop, lineage: Lineage, name: str) -> None:
    """One message with the mapping's fault and what to write; nothing lands."""
    said, words = MALFORMED_MAPPINGS[name]
    with pytest.raises(DeliveryError, match=f"(?s){words}") as caught:
        drop(book(), said)
    assert "Expected" in caught.value.message and "What to do" in caught.value.message
    assert list((lineage.raw / "register_list").glob("*")) == []


def a_row(**more: Cell) -> list[Cell]:
    return [more.get(name, cell) for name, cell in zip(HEADER, ROWS[0], strict=True)]


MALFORMED_LISTS: dict[str, tuple[str, bytes, str]] = {
    "an unreadable workbook": ("l.xlsx", b"PK\x03\x04 and nothing else", "the workbook cannot be read"),
    "a workbook cut off": ("l.xlsx", book()[:-200], "the workbook cannot be read"),
    "a workbook with a password": ("l.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), "the workbook cannot be read"),
    "several sheets": ("l.xlsx", workbook({"A": [HEADER], "B": [HEADER]}), r"has 2 sheets.*names one \(sheet\): A, B"),
    "an empty sheet": ("l.xlsx", workbook({"A": []}), "row 1 holds no header"),
    "no rows": ("l.xlsx", workbook({"A": [HEADER]}), "holds 0 rows of data"),
    "merged header cells": (
        "l.xlsx",
        book(["a", "HRB", "77"], header=["Firma", "Register", None, "Gericht", "Ort", "Straße", "PLZ", "Status", "Seit"], merged={"Firmen": ["B1:C1"]}),
        r"field 'Register'.*followed by a column without one that holds '77': merged cells\?.*header_row: \[4, 5\]",
    ),
    "a header twice": ("l.xlsx", book(header=[*HEADER[:9], "Firma"]), "column 'Firma' stands there 2 times"),
    "no name": ("l.xlsx", book(ROWS[0], a_row(Firma=None)), "field 'company_name', data row 2.*required value is missing"),
    "no register number": ("l.xlsx", book(a_row(Register="HRB 12345678")), "field 'Register', data row 1.*'HRB 12345678' is no register number"),
    "a number without its register": ("l.xlsx", book(a_row(Register=123)), "'123' is no register number"),
    "an unknown status": ("l.xlsx", book(a_row(Status="ruhend")), "field 'Status'.*'ruhend' has no meaning.*add the word"),
    "a date of another form": ("l.xlsx", book(a_row(Seit="2001-02-03x")), "field 'Seit'.*no date of the form %d.%m.%Y"),
    "a date as a bare number": ("l.xlsx", book(a_row(Seit=36925)), "'36925' is no date"),
    "a postcode without its zero": ("l.xlsx", book(a_row(PLZ=9999)), "'9999' has lost its leading zero"),
    "a court code that is none": ("l.csv", text().replace(b"R9999", "Ã\x84mtsgericht".encode()), "encoded twice"),
    "a page": ("l.csv", b"<!DOCTYPE html><html>Anmeldung</html>", "HTML"),
    "a page as a workbook": ("l.xlsx", b"<html>Anmeldung</html>", "HTML"),
    "another encoding": ("l.csv", text(encoding="cp1252"), "is not utf-8-sig, as the mapping says|byte .* is not utf-8-sig"),
    "a separator inside a text": ("l.csv", text([a_row(Firma="Probe; Draht")]), "data row 1.*there are 11 cells.*Expected.*10"),
    "an open quote": ("l.csv", text() + b'"Probe', "cannot be split into cells"),
    "another separator": ("l.csv", text().replace(b";", b"\t"), "column 'Firma' is missing"),
    "nothing": ("l.csv", b"", "the file is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED_LISTS)
def test_a_malformed_list_is_refused(drop: Drop, lineage: Lineage, name: str) -> None:
    """One message with the list's fault and its place; nothing lands."""
    file, content, words = MALFORMED_LISTS[name]
    with pytest.raises(DeliveryError, match=f"(?s){words}") as caught:
        drop(content, mapping(), file)
    assert caught.value.source == "register_list" and "What to do" in caught.value.message
    assert list((lineage.raw / "register_list").glob("*")) == []


def test_a_listed_company_is_the_one_the_register_knows(drop: Drop, lineage: Lineage, region: Region, tmp_path: Path) -> None:  # fmt: skip
    """One register entry in a list (court in words) and in the open register is one company; outside the region there is none."""
    court, place = region.courts[0], region.postcodes[0]["postcode"]
    name = court["court_name"].removeprefix("Amtsgericht ")
    row = ["Probe Draht GmbH (erfunden)", "HRB 00123", name, "irgendwo", "", place, "", ""]
    drop(book(row, [*row[:5], "00000"], header=HEADER[:8]), mapping())
    entry = {"company_number": f"{court['court_code']}_HRB123", "name": "Anders Probe (erfunden)", "registered_address": f"Weg 1, {place} Ort"}  # fmt: skip
    (lineage.inbox / "offeneregister").mkdir()
    (lineage.inbox / "offeneregister" / "de.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    settings = Settings(tmp_path / "home", "sample", "", tmp_path / "real", 5, None)
    for source in sources().values():
        if source.source_id not in ("hs", "wz", "country", "correspondence"):
            receive(source, lineage, region, settings)
    identify(lineage, region, write_meta(lineage, settings), True)
    keys = read_system_table(lineage.lake, "identity", "company_key")
    assert set(keys["source_id"]) == {"offeneregister", "register_list"}
    assert keys.filter(source_id="register_list")["record_id"].to_list() == ["liste:1"]
    assert keys["company_id"].n_unique() == 1
