"""The bulk road: what lands is typed, hashed and in order; what must not land is named row by row."""

from __future__ import annotations

import bz2
import json
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.sample.bulk import write_month
from ingest.snapshot import Sidecar, land, landed, rejects_path, scratch_folder, sweep
from tests.replay.comext import HEADER, packed
from tests.unit.ingest.test_row_hash import defined
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.steps import Step, listening

ROW = "DE,US,E,73181500,69421,2594,2594,220,312210,15,1,1,NO_SU,202401,65,70.5,3,0"
Land = Callable[..., Sidecar | None]


def lines(*rows: str) -> bytes:
    return ("\n".join([HEADER, *rows]) + "\n").encode()


def files(lineage: Lineage) -> list[str]:
    """Everything a landing may leave, except what every source has."""
    places = (lineage.raw, lineage.lake, lineage.build, lineage.vault)
    return [str(p) for place in places for p in place.rglob("*") if p.is_file() and p.name != "_schema.parquet"]


def table(lineage: Lineage, source: str = "comext", name: str = "flow") -> pl.DataFrame:
    return pl.read_parquet(lineage.lake / source / name / "*.parquet")


@pytest.fixture
def take(lineage: Lineage, region: Region, tmp_path: Path) -> Land:
    """Land bytes under a name."""

    def land_it(content: bytes, name: str = "full_v2_202401.dat", source_id: str = "comext", dataset: str = "flow"):
        path = tmp_path / name
        path.write_bytes(content)
        source = sources()[source_id]
        sweep(lineage, source)
        return land(Delivery(source, dataset, path, "202401", None, "inbox"), lineage, region, True)

    return land_it


def refused(take: Land, lineage: Lineage, content: bytes, **more: str) -> DeliveryError:
    """The refusal of a delivery that leaves nothing behind but its rejects."""
    with pytest.raises(DeliveryError) as caught:
        take(content, **more)
    assert files(lineage) == []
    assert "What to do" in caught.value.message
    return caught.value


def test_types_are_those_of_the_contract_and_rows_are_counted(take: Land, lineage: Lineage) -> None:
    sidecar = take(lines(ROW, ROW.replace(",3,0", ",,"), ROW.replace("E,73181500", "E,39XXXXXX")))
    frame = table(lineage)
    assert dict(frame.schema) == sources()["comext"].tables["flow"].lake_schema
    assert sidecar is not None
    assert sidecar.row_count == 3
    assert frame["source_row"].to_list() == [1, 2, 3]
    assert frame.row(1, named=True) | {"row_hash": 0} == {
        "reporter_code": "DE", "partner_code": "US", "trade_type_code": "E", "product_code": "73181500",
        "sitc_code": "69421", "cpa21_code": "2594", "cpa22_code": "2594", "bec_code": "220", "bec5_code": "312210",
        "section_code": "15", "flow_number": "1", "procedure_code": "1", "supplementary_unit_code": "NO_SU",
        "period_code": "202401", "value_eur": 65.0, "value_nac": 70.5, "net_mass_kg": None,
        "supplementary_quantity": None, "source_row": 2, "snapshot_id": sidecar.snapshot_id, "row_hash": 0,
    }  # fmt: skip
    assert pl.read_parquet(rejects_path(lineage, sidecar.snapshot_id)).height == 0


def large(path: Path, rows: int) -> list[bytes]:
    """The lines of a month of many batches."""
    write_month(path, "202401", rows)
    return path.read_bytes().splitlines(keepends=True)


def test_order_and_hashes_hold_over_many_batches(take: Land, lineage: Lineage, tmp_path: Path) -> None:
    content = large(tmp_path / "large", 150_000)
    take(b"".join(content))
    frame = table(lineage)
    assert frame["source_row"].to_list() == list(range(1, 150_001))
    theirs = [line.split(b",")[3].decode() for line in content[1:]]
    assert frame["product_code"].to_list() == theirs, "the order is that of the file"
    columns = [c.name for c in sources()["comext"].tables["flow"].columns]
    for number in random.Random(1).sample(range(150_000), 300):
        row = frame.row(number, named=True)
        assert row["row_hash"] == defined(tuple(row[c] for c in columns))


def test_an_unchanged_row_keeps_its_hash_in_another_file(take: Land, lineage: Lineage) -> None:
    other = ROW.replace("US", "CH")
    take(lines(ROW, other))
    take(lines(other, ROW.replace(",65,", ",66,"), ROW))
    frame = table(lineage)
    by_file = [part["row_hash"].to_list() for part in frame.partition_by("snapshot_id")]
    short, long = sorted(by_file, key=len)
    assert [long[2], long[0]] == short
    assert long[1] not in short


@pytest.mark.parametrize(
    ("change", "words", "rule_id"),
    [
        (("DE,", ","), ["'REPORTER'", "a required value is missing", "a value in every row"], "LND-005"),
        (("US", "U"), ["'PARTNER'", "'U' has another form", "[A-Z]{2}"], "TRD-003"),
        (("73181500", "7318150"), ["'PRODUCT_NC'", "'7318150' has another form"], "TRD-002"),
        ((",E,", ",Q,"), ["'TRADE_TYPE'", "'Q' is not known", "one of I, E, L, M"], "LND-005"),
        (("15,1,1", "15,3,1"), ["'FLOW'", "'3' is not known"], "TRD-014"),
        ((",65,", ",-65,"), ["'VALUE_EUR'", "-65 is too small", "at least 0"], "TRD-004"),
        ((",65,", ",,"), ["'VALUE_EUR'", "a required value is missing"], "TRD-004"),
        ((",65,", ",viel,"), ["'VALUE_EUR'", "'viel' is not a valid float"], "TRD-004"),
        ((",65,", ",6 5,"), ["'VALUE_EUR'", "'6 5' is not a valid float"], "TRD-004"),
        ((",65,", ",nan,"), ["'VALUE_EUR'", "nan is not a finite number"], "TRD-004"),
        (("70.5", "inf"), ["'VALUE_NAC'", "inf is not a finite number"], "LND-005"),
        (("NO_SU", "StÃ¼ck"), ["'SUPPL_UNIT'", "is encoded twice"], "LND-003"),
        (("202401", "202402"), ["'PERIOD'", "'202402' is not the period of this file", "202401"], "LND-008"),
        ((",3,0", ",3"), ["the line has 17 cells", "18 cells"], "LND-005"),
        ((",3,0", ",3,0,9"), ["the line has 19 cells", "18 cells"], "LND-005"),
        ((ROW, ""), ["the line has 1 cells"], "LND-005"),
        (('"', '"'), [], ""),
    ],
)  # fmt: skip
def test_a_broken_rule_names_field_row_and_expectation(
    take: Land, lineage: Lineage, change: tuple[str, str], words: list[str], rule_id: str
) -> None:
    if not words:
        assert take(lines(ROW)) is not None
        return
    bad = ROW.replace(*change)
    error = refused(take, lineage, lines(ROW, bad, ROW, bad))
    for word in ["comext", "full_v2_202401.dat", "data row 2", "(2 rows)", *words]:
        assert word in error.message
    assert (error.rule_id, error.row, error.failed_rows) == (rule_id, 2, 2)
    [path] = (lineage.runs / "rejects").glob("*.parquet")
    assert str(path) in error.message
    rejects = pl.read_parquet(path).filter(pl.col("rule_id") == rule_id)
    assert rejects["source_row"].to_list() == [2, 4]
    assert rejects["line"].to_list() == [bad, bad]
    assert rejects["field"].to_list() == [error.field, error.field]


def test_every_broken_rule_is_kept(take: Land, lineage: Lineage) -> None:
    error = refused(
        take, lineage, lines(ROW.replace("US", "us").replace(",65,", ",-1,"), ROW, ROW.replace(",65,", ",x,"))
    )
    [path] = (lineage.runs / "rejects").glob("*.parquet")
    found = pl.read_parquet(path).select("source_row", "field", "value").rows()
    assert found == [(1, "PARTNER", "us"), (1, "VALUE_EUR", "-1"), (3, "VALUE_EUR", "x")]
    assert "the 3 rejected values" in error.message


def test_rejects_far_down_a_file_are_found(take: Land, lineage: Lineage, tmp_path: Path) -> None:
    content = large(tmp_path / "large", 300_000)
    content[299_000] = (ROW.replace("US", "us") + "\n").encode()
    assert refused(take, lineage, b"".join(content)).row == 299_000


def test_bytes_in_another_encoding_are_refused(take: Land, lineage: Lineage) -> None:
    error = refused(take, lineage, lines(ROW, ROW).replace(b"NO_SU", "Stück".encode("latin-1"), 1))
    assert (error.rule_id, error.row) == ("LND-003", 1)
    assert "not UTF-8" in error.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lines(ROW).replace(b"REPORTER", b"DECLARANT"), "unknown column 'DECLARANT'"),
        (lines(ROW).replace(b"REPORTER,PARTNER", b"REPORTER,REPORTER"), "column 'PARTNER' is missing"),
        (lines(ROW).replace(b"PARTNER", b"REPORTER,PARTNER", 1), "column 'REPORTER' occurs more than once"),
        (lines(ROW).replace(b",QUANTITY_SUPPL_UNIT", b""), "column 'QUANTITY_SUPPL_UNIT' is missing"),
        (lines(ROW)[:-1], "the last line does not end: the file is cut off"),
        (lines(ROW, ROW)[:-30], "the last line does not end"),
        (lines(), "holds 0 rows"),
    ],
)
def test_another_layout_is_refused(take: Land, lineage: Lineage, content: bytes, words: str) -> None:
    assert words in refused(take, lineage, content).message


def test_columns_may_come_in_another_order_with_windows_line_ends(take: Land, lineage: Lineage) -> None:
    swapped = [",".join([line.split(",")[1], line.split(",")[0], *line.split(",")[2:]]) for line in (HEADER, ROW)]
    take(b"\xef\xbb\xbf" + ("\r\n".join(swapped) + "\r\n").encode())
    take(lines(ROW))
    first, second = table(lineage).drop("snapshot_id").rows()
    assert first == second


@pytest.mark.parametrize("boundary", ["checked", "stored", "written"])
def test_an_interrupted_landing_leaves_nothing(
    take: Land, lineage: Lineage, boundary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tidies up after a kill; the next landing sweeps."""
    monkeypatch.setattr("ingest.snapshot._tidy", lambda place: None)

    def stop(step: Step) -> None:
        if step.name == boundary:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), listening(stop):
        take(packed("202401", lines(ROW)), "full_v2_202401.7z")
    assert files(lineage) != []
    assert not list(landed(lineage, "comext"))
    sweep(lineage, sources()["comext"])
    assert files(lineage) == []
    assert not scratch_folder(lineage, "comext").exists()
    assert take(packed("202401", lines(ROW)), "full_v2_202401.7z") is not None


def test_what_was_unpacked_is_gone_afterwards(take: Land, lineage: Lineage) -> None:
    sidecar = take(packed("202401", lines(ROW)), "full_v2_202401.7z")
    assert sidecar is not None
    assert sorted(Path(f).name for f in files(lineage)) == [
        f"{sidecar.snapshot_id}.parquet", "full_v2_202401.7z", "sidecar.json"
    ]  # fmt: skip


def entry(number: int, **changed: object) -> bytes:
    facts = {"company_number": f"R3101_HRB {number}", "name": f"Musterfirma {number} (erfunden)", "officers": [{"name": "Max Geheim"}],
             "registered_address": "Weg 1, 58762 Altena.", "retrieved_at": "2018-11-09T18:03:03Z"}  # fmt: skip
    return (json.dumps(facts | changed) + "\n").encode()


def register(take: Land, content: bytes) -> Sidecar | None:
    return take(bz2.compress(content), "de.jsonl.bz2", "offeneregister", "company")


def test_a_register_is_read_some_lines_at_a_time(take: Land, lineage: Lineage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.offeneregister.LINES_AT_A_TIME", 10)
    register(take, b"".join(entry(n) for n in range(35)))
    frame = table(lineage, "offeneregister", "company")
    assert dict(frame.schema) == sources()["offeneregister"].tables["company"].lake_schema
    assert frame["source_row"].to_list() == list(range(1, 36))
    assert frame["register_number"].to_list() == [str(n) for n in range(35)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (entry(1) + entry(2, name=None), ["'company_name'", "data row 2", "required value is missing"]),
        (entry(1) + entry(2, name="MÃ¤rkische Federn"), ["data row 2", "encoded twice"]),
        (entry(1) + entry(2) + entry(1), ["occurs more than once (2 rows)", "company_number R3101_HRB 1"]),
        (entry(1) + b"{\n", ["data row 2", "not a register entry"]),
    ],
)
def test_a_broken_register_is_refused_without_its_officers(
    take: Land, lineage: Lineage, content: bytes, words: list[str]
) -> None:
    with pytest.raises(DeliveryError) as caught:
        register(take, content)
    for word in words:
        assert word in caught.value.message
    assert files(lineage) == []
    kept = [p for p in lineage.root.rglob("*") if p.is_file()]
    assert not [p for p in kept if b"Geheim" in p.read_bytes()]
