"""Companies found in registers by likeness, and the ledger that makes them one: dated, taken back, never against a person."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import KettenwerkError
from warehouse.lake import SYSTEM_TABLES, write_system_table
from warehouse.methods.linkage import LinkageSettings
from warehouse.paths import Lineage
from warehouse.privacy import prepared
from warehouse.privacy.clusters import Clusters
from warehouse.privacy.company_records import record_of
from warehouse.privacy.consent import in_force
from warehouse.privacy.erasure.forgetting import forget_decisions
from warehouse.privacy.identity_review import ANSWERS, COLUMNS, read_review, write_review
from warehouse.privacy.keys import cipher
from warehouse.privacy.ledger import Decision, clusters, decide, decide_automatically, decisions, reverse
from warehouse.privacy.matching import FOLDER, Matched, match
from warehouse.privacy.pseudonyms import Assignment, Facts, Record, assign
from warehouse.privacy.vault import Vault
from warehouse.region import DEFAULT_FOLDER, Region

SETTINGS = LinkageSettings.from_mapping(Region(DEFAULT_FOLDER).yaml("linkage.yml"))
# Invented companies of an invented Kreis.
KREIS, TOWN, POSTCODE = "05999", "Probestadt", "59999"
ON = date(2027, 2, 3)
HEADS = [f"{a}{b}" for a in ("Zorbel", "Tanwer", "Ulmig", "Faldor", "Wexan") for b in ("ach", "eck", "ist", "orn")]


def entry(number: int, name: str, postcode: str = POSTCODE, town: str = TOWN) -> Record:
    facts = Facts(name, postcode, town, None, "R9999", "HRB", str(number))
    return record_of("offeneregister", f"R{number}", KREIS, facts)


def answer(place: int, name: str, **said: str) -> Record:
    facts = Facts(name, POSTCODE, TOWN, None, said.get("court"), said.get("kind"), said.get("number"), said.get("lei"))
    return record_of("limesurvey", f"2026:{place}", KREIS, facts)


REGISTER = [entry(100 + i, f"{head} Erfindung GmbH", f"{59999 - 40 * i}", f"{TOWN}{i}") for i, head in enumerate(HEADS)]


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(tmp_path, "sample")


def run(lineage: Lineage, *answers: Record, register: list[Record] = REGISTER) -> tuple[Matched, dict[str, str]]:
    """One identification; company of every record as it is shown."""
    assigned: list[Assignment] = assign(lineage, [*register, *answers])
    matched = match(lineage, SETTINGS, assigned)
    tied = clusters(lineage)
    return matched, {a.record.record_id: tied.canonical(a.company_id) for a in assigned}


def test_a_misspelt_name_is_found_and_stands_in_the_ledger(lineage: Lineage):
    matched, company = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    assert (matched.compared, matched.automatic, matched.candidates.height) == (1, 1, 0)
    assert company["2026:1"] == company["R100"]
    [made] = decisions(lineage)
    assert made.method == "linkage" and made.probability is not None and made.probability >= SETTINGS.limits.automatic
    assert "Name" in made.evidence["explanation_de"] and made.method_version == SETTINGS.method_version


def test_evidence_is_encrypted(lineage: Lineage):
    run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    content = Vault(lineage).path.read_bytes()
    assert b"Zorbelach" not in content and b"Erfindunng" not in content


def test_the_same_again_decides_nothing_again(lineage: Lineage):
    first = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))[1]
    matched, second = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    assert (matched.compared, len(decisions(lineage)), first) == (0, 1, second)


def test_what_was_taken_back_falls_apart_and_is_not_found_again(lineage: Lineage):
    before = {
        a.record.record_id: a.company_id for a in assign(lineage, [*REGISTER, answer(1, "Zorbelach Erfindunng GmbH")])
    }
    run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    reverse(lineage, decisions(lineage)[0].decision_id, "Probe", "andere Firma")
    matched, after = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    assert after == before and after["2026:1"] != after["R100"]
    assert (matched.automatic, matched.candidates.height) == (0, 0)
    with pytest.raises(KettenwerkError, match="taken back before"):
        reverse(lineage, decisions(lineage)[0].decision_id, "Probe", "noch einmal")


def test_a_partnership_is_not_its_general_partner(lineage: Lineage):
    matched, company = run(lineage, answer(1, "Zorbelach Erfindung GmbH & Co. KG"))
    assert company["2026:1"] != company["R100"] and matched.automatic == 0
    [candidate] = matched.candidates.iter_rows(named=True)
    assert candidate["candidate_company_id"] == company["R100"] and candidate["reason_code"] == "other_group_member"


def lei_name(lei: str, name: str) -> Record:
    return record_of("gleif", lei, None, Facts(name, lei=lei))


def test_a_lei_that_knows_only_a_name_is_found_once_and_doubled_ones_go_to_a_person(lineage: Lineage):
    listed = [
        record_of("geonames_company", str(i), KREIS, Facts(f"{head} Erfindung GmbH", f"{59999 - 40 * i}"))
        for i, head in enumerate(HEADS)
    ]
    named = [
        lei_name("LEI0", "Zorbelach Erfindung GmbH"),
        lei_name("LEI1", "Zorbeleck Erfindung GmbH"),
        lei_name("LEI2", "ZORBELECK Erfindung GmbH"),
    ]
    named += [lei_name(f"LEI9{i}", f"Fremd{i} Anderswo AG") for i in range(20)]
    assigned = assign(lineage, listed)
    matched = match(lineage, SETTINGS, assigned, named)
    ids, tied = {a.record.record_id: a.company_id for a in [*assigned, *matched.named]}, clusters(lineage)
    assert matched.automatic == 1 and tied.canonical(ids["LEI0"]) == ids["0"]
    assert set(matched.candidates["company_id"]) == {ids["1"]} and set(matched.candidates["reason_code"]) == {
        "ambiguous"
    }
    assert set(matched.candidates["candidate_company_id"]) == {ids["LEI1"], ids["LEI2"]}
    again = match(lineage, SETTINGS, assign(lineage, listed), named)
    assert again.automatic == 0 and {a.company_id for a in again.named} == {a.company_id for a in matched.named}
    assert again.candidates.equals(matched.candidates) and len(decisions(lineage)) == 1


def test_two_equal_entries_are_for_a_person(lineage: Lineage):
    twins = [*REGISTER, entry(900, "Quarzel Erfindung GmbH", "59998"), entry(901, "Quarzel Erfindungg GmbH", "59997")]
    matched, company = run(lineage, answer(1, "Quarzel Erfindunng GmbH"), register=twins)
    assert matched.automatic == 0 and len({company["2026:1"], company["R900"], company["R901"]}) == 3
    assert set(matched.candidates["candidate_company_id"][:2]) == {company["R900"], company["R901"]}
    assert set(matched.candidates["reason_code"]) == {"ambiguous"}


def test_another_register_number_is_never_merged_by_the_method(lineage: Lineage):
    other = answer(1, "Zorbelach Erfindunng GmbH", court="R9999", kind="HRB", number="77777")
    matched, company = run(lineage, other)
    assert company["2026:1"] != company["R100"] and matched.automatic == 0
    made = Decision("same", company["2026:1"], company["R100"], "linkage", "linkage", ON, 0.99)
    assert decide_automatically(lineage, [made]) == [made], "two register numbers need a person (IDN-004)"
    decide(lineage, [Decision("same", company["2026:1"], company["R100"], "person", "Probe", ON)])
    assert run(lineage, other)[1]["2026:1"] == company["R100"]


def test_a_person_who_told_two_apart_is_heard(lineage: Lineage):
    company = {
        a.record.record_id: a.company_id for a in assign(lineage, [*REGISTER, answer(1, "Zorbelach Erfindunng GmbH")])
    }
    decide(lineage, [Decision("distinct", company["2026:1"], company["R100"], "person", "Probe", ON)])
    matched, after = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    assert after == company and matched.automatic == 0
    with pytest.raises(KettenwerkError, match="contradicts the ledger"):
        decide(lineage, [Decision("same", company["R100"], company["2026:1"], "person", "Probe", ON)])


def test_answers_of_one_company_under_two_names_go_to_a_person(lineage: Lineage):
    matched, company = run(lineage, answer(1, "Neuling Kaltform GmbH"), answer(2, "Neuling Kaltformm GmbH"))
    assert company["2026:1"] != company["2026:2"] and matched.automatic == 0
    [pair] = matched.candidates.filter(side_code="survey").select("company_id", "candidate_company_id").rows()
    assert set(pair) == {company["2026:1"], company["2026:2"]}
    decide(lineage, [Decision("same", *pair, "person", "Probe", ON)])
    matched, company = run(lineage, answer(1, "Neuling Kaltform GmbH"), answer(2, "Neuling Kaltformm GmbH"))
    assert company["2026:1"] == company["2026:2"] and matched.candidates.is_empty()


def test_the_register_is_prepared_once_and_anew_when_it_changed(lineage: Lineage):
    def folders() -> dict[str, int]:
        return {p.name: p.stat().st_mtime_ns for p in (lineage.vault / FOLDER / "register").iterdir()}

    run(lineage, answer(1, "Ganz Anders GmbH"))
    first = folders()
    run(lineage, answer(1, "Ganz Anders GmbH"))
    assert folders() == first and len(first) == 1
    run(lineage, answer(1, "Ganz Anders GmbH"), register=[*REGISTER, entry(500, "Zuzug Erfindung GmbH")])
    assert len(folders()) == 1 and folders().keys() != first.keys()
    prepared.forget_prepared(lineage)
    assert not (lineage.vault / FOLDER).exists()


def test_a_register_handed_over_in_parts_is_the_register(lineage: Lineage, monkeypatch: pytest.MonkeyPatch):
    companies = {f"C{i}": Facts(f"Erfindung {i} GmbH", f"{59000 + i}", TOWN) for i in range(9)}
    [whole] = prepared.records_of(companies)
    assert next(prepared.records_of(dict(reversed(companies.items())))).equals(whole)
    monkeypatch.setattr(prepared, "ROWS_AT_A_TIME", 4)
    assert pl.concat(prepared.records_of(companies)).equals(whole)
    made = prepared.prepared_register(lineage, SETTINGS, companies, "register")
    assert made.texts_of(pl.Series(range(9))).equals(whole.select("record_id", "name"))
    [kept] = (lineage.vault / FOLDER / "register").iterdir()
    before = (kept / "rows.arrow").stat().st_mtime_ns
    again = prepared.prepared_register(lineage, SETTINGS, companies, "register")
    assert again.index.tolist() == made.index.tolist() and (kept / "rows.arrow").stat().st_mtime_ns == before
    assert [part.height for part in prepared.records_of({})] == [0]


def test_a_register_that_could_not_be_prepared_leaves_no_names(lineage: Lineage, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise KettenwerkError("interrupted")

    monkeypatch.setattr(prepared, "keep", broken)
    with pytest.raises(KettenwerkError, match="interrupted"):
        prepared.prepared_register(lineage, SETTINGS, {"C1": Facts("Erfindung GmbH")}, "register")
    assert [path for path in (lineage.vault / FOLDER).rglob("*") if path.is_file()] == []


def test_a_decision_takes_a_consent_away_and_never_gives_one(lineage: Lineage):
    ids = {a.record.record_id: a.company_id for a in assign(lineage, [answer(1, "Eins GmbH"), answer(2, "Zwei GmbH")])}
    rows = [
        ("a", ids["2026:1"], "CONS_ADVISER", 0, None, "2026-01-01T00:00:00", "survey"),
        ("b", ids["2026:2"], "CONS_ADVISER", 1, None, "2026-06-01T00:00:00", "survey"),
        ("c", ids["2026:2"], "CONS_STORE", 1, None, "2026-06-01T00:00:00", "survey"),
    ]
    with Vault(lineage).connection() as connection:
        connection.executemany("INSERT INTO consent_event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    decide(lineage, [Decision("same", ids["2026:1"], ids["2026:2"], "person", "Probe", ON)])
    shown = clusters(lineage).canonical(ids["2026:2"])
    granted = {row["purpose_code"]: row["is_granted"] for row in in_force(lineage, [shown]).iter_rows(named=True)}
    assert granted == {"CONS_ADVISER": False, "CONS_STORE": True}


def test_an_erased_company_leaves_no_decision(lineage: Lineage):
    company = run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))[1]
    ids = clusters(lineage).members(company["R100"])
    assert len(ids) == 2
    with Vault(lineage).connection() as connection:
        assert forget_decisions(connection, ids) == 1
    assert decisions(lineage) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12), st.randoms())
def test_groups_do_not_depend_on_the_order_of_decisions(pairs: list[tuple[int, int]], chance):
    order = [f"C{i}" for i in range(10)]
    same = [(f"C{a}", f"C{b}") for a, b in pairs if a != b]
    mixed = [pair if chance.random() < 0.5 else pair[::-1] for pair in same]
    chance.shuffle(mixed)
    one, other = Clusters.of(order, same), Clusters.of(order, mixed)
    assert one == other
    for left, right in same:
        assert one.canonical(left) == one.canonical(right) == min(one.members(left))
    assert sorted(c for members in one.groups.values() for c in members) == sorted({c for pair in same for c in pair})


def test_no_cell_of_the_list_is_a_formula(lineage: Lineage):
    hostile = [
        (f"C-{i}", f"C-{i}9", "register", 1, 0.6, "ambiguous", "", start + "cmd|x")
        for i, start in enumerate(("=", " =", "+", "@"))
    ]
    rows = pl.DataFrame(hostile, schema=SYSTEM_TABLES[("identity", "candidate")], orient="row")
    write_system_table(lineage.lake, "identity", "candidate", rows)
    path, companies = write_review(lineage)
    assert path is not None and companies == len(hostile)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        cells = [row[COLUMNS["explanation_de"]] for row in csv.DictReader(handle, delimiter=";")]
    assert len(cells) == len(hostile) and all(cell.startswith("'") for cell in cells)


def test_a_filled_in_list_is_read_and_a_wrong_row_named(tmp_path: Path):
    header = ";".join([*COLUMNS.values(), *ANSWERS])
    path = tmp_path / "list.csv"
    path.write_text(
        f"\ufeff{header}\nC-A;C-B;Register;97,1;;Name gleich;gleich;;Probe;03.02.2027;\nC-C;C-D;;;;;;;;;\n",
        encoding="utf-8",
    )
    [made] = read_review(path)
    assert (made.action, made.left, made.right, made.decided_on, made.decided_by) == ("same", "C-A", "C-B", ON, "Probe")
    for row, problem in (
        ("C-A;C-B;;;;;vielleicht;;Probe;03.02.2027;", "row 2, column 'Entscheidung'"),
        ("C-A;C-B;;;;;gleich;;;03.02.2027;", "row 2, column 'Entschieden von'"),
        ("C-A;C-B;;;;;gleich;;Probe;bald;", "row 2, column 'Entschieden am'"),
    ):
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        with pytest.raises(KettenwerkError, match=problem):
            read_review(path)
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(KettenwerkError, match="column 'Unternehmen' is missing"):
        read_review(path)


def test_an_unknown_company_is_refused_and_nothing_is_written(lineage: Lineage):
    company = run(lineage)[1]
    good = Decision("same", company["R100"], company["R101"], "person", "Probe", ON)
    with pytest.raises(KettenwerkError, match="is not known"):
        decide(lineage, [good, Decision("same", company["R100"], "C-UNKNOWN", "person", "Probe", ON)])
    assert decisions(lineage) == []


def test_another_key_opens_the_evidence(lineage: Lineage):
    from warehouse.privacy.rotation import rotate

    run(lineage, answer(1, "Zorbelach Erfindunng GmbH"))
    before, old = decisions(lineage), cipher(lineage)
    rotate(lineage, [*REGISTER, answer(1, "Zorbelach Erfindunng GmbH")])
    assert decisions(lineage) == before
    with Vault(lineage).connection() as connection:
        [(sealed,)] = connection.execute("SELECT sealed FROM company_decision").fetchall()
    with pytest.raises(InvalidToken):
        old.decrypt(sealed)


def test_candidates_have_the_columns_of_the_lake(lineage: Lineage):
    assert dict(run(lineage)[0].candidates.schema) == SYSTEM_TABLES[("identity", "candidate")]
    assert isinstance(run(lineage, answer(1, "Neu GmbH"))[0].candidates, pl.DataFrame)
