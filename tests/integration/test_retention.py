"""Raw deliveries and contact persons go when their time is over; what was published stays, and a refresh still works."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.expiring import due, still_open
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


@pytest.fixture
def own(region: Region, tmp_path: Path) -> Path:
    """A copy of the region that a test may change."""
    folder = tmp_path / region.folder.name
    shutil.copytree(region.folder, folder)
    return folder


def test_a_wave_still_in_the_field_is_not_due(published: Works, region: Region, own: Path) -> None:
    """One without a last day keeps what it has; the region's own day reaches its contact persons all the same."""
    chosen = replace(settings.load("sample"), home=published.home)
    book, said = own / "survey" / "waves.yml", region.file("survey/waves.yml").read_text(encoding="utf-8")
    book.parent.mkdir(exist_ok=True)
    book.write_text(said.replace("    field_end: 2026-04-30\n", ""), encoding="utf-8")
    assert still_open(Region.load(str(own))) == ["2026"]
    assert "2026" not in {d.wave_id for d in due(chosen, Region.load(str(own)), date(2099, 1, 1))}
    (own / "retention.yml").write_text("delivery_months: 24\ncontact_months: 24\ncontact_until: 2029-12-31\n")
    [left] = [d for d in due(chosen, Region.load(str(own)), date(2099, 1, 1)) if d.wave_id == "2026"]
    assert left.contacts > 0 and not left.snapshots
    book.write_text(said.replace("field_end: 2026-04-30", "field_end: Ende April"), encoding="utf-8")
    with pytest.raises(SettingsError, match="field_end of wave 2026"):
        due(chosen, Region.load(str(own)), date(2029, 12, 31))


def test_a_region_names_its_own_day(published: Works, own: Path) -> None:
    """The end of its project, for every wave; a file that says something else is refused."""
    chosen = replace(settings.load("sample"), home=published.home)
    (own / "retention.yml").write_text("delivery_months: 240\ncontact_months: 0\ncontact_until: 2029-12-31\n")
    assert due(chosen, Region.load(str(own)), date(2029, 12, 30)) == []
    found = due(chosen, Region.load(str(own)), date(2029, 12, 31))
    assert {d.wave_id for d in found} == waves_of(published) and not any(d.snapshots for d in found)
    (own / "retention.yml").write_text("delivery_months: two years\ncontact_months: 0\ncontact_until: null\n")
    with pytest.raises(SettingsError, match=r"retention\.yml of region"):
        due(chosen, Region.load(str(own)), date(2029, 12, 31))
