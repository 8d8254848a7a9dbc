"""Raw deliveries and contact persons go when their time is over; what was published stays, and a refresh still works."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.expiring import due
from tests.integration.conftest import Works
from warehouse import settings
from warehouse.errors import SettingsError
from warehouse.privacy.vault import Vault
from warehouse.region import Region


def waves_of(works: Works) -> set[str]:
    return {str(contact["wave_id"]) for contact in Vault(works.lineage).contacts()}


def kept(works: Works) -> int:
    return len(list((works.lineage.vault / "deliveries").glob("*.enc")))


def test_what_is_over_goes_and_the_rest_stays(works: Works) -> None:
    """24 months after the last day of the wave of 2026 (30 April), and not a day before."""
    before, files = waves_of(works), kept(works)
    assert "Nothing is due" in works.call("retention", "--on", "2028-04-29", check=True).stdout
    said = works.call("retention", "--on", "2028-04-30", "--dry-run", check=True).stdout
    assert "2026" in said and "--dry-run" in said and (waves_of(works), kept(works)) == (before, files)
    said = works.call("retention", "--on", "2028-04-30", check=True).stdout
    assert "survey-2026.csv" in said, "the file in the inbox is the sender's and is named"
    assert waves_of(works) == before - {"2026"} and kept(works) == files - 1
    [line] = (works.lineage.vault / "retention.jsonl").read_text().splitlines()
    facts = json.loads(line)
    assert (facts["wave_id"], facts["deliveries"]) == ("2026", 1) and facts["contacts"] > 0
    assert (works.lineage.vault / "retention.jsonl").stat().st_mode & 0o077 == 0
    again = works.call("retention", "--on", "2028-04-30", check=True).stdout
    assert "2026" in again and len((works.lineage.vault / "retention.jsonl").read_text().splitlines()) == 1


def test_a_region_names_its_own_day(published: Works, tmp_path: Path) -> None:
    """The end of its project, for every wave; a file that says something else is refused."""
    chosen = replace(settings.load("sample"), home=published.home)
    region = Region.load(chosen.region)
    own = tmp_path / region.folder.name
    own.mkdir()
    for path in region.folder.iterdir():
        if path.is_file():
            (own / path.name).write_bytes(path.read_bytes())
    (own / "retention.yml").write_text("delivery_months: 240\ncontact_months: 0\ncontact_until: 2029-12-31\n")
    assert due(chosen, Region.load(str(own)), date(2029, 12, 30)) == []
    found = due(chosen, Region.load(str(own)), date(2029, 12, 31))
    assert {d.wave_id for d in found} == waves_of(published) and not any(d.snapshots for d in found)
    (own / "retention.yml").write_text("delivery_months: two years\ncontact_months: 0\ncontact_until: null\n")
    with pytest.raises(SettingsError, match=r"retention\.yml of region"):
        due(chosen, Region.load(str(own)), date(2029, 12, 31))
