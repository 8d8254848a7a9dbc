"""What companies say in KoboToolbox takes the same path as what they say in LimeSurvey, and meets the same privacy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import Works
from tests.replay.kobo import submission
from warehouse.paths import remove_tree
from warehouse.region import Region

WAVE = """
  - wave_id: "2027"
    field_start: 2027-02-01
    kobo_codebook: survey/kobo_2027.csv
    kobo_codes: survey/kobo_codes_2027.csv
"""
CODEBOOK = """source_column,question_concept_id,item_code,answer_type,unit_code,code_list,low,high,class_code
LNAME,LEGAL_NAME,,text,,,,,identity
PLZ,SITE_POSTCODE,,text,,,,,identity
HEADC,HEADCOUNT,,integer,persons,,0,20000,closed
WZ,MAIN_WZ,,text,WZ2008,,,,closed
WAYS,PROC,,multi,,PROC,,,closed
CNAME,CONTACT_NAME,,text,,,,,contact
CONSTORE,CONS_STORE,,flag,,JANEIN,,,consent
CONSBENCH,CONS_ADVISER,,flag,,JANEIN,,,consent
TURN,IGNORED,,text,,,,,meta
hinweis,IGNORED,,text,,,,,meta
"""
CODES = """code_list,answer_code,value_code,label_de,low,high
JANEIN,ja,yes,Ja,,
JANEIN,nein,no,Nein,,
PROC,strasse,turning,Drehen,,
PROC,bahn,milling,Fräsen,,
"""


@pytest.mark.long
def test_kobo_takes_the_survey_path(region: Region, tmp_path: Path) -> None:
    """A company that agreed is published where surveyed ones are, one that did not is nowhere, contacts stay behind."""
    folder = tmp_path / "region"
    shutil.copytree(region.folder, folder)
    (folder / "survey").mkdir(exist_ok=True)
    common = region.file("survey/waves.yml").read_text(encoding="utf-8")
    (folder / "survey" / "waves.yml").write_text(common.rstrip() + WAVE, encoding="utf-8")
    (folder / "survey" / "kobo_2027.csv").write_text(CODEBOOK, encoding="utf-8")
    (folder / "survey" / "kobo_codes_2027.csv").write_text(CODES, encoding="utf-8")
    home = tmp_path / "home"
    works = Works(home, extra=(("KETTENWERK_REGION", str(folder)),))
    inbox = works.lineage.inbox / "kobo"
    inbox.mkdir(parents=True)
    postcode = region.postcodes[0]["postcode"]
    said = {"standort/PLZ": postcode, "WZ": "25.50", "einwilligung/CONSBENCH": "ja"}
    agreed = submission(1, **said)
    refused = submission(2, **said, **{"einwilligung/CONSTORE": "nein"})
    page = {"count": 2, "next": None, "previous": None, "results": [agreed, refused]}
    (inbox / "submissions-2027.json").write_text(json.dumps(page), encoding="utf-8")
    works.refresh()
    everywhere = "kreis_ags = 'TOTAL' AND wz2_code = 'TOTAL' AND headcount_band_code = 'TOTAL'"
    waves = works.ask(f"SELECT wave_id, complete_count FROM marts.mart_survey_coverage WHERE {everywhere}")
    assert ("2027", 1) in waves and {wave for wave, _ in waves} == {"2026", "2027"}
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
