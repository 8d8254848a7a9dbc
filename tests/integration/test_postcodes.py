"""Postcodes of the whole country, shared among municipalities by name: what the region's folder says by hand comes out as well."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.dock import receive, write_meta
from ingest.registry import sources
from ingest.snapshot import sweep
from tests.integration.test_correspondences import dbt
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings

pytestmark = [pytest.mark.real, pytest.mark.long]

LISTS = ("geonames_postcode", "gemeindeverzeichnis", "legal_form")
MODELS = ["legal_form_de", "stg_meta__snapshot", "int_meta__snapshot", *[f"path:models/staging/{name}" for name in LISTS],
          "int_region__postcode_share", "int_company__legal_form"]  # fmt: skip


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from warehouse import settings as all_settings

    folder = all_settings.load("real").real_data
    if not (folder / "geography").is_dir():
        pytest.skip(f"the folder of real files is not there ({folder}); set KETTENWERK_REAL_DATA to run this test")
    settings = Settings(tmp_path_factory.mktemp("postcodes"), "real", "maerkische_region", folder, 5, None)
    lineage, region = Lineage.of(settings), Region.load(settings.region)
    lineage.prepare()
    for name, source in sources().items():
        if name in LISTS:
            receive(source, lineage, region, settings)
        else:
            sweep(lineage, source)
    write_meta(lineage, settings)
    file = lineage.root / "build" / "warehouse.duckdb"
    statuses = dbt("build", MODELS, lineage.lake, file)
    assert {n: s for n, s in statuses.items() if s not in ("success", "pass")} == {}
    return file


@pytest.fixture(scope="module")
def share(build: Path) -> pl.DataFrame:
    with duckdb.connect(str(build), read_only=True) as connection:
        return connection.execute("SELECT * FROM intermediate.int_region__postcode_share").pl()


def test_every_postcode_is_shared_out_whole(share: pl.DataFrame) -> None:
    """No postcode of the list is lost, and the shares of each add up to 1, also where it covers many municipalities."""
    sums = share.group_by("postcode").agg(pl.col("share").sum(), pl.len())
    assert sums.height == 10_814
    assert (sums["share"] - 1).abs().max() < 1e-9  # pyright: ignore[reportOperatorIssue]
    assert sums.filter(pl.col("len") > 1).height > 1000


def test_the_region_s_postcodes_are_where_its_folder_says(share: pl.DataFrame, region: Region) -> None:
    """Delivery postcodes lead to the folder's municipality, bulk ones to its Kreis at least; none leads elsewhere."""
    said = pl.DataFrame(region.postcodes).select("postcode", "postcode_type", pl.col("ags").alias("said"))
    both = said.join(share, on="postcode", how="left")
    assert both.filter(pl.col("postcode_type") != pl.col("postcode_type_code")).is_empty()
    delivery = both.filter(pl.col("postcode_type") == "delivery")
    assert delivery.filter(pl.col("ags") != pl.col("said")).is_empty()
    assert set(delivery.drop_nulls("ags")["postcode"]) == set(delivery["postcode"])
    assert (both["kreis_ags"] == both["said"].str.slice(0, 5)).all()


def test_german_forms_have_their_short_forms(build: Path) -> None:
    """The list of 2023 counts before that of 2021, and every German form is known."""
    with duckdb.connect(str(build), read_only=True) as connection:
        rows = connection.execute(
            "SELECT elf_code, short_name, legal_form_code, list_vintage_id FROM intermediate.int_company__legal_form "
            "WHERE country_code = 'DE'"
        ).fetchall()
    forms = {code: rest for code, *rest in rows}
    assert len(forms) == 30 and {rest[2] for rest in forms.values()} == {"2023-09-28"}
    assert [forms[code][:2] for code in ("2HBR", "8Z6G", "63KS", "FEBD")] == [
        ["GmbH", "GMBH"], ["KG", "KG"], ["UG (haftungsbeschränkt)", "UG"], ["Stiftung ö. R.", "OTHER"],
    ]  # fmt: skip
