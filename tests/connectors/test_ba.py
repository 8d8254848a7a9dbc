"""Tables of the Federal Employment Agency: fetched by declared address or dropped, read by declared layout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from ingest.delivery import unclaimed
from ingest.errors import DeliveryError, FetchError
from ingest.sources.ba import EXAMPLE, TableMapping
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.ba import FILE, MAPPING, PATH, ROWS, SHEET, TABLE, Ba, table
from tests.replay.workbook import workbook
from warehouse.region import Region

DATE = "Tue, 14 Jan 2025 08:00:00 GMT"
NAMED = {"partition": TABLE, "file_name": FILE, "path": f"{PATH}?__blob=publicationFile&v=2"}


@pytest.fixture
def service() -> Ba:
    made = Ba()
    made.publish(PATH, table(), DATE)
    return made


@pytest.fixture
def ba(live: Callable[..., Live], service: Ba, region: Region, tmp_path: Any) -> Quick:
    """A region that declares the table's layout once, for every month of it."""
    folder = tmp_path / "region"
    (folder / "drops" / "ba").mkdir(parents=True)
    (folder / "region.yml").write_bytes((region.folder / "region.yml").read_bytes())
    (folder / "drops" / "ba" / "gemband-dlk.mapping.yml").write_text(MAPPING, encoding="utf-8")
    return Quick.of(live("ba", service), region=Region.load(str(folder)))


def bring(live: Quick, **more: Any) -> Any:
    file = {**NAMED, **more.pop("file", {})}
    return live.fetch_with({"is_enabled": True, "options": {"files": [file]}}, **more)


def drop(live: Quick, content: bytes, mapped: str | None = None, name: str = FILE) -> None:
    folder = live.lineage.inbox / "ba"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    if mapped is not None:
        (folder / f"{name}.mapping.yml").write_text(mapped, encoding="utf-8")


def mapping(*without: str, **more: Any) -> str:
    return yaml.safe_dump({k: v for k, v in (yaml.safe_load(MAPPING) | more).items() if k not in without}, allow_unicode=True)  # fmt: skip


def cells(live: Quick, kind: str = "cell") -> pl.DataFrame:
    [sidecar] = live.receive().new
    return pl.read_parquet(live.lineage.lake / "ba" / kind / f"{sidecar.snapshot_id}.parquet")


def test_nothing_is_asked_that_nobody_declared(ba: Quick) -> None:
    """Addresses are not confirmed: the contract names no file and is off."""
    assert "off by default" in ba.fetch().left["tables"]
    assert ba.fetch(endpoint="tables").planned == []
    assert ba.server.seen == []


def test_a_table_comes_once_and_again_when_it_was_replaced(ba: Quick, service: Ba) -> None:
    """A second look is one HEAD; a newer edition at the same address is a new vintage of the same slice."""
    assert [n.partition_key for n in bring(ba).brought] == [TABLE]
    again = bring(ba)
    assert ([p.reason for p in again.planned], again.brought, again.request_count) == (["same"], [], 1)
    assert [s.partition_key for s in ba.receive().new] == [TABLE]
    service.publish(PATH, table([[*ROWS[0][:2], 1235, *ROWS[0][3:]], ROWS[1]]), "Wed, 15 Jan 2025 08:00:00 GMT")
    assert len(bring(ba, dry_run=True).planned) == 1
    assert bring(ba).planned[0].reason == "changed"
    assert [s.partition_key for s in ba.receive().new] == [TABLE]


def test_cells_land_typed_and_signs_stay_apart(ba: Quick) -> None:
    """A sign is no number and no zero; WZ codes, AGS and the reference date are typed; what is declared is kept beside."""
    bring(ba)
    frame = cells(ba)
    columns = ("region_raw_code", "wz_raw_code", "characteristic_code", "value", "symbol", "symbol_meaning_code", "value_raw")  # fmt: skip
    assert frame.select(columns).rows() == [
        ("05999", "TOTAL", "TOTAL", 1234.0, None, None, "1234"),
        ("05999", "TOTAL", "sex=female", 600.0, None, None, "600"),
        ("05999", "24", "TOTAL", 1000.0, None, None, "1000"),
        ("05999", "25", "TOTAL", None, "*", "secret", "*"),
        ("05999", "29", "TOTAL", None, "-", "nothing", "-"),
        ("05998", "TOTAL", "TOTAL", 77.0, None, None, "77"),
        ("05998", "TOTAL", "sex=female", None, ".", "secret", "."),
        ("05998", "24", "TOTAL", None, "x", "not_applicable", "x"),
        ("05998", "25", "TOTAL", 70.0, None, None, "70"),
        ("05998", "29", "TOTAL", 0.0, None, None, "0"),
    ]
    assert set(frame["reference_date"]) == {date(2024, 6, 30)}
    assert set(frame["wz_revision"]) == {"WZ2008"} and set(frame["table_code"]) == {"gemband-dlk"}
    assert frame["source_row"].to_list() == [1] * 5 + [2] * 5
    assert frame.filter(wz_raw_code="25")["wz_label"].to_list() == ["davon | 25 Metallerzeugnisse"] * 2
    [path] = (ba.lineage.lake / "ba" / "workbook").glob("ba-*.parquet")
    assert pl.read_parquet(path)["mapping_text"].to_list() == [MAPPING]


def test_a_dropped_table_is_the_same_as_a_fetched_one(ba: Quick) -> None:
    """The same bytes in the inbox are read by the same reader; a mapping beside the file wins over the region's."""
    drop(ba, table(), mapping(unit_label="Personen"))
    assert set(cells(ba)["unit_label"]) == {"Personen"}
    assert unclaimed(ba.lineage) == []


def test_merged_regions_are_filled_down_and_headings_left_out(ba: Quick) -> None:
    """A region that stands once for several rows is said of each; a heading without region and values is no row."""
    rows = [["05999", "Probekreis", "M", 5], [None, None, "W", 6], [None, "Regierungsbezirk Probe", None, None]]
    content = workbook({"A": [["Schlüssel", "Region", "Geschlecht", "Insgesamt"], *rows]})
    own = {
        "sheet": "A", "header_row": 1, "values": [{"column": "Insgesamt", "indicator_code": "employees"}],
        "columns": {"region_code": "Schlüssel", "region_label": "Region", "characteristic_code": "Geschlecht"},
    }  # fmt: skip
    drop(ba, content, mapping("ends_before", **own))
    assert cells(ba).select("region_raw_code", "region_label", "characteristic_code", "value").rows() == [
        ("05999", "Probekreis", "M", 5.0), ("05999", "Probekreis", "W", 6.0),
    ]  # fmt: skip


def test_a_text_table_in_long_form(ba: Quick) -> None:
    """One row per region and industry, German numbers, an explicit date: a text file says how its numbers are written."""
    content = "Schlüssel;WZ;Titel;SvB\n05999;24;Metall;1.234\n05999;C;Industrie;2.345,5\n05999;01;Landwirtschaft;*\n"
    own = {
        "header_row": 1, "reference_date": date(2023, 12, 31), "encoding": "cp1252",
        "columns": {"region_code": "Schlüssel", "wz_code": "WZ", "wz_label": "Titel"},
        "values": [{"column": "SvB", "indicator_code": "employees"}], "number_format": {"decimal": ",", "thousands": "."},
    }  # fmt: skip
    drop(ba, content.encode("cp1252"), mapping("sheet", "ends_before", "fill_down", **own), "beschaeftigte-202312.csv")
    frame = cells(ba)
    assert frame.select("wz_raw_code", "wz_label", "value", "symbol").rows() == [
        ("24", "Metall", 1234.0, None), ("C", "Industrie", 2345.5, None), ("01", "Landwirtschaft", None, "*"),
    ]  # fmt: skip
    assert set(frame["reference_date"]) == {date(2023, 12, 31)}


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(ba: Quick, fault: str) -> None:
    """The request is repeated or the download continued; the table comes whole."""
    ba.server.fail(fault, on="gemband", after_requests=1, wait_seconds=0.01)
    assert len(bring(ba).brought) == 1


@pytest.mark.parametrize(("fault", "said"), [("page", "an HTML page came"), ("json_error", "begins with .*error"), ("cut", "bytes came.*as announced")])  # fmt: skip
def test_something_else_than_the_table_is_refused(ba: Quick, fault: str, said: str) -> None:
    """A page, a message or a cut workbook is refused in one sentence; no file is left."""
    ba.server.fail(fault, on="gemband", after_requests=1, times=9)
    with pytest.raises(FetchError, match=said):
        bring(ba)
    assert ba.files == []


def test_an_address_without_its_file_gives_a_page(ba: Quick) -> None:
    """Without __blob=publicationFile the site answers with a page and status 200; an old address with 404."""
    with pytest.raises(FetchError, match="an HTML page came"):
        bring(ba, file={"path": PATH})
    with pytest.raises(FetchError, match=r"HTTP 404.*renamed"):
        bring(ba, file={"path": "202406/old.xlsx?__blob=publicationFile"})


def test_a_cut_workbook_without_a_state_does_not_land(ba: Quick, service: Ba) -> None:
    """A site that says no length beforehand: the cut workbook is refused by its reader, and nothing lands."""
    service.says_state = False
    ba.server.fail("cut", on="gemband", after_requests=1)
    bring(ba)
    with pytest.raises(DeliveryError, match="the workbook cannot be read"):
        ba.receive()


def test_an_undeclared_table_is_told_what_to_write(ba: Quick) -> None:
    """Without a mapping the message says its name and shows one that would do."""
    drop(ba, table(), name="entgelt-dwolk-0-202406-xlsx.xlsx")
    with pytest.raises(DeliveryError, match="nothing says what its columns mean") as caught:
        ba.receive()
    assert "entgelt-dwolk-0-202406-xlsx.xlsx.mapping.yml" in caught.value.message
    TableMapping.model_validate(yaml.safe_load(EXAMPLE))


def row(place: int, value: Any) -> bytes:
    return table([[*ROWS[0][:place], value, *ROWS[0][place + 1 :]], ROWS[1]])


MALFORMED: dict[str, tuple[str, bytes, str | None, str]] = {
    "an unknown sign": (FILE, row(5, "o"), None, r"field 'davon \| 25 Metallerzeugnisse', data row 1.*'o' is neither a number nor a known sign"),
    "an empty cell": (FILE, row(5, None), None, "data row 1.*the cell is empty"),
    "a number as text": (FILE, row(5, "1.234,5"), None, "neither a number nor a known sign"),
    "a number in half groups": (FILE, row(5, "1.23"), mapping(number_format={"decimal": ",", "thousands": "."}), "'1.23' is neither"),
    "an AGS without its zero": (FILE, row(0, 5999), None, "'5999' has another form"),
    "a value without a region": (FILE, row(0, None), mapping(fill_down=[]), "field 'region_raw_code', data row 1.*required value is missing"),
    "a region twice": (FILE, table([ROWS[0], ROWS[0]]), None, "occurs more than once"),
    "a missing column": (FILE, table(), mapping("fill_down", columns={"region_code": "AGS"}), "column 'AGS' is missing.*Schlüssel; Region; Insgesamt"),
    "an unknown field": (FILE, table(), mapping(columns={"ags": "Schlüssel"}), "no field 'ags'; there are: region_code"),
    "no region": (FILE, table(), mapping("fill_down", columns={"region_label": "Region"}), "says nothing of 'region_code'"),
    "a pattern that fits nothing": (FILE, table(), mapping(values=[{"pattern": "WZ .*", "indicator_code": "e"}]), r"no column fits the pattern WZ \.\*"),
    "a pattern that is none": (FILE, table(), mapping(values=[{"pattern": "(", "indicator_code": "e"}]), "'\\(' is no pattern"),
    "a column and a pattern": (FILE, table(), mapping(values=[{"indicator_code": "e"}]), "either a column or a pattern"),
    "a column twice": (FILE, table(), mapping(values=[{"column": "Insgesamt", "indicator_code": "e"}, {"pattern": "Ins.*", "indicator_code": "f"}]), "is read as values twice"),
    "no values": (FILE, table(), mapping(values=[]), "values: .*at least 1 item"),
    "an unknown revision": (FILE, table(), mapping(wz_revision="WZ08"), "wz_revision: .*'WZ2008'"),
    "another sheet": (FILE, table(), mapping(sheet="8.1"), f"there is no sheet '8.1'.*Impressum, {SHEET}"),
    "no end": (FILE, table(), mapping(ends_before="Stand"), "no row begins with 'Stand'"),
    "a WZ code without its zero": (FILE, table(), mapping(values=[{"column": "Insgesamt", "indicator_code": "e", "wz_code": "1"}]), "field 'wz_raw_code'.*'1' has another form"),
    "no month": ("gemband-dlk-0-202413.xlsx", table(), None, "'202413', which is no month"),
    "a name that says no month": ("gemband-dlk.xlsx", table(), None, "the file's name does not say which slice it holds"),
    "no rows": (FILE, table([]), None, "holds 0 rows of data"),
    "a text without number_format": ("gemband-dlk-0-202406.csv", b"a;b\n", None, "does not say how numbers are written"),
    "an unreadable workbook": (FILE, b"PK\x03\x04", None, "the workbook cannot be read"),
    "a page": (FILE, b"<!DOCTYPE html><html>", None, "HTML"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_table_does_not_land(ba: Quick, name: str) -> None:
    """A sign nobody declared, a damaged code or a mapping that does not fit is refused with its place."""
    file, content, mapped, said = MALFORMED[name]
    drop(ba, content, mapped, file)
    with pytest.raises(DeliveryError, match=f"(?s){said}"):
        ba.receive()
    assert list((ba.lineage.raw / "ba").glob("*")) == []
