"""BACI on the bulk road: the same values as the reader in memory gives, the same refusals, and the ZIP as published."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ingest.bulk.members import members
from ingest.delivery import Delivery, deliveries, unclaimed
from ingest.dock import receive
from ingest.errors import DeliveryError
from ingest.readers import Reading, find_reader
from ingest.registry import sources
from ingest.sample.baci import write_baci
from ingest.sample.trade import trade_flows
from ingest.sample.writer import InboxWriter
from ingest.snapshot import Sidecar, land, landed, rejects_path, sweep
from tests.replay.files import zipped
from tests.unit.ingest.test_row_hash import defined
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

HEADER = "t,i,j,k,v,q"
NAME = "BACI_HS17_Y2024_V202601.csv"
ROWS = ("2024,276,842,040120,12.5,3.25", "2024,276,156,731815,   0.377,           NA", "2024,4,276,731815,7,")
Land = Callable[..., Sidecar | None]


def lines(*rows: str) -> bytes:
    return ("\n".join([HEADER, *rows]) + "\n").encode()


@pytest.fixture
def take(lineage: Lineage, region: Region, tmp_path: Path) -> Land:
    """Land bytes as the flows of 2024."""

    def land_it(content: bytes, partition: str = "HS17_Y2024") -> Sidecar | None:
        path = tmp_path / NAME
        path.write_bytes(content)
        source = sources()["baci"]
        sweep(lineage, source)
        return land(Delivery(source, "flow", path, partition, None, "inbox"), lineage, region, True)

    return land_it


def flows(lineage: Lineage) -> pl.DataFrame:
    return pl.read_parquet(lineage.lake / "baci" / "flow" / "*.parquet").sort("source_row")


def in_memory(path: Path, region: Region) -> pl.DataFrame:
    """What the reader for small CSV files makes of the same bytes."""
    delivery = Delivery(sources()["baci"], "flow", path, "p", None, "inbox")
    return find_reader("csv", "baci")(Reading(delivery, region))["flow"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of the sample region's BACI files."""
    writer = InboxWriter(tmp_path_factory.mktemp("sample"))
    write_baci(writer, trade_flows(2026))
    return writer.inbox / "baci" / NAME


def test_every_row_is_as_the_reader_in_memory_gives_it(
    take: Land, lineage: Lineage, region: Region, sample: Path
) -> None:
    """The sample's file, row by row and bit by bit, beside the reader that small files take."""
    sidecar = take(sample.read_bytes())
    assert sidecar is not None
    assert sidecar.row_count > 20_000
    expected, found = in_memory(sample, region), flows(lineage)
    assert found.drop("row_hash", "snapshot_id").equals(expected.select(found.drop("row_hash", "snapshot_id").columns))
    assert found["mass_t"].null_count() > 0
    assert dict(found.schema) == sources()["baci"].tables["flow"].lake_schema
    names = [c.name for c in sources()["baci"].tables["flow"].columns]
    for row in found.sample(200, seed=1).iter_rows(named=True):
        assert row["row_hash"] == defined(tuple(row[n] for n in names))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_padding_is_no_value(take: Land, lineage: Lineage, region: Region, tmp_path: Path, ends: str) -> None:
    """Blanks around a cell, NA, an empty cell and Windows line ends mean the same on both roads."""
    rows = (*ROWS, " 2024 , 8,12 , 010121 , 1e3 ,NA  ")
    content = lines(*rows).replace(b"\n", ends.encode())
    take(content)
    found = flows(lineage)
    assert found["mass_t"].to_list() == [3.25, None, None, None]
    assert found.row(3, named=True) | {"row_hash": 0, "snapshot_id": ""} == {
        "year": 2024, "exporter_code": "8", "importer_code": "12", "product_code": "010121", "value_kusd": 1000.0,
        "mass_t": None, "source_row": 4, "snapshot_id": "", "row_hash": 0,
    }  # fmt: skip
    (tmp_path / "again.csv").write_bytes(content)
    kept = found.drop("row_hash", "snapshot_id")
    assert kept.equals(in_memory(tmp_path / "again.csv", region).select(kept.columns))
    assert pl.read_parquet(rejects_path(lineage, next(landed(lineage, "baci")).snapshot_id)).is_empty()


@pytest.mark.parametrize(
    ("change", "words", "rule_id"),
    [
        (("12.5", "-1"), ["'v'", "-1 is too small", "at least 0"], "TRD-004"),
        (("12.5", " viel "), ["'v'", "'viel' is not a valid float"], "TRD-004"),
        (("12.5", "NA"), ["'v'", "a required value is missing"], "TRD-004"),
        (("12.5", "inf"), ["'v'", "inf is not a finite number"], "TRD-004"),
        (("3.25", "-0.5"), ["'q'", "-0.5 is too small"], "TRD-004"),
        (("040120", "40120"), ["'k'", "'40120' has another form", r"\d{6}"], "TRD-002"),
        ((",276,842", ",,842"), ["'i'", "a required value is missing"], "LND-005"),
        (("842", "8420"), ["'j'", "'8420' has another form"], "LND-005"),
        (("2024,276", "2024.5,276"), ["'t'", "'2024.5' is not a valid int"], "LND-005"),
        (("2024,276", "1989,276"), ["'t'", "1989 is too small", "at least 1995"], "LND-005"),
        (("2024,276", "2023,276"), ["'t'", "2023 is not the year of this file", "2024"], "LND-008"),
        ((",3.25", ""), ["the line has 5 cells", "6 cells"], "LND-005"),
        (("3.25", "3.25,1"), ["the line has 7 cells"], "LND-005"),
    ],
)
def test_a_broken_rule_names_field_row_and_expectation(
    take: Land, lineage: Lineage, change: tuple[str, str], words: list[str], rule_id: str
) -> None:
    """Every rule of the contract holds on this road; the rejected row is kept as delivered."""
    bad = ROWS[0].replace(*change, 1)
    assert bad != ROWS[0]
    with pytest.raises(DeliveryError) as caught:
        take(lines(ROWS[1], bad, ROWS[2]))
    for word in ["baci", NAME, "data row 2", "What to do", *words]:
        assert word in caught.value.message
    assert (caught.value.rule_id, caught.value.row) == (rule_id, 2)
    [kept] = (lineage.runs / "rejects").glob("*.parquet")
    rejects = pl.read_parquet(kept).filter(pl.col("rule_id") == rule_id)
    assert rejects["source_row"].to_list() == [2]
    assert rejects["line"].to_list() == [bad]
    assert not list(landed(lineage, "baci"))
    assert not [p for p in (lineage.lake / "baci").rglob("*.parquet") if p.stem != "_schema"]


def test_a_key_that_occurs_twice_is_found_far_apart(take: Land) -> None:
    many = [f"2024,{i % 900},{j % 900},731815,1,2" for i in range(200) for j in range(300, 500)]
    with pytest.raises(
        DeliveryError, match=r"year 2024, exporter_code 7, importer_code 301.* occurs more than once \(2 rows\)"
    ):
        take(lines(*many, "2024,7,301,731815,9,2"))


def test_a_file_that_is_cut_off_is_refused(take: Land) -> None:
    with pytest.raises(DeliveryError, match="the last line does not end"):
        take(lines(*ROWS)[:-20])


# The ZIP as published

RELEASE = {
    NAME: lines(*ROWS),
    "BACI_HS17_Y2023_V202601.csv": lines(*(r.replace("2024,", "2023,") for r in ROWS)),
    "country_codes_V202601.csv": b"country_code,country_name,country_iso2,country_iso3\n276,Germany,DE,DEU\n",
    "product_codes_HS17_V202601.csv": b'code,description\n731815,"Screws, invented"\n',
    "Readme.txt": b"read me",
}


@pytest.fixture
def dropped(lineage: Lineage) -> Path:
    """The release in the inbox."""
    path = lineage.inbox / "baci" / "BACI_HS17_V202601.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(**RELEASE))
    return path


@pytest.fixture
def settings(lineage: Lineage, tmp_path: Path) -> Settings:
    return Settings(lineage.home, "sample", "maerkische_region", tmp_path, 5, None)


def archives(lineage: Lineage) -> list[Path]:
    return list((lineage.build / "archives").rglob("*.csv"))


def test_the_zip_as_published_lands_as_its_files(
    dropped: Path, lineage: Lineage, region: Region, settings: Settings
) -> None:
    """Years and code lists are slices of their own, the same snapshots as the files dropped one by one."""
    receipt = receive(sources()["baci"], lineage, region, settings)
    assert {s.partition_key: s.row_count for s in receipt.new} == {
        "HS17_Y2023": 3,
        "HS17_Y2024": 3,
        "country_codes": 1,
        "HS17": 1,
    }
    assert {s.vintage_id for s in receipt.new} == {"202601"}
    assert unclaimed(lineage) == []
    for name, content in RELEASE.items():
        if name.endswith(".csv"):
            (dropped.parent / name).write_bytes(content)
    again = receive(sources()["baci"], lineage, region, settings)
    assert again.new == []
    assert set(again.present) == set(receipt.present)


def test_a_zip_is_taken_apart_once(
    dropped: Path, lineage: Lineage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look reads what lies there; another archive under the name replaces it, and without one it is gone."""
    first = [(d.name, d.sha256) for d in deliveries(sources()["baci"], lineage, settings)]
    assert len(first) == 4
    with monkeypatch.context() as patch:
        patch.setattr("ingest.bulk.members.unpack", lambda *_: pytest.fail("taken apart again"))
        assert [(d.name, d.sha256) for d in deliveries(sources()["baci"], lineage, settings)] == first
    dropped.write_bytes(zipped(**{NAME: lines(ROWS[0])}))
    os.utime(dropped, ns=(1, 1))
    assert [d.name for d in deliveries(sources()["baci"], lineage, settings)] == [NAME]
    dropped.unlink()
    assert deliveries(sources()["baci"], lineage, settings) == []
    assert archives(lineage) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(**RELEASE)[:-40], "the archive is damaged or cut off"),
        (zipped(**RELEASE).replace(b"12.5,3.25", b"12.6,3.25"), "the archive is damaged or cut off"),
        (zipped(**{"Readme.txt": b"x"}), "its members are Readme.txt"),
        (zipped(**{f"{f}/{NAME}": b"x" for f in "ab"}), "its members are a/BACI"),
        (zipped(**{f"../{NAME}": lines(ROWS[0])}), None),
    ],
    ids=["cut", "changed", "nothing", "twice", "elsewhere"],
)
def test_a_malformed_zip_is_refused(
    dropped: Path, lineage: Lineage, settings: Settings, content: bytes, said: str | None
) -> None:
    """A cut, changed or empty archive is refused in one sentence and leaves nothing; a member stays inside."""
    dropped.write_bytes(content)
    if said is None:
        [path] = members(sources()["baci"], lineage)
        assert path.resolve().is_relative_to(lineage.build.resolve())
        return
    with pytest.raises(DeliveryError, match=said) as caught:
        deliveries(sources()["baci"], lineage, settings)
    assert caught.value.rule_id == "LND-002"
    assert "baci: BACI_HS17_V202601.zip" in caught.value.message
    assert archives(lineage) == []


def test_a_source_without_archives_is_not_looked_at(lineage: Lineage) -> None:
    assert members(sources()["baci"].model_copy(update={"archives": []}), lineage) == []
    assert not (lineage.build / "archives").exists()
