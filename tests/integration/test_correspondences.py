"""The bridges between classifications, built from the real lists: value in is value out, and a spoiled weight is noticed.

The values are invented and the codes are read from the publishers' files here, not from what was built.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.dock import receive, write_meta
from ingest.registry import sources
from ingest.snapshot import sweep
from warehouse.build import OFFLINE, PROJECT
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

pytestmark = [pytest.mark.real, pytest.mark.long]

LISTS = "classifications/eurostat_correspondence"
MODELS = [
    "hs_edition", "stg_meta__snapshot", "int_meta__snapshot", "stg_hs__product", "stg_wz__code",
    "path:models/staging/correspondence", "path:models/staging/trade_list", "path:models/intermediate/classification",
]  # fmt: skip
TESTS = ["path:models/intermediate/classification", "bridges_conserve_value", "hs_7318_lands_on_wz_25_94"]
TOLERANCE = 1e-9
USED_GOODS = 38


def dbt(command: str, selected: list[str], lake: Path, build: Path) -> dict[str, str]:
    """Call dbt on a lake and a build file; status by the name of what ran."""
    target = build.parent / "target"
    environment = {**os.environ, **OFFLINE, "KETTENWERK_LAKE": str(lake), "KETTENWERK_BUILD_FILE": str(build)}
    words = [str(Path(sys.executable).parent / "dbt"), command, "--profiles-dir", ".", "--target-path", str(target)]
    words += ["--log-path", str(target), "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"]
    words += ["--select", *selected]
    done = subprocess.run(words, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280)
    results = target / "run_results.json"
    assert results.exists(), done.stdout + done.stderr
    return {r["unique_id"].split(".")[2]: r["status"] for r in json.loads(results.read_text())["results"]}


@pytest.fixture(scope="module")
def files() -> Path:
    from warehouse import settings

    folder = settings.load("real").real_data
    if not (folder / LISTS).is_dir():
        pytest.skip(f"the folder of real files is not there ({folder}); set KETTENWERK_REAL_DATA to run this test")
    return folder


@pytest.fixture(scope="module")
def lake(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(tmp_path_factory.mktemp("lists"), "real", "maerkische_region", files, 5, None)
    lineage, region = Lineage.of(settings), Region.load(settings.region)
    lineage.prepare()
    for name, source in sources().items():
        if name in ("correspondence", "hs", "wz"):
            receive(source, lineage, region, settings)
        else:
            sweep(lineage, source)
    write_meta(lineage, settings)
    return lineage.lake


@pytest.fixture(scope="module")
def build(lake: Path) -> Path:
    """A build of the classification models alone, all their tests green."""
    file = lake.parent / "build" / "warehouse.duckdb"
    statuses = dbt("build", [*MODELS, *TESTS], lake, file)
    assert set(statuses.values()) == {"success", "pass"}, statuses
    return file


@pytest.fixture(scope="module")
def bridge(build: Path) -> pl.DataFrame:
    with duckdb.connect(str(build), read_only=True) as connection:
        return connection.execute("SELECT * FROM intermediate.int_classification__bridge").pl()


def codes(files: Path, scheme: str) -> list[str]:
    """Every code of the lowest level, from the publisher's own file."""
    folder = files / "classifications"
    if scheme.startswith("CN"):
        text = gzip.decompress((folder / "eurostat_correspondence" / f"{scheme}.csv.gz").read_bytes())
        return [
            c for c in pl.read_csv(io.BytesIO(text), infer_schema=False).to_series(0) if c.isdigit() and len(c) == 8
        ]
    if scheme.startswith("WZ"):
        frame = pl.read_csv(folder / "wz_code" / f"{scheme.lower()}.csv", infer_schema=False)
        return frame.filter(pl.col("level") == "5")["code"].to_list()
    number = {"HS2012": 4, "HS2017": 5, "HS2022": 6}[scheme]
    listed = pl.read_parquet(folder / "hs_concordance" / f"hs{number}_desc.parquet")["code"]
    return [c for c in listed if c.isdigit() and len(c) == 6]


def invented(files: Path, scheme: str) -> pl.DataFrame:
    """A value for every code, over six orders of magnitude as trade is."""
    listed = codes(files, scheme)
    return pl.DataFrame(
        {"code": listed, "value": [10.0 ** (i * 7 % 13 / 2) * (1 + i % 17) for i in range(len(listed))]}
    )


def carried(bridge: pl.DataFrame, value: pl.DataFrame, path: list[str]) -> pl.DataFrame:
    """Values carried along a path of schemes; what has no counterpart stays."""
    for here, there in pairwise(path):
        step = bridge.filter((pl.col("scheme_from") == here) & (pl.col("scheme_to") == there))
        kept = value.filter(pl.col("code") == "UNMAPPED")
        moved = value.filter(pl.col("code") != "UNMAPPED").join(step, left_on="code", right_on="code_from", how="left")
        value = (
            pl.concat([kept, moved.select(code="code_to", value=pl.col("value") * pl.col("weight"))])
            .group_by("code")
            .agg(pl.col("value").sum())
        )
    return value


def error(bridge: pl.DataFrame, value: pl.DataFrame, path: list[str]) -> float:
    """Share of the value that a path loses or invents."""
    before = value["value"].sum()
    return abs(carried(bridge, value, path)["value"].sum() - before) / before


PATHS = [
    ["CN2022", "HS2022", "CPA21", "NACE2", "WZ2008"],
    ["CN2021", "HS2017", "CPA21", "NACE2", "WZ2008"],
    ["CN2022", "CPA21", "NACE2", "WZ2008"],
    ["CN2022", "WZ2008", "WZ2025", "WZ2008"],
    ["CN2021", "CN2022", "CN2021"],
    ["HS2017", "HS2022", "HS2012", "HS2007"],
    ["HS2012", "HS2017", "HS2022", "WZ2008"],
    ["WZ2008", "WZ2025"],
    ["WZ2025", "WZ2008"],
]


@pytest.mark.parametrize("path", PATHS, ids=">".join)
def test_value_is_conserved(files: Path, bridge: pl.DataFrame, path: list[str]) -> None:
    assert error(bridge, invented(files, path[0]), path) <= TOLERANCE


@pytest.mark.parametrize("path", PATHS, ids=">".join)
def test_a_spoiled_weight_or_a_lost_pair_is_noticed(files: Path, bridge: pl.DataFrame, path: list[str]) -> None:
    """The measure above is not blind: one weight a percent too high, or one pair lost, exceeds it."""
    value = invented(files, path[0])
    first = (pl.col("scheme_from") == path[0]) & (pl.col("scheme_to") == path[1])
    row = bridge.with_row_index().filter(first & (pl.col("code_from") == value["code"][5]))["index"][0]
    index = pl.int_range(pl.len())
    raised = bridge.with_columns(weight=pl.when(index == row).then(pl.col("weight") * 1.01).otherwise(pl.col("weight")))
    assert error(raised, value, path) > TOLERANCE
    assert error(bridge.filter(index != row), value, path) > TOLERANCE


def test_screws_land_on_their_industry(files: Path, bridge: pl.DataFrame) -> None:
    """HS 7318, with all its CN codes and by every edition, is WZ 25.94."""
    value = invented(files, "CN2022").filter(pl.col("code").str.starts_with("7318"))
    assert value.height == 31
    landed = carried(bridge, value, ["CN2022", "HS2022", "CPA21", "NACE2", "WZ2008"])
    assert landed.rows() == [("25.94", pytest.approx(value["value"].sum(), rel=1e-12))]
    heading = bridge.filter((pl.col("code_from") == "7318") & (pl.col("scheme_to") == "WZ2008"))
    assert heading.select("scheme_from", "code_to", "weight").sort("scheme_from").rows() == [
        (edition, "25.94", pytest.approx(1)) for edition in ("HS2007", "HS2012", "HS2017", "HS2022")
    ]


def test_only_used_goods_have_no_industry(files: Path, bridge: pl.DataFrame) -> None:
    """What CN to WZ cannot place is what the publisher's list leaves out, nothing else."""
    direct = bridge.filter((pl.col("scheme_from") == "CN2022") & (pl.col("scheme_to") == "WZ2008"))
    text = gzip.decompress((files / LISTS / "CN2022_CPA21.csv.gz").read_bytes())
    listed = set(pl.read_csv(io.BytesIO(text), infer_schema=False)["CN 2022"])
    unmapped = set(direct.filter(pl.col("code_to") == "UNMAPPED")["code_from"])
    assert unmapped == set(codes(files, "CN2022")) - listed
    assert len(unmapped) == USED_GOODS


def test_the_list_and_not_the_digits_decides(bridge: pl.DataFrame) -> None:
    def of(scheme: str, code: str) -> list[tuple[object, ...]]:
        found = bridge.filter((pl.col("scheme_from") == scheme) & (pl.col("code_from") == code) & (pl.col("scheme_to") == "WZ2008"))  # fmt: skip
        return found.select("code_to", "weight").rows()

    assert of("CPA21", "41.00.11") == [("41.20", 1.0)]
    assert of("CPA21", "31.00.11") == [("31.0", 1.0)]
    assert of("CPA21", "03.00.11") == [("03", 1.0)]
    assert of("WZ2025", "46.89.0") == [("UNMAPPED", 1.0)]


def test_marks_travel_and_assumptions_are_named(bridge: pl.DataFrame) -> None:
    """WZ 2008 01.19.9 goes to several codes of 2025: marked by the publisher, weights equal and called so."""
    rows = bridge.filter(
        (pl.col("scheme_from") == "WZ2008") & (pl.col("code_from") == "01.19.9") & (pl.col("scheme_to") == "WZ2025")
    )
    assert rows.height > 1
    assert rows["is_partial"].all()
    assert rows["weight"].unique().to_list() == [pytest.approx(1 / rows.height)]
    assert rows["method_code"].unique().to_list() == ["published_equal_split"]


SPOILED = {
    "weights_of_products_to_industries_add_up": "scheme_from = 'HS2022' AND code_from = '731815' AND scheme_to = 'WZ2008'",
    "weights_of_products_to_products_add_up": "scheme_from = 'CN2021' AND code_from = '73181500' AND scheme_to = 'CN2022' "
    "OR scheme_from = 'HS2017' AND code_from = '731815' AND scheme_to = 'HS2022'",
    "weights_between_revisions_of_wz_add_up": "scheme_from = 'WZ2008' AND code_from = '01.19.9' AND scheme_to = 'WZ2025'",
    "bridges_conserve_value": "scheme_from = 'WZ2008'",
    "hs_7318_lands_on_wz_25_94": "scheme_from = 'CN2022' AND code_from LIKE '7318%' AND scheme_to = 'WZ2008'",
}


def test_every_rule_of_the_bridges_fails_when_its_weights_are_spoiled(lake: Path, build: Path, tmp_path: Path) -> None:
    """Each row test is broken on a copy of the build and says so; the two that were not touched stay green."""
    copy = tmp_path / build.name
    shutil.copy(build, copy)
    with duckdb.connect(str(copy)) as connection:
        for where in SPOILED.values():
            found = connection.execute(
                f"UPDATE intermediate.int_classification__bridge SET weight = weight * 0.4 WHERE {where}"
            ).fetchone()
            assert found and found[0] > 0, where
    statuses = dbt("test", TESTS, lake, copy)
    assert {name: statuses[name] for name in SPOILED} == {
        "weights_of_products_to_industries_add_up": "fail",
        "weights_of_products_to_products_add_up": "warn",
        "weights_between_revisions_of_wz_add_up": "warn",
        "bridges_conserve_value": "warn",
        "hs_7318_lands_on_wz_25_94": "fail",
    }
    assert statuses["bridges_lead_to_listed_industries"] == "pass"
