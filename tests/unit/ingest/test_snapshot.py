"""Landing: what is stored is what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

import ingest.snapshot
from ingest.delivery import deliveries
from ingest.errors import DeliveryError
from ingest.registry import sources
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody still copies into the inbox: the rows that were checked are not the bytes that would be stored."""
    settings = Settings(tmp_path, "sample", "maerkische_region", tmp_path / "real", 5, None)
    lineage = Lineage.of(settings)
    lineage.prepare()
    path = lineage.inbox / "baci" / "country_codes_V202601.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("country_code,country_name,country_iso2,country_iso3\n276,Germany,DE,DEU\n")
    [delivery] = deliveries(sources()["baci"], lineage, settings)
    read = ingest.snapshot._read

    def read_while_it_grows(*args):
        tables = read(*args)
        path.write_text(path.read_text() + "40,Austria,AT,AUT\n")
        return tables

    monkeypatch.setattr(ingest.snapshot, "_read", read_while_it_grows)
    with pytest.raises(DeliveryError, match="changed while it was read") as caught:
        ingest.snapshot.land(delivery, lineage, region, is_synthetic=True)
    assert caught.value.rule_id == "LND-001"
    assert not list(lineage.raw.rglob("*.*"))
    monkeypatch.undo()
    [again] = deliveries(sources()["baci"], lineage, settings)
    sidecar = ingest.snapshot.land(again, lineage, region, is_synthetic=True)
    assert sidecar is not None
    assert sidecar.row_count == 2


def test_a_file_whose_name_says_no_slice_is_refused(lineage: Lineage) -> None:
    """Which slice a file holds is part of what is known of it; a name that does not say it is no delivery."""
    path = lineage.inbox / "baci" / "BACI_HS17_Y24_V202601.csv"
    path.parent.mkdir(parents=True)
    path.write_text("t,i,j,k,v,q\n")
    with pytest.raises(DeliveryError, match="does not say which slice") as caught:
        deliveries(sources()["baci"], lineage, Settings(lineage.home, "sample", "default", lineage.home, 5, None))
    assert caught.value.rule_id == "LND-001"
