"""Eurostat's two forms as files: flags beside numbers, secret is not zero, dirty files refused with their place."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from ingest.errors import DeliveryError
from tests.connectors.conftest import Live
from tests.replay.eurostat import Eurostat, prices


@pytest.fixture
def eurostat(live: Callable[..., Live]) -> Live:
    return live("eurostat", Eurostat())


def lake(live: Live) -> pl.DataFrame:
    return pl.read_parquet(live.lineage.lake / "eurostat" / "observation" / "eurostat-*.parquet").sort("time_period")


HEAD = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
ROW = "ESTAT:NRG_PC_205(1.0),05/10/26 23:00:00,S,KWH,DE,2024-S1,0.18,,\n"


def _put(eurostat: Live, name: str, content: bytes) -> None:
    folder = eurostat.lineage.inbox / "eurostat"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("<html>busy</html>", "HTML or XML page"),
        ('{"error": []}', "a JSON message where data was due"),
        (HEAD, "holds 0 rows"),
        (HEAD + ROW + ROW[:40], "data row 2: 3 cells"),
        (HEAD + ROW + ROW, "occurs more than once"),
        (HEAD + ROW.replace("NRG_PC_205", "NRG_PC_203"), "the file holds dataset NRG_PC_203"),
        (
            HEAD + ROW.replace("ESTAT:NRG_PC_205(1.0)", "prices"),
            "field 'DATAFLOW', data row 1: 'prices' has another form",
        ),
        (HEAD + ROW.replace("05/10/26 23:00:00", "yesterday"), "field 'LAST UPDATE', data row 1: 'yesterday'"),
        (HEAD + ROW.replace("0.18", "0;18"), "field 'OBS_VALUE', data row 1: '0;18'"),
        (HEAD + ROW.replace("0.18", "1.2.3"), "field 'OBS_VALUE', data row 1: '1.2.3'"),
        (HEAD + ROW.replace("0.18", "NaN"), "field 'OBS_FLAG', data row 1: 'nan'"),
        (HEAD + ROW.replace("0.18,", "0.18,q"), "field 'OBS_FLAG', data row 1: 'q'"),
        (HEAD + ROW.replace("2024-S1", "2024-S3"), "'2024-S3' has another form"),
        (HEAD + ROW.replace("2024-S1", ""), "field 'TIME_PERIOD', data row 1: a required value is missing"),
        (HEAD + ROW.replace("KWH", ""), "field 'unit', data row 1: '' has another form"),
        (HEAD + ROW.replace("KWH", "K|H=1"), r"field 'unit', data row 1: 'K\|H=1' has another form"),
        (HEAD.replace("CONF_STATUS", "MOOD") + ROW, "unknown column 'MOOD'"),
        (HEAD.replace("DATAFLOW", "STRUCTURE") + ROW, "the columns are STRUCTURE"),
        (HEAD + ROW.replace("KWH", "KÄ"), "is not utf-8-sig"),
    ],
)
def test_a_malformed_table_is_refused_with_its_place(eurostat: Live, text: str, said: str) -> None:
    """A dirty file in the inbox is refused in one sentence; nothing of it reaches the lake."""
    _put(eurostat, "nrg_pc_205.csv", text.encode("latin-1"))
    with pytest.raises(DeliveryError, match=said):
        eurostat.receive()
    assert not list((eurostat.lineage.lake / "eurostat" / "observation").glob("eurostat-*.parquet"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"class": "dataset"', '"class": "collection"', "a JSON message where data was due"),
        ('"size": [1, 1', '"size": [1, 9', "1 codes in order. Expected: 9 codes"),
        ('"size": [1, 1', '"size": [1', "dimensions .* with sizes"),
        ('"0": 0.', '"99999": 0.', "position 99999 does not exist"),
        ('"0": 0.', '"first": 0.', "a position is no number"),
        ('"0": 0.1', '"0": "secret!"', "field 'OBS_VALUE', data row 1: 'secret!'"),
        ('"0": 0.1', '"0": [0.1]', "is no value"),
        ('"0": 0.1', '"0": NaN', "field 'OBS_FLAG', data row 1: 'nan'"),
        ('"4": "p"', '"4": "pq"', "field 'OBS_FLAG', data row 5: 'pq'"),
        ('"id": "NRG_PC_205"', '"id": "NRG_PC_203"', "the file holds dataset NRG_PC_203"),
        ('"updated": "2026-10-05T23:00:00+0200"', '"updated": ""', "field 'LAST UPDATE'"),
        ('"S": 0}', '"S": 7}', "field 'freq': 0 codes in order"),
        ('"time"', '"tempo"', "time among them"),
        ("}", "", "the JSON is damaged or cut off"),
    ],
)
def test_a_malformed_dataset_is_refused_with_its_place(eurostat: Live, old: str, new: str, said: str) -> None:
    """Damaged JSON-stat in the inbox is refused in one sentence; nothing of it reaches the lake."""
    data = prices()
    text = data.json(data.chosen({"geo": ["DE"]}, "2013", "2024")).decode()
    assert old in text
    _put(eurostat, "nrg_pc_205.json", text.replace(old, new).encode())
    with pytest.raises(DeliveryError, match=said):
        eurostat.receive()
    assert not list((eurostat.lineage.lake / "eurostat" / "observation").glob("eurostat-*.parquet"))


@pytest.mark.parametrize(
    ("cell", "value", "flag"),
    [
        ("0.18,", 0.18, None), ("1.2 p,", 1.2, "p"), (":,", None, None), (": c,", None, "c"), (":c,", None, "c"), ("|C,", None, "c"),
        ("7:E,", 7.0, "e"), ("1e3,eb", 1000.0, "be"), ("-3.5 b,e", -3.5, "be"), ("0,", 0.0, None), (",", None, None),
    ],
)  # fmt: skip
def test_flags_stand_beside_the_number(eurostat: Live, cell: str, value: float | None, flag: str | None) -> None:
    """Every way of writing a flag gives the same letters, sorted; no sign becomes a zero."""
    _put(eurostat, "estat_nrg_pc_205_en.csv", (HEAD + ROW.replace("0.18,", cell)).encode())
    eurostat.receive()
    assert lake(eurostat).select("value", "flag").rows() == [(value, flag)]


def test_lists_with_gaps_and_single_codes_are_read_too(eurostat: Live) -> None:
    text = b"""{"version":"2.0","class":"dataset","updated":"2026-10-05T23:00:00+0200","value":[1.5,null,2],"status":[null,"c",null],
    "id":["freq","geo","time"],"size":[1,1,3],"dimension":{"freq":{"category":{"label":{"A":"Annual"}}},"geo":{"category":{"index":["DE"]}},
    "time":{"category":{"index":["2022","2023","2024"]}}},"extension":{"datasetId":"nrg_pc_205"}}"""
    _put(eurostat, "nrg_pc_205.json", text)
    eurostat.receive()
    assert lake(eurostat).select("time_period", "value", "flag").rows() == [
        ("2022", 1.5, None),
        ("2023", None, "c"),
        ("2024", 2.0, None),
    ]
