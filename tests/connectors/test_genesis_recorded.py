"""Answers that GENESIS services really gave, replayed byte for byte and landed through fetch and receive."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.delivery import Delivery
from ingest.errors import FetchError
from ingest.registry import sources
from ingest.snapshot import land, landed, sweep
from tests.connectors.test_genesis import Works, works  # noqa: F401 (a fixture)
from tests.replay.genesis import Table
from warehouse.paths import Lineage
from warehouse.region import Region

pytestmark = pytest.mark.real
EMPLOYEES = "13111-01-03-4"
KREISE = {"05914": 68_723, "05954": 108_321, "05962": 159_346}


@pytest.fixture
def recorded(real_data: Path) -> Path:
    if not (real_data / "genesis/raw").is_dir():
        pytest.skip(
            f"the recorded answers are not there ({real_data}/genesis); set KETTENWERK_REAL_DATA to run this test"
        )
    return real_data / "genesis"


def vintages(recorded: Path, table: str) -> list[bytes]:
    """Recordings of a table, oldest first; the last is that of 2026."""
    older = sorted((recorded / "older_vintages").glob(f"{table}__*.zip"))
    return [p.read_bytes() for p in [*older, recorded / f"raw/{table}.zip"]]


def put(w: Works, table: str, content: bytes, number: int, described: bytes | None = None) -> None:
    """Let the service have this vintage now."""
    now = datetime.now() + timedelta(days=number)
    w.service.tables[table] = Table([], now, f"01.01.20{26 + number} 00:00:00h", packed=content, described=described)


@pytest.mark.parametrize("table", ["12411-01-01-4", "13111-0005", EMPLOYEES, "51000-0010", "52111-0001"])
def test_all_vintages_land(works: Callable[..., Works], recorded: Path, table: str) -> None:  # noqa: F811
    """Each recorded vintage with other data is brought and landed once; equal data in another ZIP is not."""
    w = works({"table": table})
    brought = []
    for number, content in enumerate(vintages(recorded, table)):
        put(w, table, content, number)
        brought += w.live.fetch().brought
        w.live.receive()
    described = (recorded / f"raw/{table}_1.json").read_bytes()
    put(w, table, vintages(recorded, table)[-1], 40, described)
    assert w.live.fetch().brought == [], "the recorded description changes the state, not the data"
    sidecars = list(landed(w.live.lineage, "genesis"))
    assert len(sidecars) == len(brought) == w.table()["snapshot_id"].n_unique() > 1
    assert {s.partition_key for s in sidecars} == {table}
    assert w.table()["region_raw_code"].null_count() == 0


def test_employees_of_the_region_and_the_unfilled_slice(works: Callable[..., Works], recorded: Path) -> None:  # noqa: F811
    """30.06.2024 has the published numbers; the recording of 2026 has signs only, and signs are not zero."""
    w = works({"table": EMPLOYEES})
    for number, content in enumerate(vintages(recorded, EMPLOYEES)):
        put(w, EMPLOYEES, content, number)
        w.live.fetch()
        w.live.receive()
    ours = w.table().filter(pl.col("region_raw_code").is_in(list(KREISE)))
    total = ours.filter(pl.col("time_value") == "2024-06-30", pl.col("characteristic_code") == "TOTAL")
    assert dict(total.select("region_raw_code", "value").unique().rows()) == KREISE
    unfilled = ours.filter(pl.col("time_value") == "2025-06-30")
    assert unfilled.height == 3 * 6
    assert (unfilled["value"].null_count(), set(unfilled["symbol"])) == (18, {"-"})


def test_the_recorded_job_is_followed_to_its_table(works: Callable[..., Works], recorded: Path) -> None:  # noqa: F811
    """The recorded chain 98, 99, 104, 104, 0 ends in 116,738 cells."""
    w = works({"table": "12531-0043"})
    raw = {p.stem: p.read_bytes() for p in (recorded / "raw").glob("12531-0043*")}
    w.service.script = {
        "metadata/table": [raw["12531-0043_409"]],
        "data/tablefile": [raw["12531-0043"], raw["12531-0043_1"]],
        "catalogue/results": [raw["12531-0043_2"], raw["12531-0043_3"], raw["12531-0043_407"]],
        "data/resultfile": [raw["12531-0043_408"]],
    }
    [note] = w.live.fetch().brought
    assert w.service.last("data/resultfile")["name"] == "12531-0043_175879554"
    assert note.licence_note == "© Statistisches Bundesamt (Destatis), 2026"
    [sidecar] = w.live.receive().new
    assert sidecar.row_count == 116_738


@pytest.mark.parametrize(
    ("name", "said"),
    [("61111-0021", r"code -1 .*wurde kein Datenquader gefunden"), ("63121-0001", "code 104 .*keine Objekte"), ("12531-0043_2", "code 104")],
)  # fmt: skip
def test_recorded_errors_are_errors(works: Callable[..., Works], recorded: Path, name: str, said: str) -> None:  # noqa: F811
    """What the services really answered instead of a table is said, and nothing is kept."""
    w = works()
    w.service.bodies["data/tablefile"] = (recorded / f"raw/{name}.json").read_bytes()
    with pytest.raises(FetchError, match=said):
        w.live.fetch()
    assert w.live.files == []


def test_every_recorded_table_can_be_read(recorded: Path, lineage: Lineage, region: Region, tmp_path: Path) -> None:
    """Tables of census, Länder, country and municipalities land as well, with or without an industry."""
    source = sources()["genesis"]
    sweep(lineage, source)
    for path in sorted((recorded / "raw").glob("*.zip")):
        table = re.sub(r"_\d{1,3}$", "", path.stem)
        delivery = Delivery(source, "flat", path, table, None, "real")
        sidecar = land(delivery, lineage, region, False)
        assert sidecar is not None, path.name
        assert sidecar.row_count > 10
    frame = pl.read_parquet(lineage.lake / "genesis/cell/*.parquet")
    assert frame["table_code"].n_unique() == 31
    assert not frame["region_raw_code"].str.contains(r"^\d{12}$").any()
    assert set(frame["region_raw_code"].str.len_chars().unique()) == {2, 3, 5, 8}
    census = frame.filter(table_code="1000A-0000", region_variable_code="GEOGM4")
    assert census.height == 10_786
    assert frame.filter(table_code="21311-01-01-4-B")["time_value"].unique().to_list() == ["2023-10-01"]


def test_both_languages_give_the_same_numbers(recorded: Path, lineage: Lineage, region: Region) -> None:
    """Decimal comma and decimal point of one recorded table become the same values."""
    source = sources()["genesis"]
    sweep(lineage, source)
    frames = []
    for name in ("51000-0010.zip", "51000-0010_2.zip"):
        sidecar = land(
            Delivery(source, "flat", recorded / f"raw/{name}", "51000-0010", None, "real"), lineage, region, False
        )
        assert sidecar is not None
        frames.append(pl.read_parquet(lineage.lake / f"genesis/cell/{sidecar.snapshot_id}.parquet"))
    keys = ["indicator_raw_code", "characteristic_code"]
    german, english = (frame.sort(keys) for frame in frames)
    assert german.select(*keys, "value", "symbol").equals(english.select(*keys, "value", "symbol"))
    assert german.filter(pl.col("value") % 1 != 0).height > 50


def test_a_recorded_cube_lands_without_its_comment(works: Callable[..., Works], recorded: Path) -> None:  # noqa: F811
    """The recorded cube gives its cells; the line that names account and group is not stored."""
    [path] = (recorded.parent / "recorded/genesis_restatis").glob("cube1__*.csv")
    content = path.read_bytes()
    w = works({"table": "47414BJ002"}, endpoint="genesis_online_cubes")
    w.service.cubes["47414BJ002"] = b""
    w.service.bodies["data/cubefile"] = content
    w.live.fetch()
    [sidecar] = w.live.receive().new
    assert sidecar.row_count == sum(line.startswith(b"D;DG;") for line in content.splitlines())
    first = w.table().filter(wz_raw_code="49-01", characteristic_code="WERTE4=NOMINAL")
    assert first.select("value", "quality_code", "time_value").rows() == [(136.6, "p", "2024")]
    stored = list(w.live.lineage.home.rglob("*_cube.csv"))
    assert len(stored) == 2
    assert not [p for p in stored if b"Benutzer" in p.read_bytes()]
