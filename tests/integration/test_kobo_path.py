"""What companies say in KoboToolbox takes the same path as what they say in LimeSurvey, and meets the same privacy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import Works
from tests.replay.kobo import asked_by, submission
from warehouse.paths import remove_tree
from warehouse.region import Region


@pytest.mark.long
def test_kobo_takes_the_survey_path(region: Region, tmp_path: Path) -> None:
    """A company that agreed is published where surveyed ones are, one that did not is nowhere, contacts stay behind."""
    folder = tmp_path / "region"
    shutil.copytree(region.folder, folder)
    asked_by(region, folder)
    home = tmp_path / "home"
    works = Works(home, extra=(("KETTENWERK_REGION", str(folder)),))
    inbox = works.lineage.inbox / "kobo"
    inbox.mkdir(parents=True)
    postcode = region.postcodes[0]["postcode"]
    said = {"standort/PLZ": postcode, "WZ": "25.50", "einwilligung/CONSBENCH": "ja"}
    agreed = submission(1, **said)
    refused = submission(2, **said, **{"einwilligung/CONSTORE": "nein"})
    page = {"count": 2, "next": None, "previous": None, "results": [agreed, refused]}
    (inbox / "submissions-2028.json").write_text(json.dumps(page), encoding="utf-8")
    works.refresh()
    everywhere = "kreis_ags = 'TOTAL' AND wz2_code = 'TOTAL' AND headcount_band_code = 'TOTAL'"
    waves = works.ask(f"SELECT wave_id, complete_count FROM marts.mart_survey_coverage WHERE {everywhere}")
    assert ("2028", 1) in waves and {wave for wave, _ in waves} == {"2026", "2026p", "2027", "2028"}
    named = "SELECT company_name FROM marts.dim_company WHERE company_name LIKE 'Probe % Märkische%'"
    assert works.ask(named, "advisory") == [(agreed["firma/LNAME"],)]
    served = [p for p in works.lineage.current.resolve().rglob("*") if p.is_file()]
    for hidden in (refused["firma/LNAME"], agreed["kontakt/CNAME"], refused["kontakt/CNAME"]):
        assert not [p for p in served if hidden.encode() in p.read_bytes()], hidden
    for audience in ("analyst", "bi"):
        assert (
            agreed["firma/LNAME"].encode() not in (works.lineage.current.resolve() / f"{audience}.duckdb").read_bytes()
        )
    remove_tree(home)
