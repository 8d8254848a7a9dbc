"""The GENESIS readers: every layout becomes the same cells, and what does not fit is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.connectors.genesis.options import (
    SUFFIXES,
    Facts,
    Options,
    is_recheck,
    is_selection,
    slices_of,
    stamp,
    state_of,
)
from ingest.delivery import Delivery, deliveries
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.snapshot import land, sweep
from tests.replay.genesis import BOM, Cell, flat, packed
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

Take = Callable[..., pl.DataFrame]
PLACE = ("KREISE", "01234", "Ort, Kreis")
TODAY = datetime(2026, 3, 1, tzinfo=UTC)
OLD = (
    "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;1_Auspraegung_Code;"
    "1_Auspraegung_Label;2_Merkmal_Code;2_Merkmal_Label;2_Auspraegung_Code;2_Auspraegung_Label;"
    "BEVSTD__Bevoelkerungsstand__Anzahl;FLC006__Flaeche_in_qkm__qkm\n"
    "12411;Bevölkerung;STAG;Stichtag;31.12.2019;KREISE;Kreise;01234;Märkisch;GES;Geschlecht;;Insgesamt;186716;12,5\n"
    "12411;Bevölkerung;STAG;Stichtag;31.12.2019;KREISE;Kreise;01234;Märkisch;GES;Geschlecht;GESM;männlich;-;.\n"
)
CUBE = """* (comment)
K;DQ;FACH-SCHL;GHH-ART
D;47414BJ002;;N
K;DQA;NAME;RHF-BSR;RHF-ACHSE
D;WZ08N7;2;2
D;KREISE;1;1
D;WERTE4;3;3
K;DQZ;NAME;ZI-RHF-BSR
D;STAG;4;4
K;DQI;NAME;ME-NAME
D;UMS103;2015=100
D;ERW002;Anzahl
K;QEI;FACH-SCHL;FACH-SCHL;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT
D;01234;WZ08-49-01;NOMINAL;31.12.2024;136.6;p;;0.0;12;;;0.0
D;01235;WZ08-491;REAL;31.12.2024;0;-;;0.0;7;e;g;0.0
"""


@pytest.fixture
def take(lineage: Lineage, region: Region, tmp_path: Path) -> Take:
    """Land bytes under the partition of a table and give the lake's cells in their order."""

    def land_it(content: bytes | str, partition: str = "13111-01-03-4", name: str = "a_flat.csv", dataset: str = "flat") -> pl.DataFrame:  # fmt: skip
        source = sources()["genesis"]
        sweep(lineage, source)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        land(Delivery(source, dataset, path, partition, None, "inbox"), lineage, region, True)
        return pl.read_parquet(lineage.lake / "genesis/cell/*.parquet")

    return land_it


def cell(value: str, *dims: tuple[str, str], place: tuple[str, str, str] = PLACE, time: str = "2024", **more: object) -> Cell:  # fmt: skip
    return Cell(time, place, value, tuple((v, v, a, a) for v, a in dims), **more)  # pyright: ignore


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_the_old_wide_layout_becomes_the_same_cells(take: Take, encoding: str) -> None:
    """Wide value columns are unfolded; old files are UTF-8 or Windows-1252, by rule."""
    frame = take(OLD.encode(encoding), "12411-01-01-4").sort("indicator_raw_code", "source_row")
    assert frame.select("indicator_raw_code", "indicator_label", "unit_label", "value", "symbol").rows() == [
        ("BEVSTD", "Bevoelkerungsstand", "Anzahl", 186716, None), ("BEVSTD", "Bevoelkerungsstand", "Anzahl", None, "-"),
        ("FLC006", "Flaeche in qkm", "qkm", 12.5, None), ("FLC006", "Flaeche in qkm", "qkm", None, "."),
    ]  # fmt: skip
    assert set(frame["time_value"]) == {"2019-12-31"}
    assert set(frame["region_label"]) == {"Märkisch"}
    assert frame["characteristic_code"].to_list() == ["TOTAL", "sex=male"] * 2


def test_a_cube_becomes_cells(take: Take) -> None:
    """Places come from the cube's own order; a blocked value is secret, a sign replaces its filler."""
    frame = take(CUBE, "47414BJ002", "47414BJ002_cube.csv", "cube").sort("source_row", "indicator_raw_code")
    columns = ("region_raw_code", "wz_raw_code", "characteristic_code", "time_value", "indicator_raw_code", "unit_label", "value", "symbol", "quality_code")  # fmt: skip
    assert frame.select(columns).rows() == [
        ("01234", "49-01", "WERTE4=NOMINAL", "2024-12-31", "ERW002", "Anzahl", 12, None, None),
        ("01234", "49-01", "WERTE4=NOMINAL", "2024-12-31", "UMS103", "2015=100", 136.6, None, "p"),
        ("01235", "49.1", "WERTE4=REAL", "2024-12-31", "ERW002", "Anzahl", None, ".", None),
        ("01235", "49.1", "WERTE4=REAL", "2024-12-31", "UMS103", "2015=100", None, "-", None),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("D;47414BJ002;", "D;47414BJ003;"), "holds cube '47414BJ003'"),
        (("K;DQI;", "K;DQX;"), "nothing stands under K;DQI"),
        (("K;QEI;FACH-SCHL;", "K;QEI;"), "the cells have the columns"),
        (("12;;;0.0", "12;;"), "data row 14: 11 cells"),
        (("136.6", "136,6"), "'136,6' is neither a number.*decimal '.'"),
        (("136.6", ""), "'' is neither a number"),
        (("D;WZ08N7;2;2", "D;WZ08N7"), "has no place"),
        (("* (comment)", "? comment"), "the line begins with '\\?"),
        (("31.12.2024", "Dezember"), "'Dezember' has another form"),
    ],
)
def test_a_cube_that_does_not_fit_is_named(take: Take, change: tuple[str, str], said: str) -> None:
    """Lines that contradict the cube's own description are refused."""
    with pytest.raises(DeliveryError, match=said):
        take(CUBE.replace(*change), "47414BJ002", "47414BJ002_cube.csv", "cube")


def test_a_table_without_any_dimension_lands(take: Take) -> None:
    """No region, no industry, no dimension at all: the country's figure."""
    text = flat([cell("7")], "81000")
    bare = "\n".join(";".join(line.split(";")[:5] + line.split(";")[9:]) for line in text.splitlines())
    frame = take(bare, "81000-0001")
    assert frame.select("region_raw_code", "wz_revision", "wz_raw_code", "characteristic_code", "value").rows() == [("DG", "none", "TOTAL", "TOTAL", 7)]  # fmt: skip


def test_a_table_of_a_lands_office_is_about_the_land(take: Take) -> None:
    """Without a region a table of the Landesdatenbank is about the Land, not the country."""
    frame = take(flat([cell("7", place=("WZ08", "WZ08-C", "x"))], "82711"), "82711-01i")
    assert frame.select("region_raw_code", "wz_raw_code").rows() == [("05", "C")]


def test_census_regions_are_regions(take: Take) -> None:
    """Keys of twelve digits become the usual eight, other keys stay."""
    frame = take(flat([cell("1", place=("GEOGM4", "095755521128", "x")), cell("2", place=("GEOBL1", "05", "y"))]))
    assert frame.sort("value")["region_raw_code"].to_list() == ["09575128", "05"]


def test_a_second_region_is_a_dimension(take: Take) -> None:
    """Of two regions in a row the first is its region; the second is not lost."""
    frame = take(flat([cell("1", ("DLAND", "05"), ("WZ08", "WZ08-C"), ("WZ08B", "WZ08-F"))]))
    [row] = frame.select("region_raw_code", "wz_raw_code", "characteristic_code").rows()
    assert row == ("01234", "C", "DLAND=05|WZ08B=WZ08-F")


def test_an_indicator_in_two_units_stays_two_cells(take: Take) -> None:
    """A count and a share under one indicator are told apart by their unit."""
    units = [("Anzahl", "GEB001", "Gebäude"), ("%", "GEB001", "Gebäude"), ("Anzahl", "GEB002", "Wohnungen")]
    frame = take(flat([cell("53,9", ("E", "GAS"), indicator=unit) for unit in units]))
    assert sorted(frame["characteristic_code"]) == ["E=GAS", "E=GAS|unit=%", "E=GAS|unit=Anzahl"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("2024", "2024"), ("2024-06-30", "2024-06-30"), ("30.06.2024", "2024-06-30"), ("2023-10P6M", "2023-10-01"), ("2023-10", "2023-10-01")],
)  # fmt: skip
def test_periods_become_years_or_dates(take: Take, given: str, kept: str) -> None:
    """Half-years and months become their first day; time_code says what they are."""
    assert take(flat([cell("1", time=given)]))["time_value"].to_list() == [kept]


def test_an_english_file_has_a_decimal_point(take: Take) -> None:
    """The publisher's own name of the CSV says the language, the language says the sign."""
    text = flat([cell("19.6")], "51000").replace("Beschäftigte", "Foreign trade")
    content = packed("51000-0010_1773175254336_en_flat.csv", BOM + text.encode())
    assert take(content, "51000-0010", "51000-0010_flat.zip")["value"].to_list() == [19.6]


GOOD = flat([cell("1", ("GES", "GESM")), cell("2", ("GES", "GESW"))])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD.replace(";1;Anzahl", ";1.234;Anzahl"), "'1.234' is neither a number.*decimal ','"),
        (GOOD.replace(";1;Anzahl", ";1 234;Anzahl"), "neither a number"),
        (GOOD.replace(";1;Anzahl", ";(1;Anzahl"), "neither a number"),
        (GOOD.replace(";1;Anzahl", ";1q;Anzahl"), "neither a number"),
        (GOOD.replace(";1;Anzahl", ";;Anzahl"), "'' is neither a number"),
        (GOOD.replace(";1;Anzahl", ";–;Anzahl"), "'–' is neither a number"),
        (GOOD.replace("GESW;GESW", "GESM;GESM"), "occurs more than once"),
        (GOOD.replace(";2024;", ";2024/25;"), "'2024/25' has another form"),
        (GOOD.replace(";value_unit", ""), "cannot be split|missing column 'value_unit'"),
        (GOOD.replace("2_variable_label", "2_variable_name"), "unknown column '2_variable_name'"),
        (GOOD.replace("2_variable", "3_variable"), "missing column '2_variable_code'"),
        (GOOD.replace("statistics_code", "statistic"), "unknown column 'statistic'"),
        (GOOD.replace("Jahr;2024", '"Jahr;2024', 1), "quotation mark|cannot be split"),
        (GOOD.replace(";Ort, Kreis;", ';"Ort, Kreis;', 1).replace(";Ort, Kreis;GES;GES;GESW", ';Ort, Kreis";GES;GES;GESW'), "2 lines became 1 rows: a quotation mark"),
        (GOOD.encode("latin-1"), "not utf-8-sig"),
        (GOOD.replace("ä", "Ã¤"), "encoded twice"),
        (OLD.replace("Zeit_Code", "Zeit_Kode"), "unknown column 'Zeit_Kode' in the old"),
        (OLD.replace("Zeit_Label;", "").replace("Stichtag;", ""), "missing column 'Zeit_Label' in the old"),
        (OLD.replace("31.12.2019", "WS 2019").replace("12411;Bevölkerung", "13111;Beschäftigte"), "'WS 2019' has another form"),
        (b"Statistik_Code;\x81\n1;2\n", "neither UTF-8 nor Windows-1252"),
        (GOOD.split("\n")[0], "the file holds 0 rows"),
    ],
)  # fmt: skip
def test_a_flat_file_that_does_not_fit_is_named(take: Take, content: str | bytes, said: str) -> None:
    """Dirty cells, headers and encodings are refused with what was found."""
    with pytest.raises(DeliveryError, match=said):
        take(content)


ENDPOINTS = sorted(sources()["genesis"].fetch)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_offered_file_has_its_reader(endpoint: str, region: Region, lineage: Lineage, tmp_path: Path) -> None:
    """The options fit, and the name of every file to be fetched is one its dataset takes, with the table's code."""
    source = sources()["genesis"]
    options = Options.model_validate(source.fetch[endpoint].options)
    assert len({w.table for w in options.tables}) == len(options.tables)
    folder = lineage.fetched / "genesis"
    folder.mkdir(parents=True)
    keys = {}
    for wish in options.tables:
        for cut in (None, 5):
            cut_wish = wish.model_copy(update={"years_per_file": cut})
            for one in slices_of(cut_wish, options, region, Facts(last="31.12.2024"), TODAY):
                keys[one.partition_key] = wish.table
                (folder / (one.partition_key + SUFFIXES[options.content])).touch()
    found = deliveries(source, lineage, Settings(lineage.home, "live", "maerkische_region", tmp_path, 5, None))
    assert {d.partition_key: d.partition_key.split("_")[0] for d in found} == keys
    assert {d.dataset_name for d in found} <= {source.fetch[endpoint].dataset}


def test_a_state_changes_with_stamp_period_and_selection(region: Region) -> None:
    """Everything a description says that may bring other bytes is part of the state."""
    options = Options.model_validate(sources()["genesis"].fetch["regionalstatistik"].options)
    [one, other, *_] = slices_of(options.tables[0], options, region, None, TODAY)
    facts = Facts("2025-09-08T09:08:56", "30.06.2008", "30.06.2025")
    states = {
        state_of(facts, one.form),
        state_of(facts, other.form),
        state_of(Facts("2025-09-09", facts.first, facts.last), one.form),
        state_of(Facts(facts.updated, facts.first, "30.06.2026"), one.form),
    }
    assert len(states) == 4
    assert [is_selection(state_of(facts, one.form), form) for form in (one.form, other.form)] == [True, False]
    assert not is_selection(None, one.form)


def test_every_cycle_has_its_days_of_recheck() -> None:
    """A weekly look falls into each window; a window of no days is no recheck."""
    days = [TODAY + timedelta(days=n) for n in range(280)]
    options = Options(recheck_days=28, recheck_window_days=7)
    assert sum(is_recheck(options, day) for day in days) == 70
    assert sum(is_recheck(options, day) for day in days[::7]) == 10
    assert not any(is_recheck(Options(recheck_window_days=0), day) for day in days)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("28.12.2022 17:12:43h", "2022-12-28T17:12:43"), ("2022-12-28 17:14:03h", "2022-12-28T17:14:03"), ("see parent", "see parent")],
)  # fmt: skip
def test_stamps_of_both_languages_are_the_same_text(given: str, kept: str) -> None:
    """The German and the English stamp become ISO; any other stays comparable text."""
    assert stamp(given) == kept


def test_scopes_take_their_codes_from_the_region(region: Region) -> None:
    """No code of a region stands in the contract; every scope is filled from the region folder."""
    options = Options.model_validate(sources()["genesis"].fetch["regionalstatistik"].options)
    wish = options.tables[0].model_copy(update={"regions": list(options.scopes), "from_year": None})
    keys = {one.partition_key.split("_")[1]: one.form["regionalkey"] for one in slices_of(wish, options, region, None, TODAY)}  # fmt: skip
    assert keys["kreise"] == ",".join(k.ags for k in region.kreise)
    assert (keys["peers"], keys["state"], keys["country"]) == (region.state_ags + "*", region.state_ags, "")
    assert re.fullmatch(r"\d{8}(,\d{8})*", keys["municipalities"])
