"""The sample of two regions, written once per session."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.sample import SampleManifest, generate
from warehouse.region import Region

TINY = Path(__file__).parents[2] / "fixtures" / "regions" / "winzig"


@dataclass(frozen=True)
class Inbox:
    """A generated inbox with readers for its files."""

    region: Region
    manifest: SampleManifest

    def text(self, path: str) -> str:
        return (self.manifest.inbox / path).read_text("utf-8-sig")

    def rows(self, path: str, delimiter: str = ",") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(path)), delimiter=delimiter))

    def survey(self) -> list[dict[str, str]]:
        return self.rows("limesurvey/results-survey-2026.csv", ";")

    def cells(self, table: str, year: int) -> list[dict[str, str]]:
        with zipfile.ZipFile(self.manifest.inbox / f"genesis/{table}_{year}-06-30_flat.zip") as archive:
            (member,) = archive.namelist()
            return list(csv.DictReader(io.StringIO(archive.read(member).decode("utf-8-sig")), delimiter=";"))


def write(region: Region, folder: Path, seed: int = 2026) -> Inbox:
    return Inbox(region, generate(folder / "inbox", region, seed))


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory, region: Region) -> Inbox:
    return write(region, tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    return write(Region.load(str(TINY)), tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session", params=["ours", "tiny"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    """Both regions: what holds for ours has to hold for one that has no municipalities."""
    return request.getfixturevalue(request.param)
