"""Code lists of Comext: whatever order the columns have, the contract says it; what it does not say is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.dock import Receipt, receive
from ingest.errors import DeliveryError
from ingest.registry import sources
from tests.replay.comext import CN, CN_CHANGE, PARTNERS, PARTNERS_ISO, REPORTERS
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

Drop = Callable[[str, bytes | str], Receipt]


@pytest.fixture
def drop(lineage: Lineage, region: Region, tmp_path: Path) -> Drop:
    def drop_it(name: str, content: bytes | str) -> Receipt:
        folder = lineage.inbox / "trade_list"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        settings = Settings(tmp_path / "home", "sample", "", tmp_path / "real", 5, None)
        return receive(sources()["trade_list"], lineage, region, settings)

    return drop_it


def landed(lineage: Lineage, table: str) -> pl.DataFrame:
    return pl.read_parquet(lineage.lake / "trade_list" / table / "trade_list-*.parquet").drop("snapshot_id")


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change what the contract says of a dataset's layout."""

    def change(dataset: str, **more: Any) -> None:
        held = sources()["trade_list"].datasets[dataset].options
        for name, value in more.items():
            monkeypatch.setitem(held, name, value)

    return change


def test_a_code_list_lands_typed_with_its_validity(drop: Drop, lineage: Lineage) -> None:
    """Codes stay text, an end in the year 2500 is none, a quotation mark is a part of the label."""
    drop("CN.txt", CN)
    frame = landed(lineage, "cn")
    assert dict(frame.schema) == {k: v for k, v in sources()["trade_list"].tables["cn"].lake_schema.items() if k != "snapshot_id"}  # fmt: skip
    screws = frame.filter(pl.col("code") == "73201595").row(0, named=True)
    assert (screws["valid_from"], screws["valid_to"]) == (date(2020, 1, 1), date(2023, 12, 31))
    assert frame.filter(pl.col("code") == "01")["valid_to"].to_list() == [None]
    assert frame["label"].str.contains('"Probe" screws', literal=True).any()


def test_dates_of_the_label_are_kept_where_the_list_has_them(drop: Drop, lineage: Lineage) -> None:
    """Six columns instead of four: the same code twice, with two labels one after the other."""
    row = "73201595\t01/01/2020\t31/12/2500\t{}\t{}\t{}\n"
    text = row.format("Old", "01/01/2020", "31/12/2021") + row.format("New", "01/01/2022", "31/12/2500")
    drop("CN.txt", text)
    assert landed(lineage, "cn").select("label", "label_valid_from", "label_valid_to").rows() == [
        ("Old", date(2020, 1, 1), date(2021, 12, 31)), ("New", date(2022, 1, 1), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        CN_CHANGE,
        CN_CHANGE.replace("\n", "\t31/12/2500\n"),
        "\n".join("\t".join((a, "31/12/2023", b, c)) for a, b, c in (r.split("\t") for r in CN_CHANGE.split("\n") if r)),
    ],
    ids=["three", "with_an_end", "with_the_end_of_the_first"],
)  # fmt: skip
def test_successors_land_from_every_order_the_contract_knows(drop: Drop, lineage: Lineage, text: str) -> None:
    """The order of columns is found by the forms of the first row among those the contract names."""
    drop("CN8-PRED-SUCC.txt", text)
    frame = landed(lineage, "cn_change")
    assert frame.select("predecessor_code", "successor_code", "changed_on").row(0) == (
        "73201595", "73201597", date(2024, 1, 1),
    )  # fmt: skip
    assert frame.height == len(CN_CHANGE.splitlines())


def test_partners_and_reporters_are_told_apart(drop: Drop, lineage: Lineage) -> None:
    """Three files of one shape; the list a code is from stands in the row."""
    for name, text in (("PARTNERS.txt", PARTNERS), ("PARTNERS_ISO.txt", PARTNERS_ISO), ("REPORTERS.txt", REPORTERS)):
        drop(name, text)
    frame = landed(lineage, "area")
    assert set(frame.select("list_code", "code").rows()) >= {("partner", "0004"), ("partner_iso", "GR"), ("reporter", "DE")}  # fmt: skip


def test_a_header_says_the_order_itself(drop: Drop, lineage: Lineage, options: Callable[..., None]) -> None:
    """Header, delimiter and date format are changed in the contract alone."""
    names = {"LABEL": "label", "CODE": "code", "START": "valid_from", "END": "valid_to"}
    options("cn", headers=names, delimiter=";", date_format="%Y-%m-%d", open_dates=["9999-12-31"])
    drop("CN.txt", "LABEL;CODE;START;END\nScrews;7318;1988-01-01;9999-12-31\n")
    assert landed(lineage, "cn").select("code", "valid_from", "valid_to", "label").rows() == [("7318", date(1988, 1, 1), None, "Screws")]  # fmt: skip


def test_years_are_dates_too(drop: Drop, lineage: Lineage, options: Callable[..., None]) -> None:
    """A list that gives only the year of a change means its first of January."""
    options("cn_change", date_format="%Y")
    drop("CN8-PRED-SUCC.txt", "73201595\t73201597\t2024\n")
    assert landed(lineage, "cn_change")["changed_on"].to_list() == [date(2024, 1, 1)]


CN_ROW = "73201595\t01/01/2020\t31/12/2500\tScrews\n"
PAIR = "73201595\t73201597\t01/01/2024\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("CN.txt", CN_ROW.replace("\t", ","), ["layout is not known", "1 cells", "code, valid_from"]),
        ("CN.txt", "CODE\tSTART\tEND\tLABEL\n" + CN_ROW, ["layout is not known", "CODE | START", "%d/%m/%Y"]),
        ("CN.txt", "Screws\t" + CN_ROW, ["layout is not known", "5 cells"]),
        ("CN.txt", CN_ROW.replace("01/01/2020", "2020-01-01"), ["layout is not known", "2020-01-01"]),
        ("CN.txt", CN_ROW + CN_ROW.replace("01/01/2020", "31/31/2020"), ["'valid_from'", "row 2", "31/31/2020", "date_format"]),
        ("CN.txt", CN_ROW + "73201597\t01/01/2020\n", ["row 2", "2 cells where the other rows have 4"]),
        ("CN.txt", CN_ROW + CN_ROW.replace("73201595", ""), ["'code'", "row 2", "required"]),
        ("CN.txt", CN_ROW + CN_ROW.replace("Screws", ""), ["'label'", "row 2", "required"]),
        ("CN.txt", CN_ROW + CN_ROW.replace("73201595", "7318 15 95"), ["'code'", "row 2", "another form", "TRD-002"]),
        ("CN.txt", CN_ROW + CN_ROW, ["occurs more than once", "73201595"]),
        ("CN.txt", CN_ROW.replace("31/12/2500", "31/12/2019"), ["'valid_to'", "before it begins"]),
        ("CN.txt", CN_ROW.replace("Screws", "Schäkel").encode("latin-1"), ["is not utf-8-sig", "row 1", "LND-003"]),
        ("CN.txt", CN_ROW.replace("Screws", "SchÃ¤kel"), ["encoded twice", "LND-003"]),
        ("CN.txt", "", ["the file is empty"]),
        ("CN.txt", "<!DOCTYPE html><html></html>", ["HTML or XML page"]),
        ("CN8-PRED-SUCC.txt", PAIR + PAIR.replace("73201597", "1012100"), ["'successor_code'", "row 2", "1012100"]),
        ("CN8-PRED-SUCC.txt", PAIR.replace("73201597", ""), ["layout is not known"]),
        ("CN8-PRED-SUCC.txt", PAIR + PAIR, ["occurs more than once"]),
        ("PARTNERS.txt", CN_ROW + "\t01/01/2020\t31/12/2500\tNowhere\n", ["'code'", "row 2", "required"]),
    ],
)  # fmt: skip
def test_malformed_lists_are_refused(drop: Drop, lineage: Lineage, name: str, content: bytes | str, words: list[str]) -> None:  # fmt: skip
    """One message with file, field and row; nothing of the list is stored."""
    with pytest.raises(DeliveryError) as caught:
        drop(name, content)
    said = f"{caught.value.message} {caught.value.rule_id}"
    for word in ["trade_list", name, "Expected", *words]:
        assert word in said
    assert not list((lineage.raw / "trade_list").glob("*/sidecar.json"))
