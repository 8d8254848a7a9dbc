"""CN from year to year by Comext's lists: from codes with dates and from changes alone comes what the publisher's whole list says.

The two Comext files are made here from Eurostat's lists of 2021 and 2022, which hold every code and every pair: only the
changed pairs go into the list of changes, so that everything else has to be worked out.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.dock import receive, write_meta
from ingest.registry import sources
from ingest.snapshot import sweep
from tests.integration.test_correspondences import LISTS, dbt
from tests.replay.comext import text_list
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

pytestmark = [pytest.mark.real, pytest.mark.long]

MODELS = [
    "hs_edition", "stg_meta__snapshot", "int_meta__snapshot", "stg_hs__product", "stg_wz__code",
    "path:models/staging/correspondence", "path:models/staging/trade_list", "path:models/intermediate/classification",
]  # fmt: skip
TESTS = ["path:models/intermediate/classification", "bridges_conserve_value"]


@pytest.fixture(scope="module")
def folder() -> Path:
    from warehouse import settings

    folder = settings.load("real").real_data / LISTS
    if not folder.is_dir():
        pytest.skip(f"the folder of real files is not there ({folder}); set KETTENWERK_REAL_DATA to run this test")
    return folder


def published(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(gzip.decompress((folder / f"{name}.csv.gz").read_bytes())), infer_schema=False)


def codes(folder: Path, year: int) -> set[str]:
    return {c for c in published(folder, f"CN{year}").to_series(0) if len(c) == 8 and c.isdigit()}


@pytest.fixture(scope="module")
def bridge(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    settings = Settings(tmp_path_factory.mktemp("cn"), "real", "maerkische_region", folder.parent.parent, 5, None)
    lineage, region = Lineage.of(settings), Region.load(settings.region)
    lineage.prepare()
    before, after = codes(folder, 2021), codes(folder, 2022)
    pairs = published(folder, "CN2021_CN2022")
    begin, end = "01/01/2021", "31/12/2021"
    rows = [(c, begin, "31/12/2500" if c in after else end, f"Goods {c}") for c in sorted(before)]
    rows += [(c, "01/01/2022", "31/12/2500", f"Goods {c}") for c in sorted(after - before)]
    changed = [(*row, "01/01/2022") for row in pairs.filter(pl.col("TYPE").is_not_null()).select("CN 2021", "CN 2022").rows()]  # fmt: skip
    assert len(changed) < pairs.height / 5
    drop = lineage.inbox / "trade_list"
    drop.mkdir()
    (drop / "CN.txt").write_text(text_list(*rows))
    (drop / "CN8-PRED-SUCC.txt").write_text(text_list(*changed))
    for name, source in sources().items():
        if name in ("trade_list", "hs"):
            receive(source, lineage, region, settings)
        else:
            sweep(lineage, source)
    write_meta(lineage, settings)
    file = lineage.root / "build" / "warehouse.duckdb"
    statuses = dbt("build", [*MODELS, *TESTS], lineage.lake, file)
    assert {n: s for n, s in statuses.items() if s not in ("success", "pass")} == {}
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute("SELECT * FROM intermediate.int_classification__bridge WHERE scheme_to LIKE 'CN%'").pl()  # fmt: skip


@pytest.mark.parametrize(("here", "there"), [("CN2021", "CN2022"), ("CN2022", "CN2021")])
def test_the_pairs_are_those_of_the_whole_list(folder: Path, bridge: pl.DataFrame, here: str, there: str) -> None:
    """Every pair of the publisher's list and no other, codes that were used again for other goods included."""
    said = published(folder, "CN2021_CN2022").select(f"{here[:2]} {here[2:]}", f"{there[:2]} {there[2:]}").rows()
    ours = bridge.filter((pl.col("scheme_from") == here) & (pl.col("scheme_to") == there))
    left_out = {code for code, to in ours.select("code_from", "code_to").rows() if to == "UNMAPPED"}
    assert left_out == codes(folder, int(here[2:])) - {code for code, _ in said}
    ours = ours.filter(pl.col("code_to") != "UNMAPPED")
    assert set(ours.select("code_from", "code_to").rows()) == set(said)
    assert ours["source_id"].unique().to_list() == ["trade_list"]
    assert set(ours["method_code"]) >= {"unchanged", "published" if here == "CN2021" else "inverted"}


def test_weights_of_every_code_add_up(folder: Path, bridge: pl.DataFrame) -> None:
    """Also where several codes become several: each code's shares are equal, named as an assumption, and add up to 1."""
    step = bridge.filter((pl.col("scheme_from") == "CN2021") & (pl.col("scheme_to") == "CN2022"))
    sums = step.group_by("code_from").agg(pl.col("weight").sum())
    assert set(sums["code_from"]) == codes(folder, 2021)
    assert (sums["weight"] - 1).abs().max() < 1e-9  # pyright: ignore[reportOperatorIssue]
    several = step.filter(pl.col("relation_code") == "many_to_many")
    assert several.height > 100
    assert several["method_code"].unique().to_list() == ["published_equal_split"]
