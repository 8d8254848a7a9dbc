"""Legal forms, register courts and postcodes: what lands from their true shapes, and what is refused with which words."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.dock import Receipt, receive
from ingest.errors import DeliveryError
from ingest.registry import sources
from tests.conftest import ROOT
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

Drop = Callable[..., Receipt]
FORM_HEADER = ",".join(c.delivered_as for c in sources()["legal_form"].tables["form"].columns)
FORMS = FORM_HEADER + "\n" + "\n".join([
    '9999,,,,,,,,,,,2017-11-30,ACTV,,,not listed',
    '2HBR,Nowhere,DE,,,Gesellschaft mit beschränkter Haftung,German,de,Gesellschaft mit beschränkter Haftung,GmbH,,2017-11-30,ACTV,,,',
    'X0SD,Nowhere,XX,Part,XX-1,"Forma, primeira",Portuguese,pt,"Forma, primeira",F.P.;FP,,2017-11-30,INAC,typo corrected,2020-01-02,',
    'X0SD,Nowhere,XX,Part,XX-1,Forma segunda,Portuguese,pt,Forma segunda,,,2017-11-30,INAC,,,',
]) + "\n"  # fmt: skip
COURTS = "xjustiz_code,court\nZ9901,Amtsgericht Probe\nZ9902V,Amtsgericht Nirgendwo\n"
DATED = (
    "code,name,gueltig_ab,gueltig_bis,Nachfolger\nZ9901,Amtsgericht Probe,2001-01-01,,\n"
    "Z9902,Amtsgericht Nirgendwo,,2004-12-31,Z9901\n"
)
PLACE_HEADER = (
    "country_code,zipcode,place,state,state_code,province,province_code,community,community_code,latitude,longitude"
)
BROKEN = [f"DE,0000{n % 9},KÃ¶hler {n} GmbH,Nirgendwo,07,,,Kreis Probe,99001,51.0,7.0" for n in range(30)]
PLACES = "\n".join([PLACE_HEADER, "DE,00001,Nirgendwo,Nirgendwo,NI,,00,Kreis Probe,99001,51.3,7.5", "DE,00002,Außerhalb,,,,,,,47.5,10.4", *BROKEN, ""])  # fmt: skip
FORM_FILE, COURT_FILE, PLACE_FILE = "2023-09-28.csv", "xjustiz_registergerichte_v12.csv", "geonames_zipcodes_de.csv"


@pytest.fixture
def drop(lineage: Lineage, region: Region, tmp_path: Path) -> Drop:
    def drop_it(source_id: str, name: str, content: bytes | str) -> Receipt:
        folder = lineage.inbox / source_id
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        settings = Settings(tmp_path / "home", "sample", "", tmp_path / "real", 5, None)
        return receive(sources()[source_id], lineage, region, settings)

    return drop_it


def landed(lineage: Lineage, source_id: str, table: str) -> pl.DataFrame:
    return pl.read_parquet(lineage.lake / source_id / table / f"{source_id}-*.parquet")


def test_legal_forms_land_with_their_languages(drop: Drop, lineage: Lineage) -> None:
    """Codes of no country have neither name nor language; one code may come twice with two names."""
    [sidecar] = drop("legal_form", FORM_FILE, FORMS).new
    assert (sidecar.partition_key, sidecar.vintage_id) == ("", "2023-09-28")
    frame = landed(lineage, "legal_form", "form")
    assert dict(frame.schema) == sources()["legal_form"].tables["form"].lake_schema
    assert frame["elf_code"].to_list() == ["9999", "2HBR", "X0SD", "X0SD"]
    assert frame["country_code"].to_list() == [None, "DE", "XX", "XX"]
    assert frame["local_abbreviations"].to_list() == [None, "GmbH", "F.P.;FP", None]
    assert frame["modified_date"].to_list() == [None, None, date(2020, 1, 2), None]


@pytest.mark.parametrize(
    ("name", "slice_and_day"),
    [
        ("gleif_elf_1.4.1_2021-10-21.csv", ("", "2021-10-21")),
        ("iso20275_2023-09-28_DE.csv", ("DE", "2023-09-28")),
        ("2023-09-28-elf-code-list-v1.5.csv", ("", "2023-09-28")),
    ],
)
def test_the_name_of_a_list_of_forms_says_its_day_and_part(drop: Drop, name: str, slice_and_day: tuple[str, str]) -> None:  # fmt: skip
    """The list of the world and that of one country are two slices; the day is the vintage."""
    [sidecar] = drop("legal_form", name, FORMS).new
    assert (sidecar.partition_key, sidecar.vintage_id) == slice_and_day


def test_courts_land_with_the_version_of_their_list(drop: Drop, lineage: Lineage) -> None:
    """Two columns are enough; the version and the part stand in the file's name."""
    drop("xjustiz", "xjustiz_registergerichte_v12_NRW.csv", COURTS)
    frame = landed(lineage, "xjustiz", "court").drop("snapshot_id", "source_row")
    assert frame.rows() == [
        ("12", "NRW", "Z9901", "Amtsgericht Probe", None, None, None),
        ("12", "NRW", "Z9902V", "Amtsgericht Nirgendwo", None, None, None),
    ]


def test_courts_keep_days_and_successors_where_the_file_has_them(drop: Drop, lineage: Lineage) -> None:
    """Other names of columns and the days of a court are read as the contract says."""
    drop("xjustiz", "xjustiz_registergerichte_v13.csv", DATED)
    frame = landed(lineage, "xjustiz", "court")
    assert frame.select("list_version", "list_part").unique().rows() == [("13", None)]
    assert frame.select("court_code", "valid_from", "valid_to", "successor_court_code").rows() == [
        ("Z9901", date(2001, 1, 1), None, None), ("Z9902", None, date(2004, 12, 31), "Z9901"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", [PLACE_FILE, PLACE_FILE + ".gz", "geonames_zipcodes_de_2026-03-01.csv.gz"])
def test_places_land_packed_or_not(drop: Drop, lineage: Lineage, name: str) -> None:
    """Codes keep their zeros, what has no Kreis has none, and the thirty known names are put right."""
    drop("geonames_postcode", name, gzip.compress(PLACES.encode()) if name.endswith("gz") else PLACES)
    frame = landed(lineage, "geonames_postcode", "place")
    assert frame.select("postcode", "place_name", "state_code", "kreis_ags").rows()[:3] == [
        ("00001", "Nirgendwo", "NI", "99001"), ("00002", "Außerhalb", None, None), ("00000", "Köhler 0 GmbH", "07", "99001"),
    ]  # fmt: skip
    assert frame.schema["latitude"] == pl.Float64


@pytest.mark.parametrize(
    ("source_id", "name", "content", "words"),
    [
        ("legal_form", FORM_FILE, FORMS.replace("ELF Code", "Code", 1), ["unknown column 'Code'"]),
        ("legal_form", FORM_FILE, FORMS.replace(",Reason", "", 1), ["cannot be split into columns"]),
        ("legal_form", FORM_FILE, FORMS.replace("2HBR", "2HB"), ["'ELF Code'", "row 2", "another form"]),
        ("legal_form", FORM_FILE, FORMS.replace(",ACTV,", ",ACTIVE,"), ["ELF Status", "row 1", "one of ACTV, INAC"]),
        ("legal_form", FORM_FILE, FORMS.replace("2020-01-02", "02.01.2020"), ["Modification date", "row 3", "02.01.2020"]),
        ("legal_form", FORM_FILE, FORMS.replace("Forma segunda", '"Forma, primeira"'), ["occurs more than once", "X0SD"]),
        ("legal_form", FORM_FILE, FORMS.encode("cp1252"), ["is not utf-8-sig", "LND-003"]),
        ("legal_form", "forms.csv", FORMS, ["the file's name does not say", "LND-001"]),
        ("xjustiz", COURT_FILE, COURTS.replace("Z9901", "9901"), ["'court_code'", "row 1", "REG-002"]),
        ("xjustiz", COURT_FILE, COURTS.replace("Z9902V", "Z9901"), ["occurs more than once", "REG-002"]),
        ("xjustiz", COURT_FILE, COURTS.replace("xjustiz_code", "Kennung"), ["unknown column 'Kennung'", "xjustiz_code"]),
        ("xjustiz", COURT_FILE, "court\nAmtsgericht Probe\n", ["no column is the court_code"]),
        ("xjustiz", COURT_FILE, COURTS.replace("xjustiz_code,court", "code,xjustiz_code"), ["would both be court_code"]),
        ("xjustiz", COURT_FILE, COURTS.replace("Amtsgericht Probe", ""), ["'court_name'", "row 1", "required"]),
        ("xjustiz", COURT_FILE, DATED.replace("2001-01-01,", "2001-01-01,2000-01-01"), ["Z9901 ends before it begins"]),
        ("xjustiz", COURT_FILE, DATED.replace("2004-12-31,Z9901", "2004-12-31,Z9902"), ["its own successor", "row 2"]),
        ("xjustiz", COURT_FILE, DATED.replace("2004-12-31", "31.12.2004"), ["'valid_to'", "not a valid date"]),
        ("xjustiz", "xjustiz_registergerichte_vx.csv", COURTS, ["the file's name does not say"]),
        ("geonames_postcode", PLACE_FILE, PLACES.replace("DE,00001", "DE,1"), ["'zipcode'", "row 1", "'1'"]),
        ("geonames_postcode", PLACE_FILE, PLACES.replace("99001,51.3", "1,51.3"), ["'community_code'", "STA-001"]),
        ("geonames_postcode", PLACE_FILE, PLACES.replace("47.5,", "947.5,"), ["'latitude'", "row 2", "too large"]),
        ("geonames_postcode", PLACE_FILE, PLACES.replace("KÃ¶hler 0", "Köhler 0"), ["finds 29 rows", "LND-003"]),
        ("geonames_postcode", PLACE_FILE, PLACES.replace(",state,", ",land,"), ["unknown column 'land'"]),
        ("geonames_postcode", PLACE_FILE, PLACES + "DE,00001,Nirgendwo,Nirgendwo,NI,,00,Kreis Probe,99001,51.4,7.5\n", ["occurs more than once"]),
        ("geonames_postcode", PLACE_FILE + ".gz", gzip.compress(PLACES.encode(), mtime=0)[:-20], ["gzip file is damaged", "LND-002"]),
        ("geonames_postcode", PLACE_FILE + ".gz", PLACES, ["gzip file is damaged or none", "LND-002"]),
    ],
)  # fmt: skip
def test_malformed_lists_are_refused(
    drop: Drop, lineage: Lineage, source_id: str, name: str, content: bytes | str, words: list[str]
) -> None:
    """One message with file, field and row; nothing of the list is stored."""
    with pytest.raises(DeliveryError) as caught:
        drop(source_id, name, content)
    said = f"{caught.value.message} {caught.value.rule_id}"
    for word in [source_id, name, "Expected", *words]:
        assert word in said
    assert not list((lineage.raw / source_id).glob("*/sidecar.json"))


@pytest.mark.real
def test_the_real_lists_land_whole(real_data: Path, lineage: Lineage, region: Region) -> None:
    """Every row of the real files lands; courts are those of the seed, and postcodes of the region are where its folder says."""
    settings = Settings(lineage.root.parent, "real", "maerkische_region", real_data, 5, None)
    for name in ("legal_form", "xjustiz", "geonames_postcode"):
        receive(sources()[name], lineage, region, settings)
    forms = landed(lineage, "legal_form", "form")
    assert forms.group_by("snapshot_id").len()["len"].sort().to_list() == [30, 3659]
    assert forms.filter(pl.col("country_code") == "DE")["elf_code"].n_unique() == 30
    courts = landed(lineage, "xjustiz", "court")
    with (ROOT / "dbt_project" / "seeds" / "register_court.csv").open(encoding="utf-8", newline="") as seed:
        known = {row["court_code"]: row["court_name"] for row in csv.DictReader(seed)}
    assert courts.height == 46 and set(courts["list_version"]) == {"12"}
    assert {code: known.get(code) for code in courts["court_code"]} == dict(courts.select("court_code", "court_name").rows())  # fmt: skip
    places = landed(lineage, "geonames_postcode", "place")
    assert (places.height, places["postcode"].n_unique()) == (23_297, 10_814)
    bulk = places.filter(pl.col("state_code").str.contains(r"^\d+$"))
    assert bulk.height == 3474 + 3345, "as many as there are beside the places"
    kinds = {(p, "bulk" if n else "delivery") for p, n in places.select("postcode", pl.col("state_code").str.contains(r"^\d+$")).rows()}  # fmt: skip
    assert {(p["postcode"], p["postcode_type"]) for p in region.postcodes} <= kinds
