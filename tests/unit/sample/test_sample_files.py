"""The files: deterministic bytes, the shapes of the sources, invented names, valid identifiers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from stdnum import lei

from ingest.sample import ensure, generate
from ingest.sample.questionnaire import load_questionnaire
from ingest.sample.registers import check_digits
from ingest.sample.tables import cn8_codes, countries, headings, industries, products
from ingest.sample.truths import STATISTIC_YEARS, TRADE_YEARS
from warehouse.region import Region


def test_same_seed_gives_same_bytes(ours, region, tmp_path: Path) -> None:
    again = generate(tmp_path / "elsewhere" / "inbox", region)
    assert again.files == ours.manifest.files
    assert again.truths_path.read_bytes() == ours.manifest.truths_path.read_bytes()
    for file in again.files:
        assert (again.inbox / file.path).read_bytes() == (ours.manifest.inbox / file.path).read_bytes(), file.path


def test_another_seed_gives_other_data(ours, region, tmp_path: Path) -> None:
    other = generate(tmp_path / "inbox", region, seed=7)
    assert [f.path for f in other.files] == [f.path for f in ours.manifest.files]
    changed = {f.path for f, g in zip(other.files, ours.manifest.files, strict=True) if f.sha256 != g.sha256}
    assert {
        "limesurvey/results-survey-2026.csv",
        "baci/BACI_HS17_Y2024_V202601.csv",
        "comext/full_v2_202408.dat",
    } <= changed


def test_nothing_lies_in_the_inbox_that_the_manifest_does_not_name(inbox) -> None:
    found = {str(p.relative_to(inbox.manifest.inbox)) for p in inbox.manifest.inbox.rglob("*") if p.is_file()}
    assert found == {f.path for f in inbox.manifest.files}


def test_survey_has_exactly_the_columns_and_codes_of_the_codebook(inbox) -> None:
    raw = (inbox.manifest.inbox / "limesurvey/results-survey-2026.csv").read_bytes()
    assert raw.startswith(b'\xef\xbb\xbf"id";"submitdate";')
    assert re.fullmatch(rb'("(?:[^"]|"")*"[;\n])+', raw[3:]), "every cell is quoted"
    book = {r["source_column"]: r for r in inbox.region.rows("survey/codebook_2026.csv")}
    codes = {(r["code_list"], r["answer_code"]) for r in inbox.region.rows("survey/codes_2026.csv")}
    rows = inbox.survey()
    assert list(rows[0]) == list(book)
    for row in rows:
        for column, value in row.items():
            if value and book[column]["code_list"]:
                assert (book[column]["code_list"], value) in codes, (column, value)


def test_survey_has_complete_and_partial_responses(inbox) -> None:
    rows = inbox.survey()
    assert 200 <= len(rows) <= 240
    partial = [r for r in rows if not r["submitdate"]]
    assert len(partial) == 12
    assert all(int(r["lastpage"]) < 13 and not r["CNAME"] for r in partial)
    assert all(not r["CONSTORE"] for r in partial if int(r["lastpage"]) < 12)
    assert sum(bool(r["CONSTORE"]) for r in partial) == 4
    ids = [int(r["id"]) for r in rows]
    assert ids == sorted(set(ids))
    assert [r["startdate"] for r in rows] == sorted(r["startdate"] for r in rows)


def test_consent_is_given_about_as_often_as_planned(ours) -> None:
    rows = [r for r in ours.survey() if r["CONSTORE"]]
    for column, share in (("CONSTORE", 0.92), ("CONSADV", 0.75), ("CONSLINK", 0.62)):
        assert abs(sum(r[column] == "Y" for r in rows) / len(rows) - share) < 0.08, column
    assert not [r["id"] for r in rows if r["CONSTORE"] == "N" and "Y" in (r["CONSADV"], r["CONSBENCH"], r["CONSLINK"])]


def test_products_fit_the_main_activity(inbox) -> None:
    made = {i.wz2008_code: i.product_headings for i in industries()}
    for row in inbox.survey():
        codes = [row[f"PHS[SQ00{n}]"] for n in range(1, 6) if row[f"PHS[SQ00{n}]"]]
        assert all(code in products() and code[:4] in made[row["WZ"]] for code in codes), row["id"]
        shares = [int(row[f"PSHARE[SQ00{n}]"]) for n in range(1, 6) if row[f"PSHARE[SQ00{n}]"]]
        assert not shares or sum(shares) == 100


def test_places_come_from_the_region(inbox) -> None:
    names = {m["name"] for m in inbox.region.municipalities} or {k.name for k in inbox.region.kreise}
    assert {r["ORT"] for r in inbox.survey()} == names
    postcodes = {p["postcode"] for p in inbox.region.postcodes}
    assert {r["PLZ"] for r in inbox.survey()} <= postcodes
    courts = {(c["ags"], c["court_name"]) for c in inbox.region.courts}
    ags_of = {p["postcode"]: p["ags"] for p in inbox.region.postcodes}
    assert all((ags_of[r["PLZ"]], r["RCOURT"]) in courts for r in inbox.survey())


def test_every_company_name_says_that_it_is_invented(inbox) -> None:
    survey = inbox.survey()
    documents = [json.loads(line) for line in inbox.text("offeneregister/de_companies_ocdata.jsonl").splitlines()]
    names = [r["LNAME"] for r in survey] + [d["name"] for d in documents]
    names += [r[f"SUPNAM[SQ00{n}]"] for r in survey for n in range(1, 6) if r[f"SUPNAM[SQ00{n}]"]]
    names += [o["name"] for d in documents for o in d["officers"]]
    names += [r["CNAME"] for r in survey if r["CNAME"]]
    for page in sorted((inbox.manifest.inbox / "gleif").iterdir()):
        names += [d["attributes"]["entity"]["legalName"]["name"] for d in json.loads(page.read_text("utf-8"))["data"]]
    assert len(names) > 700
    assert [n for n in names if "(erfunden)" not in n] == []
    assert all(r["CMAIL"].endswith("@example.invalid") for r in survey if r["CMAIL"])
    numbers = [re.sub(r"\D", "", r["RNO"]) for r in survey] + [
        d["all_attributes"]["_registerNummer"] for d in documents
    ]
    assert all(re.fullmatch(r"9\d{5}", n) for n in numbers)


def test_register_entries_are_unique_and_cover_the_survey(inbox) -> None:
    documents = [json.loads(line) for line in inbox.text("offeneregister/de_companies_ocdata.jsonl").splitlines()]
    entries = {d["company_number"]: d["name"] for d in documents}
    assert len(entries) == len(documents) == 370
    kinds = {"A1": "HRB", "A2": "HRA"}
    court = {c["court_name"]: c["court_code"] for c in inbox.region.courts}
    for row in inbox.survey():
        key = f"{court[row['RCOURT']]}_{kinds[row['RTYPE']]}{re.sub(r'[^0-9]', '', row['RNO'])}"
        assert entries[key].casefold()[:8] == row["LNAME"].casefold()[:8] or "UE" in row["LNAME"]


def test_lei_check_digits(inbox) -> None:
    leis = []
    for page in sorted((inbox.manifest.inbox / "gleif").iterdir()):
        document = json.loads(page.read_text("utf-8"))
        assert document["meta"]["pagination"]["total"] == 60
        leis += [d["id"] for d in document["data"]]
    assert len(leis) == len(set(leis)) == 60
    assert all(lei.is_valid(code) for code in leis)
    assert check_digits("529900T8BM49AURSDO") == "55"  # a real identifier: 529900T8BM49AURSDO55


def test_baci_layout(ours) -> None:
    codes = {r["country_code"]: r["country_iso2"] for r in ours.rows("baci/country_codes_V202601.csv")}
    assert codes["276"] == "DE" and codes["842"] == "US" and codes["251"] == "FR" and len(codes) == 60
    rows = 0
    for year in TRADE_YEARS:
        text = ours.text(f"baci/BACI_HS17_Y{year}_V202601.csv")
        assert text.startswith("t,i,j,k,v,q\n") and ",           NA\n" in text
        frame = pl.read_csv(text.encode(), infer_schema=False)
        rows += frame.height
        assert set(frame["t"]) == {str(year)}
        assert set(frame["k"]) == set(products()) and frame["k"].str.len_chars().unique().to_list() == [6]
        assert set(frame["i"]) | set(frame["j"]) == set(codes)
        assert frame.select("i", "j", "k").is_unique().all()
        assert frame.filter(pl.col("i") == pl.col("j")).is_empty()
    assert 150_000 <= rows <= 250_000


def test_nomenclature_covers_all_levels(ours) -> None:
    rows = ours.rows("hs/hs_nomenclature_HS2017.csv")
    codes = {r["product_code"] for r in rows}
    assert set(products()) | set(headings()) | {p[:2] for p in products()} == codes
    assert all(r["product_name_de"] and r["product_name_en"] for r in rows)
    assert set(products()) >= {c.product_code for c in cn8_codes()}


def test_comext_layout(ours) -> None:
    frame = pl.read_csv(ours.text("comext/full_v2_202408.dat").encode(), infer_schema=False)
    assert frame.columns[:4] == ["REPORTER", "PARTNER", "TRADE_TYPE", "PRODUCT_NC"] and frame.width == 18
    assert 12_000 <= frame.height <= 22_000
    assert frame["REPORTER"].n_unique() == 6 and set(frame["FLOW"]) == {"1", "2"} and set(frame["PERIOD"]) == {"202408"}
    filled = frame.filter(pl.col("PRODUCT_NC").str.contains("X"))
    assert filled.height > 100 and set(filled["PRODUCT_CPA21"]) == {"XXXX"}
    assert frame.filter(pl.col("PARTNER").str.starts_with("Q")).height > 50
    key = ["REPORTER", "PARTNER", "PRODUCT_NC", "FLOW", "STAT_PROCEDURE"]
    assert frame.select(key).is_unique().all()
    numbers = frame.select(pl.col("VALUE_EUR", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT").cast(pl.Int64))
    assert numbers.min_horizontal().min() == 0 and numbers["VALUE_EUR"].min() > 0
    without_mass = frame.filter(pl.col("QUANTITY_KG") == "0")
    assert set(without_mass["SUPPL_UNIT"]) == {"NAR"}
    members = {c.iso2 for c in countries() if c.is_eu27}
    real = frame.filter(~pl.col("PARTNER").str.starts_with("Q"))
    inside = real["PARTNER"].is_in(list(members))
    assert real.filter(inside)["TRADE_TYPE"].unique().to_list() == ["I"]
    assert real.filter(inside)["STAT_PROCEDURE"].unique().to_list() == ["1"], (
        "processing exists at the outer border only"
    )
    assert set(real.filter(~inside)["STAT_PROCEDURE"]) == {"1", "2", "3"}
    assert real.filter(~inside)["TRADE_TYPE"].unique().to_list() == ["E"]


@pytest.mark.parametrize("table", ["13111-07-05-4", "13111-80-01-4"])
def test_statistics_add_up(inbox, table: str) -> None:
    """Sections add up to ranges and totals, sexes to both; the groups add up to the total. Secret cells are left out."""
    regions = {"DG", inbox.region.state_ags, *(k.ags for k in inbox.region.kreise)}
    for year in STATISTIC_YEARS:
        cells = inbox.cells(table, year)
        assert {c["1_variable_attribute_code"] for c in cells} == regions
        for region in regions:
            own = [c for c in cells if c["1_variable_attribute_code"] == region]
            total_only = [
                c for c in own if not c.get("3_variable_attribute_code") and not c.get("4_variable_attribute_code")
            ]
            printed = {c["2_variable_attribute_code"].removeprefix("WZ08-"): c["value"] for c in total_only}
            leaves = [c for c in printed if (len(c) == 1 if table.startswith("13111-07") else len(c) == 3)]
            if any(printed[c] == "." for c in leaves):
                continue
            number = {c: 0 if v == "-" else int(v) for c, v in printed.items()}
            assert sum(number[c] for c in leaves) == number[""], (year, region)
            for span in (c for c in printed if "-" in c):
                first, last = span.split("-")
                assert number[span] == sum(number[c] for c in leaves if first <= c <= last), (year, region, span)


def test_both_tables_tell_the_same_totals(inbox) -> None:
    def totals(table: str) -> dict[str, str]:
        return {
            c["1_variable_attribute_code"]: c["value"]
            for c in inbox.cells(table, 2023)
            if not any(c.get(f"{n}_variable_attribute_code") for n in (2, 3, 4))
        }

    assert totals("13111-07-05-4") == totals("13111-80-01-4")


def test_region_is_specialised_and_partly_shrinking(ours) -> None:
    def persons(year: int) -> dict[str, dict[str, int]]:
        table: dict[str, dict[str, int]] = {}
        for c in ours.cells("13111-80-01-4", year):
            value = int(c["value"]) if c["value"].isdigit() else 0
            table.setdefault(c["1_variable_attribute_code"], {})[c["2_variable_attribute_code"]] = value
        return table

    old, new = persons(2019), persons(2024)
    kreise = [k.ags for k in ours.region.kreise]
    hits = 0
    for group, national in new["DG"].items():
        regional = sum(new[k][group] for k in kreise)
        quotient = (regional / sum(new[k][""] for k in kreise)) / (national / new["DG"][""])
        before = sum(old[k][group] for k in kreise)
        if before and quotient >= 3 and regional / before < national / old["DG"][group]:
            hits += 1
    assert hits >= 5


def test_tiny_region_needs_no_municipalities(tiny) -> None:
    assert tiny.region.municipalities == []
    assert {r["RCOURT"] for r in tiny.survey()} == {c["court_name"] for c in tiny.region.courts}
    assert "05962" not in "".join(
        tiny.text(f) for f in ("limesurvey/results-survey-2026.csv", "consent/consent_events.csv")
    )


def test_no_regional_fact_in_the_generator(region) -> None:
    facts = [k.ags for k in region.kreise] + [c["court_code"] for c in region.courts] + ["SIHK", "Iserlohn", "Hagen"]
    for module in Path(generate.__code__.co_filename).parent.glob("*.py"):
        text = module.read_text("utf-8")
        assert not [fact for fact in facts if fact in text], module.name


def test_missing_court_is_said_with_the_remedy(region, tmp_path: Path) -> None:
    for name in ("region.yml", "municipalities.csv", "postcodes.csv"):
        (tmp_path / name).write_bytes((region.folder / name).read_bytes())
    with pytest.raises(ValueError, match=r"courts\.csv .* 05914000: add a row"):
        generate(tmp_path / "inbox", Region.load(str(tmp_path)))


def test_unknown_answer_is_refused(region) -> None:
    questionnaire = load_questionnaire(region, "2026")
    with pytest.raises(ValueError, match="no column in the codebook"):
        questionnaire.cells({("NOT_A_CONCEPT", ""): "1"}, 13)
    with pytest.raises(ValueError, match="not in code list SWITCH_TIME"):
        questionnaire.cells({("SUP_SWITCH_TIME", "1"): "soon"}, 13)


def test_ensure_writes_once_and_respects_what_a_person_did(region, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    assert ensure(inbox, region)
    assert not ensure(inbox, region)
    changed, removed = inbox / "consent/consent_events.csv", inbox / "comext/full_v2_202408.dat"
    changed.write_text("mine", "utf-8")
    removed.unlink()
    truths = tmp_path / "sample_truths.json"
    truths.write_text(truths.read_text("utf-8").replace('"origin": "', '"origin": "older'), "utf-8")
    survey = (inbox / "limesurvey/results-survey-2026.csv").read_bytes()
    assert ensure(inbox, region, seed=7)
    assert changed.read_text("utf-8") == "mine" and not removed.exists()
    assert (inbox / "limesurvey/results-survey-2026.csv").read_bytes() != survey
