"""Another region is another folder: the whole warehouse for one city without municipalities, no code touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Works

WINZIG = ROOT / "tests" / "fixtures" / "regions" / "winzig"


@pytest.mark.long
def test_a_tiny_region_builds_and_is_published(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    works = Works(home, extra=(("KETTENWERK_REGION", str(WINZIG)),))
    works.refresh()
    [(region_code,)] = works.ask("SELECT region_code FROM meta.release")
    assert region_code == "winzig"
    kreise = works.ask("SELECT DISTINCT kreis_ags FROM marts.dim_company WHERE is_in_region")
    assert kreise == [("05122",)]
    groups = works.ask("SELECT group_region_code, member_region_code FROM marts.bridge_region_group")
    assert ("winzig", "05122") in groups
    assert works.ask("SELECT count(*) FROM marts.mart_region_industry_profile WHERE region_code = 'winzig'") != [(0,)]
    assert works.ask("SELECT count(*) FROM marts.mart_market_fit") != [(0,)]
    opportunities = works.ask("SELECT region_code, count(*) FROM marts.mart_region_opportunity GROUP BY 1 ORDER BY 1")
    assert [code for code, _ in opportunities] == ["05122", "winzig"]
    courts = works.ask(
        "SELECT DISTINCT register_court_code FROM marts.dim_company WHERE register_court_code IS NOT NULL", "advisory"
    )
    assert courts == [("R1608",)]
