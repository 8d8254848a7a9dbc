"""Correspondences between classifications: what lands from their true shapes, and what is refused with which words."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ingest.delivery import Delivery, deliveries
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.snapshot import land, landed, sweep
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

Take = Callable[[str, bytes | str], pl.DataFrame]

CPA = "\ufeffCN 2022,CPA 2.1\n01012100,01.43.11\n73181535,25.94.11\n"
CN = (
    "CN 2021,CN 2022,CNKEY,TYPE,CN2021_Deleted codes,CN2021_Reused Code\n"
    "01012100,01012100,010121000080,,,\n"
    "03051000,03091000,030510000080,-,0305 10 00,\n"
    "03061990,03099000,030619900080,ex,,0306 19 90\n"
)
WZ = "from,to,partial,title\n01.13.1,01.13.1,False,Anbau von Gemüse\n01.13.1,01.19.9,True,Sonstige\n"
SHIFTED = "from,to,partial,title\n01.11.0,01.11.0,Anbau von Getreide,\n01.19.9,01.13.1,Anbau von Gemüse,\n"
LABELS = "CN 2022,SupText,URI,Name\nI,LIVE ANIMALS,0100,SECTION I\n01,Animals,0100,CHAPTER 1\n01012100,Pure-bred,01,0101 21 00\n"


def hs_file(**changes: list[str]) -> bytes:
    columns = {"HS6_6d": ["010121", "731815"], "HS6_4d": ["0101", "7318"], "HS6_2d": ["01", "73"],
               "HS5_6d": ["010121", "731815"], "HS5_4d": ["0101", "7318"], "HS5_2d": ["01", "73"]}  # fmt: skip
    buffer = io.BytesIO()
    pl.DataFrame(columns | changes).write_parquet(buffer)
    return buffer.getvalue()


@pytest.fixture
def take(lineage: Lineage, region: Region) -> Take:
    """Drop bytes into the inbox under a name, land them and give the pairs, or the codes where it is a list of these."""

    def land_it(name: str, content: bytes | str) -> pl.DataFrame:
        source = sources()["correspondence"]
        path = lineage.inbox / "correspondence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        [delivery] = found(lineage)
        sweep(lineage, source)
        land(delivery, lineage, region, False)
        table = delivery.dataset.tables[0]
        return pl.read_parquet(lineage.lake / "correspondence" / table / f"{delivery.snapshot_id}.parquet")

    return land_it


def found(lineage: Lineage) -> list[Delivery]:
    settings = Settings(lineage.root.parent, "sample", "maerkische_region", Path("none"), 5, None)
    return [d for d in deliveries(sources()["correspondence"], lineage, settings) if d.origin == "inbox"]


def pairs(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select("scheme_from", "code_from", "scheme_to", "code_to", "is_partial", "published_flag").rows()


def test_codes_keep_their_zeros_and_dots(take: Take) -> None:
    assert pairs(take("CN2022_CPA21.csv", CPA)) == [
        ("CN2022", "01012100", "CPA21", "01.43.11", None, None),
        ("CN2022", "73181535", "CPA21", "25.94.11", None, None),
    ]


def test_a_packed_file_is_the_same_file(take: Take) -> None:
    frame = take("CN2022_CPA21.csv.gz", gzip.compress(CPA.encode()))
    assert frame["code_from"].to_list() == ["01012100", "73181535"]
    assert frame["source_row"].to_list() == [1, 2]


def test_marks_of_cn_say_which_pairs_are_meant_in_part(take: Take) -> None:
    rows = pairs(take("CN2021_CN2022.csv", CN))
    assert [(r[0], r[2], *r[4:]) for r in rows] == [
        ("CN2021", "CN2022", False, None), ("CN2021", "CN2022", False, "-"), ("CN2021", "CN2022", True, "ex"),
    ]  # fmt: skip


def test_editions_of_hs_have_their_house_names(take: Take) -> None:
    assert pairs(take("hs6_hs5.parquet", hs_file())) == [
        ("HS2022", "010121", "HS2017", "010121", None, None),
        ("HS2022", "731815", "HS2017", "731815", None, None),
    ]


def test_wz_brings_its_partial_flag(take: Take) -> None:
    rows = pairs(take("correspondences_2025_to_2008.csv", WZ))
    assert rows == [
        ("WZ2025", "01.13.1", "WZ2008", "01.13.1", False, "False"),
        ("WZ2025", "01.13.1", "WZ2008", "01.19.9", True, "True"),
    ]


def test_titles_under_the_header_of_the_flag_are_no_flags(take: Take) -> None:
    """A known file's cells stand one column to the left of their header; its pairs count, its titles are no marks."""
    rows = pairs(take("correspondences_2008_to_2025.csv", SHIFTED))
    assert rows[1] == ("WZ2008", "01.19.9", "WZ2025", "01.13.1", None, None)


def test_the_package_fills_both_directions_with_the_same_pairs(lineage: Lineage, region: Region) -> None:
    source = sources()["correspondence"]
    settings = Settings(lineage.root.parent, "sample", "maerkische_region", Path("none"), 5, None)
    sweep(lineage, source)
    for delivery in deliveries(source, lineage, settings):
        land(delivery, lineage, region, False)
    frame = pl.read_parquet(lineage.lake / "correspondence" / "pair" / "*.parquet")
    there = frame.filter(pl.col("scheme_from") == "WZ2008").select("code_from", "code_to").rows()
    back = frame.filter(pl.col("scheme_from") == "WZ2025").select("code_to", "code_from").rows()
    assert len(there) == 1476 and set(there) == set(back)
    assert frame.group_by("scheme_from", "is_partial").len().sort("scheme_from", "is_partial").rows() == [
        ("WZ2008", None, 1476), ("WZ2025", False, 603), ("WZ2025", True, 873),
    ]  # fmt: skip


def test_a_code_list_says_its_levels(take: Take) -> None:
    frame = take("CN2022.csv", LABELS)
    assert frame.select("scheme", "code", "level", "label").rows() == [
        ("CN2022", "I", 1, "LIVE ANIMALS"), ("CN2022", "01", 2, "Animals"), ("CN2022", "01012100", 8, "Pure-bred"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("CN2022_CPA21.csv", CPA.replace("01012100", "1012100"), ["'CN 2022'", "row 1", "'1012100'", "leading zeros"]),
        ("CN2022_CPA21.csv", CPA.replace("25.94.11", "259411"), ["'CPA 2.1'", "row 2", "'259411'", "dots"]),
        ("CN2022_CPA21.csv", CPA.replace("01.43.11", ""), ["'CPA 2.1'", "row 1", "'' is not a code"]),
        ("CN2023_CPA21.csv", CPA, ["CN2023", "file's name"]),
        ("CN2022_CPA21.csv", CPA.replace("\n", ",x\n").replace("2.1,x", "2.1,note"), ["unknown column 'note'"]),
        ("CN2022_CPA21.csv", CPA + "01012100,01.43.11\n", ["occurs more than once", "01012100"]),
        ("CN2022_CPA21.csv", CPA.replace("01.43.11", "01.43.11,7"), ["cannot be split into columns"]),
        ("CN2022_CPA21.csv.gz", gzip.compress(CPA.encode(), mtime=0)[:-12], ["gzip file is damaged"]),
        ("CN2021_CN2022.csv", CN.replace(",ex,", ",xe,"), ["'TYPE'", "row 3", "'xe'", "one of ex, -"]),
        ("CN2021_CN2022.csv", CN.replace("TYPE", "KIND"), ["column 'TYPE' is missing"]),
        ("hs6_hs5.parquet", hs_file(HS5_6d=["010121", "73181"]), ["'HS5_6d'", "row 2", "'73181'"]),
        ("hs6_hs5.parquet", hs_file()[:-20], ["Parquet file cannot be read"]),
        ("correspondences_2025_to_2008.csv", WZ.replace("True", "teils"), ["'partial'", "row 2", "'teils'"]),
        ("correspondences_2008_to_2025.csv", SHIFTED.replace("Getreide,", "Getreide,ja"), ["'partial'", "not known"]),
        ("NACE_CPA21.csv", "NACE Rev 2.,CPA 2.1 \n25.94,25.94.11\n", ["correction", "finds 0 rows", "03.00"]),
        ("CN2022.csv", LABELS.replace("01012100", "0101210"), ["'CN 2022'", "row 3", "'0101210'"]),
        ("CN2022.csv", LABELS.replace(",Animals,", ",,"), ["'label'", "row 2", "required"]),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(
    take: Take, lineage: Lineage, name: str, content: bytes | str, words: list[str]
) -> None:
    """A broken file is refused with its field and row, and nothing of it lands."""
    with pytest.raises(DeliveryError) as caught:
        take(name, content)
    for word in ["correspondence", name, "Expected", "What to do", *words]:
        assert word in caught.value.message
    assert not list(landed(lineage, "correspondence"))


@pytest.mark.real
def test_the_real_lists_land_whole(real_data: Path, lineage: Lineage, region: Region) -> None:
    """Every row of the real files is a pair or a code; the one class NACE does not have is put right."""
    source = sources()["correspondence"]
    settings = Settings(lineage.root.parent, "real", "maerkische_region", real_data, 5, None)
    sweep(lineage, source)
    for delivery in deliveries(source, lineage, settings):
        land(delivery, lineage, region, False)
    lake = lineage.lake / "correspondence"
    frame = pl.read_parquet(lake / "pair" / "*.parquet")
    assert frame.group_by("scheme_from", "scheme_to").len().sort("scheme_from", "scheme_to").rows() == [
        ("CN2021", "CN2022", 10086), ("CN2021", "CPA21", 9465), ("CN2022", "CPA21", 9698), ("HS2012", "HS2007", 5205),
        ("HS2017", "HS2012", 5388), ("HS2022", "HS2012", 5613), ("HS2022", "HS2017", 5613), ("NACE2", "CPA21", 5522),
        ("WZ2008", "WZ2025", 1476), ("WZ2025", "WZ2008", 1476),
    ]  # fmt: skip
    assert "03.00" not in frame.filter(pl.col("scheme_from") == "NACE2")["code_from"]
    buildings = frame.filter((pl.col("scheme_from") == "NACE2") & (pl.col("code_to") == "41.00.11"))
    assert buildings["code_from"].to_list() == ["41.20"]
    codes = pl.read_parquet(lake / "code" / "*.parquet").group_by("scheme").agg(pl.len(), pl.col("level").max())
    assert codes.sort("scheme").rows() == [
        ("CN2021", 12331, 8), ("CN2022", 12630, 8), ("CPA21", 5522, 6), ("NACE2", 996, 4),
    ]  # fmt: skip
