"""The survey's waves as the models read them: in the order of their days, whatever their ids and the order of the file."""

from __future__ import annotations

import shutil
from pathlib import Path

from warehouse.region import Region
from warehouse.survey_tables import survey_tables

WAVES = """
waves:
  - {wave_id: "9", field_start: 2027-02-01, codebook: survey/codebook_2027.csv, codes: survey/codes_2027.csv, compare_with: "10"}
  - {wave_id: "9n", kind: pulse, kobo_codebook: survey/codebook_2026p.csv, kobo_codes: survey/codes_2026p.csv}
  - {wave_id: "10", field_start: 2026-02-02, codebook: survey/codebook_2026.csv, codes: survey/codes_2026.csv}
  - {wave_id: "old"}
"""


def test_waves_stand_in_the_order_of_their_days(region: Region, tmp_path: Path) -> None:
    folder = tmp_path / "region"
    shutil.copytree(region.folder, folder)
    (folder / "survey").mkdir(exist_ok=True)
    (folder / "survey" / "waves.yml").write_text(WAVES, encoding="utf-8")
    tables = survey_tables(Region(folder))
    order = [(w["wave_id"], w["wave_order"], w["wave_kind_code"]) for w in tables["survey_wave"]]
    # A wave without a day follows the one it stands behind in the file.
    assert order == [("10", 1, "wave"), ("old", 2, "wave"), ("9", 3, "wave"), ("9n", 4, "pulse")]
    assert tables["survey_wave"][2]["compare_with_wave_id"] == "10"
    assert {row["wave_id"] for row in tables["survey_question"]} == {"9", "9n", "10"}, (
        "a wave may know a Kobo form only"
    )


def test_what_was_asked_is_told(region: Region) -> None:
    tables = survey_tables(region)
    heat = [c for c in tables["survey_code"] if c["wave_id"] == "2027" and c["value_code"] == "100-250"]
    assert [(c["code_list"], c["low"], c["high"]) for c in heat] == [("HEAT_TEMP_BAND", 100.0, 250.0)]
    [heads] = [
        q for q in tables["survey_question"] if q["wave_id"] == "2027" and q["question_concept_id"] == "HEADCOUNT"
    ]
    assert (heads["answer_type_code"], heads["unit_code"], heads["item_code"], heads["page_number"]) == (
        "integer",
        "persons",
        "",
        1,
    )
    assert any(b["question_concept_id"] == "RND_SHARE" and b["change_code"] == "unit" for b in tables["survey_break"])
