"""Rules that hold a delivery against the ones before it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import pytest

from ingest.fetching.connector import Ask
from ingest.fetching.fetch import Outcome, Planned
from ingest.history import age, repetition, volume
from ingest.registry import sources
from ingest.snapshot import Sidecar, sidecar_path
from warehouse.paths import Lineage
from warehouse.region import Region


def delivered(
    lineage: Lineage, partition: str, rows: int, at: str, source_id: str = "comext", dataset: str = "flow"
) -> Sidecar:
    sidecar = Sidecar(
        f"{source_id}-{dataset}-{partition}-{at}", source_id, dataset, partition, at, f"{partition}.dat", "inbox", "", at,
        None, None, None, "0" * 64, 1, rows, "", "", True, "",
    )  # fmt: skip
    path = sidecar_path(lineage, source_id, sidecar.snapshot_id)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(asdict(sidecar)))
    return sidecar


@pytest.mark.parametrize(("rows", "outcome"), [(129, "pass"), (131, "fail"), (71, "pass"), (69, "fail"), (0, "fail")])
def test_volume_is_held_against_the_median_of_six(lineage: Lineage, region: Region, rows: int, outcome: str) -> None:
    for month, usual in enumerate([9999, 100, 90, 110, 100, 80, 120], 1):
        delivered(lineage, f"2023{month:02d}", usual, f"2024-01-{month:02d}T00:00:00+00:00")
    new = delivered(lineage, "202308", rows, "2024-02-01T00:00:00+00:00")
    [result] = volume(sources()["comext"], lineage, [new], region.gates("live"))
    assert result.outcome_code == outcome
    assert (f"{rows} rows" in result.message) == (outcome == "fail")
    assert not result.blocks


def test_the_first_delivery_has_nothing_to_be_held_against(lineage: Lineage, region: Region) -> None:
    new = delivered(lineage, "202308", 5, "2024-02-01T00:00:00+00:00")
    assert volume(sources()["comext"], lineage, [new], region.gates("live")) == []


def test_slices_of_different_size_are_not_compared(lineage: Lineage, region: Region) -> None:
    delivered(lineage, "12411-01-01-4", 10_000, "2024-01-01T00:00:00+00:00", "genesis", "flat")
    new = delivered(lineage, "13111-01-03-4", 10, "2024-02-01T00:00:00+00:00", "genesis", "flat")
    assert volume(sources()["genesis"], lineage, [new], region.gates("live")) == []


@pytest.mark.parametrize(("today", "outcome"), [(date(2024, 4, 15), "pass"), (date(2024, 5, 15), "fail")])
def test_age_counts_from_the_end_of_the_newest_month(lineage: Lineage, today: date, outcome: str) -> None:
    delivered(lineage, "202312", 5, "2024-02-01T00:00:00+00:00")
    delivered(lineage, "202402", 5, "2024-02-01T00:00:00+00:00")
    [result] = age(sources()["comext"], lineage, today)
    assert (result.rule_id, result.outcome_code) == ("LND-006", outcome)
    assert result.observed_value == (today - date(2024, 2, 29)).days


def test_an_announced_change_without_one_is_told() -> None:
    planned = Planned("bulk", Ask("202401", "full_v2_202401.7z", "url"), "changed")
    assert [r.rule_id for r in repetition(Outcome("comext", [planned], [], 2, {}, ["full_v2_202401.7z"], []))] == [
        "LND-004"
    ]
    assert repetition(Outcome("comext", [planned], [], 2, {}, [], [])) == []
