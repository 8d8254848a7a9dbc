"""No fact of one region outside region folders, seeds and fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from warehouse.region import REGIONS_FOLDER, Region

FOLDERS = ("ingest", "warehouse", "quality", "orchestration", "dbt_project")
SUFFIXES = {".py", ".sql", ".yml", ".yaml"}
# Names that are German words or Land-wide facts as well.
COMMON = {"Altena", "Menden", "Wetter", "Witten"}


def regional_facts(region: Region) -> set[str]:
    facts = {k.ags for k in region.kreise} | {k.name for k in region.kreise}
    facts |= {m["ags"] for m in region.municipalities}
    facts |= {re.sub(r" \(.*", "", m["name"]) for m in region.municipalities}
    facts |= {c["court_code"] for c in region.courts} | {c["court_name"] for c in region.courts}
    facts |= {str(v) for v in [region.chamber_of(""), region.region_code] if v}
    facts |= {p["postcode"] for p in region.postcodes}
    return facts


def files() -> list[Path]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT).parts
            skip = REGIONS_FOLDER in path.parents or "seeds" in inside or "target" in inside or "logs" in inside
            if path.suffix in SUFFIXES and not skip:
                found.append(path)
    return found


@pytest.fixture(scope="module")
def pattern() -> re.Pattern[str]:
    facts = regional_facts(Region.load("maerkische_region"))
    # The default region's name is a setting's default; it stands in one place.
    facts -= {"maerkische_region"}
    return re.compile(
        r"(?<![\w-])(" + "|".join(re.escape(f) for f in sorted(facts, key=len, reverse=True)) + r")(?![\w-])"
    )


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_regional_fact(path: Path, pattern: re.Pattern[str]) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = pattern.search(line)
        assert not match, f"{path.relative_to(ROOT)}:{number} names {match[0]}, a fact of one region"


def test_the_default_region_is_named_once() -> None:
    named = [p for p in files() if "maerkische_region" in p.read_text(encoding="utf-8")]
    assert [p.relative_to(ROOT).as_posix() for p in named] == ["warehouse/settings.py"]


def test_the_pattern_finds_what_it_should(pattern: re.Pattern[str]) -> None:
    for fact in ("05962", "R2604", "SIHK", "Hagen", "58762"):
        assert pattern.search(f"x = '{fact}'")
