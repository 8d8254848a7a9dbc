"""Slices that Dagster offers are the slices the connectors take."""

from __future__ import annotations

import dagster as dg
import pytest

from ingest.contract import Endpoint
from ingest.registry import sources
from orchestration.definitions import build
from orchestration.partitions import partitions_def
from warehouse.region import Region

KINDS = {
    "comext/bulk": ("month", "200201"),
    "comtrade/api": ("year", "2017"),
    "limesurvey/remote": ("wave", "2026"),
    "kobo/api": ("wave", "2026"),
    "baci/release": ("vintage", "HS17_V202601"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_slice_can_be_backfilled(name: str) -> None:
    """The quay has an asset for it whose first slice is one the source's connector is called with."""
    kind, first = KINDS[name]
    source, endpoint = name.split("/")
    partitions = sources()[source].fetch[endpoint].partitions
    assert partitions is not None
    assert partitions.kind == kind
    graph = build().resolve_asset_graph()
    node = graph.get(dg.AssetKey(["quay", f"{source}_{endpoint}"]))
    assert node.partitions_def is not None
    assert node.partitions_def.get_first_partition_key() == first


def test_a_region_of_its_own_has_its_own_waves_and_vintages(region: Region, tmp_path) -> None:
    """Waves and files come from the region's folder, not from this package."""
    (tmp_path / "survey").mkdir()
    (tmp_path / "survey" / "waves.yml").write_text('waves: [{wave_id: "2031p"}, {wave_id: "2032"}]')
    facts = {"connector": "x", "base_url": "http://127.0.0.1", "dataset": "x"}
    waves = Endpoint.model_validate({**facts, "partitions": {"kind": "wave"}})
    files = {"files": [{"partition": "HS22_V203001"}]}
    vintages = Endpoint.model_validate({**facts, "partitions": {"kind": "vintage"}, "options": files})
    assert partitions_def(waves, Region(tmp_path)).get_partition_keys() == ["2031p", "2032"]
    assert partitions_def(vintages, region).get_partition_keys() == ["HS22_V203001"]
