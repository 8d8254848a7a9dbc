"""Every kind of dirt that real survey files hold gives the answer and the finding that SURVEY.md says."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from ingest.errors import DeliveryError
from ingest.survey.book import load_book
from ingest.survey.breaks import changes, unflagged
from tests.replay.workbook import workbook
from tests.unit.survey.cases import CASES, KINDS, Case
from tests.unit.survey.page import PAGE, page
from tests.unit.survey.wave import as_bytes, cells, read, read_bytes
from warehouse.region import Region


@pytest.mark.parametrize("case", CASES, ids=[f"{c.kind}-{n}" for n, c in enumerate(CASES)])
def test_dirt(tmp_path: Path, region: Region, case: Case) -> None:
    got = read(tmp_path, region, case.given, wave=case.wave)
    answer = got.said(*case.of)
    assert answer["answer_status_code"] == case.status
    if isinstance(case.value, str) and case.value.startswith("text: "):
        assert answer["raw_value"] == case.value[6:]
    elif isinstance(case.value, str):
        assert answer["answer_code"] == case.value
    elif case.value is not None or case.status != "answered":
        assert answer["answer_num"] == (pytest.approx(case.value, rel=1e-12) if case.value is not None else None)
    if case.finding:
        [found] = [r for r in got.review.iter_rows(named=True) if r["finding_code"] == case.finding][:1]
        if case.proposal:
            assert found["proposal"] == case.proposal
    else:
        assert got.findings == []


def test_every_kind_of_dirt_has_a_case() -> None:
    assert {c.kind for c in CASES} | {10} == set(KINDS)


FORMS = [
    (";", "utf-8-sig"), (";", "utf-8"), (",", "utf-8"), ("\t", "utf-8"), (";", "cp1252"), ("\t", "utf-16"),
]  # fmt: skip


@pytest.mark.parametrize(("delimiter", "encoding"), FORMS)
def test_the_form_of_a_file_decides_nothing(tmp_path: Path, region: Region, delimiter: str, encoding: str) -> None:
    """Separator and encoding are told from the bytes; the answers are the same."""
    given = {"LNAME": "Müßig & Söhne (erfunden)", "PTXT[SQ001]": "Federn, kalt; 'gewickelt'", "HEADC": "40"}
    rows = cells(region, "2027", given)
    got = read_bytes(tmp_path, region, "2027", as_bytes(rows, delimiter, encoding))
    plain = read(tmp_path, region, given)
    assert got.answer.equals(plain.answer)


def _renamed(rows: list[list[str]], style: str, region: Region) -> list[list[str]]:
    names = load_book(region, "2027").names.by_style[style]
    back = {column: header for header, column in names.items()}
    return [[back.get(h, h) for h in rows[0]], *rows[1:]]


@pytest.mark.parametrize("style", ["brackets", "dots", "underscores", "field_codes"])
def test_every_style_of_header_is_told(tmp_path: Path, region: Region, style: str) -> None:
    given = {
        "PROC[SQ018]": "Y",
        "PROC[other]": "Honen",
        "SUPREG[SQ001]": "100",
        "LFORM": "-oth-",
        "LFORM[other]": "Ltd",
    }
    rows = _renamed(cells(region, "2027", given), style, region)
    got = read_bytes(tmp_path, region, "2027", as_bytes(rows))
    assert got.answer.equals(read(tmp_path, region, given).answer)


def test_headers_of_two_styles_are_refused(tmp_path: Path, region: Region) -> None:
    rows = cells(region, "2027", {})
    rows[0][rows[0].index("PROC[SQ018]")] = "PROC_SQ018"
    with pytest.raises(DeliveryError, match=r"unknown column 'PROC_SQ018'.*style 'brackets'"):
        read_bytes(tmp_path, region, "2027", as_bytes(rows))


def test_words_stand_for_codes(tmp_path: Path, region: Region) -> None:
    """A label export gives the codes of a code export, umlauts spelled out or not; consent included."""
    book = load_book(region, "2027")
    given = {"TURN": "A2", "GRP": "N", "TARIFF": "A2", "PROC[SQ018]": "Y", "SUPCTY[SQ001]": "AT", "LFORM": "A1"}
    words = {(c["code_list"], c["answer_code"]): c["label_de"] for c in book.codes}
    rows = cells(region, "2027", given)
    lists = [q["code_list"] for q in book.questions]
    labelled = [[words.get((lists[i], cell), cell) for i, cell in enumerate(rows[1])]]
    labelled[0][rows[0].index("PROC[SQ018]")] = "Ja"
    labelled[0][rows[0].index("PROC[SQ001]")] = "Nein"
    labelled[0][rows[0].index("SUPCTY[SQ001]")] = "Oesterreich"
    got = read_bytes(tmp_path, region, "2027", as_bytes([rows[0], *labelled]))
    key = ["question_concept_id", "item_code", "answer_code", "answer_num", "answer_status_code"]
    assert got.answer.select(key).equals(read(tmp_path, region, given).answer.select(key))


def test_codes_and_words_in_one_file_are_refused(tmp_path: Path, region: Region) -> None:
    with pytest.raises(DeliveryError, match="codes and words stand in one file") as refused:
        read(tmp_path, region, {"TURN": "A2", "TARIFF": "stark"})
    assert refused.value.rule_id == "SRV-005"


def test_tables_as_people_make_them(tmp_path: Path, region: Region) -> None:
    """Two header rows, empty columns at the end and a row of totals say nothing."""
    rows = cells(region, "2027", {"HEADC": "40"}, {"HEADC": "60"})
    book = load_book(region, "2027")
    texts = [q["label_de"] for q in book.questions]
    total = ["Summe", *[""] * (len(texts) - 1)]
    total[rows[0].index("HEADC")] = "100"
    made = [[*row, "", ""] for row in (rows[0], texts, *rows[1:], total)]
    plain = read_bytes(tmp_path, region, "2027", as_bytes(rows))
    assert read_bytes(tmp_path, region, "2027", as_bytes(made)).answer.equals(plain.answer)
    assert read_bytes(tmp_path, region, "2027", as_bytes([texts, rows[0], *rows[1:]])).answer.equals(plain.answer)


def test_joined_choices_are_taken_apart(tmp_path: Path, region: Region) -> None:
    """One text of several options; what is no option is kept for a person, never matched by likeness."""
    rows = cells(region, "2027", {"PROC[SQ001]": ""})
    keep = [i for i, h in enumerate(rows[0]) if not h.startswith("PROC[") or h == "PROC[other]"]
    made = [[row[i] for i in keep] for row in rows]
    made[0].append("PROC")
    made[1].append("Drehen; Fräsen, Schleifen | Laserstrahl | Sonstiges: Honen")
    got = read_bytes(tmp_path, region, "2027", as_bytes(made))
    assert [got.said("PROC", i).get("answer_code") for i in ("turning", "milling", "grinding", "casting")] == [
        "1",
        "1",
        "1",
        None,
    ]
    assert got.said("PROC_OTHER")["raw_value"] == "Honen"
    assert got.findings == ["option_unknown"]
    assert got.said("PROC")["class_code"] == "free_text" and got.said("PROC")["raw_value"] == "Laserstrahl"


def test_joined_choices_stand_beside_words(tmp_path: Path, region: Region) -> None:
    """Options found in a joined cell are no codes of the file: an export of words may have one."""
    rows = cells(region, "2027", {"TURN": "2 bis unter 10 Mio. EUR", "CONSTORE": "Ja"})
    rows[1] = ["Ja" if cell == "Y" else cell for cell in rows[1]]
    keep = [i for i, h in enumerate(rows[0]) if not h.startswith("PROC[")]
    made = [[row[i] for i in keep] for row in rows]
    made[0].append("PROC")
    made[1].append("Drehen, Härten")
    got = read_bytes(tmp_path, region, "2027", as_bytes(made))
    assert got.said("PROC", "turning")["answer_code"] == got.said("PROC", "hardening")["answer_code"] == "1"
    assert got.said("TURNOVER_BAND")["answer_code"] == "2-10m"


def test_a_workbook_says_the_same(tmp_path: Path, region: Region) -> None:
    given = {"HEADC": "40", "WZ": "25.93", "ENCOST": "12,5"}
    rows = [[int(c) if c.isdigit() and len(c) < 3 else c for c in row] for row in cells(region, "2027", given)]
    content = workbook({"results": rows})
    got = read_bytes(tmp_path, region, "2027", content, "xlsx")
    assert got.answer.equals(read(tmp_path, region, given).answer)


def test_copies_and_second_answers_are_found(tmp_path: Path, region: Region) -> None:
    answers = {f"CUSTSEC[SQ0{n:02d}]": "0" for n in range(1, 12)} | {"CUSTSEC[SQ001]": "100"}
    answers |= {f"SUPREG[SQ00{n}]": "20" for n in range(1, 6)} | {
        "HEADC": "40",
        "EXPSH": "10",
        "AUTOREV": "0",
        "OPENPOS": "0",
        "APPR": "2",
    }
    who = {"RCOURT": "Amtsgericht Probe", "RTYPE": "A1", "RNO": "HRB 77"}
    other = {**who, "RNO": "077", "HEADC": "41", "LNAME": "PROBE FEDERN"}
    got = read(tmp_path, region, {**answers, **who}, answers, {**answers, **other})
    assert got.findings == ["answers_copied", "register_twice"]


def test_places_are_held_against_the_region(tmp_path: Path, region: Region) -> None:
    """A bulk recipient's postcode fits, a district stands for its municipality, a postcode elsewhere is for a person."""
    district = region.rows("districts.csv")[0]
    town = next(m["name"] for m in region.municipalities if m["ags"] == district["ags"])
    own = [p for p in region.postcodes if p["ags"] == district["ags"]]
    bulk = next(p["postcode"] for p in own if p["postcode_type"] == "bulk")
    codes = {p["postcode"] for p in own}
    far = next(p["postcode"] for p in region.postcodes if p["postcode"] not in codes)
    got = read(
        tmp_path,
        region,
        {"PLZ": bulk, "ORT": town},
        {"PLZ": own[0]["postcode"], "ORT": district["district"]},
        {"PLZ": far, "ORT": town},
    )
    assert got.findings == ["place_district", "place_does_not_fit"]
    assert got.said("SITE_CITY", response="2")["answer_code"] == town
    assert read(tmp_path, region, {"ORT": f"{town}-{district['district']}"}).said("SITE_CITY")["answer_code"] == town


def test_a_changed_text_of_consent_is_said_once(tmp_path: Path, region: Region) -> None:
    march = {"startdate": "2027-03-09 10:00:00", "submitdate": "2027-03-09 10:20:00", "CONSVER": "2027-03"}
    assert read(tmp_path, region, {}, march).findings == ["consent_text_changed"]


def test_a_test_response_is_marked(tmp_path: Path, region: Region) -> None:
    got = read(tmp_path, region, {"LNAME": "Test GmbH"}, {})
    assert got.response["response_status_code"].to_list() == ["test", "valid"]


def test_shares_of_one_for_percent_are_refused(tmp_path: Path, region: Region) -> None:
    """SRV-007: more than 5 % of the answers to a percentage lie in (0, 1]."""
    rows = [{"EXPSH": "0,3" if n < 2 else "30"} for n in range(20)]
    with pytest.raises(DeliveryError, match="shares of 1 where percent are due") as refused:
        read(tmp_path, region, *rows)
    assert refused.value.rule_id == "SRV-007" and refused.value.field == "EXPSH"


REFUSED = [
    (lambda rows: [[*rows[0], "Q99"], [*rows[1], "1"]], "SRV-001"),
    (lambda rows: [rows[0], rows[1][:-9]], "LND-002"),
    (lambda rows: [rows[0], rows[1], rows[1]], "SRV-002"),
    (lambda rows: [[h for h in rows[0] if h != "CONSTORE"], [c for h, c in zip(rows[0], rows[1], strict=True) if h != "CONSTORE"]], "SRV-003"),
    (lambda rows: [[h if h != "seed" else "HEADC" for h in rows[0]], rows[1]], "SRV-001"),
    (lambda rows: [[*rows[0], ""], [*rows[1], "stray"]], "SRV-001"),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "rule_id"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_what_cannot_be_told_is_refused(tmp_path: Path, region: Region, broken, rule_id: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        read_bytes(tmp_path, region, "2027", as_bytes(broken(cells(region, "2027", {}))))
    assert refused.value.rule_id == rule_id


def test_an_old_dos_file_is_refused(tmp_path: Path, region: Region) -> None:
    with pytest.raises(DeliveryError, match="not those of Windows-1252") as refused:
        read_bytes(
            tmp_path, region, "2027", as_bytes(cells(region, "2027", {"LNAME": "Müller (erfunden)"}), encoding="cp850")
        )
    assert refused.value.rule_id == "LND-003"


def test_contacts_go_to_the_vault_only(tmp_path: Path, region: Region) -> None:
    got = read(tmp_path, region, {"CNAME": "Erika Mustermann (erfunden)", "CMAIL": "x@example.invalid"})
    assert got.contacts[0]["fields"]["CONTACT_MAIL"] == "x@example.invalid"
    assert "Erika" not in str(got.answer.to_dicts()) + str(got.review.to_dicts())


def test_changes_between_waves_carry_a_flag(tmp_path: Path, region: Region) -> None:
    """SRV-015: the comparison finds what changed, every change has its line, and without one the wave is refused."""
    book = load_book(region, "2027")
    found = {(c.concept, c.what) for c in changes(region, book)}
    assert {("HEAT_TEMP_BAND", "band_limits"), ("IDEA_STAGE", "option_removed"), ("TARIFF_EFFECT", "code_meaning"),
            ("OWN_DEV", "block"), ("RND_SHARE", "unit"), ("PROC", "option_added")} <= found  # fmt: skip
    assert unflagged(region, book) == [] == unflagged(region, load_book(region, "2026p"))
    folder = tmp_path / "region"
    shutil.copytree(region.folder, folder)
    (folder / "survey").mkdir()
    kept = [r for r in region.rows("survey/breaks.csv") if r["change_code"] != "unit"]
    with (folder / "survey" / "breaks.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)
    with pytest.raises(DeliveryError, match="RND_SHARE changed since wave 2026") as refused:
        read(tmp_path, Region(folder), {})
    assert refused.value.rule_id == "SRV-015"


def test_the_page_says_what_is_tested() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "call: python -m tests.unit.survey.page"
