"""A company that asks for it is gone: from every file under the home folder, and whatever is delivered again."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from cryptography.fernet import InvalidToken

from quality.audit import audit
from tests.integration.conftest import ROOT, Works
from tests.integration.test_gate import TESTED, sealed
from warehouse.files import opened
from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher
from warehouse.privacy.vault import Vault
from warehouse.region import Region

PUBLISHED_BY_OTHERS = ("offeneregister", "gleif", "geonames_company")


@dataclass(frozen=True)
class Company:
    """What the sample says of a company, and what may stand nowhere any more."""

    company_id: str
    name: str
    register: tuple[str, str]
    contact: tuple[str, ...]
    text: str = ""

    @property
    def traces(self) -> tuple[str, ...]:
        return (self.company_id, self.name, *self.contact, *((self.text,) if self.text else ()))


def company(works: Works, truth: dict[str, object]) -> Company:
    """A company of the planted truths, with its id and contact."""
    [(company_id,)] = works.ask(
        f"SELECT company_id FROM marts.dim_company WHERE is_current AND company_name = '{truth['name']}'", "advisory"
    )
    of_wave = [c for c in Vault(works.lineage).contacts() if c["wave_id"] == "2026"]  # the truths' responses are of it
    [contact] = [c for c in of_wave if c["response_id"] == str(truth["response_id"])]
    given = tuple(str(v) for k, v in contact.items() if k.startswith("CONTACT_"))
    assert len(given) == 3
    return Company(
        str(company_id), str(truth["name"]), (str(truth["court_code"]), str(truth["register_number"])), given
    )


def truths(works: Works) -> dict[str, list[dict[str, object]]]:
    return json.loads((works.lineage.root / "sample_truths.json").read_text(encoding="utf-8"))


def supplier(works: Works) -> Company:
    """One that others name in their answers, with a text that nobody else wrote."""
    truth: dict[str, object] = truths(works)["single_source_clusters"][0]["supplier"]  # pyright: ignore[reportAssignmentType]
    answers = pl.read_parquet(works.lineage.lake / "limesurvey" / "answer" / "*.parquet")
    own = answers.filter(response_id=str(truth["response_id"]), question_concept_id="PRODUCT_TEXT")["raw_value"]
    [text] = [t for t in own if "Probe-" in t]
    return replace(company(works, truth), text=text)


def decide_texts(works: Works, victim: Company) -> tuple[str, str]:
    """Every open text is decided, by command and by a list in the inbox; hash of the victim's text and of another."""
    folder = works.lineage.inbox / "text_review"
    folder.mkdir(mode=0o700)
    works.call("texts", "review", "--output", str(folder / "filled.csv"), check=True)
    rows = list(csv.DictReader(io.StringIO((folder / "filled.csv").read_text("utf-8-sig"), newline=""), delimiter=";"))
    person = {"Entscheidung": "annehmen", "Entschieden von": "Prüferin (erfunden)", "Entschieden am": "01.03.2026"}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(row | person for row in rows)
    (folder / "filled.csv").write_text("\ufeff" + out.getvalue(), "utf-8")
    done = works.call("texts", "decide", str(folder / "filled.csv"), check=True)
    assert done.stdout.startswith(f"{len(rows)} decisions taken over")
    own = {row["Text-ID"] for row in rows if row["Text"] == victim.text}
    [other] = [row["Text-ID"] for row in rows if row["Text"] == "Krane"]
    return own.pop(), other


def texts(path: Path, lineage: Lineage) -> list[str]:
    """Everything a file says, opened as what it is."""
    raw = path.read_bytes()
    said = [raw.decode("utf-8", "replace"), raw.decode("latin-1")]
    if path.suffix == ".parquet":
        said += [
            str(v)
            for column in pl.read_parquet(path).select(pl.col(pl.String)).to_dict(as_series=False).values()
            for v in column
        ]
    if path.suffix == ".duckdb":
        with opened(path) as connection:
            tables = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'release'"
            ).fetchall()
            said += [str(row) for (table,) in tables for row in connection.execute(f"SELECT * FROM {table}").fetchall()]
    if path.suffix in (".enc", ".sealed"):
        said.append(cipher(lineage).decrypt(raw).decode("utf-8", "replace"))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            said += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if raw[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as connection:
            said += connection.iterdump()
    return said


def found(works: Works, traces: tuple[str, ...]) -> list[str]:
    """Files that hold a trace, the copies of open registers left out."""
    registers = [
        f / s for s in PUBLISHED_BY_OTHERS for f in (works.lineage.inbox, works.lineage.raw, works.lineage.lake)
    ]
    held = []
    for path in sorted(works.home.rglob("*")):
        if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(f) for f in registers):
            said = "\n".join(texts(path, works.lineage))
            held += [f"{path.relative_to(works.home)}: {trace}" for trace in traces if trace in said]
    return held


def second_release(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    works.call("publish", candidate.name, check=True)


def leave_traces(works: Works, victim: Company) -> None:
    """A run's evidence, a log and Dagster's storage that name the company, as a failing rule or a library may write it."""
    evidence = works.lineage.runs / "planted.json"
    evidence.write_text(json.dumps({"run_id": "planted", "rows": [victim.company_id, victim.name]}))
    (works.lineage.dagster_home / "planted.log").write_text(f"row {victim.company_id} of {victim.name}\n")
    [index] = works.lineage.dagster_home.rglob("index.db")
    with sqlite3.connect(index) as connection:
        body = json.dumps({"message": f"{victim.name} ({victim.company_id})"})
        connection.execute("CREATE TABLE planted (body TEXT)")
        connection.execute("INSERT INTO planted VALUES (?)", (body,))
    connection.close()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_an_erased_company_is_nowhere(works: Works, build_file: Path) -> None:
    victim = supplier(works)
    second_release(works, build_file)
    leave_traces(works, victim)
    own, other = decide_texts(works, victim)
    kept = sorted(p.name for p in works.lineage.releases.glob("2*"))
    before, survey = found(works, victim.traces), works.lineage.inbox / "limesurvey" / "results-survey-2026.csv"
    places = {entry.split("/")[1] for entry in before if entry.startswith("sample/")}
    assert {"vault", "lake", "inbox", "releases", "runs"} <= places, "there is something to be erased"
    assert any(entry.startswith("dagster/") for entry in before)
    as_delivered = survey.read_bytes()
    [pointed] = [r for r in kept if r == works.lineage.current.resolve().name]
    _is_shown(works, victim)
    done = works.call("erase", victim.company_id, "--yes", check=True)
    assert found(works, (*victim.traces, own)) == []
    assert found(works, (other,)), "a text that others wrote, and its decision, stay"
    assert "Exempt: 3 files of open registers" in done.stdout
    _is_proved(works, victim, kept)
    assert works.lineage.current.resolve().name != pointed, "the served release is another one now"
    assert works.call("rollback", check=True).stdout.strip().endswith("is served again.")
    _is_unknown_afterwards(works, victim)
    _one_withdrawal_each(works)
    survey.write_bytes(as_delivered)
    works.refresh()
    assert found(works, (*victim.traces, own)) == [], "what is delivered again is not taken in again"
    counts = json.loads(works.call("texts", "status", "--json", check=True).stdout)
    assert counts["decided"] >= 20 and counts["review"] == 0
    court, number = victim.register
    same = f"register_court_code = '{court}' AND register_number = '{number}'"
    assert works.ask(f"SELECT count(*) FROM marts.dim_company WHERE {same}", "advisory") == [(0,)]
    _withdrawals_took_effect(works)


def _is_shown(works: Works, victim: Company) -> None:
    """The right of access: what is held is printed, derived scores and recipients included."""
    held = json.loads(works.call("person", "show", victim.company_id, "--json", check=True).stdout)
    tables = {
        "dim_company",
        "mart_company_dependency",
        "mart_supply_link",
        "mart_company_profile",
        "mart_competence_map",
        "mart_partner_match",
    }
    assert {f"marts.{table}" for table in tables} <= {s.split(": ")[-1] for s in held}
    matches = next(rows for name, rows in held.items() if name.endswith("mart_partner_match"))
    assert (
        matches
        and not {"seeker_company_id", "candidate_company_id", "shared_hs4_codes", "reason_1_de"} & matches[0].keys()
    )
    assert victim.text in json.dumps(held["answers"], ensure_ascii=False)
    assert victim.contact[1] in json.dumps(held["contacts"])
    assert any("named link with C-" in str(r["who"]) for r in held["recipients"])
    assert len(held["answers"]) > 50 and len(held["consent_events"]) == 7


def _is_proved(works: Works, victim: Company, kept: list[str]) -> None:
    [path] = (works.lineage.vault / "erasures").glob("*.json")
    proof = json.loads(path.read_text(encoding="utf-8"))["proof"]
    assert proof["result"] == "nothing found" and proof["still_found_in"] == [] and proof["kept_under_legal_duty"] == []
    assert sorted(r["old"] for r in proof["replaced_releases"]) == kept
    assert len(proof["exempt"]["files_that_name_the_company"]) == 3
    assert path.stat().st_mode & 0o077 == 0
    assert not any(trace in path.read_text(encoding="utf-8") for trace in victim.traces)
    listed = json.loads(works.call("releases", "--json", check=True).stdout)
    assert [r["state"] for r in listed] == ["released", "released"]
    assert not {r["release_id"] for r in listed} & set(kept)


def _is_unknown_afterwards(works: Works, victim: Company) -> None:
    for words in (("person", "show", victim.company_id), ("erase", victim.company_id, "--yes")):
        done = works.call(*words)
        assert done.returncode == 1 and "nothing is held under this id" in done.stderr
        assert "Traceback" not in done.stderr


def _surveyed(works: Works, place: int) -> Company:
    return company(works, truths(works)["single_source_clusters"][1]["buyers"][place])  # pyright: ignore[reportArgumentType, reportIndexIssue]


def _one_withdrawal_each(works: Works) -> None:
    """Four companies withdraw one consent each; the test remembers them in the home."""
    purposes = ("CONS_STORE", "CONS_ADVISER", "CONS_NAMED_LINKS", "CONS_MATCHMAKING")
    ids = {purpose: _surveyed(works, place).company_id for place, purpose in enumerate(purposes)}
    for purpose, company_id in ids.items():
        proposed = f"SELECT count(*) FROM marts.mart_partner_match WHERE '{company_id}' IN (seeker_company_id, candidate_company_id)"
        assert works.ask(proposed, "advisory") != [(0,)], "it is matched before it withdraws anything"
        done = works.call("consent", "withdraw", company_id, "--purpose", purpose, check=True)
        assert "kettenwerk refresh" in done.stdout
    refused = works.call("rollback")
    assert refused.returncode == 1
    (works.home.parent / "withdrawn.json").write_text(json.dumps(ids))


def _withdrawals_took_effect(works: Works) -> None:
    ids = json.loads((works.home.parent / "withdrawn.json").read_text())

    def rows(table: str, where: str, audience: str) -> int:
        [(count,)] = works.ask(f"SELECT count(*) FROM marts.{table} WHERE {where}", audience)
        return int(str(count))

    stored, advised, named = (f"company_id = '{ids[p]}'" for p in ("CONS_STORE", "CONS_ADVISER", "CONS_NAMED_LINKS"))
    for table in (
        "dim_company",
        "mart_company_dependency",
        "mart_market_fit",
        "mart_competence_map",
        "mart_company_profile",
    ):
        assert (
            rows(table, stored, "analyst") == rows(table, stored, "advisory") == rows(table, advised, "advisory") == 0
        )
        assert rows(table, advised, "analyst") > 0 and rows(table, named, "advisory") > 0
    matched = "'{}' IN (seeker_company_id, candidate_company_id)"
    assert rows("mart_partner_match", matched.format(ids["CONS_NAMED_LINKS"]), "advisory") > 0
    for purpose in ("CONS_STORE", "CONS_ADVISER", "CONS_MATCHMAKING"):
        assert rows("mart_partner_match", matched.format(ids[purpose]), "advisory") == 0, purpose
    link = f"is_named_with_consent AND '{ids['CONS_NAMED_LINKS']}' IN (supplier_company_id, buyer_company_id)"
    assert rows("mart_supply_link", link, "analyst") == rows("mart_supply_link", link, "advisory") == 0
    assert rows("mart_supply_link", "is_named_with_consent", "analyst") > 0


KILLED = """
import os, signal, sys
from ingest.erasing import erase
from warehouse import settings
from warehouse.region import Region
from warehouse.steps import listening
chosen = settings.load("sample")
def listener(step):
    if f"{step.room}.{step.name}" == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
with listening(listener):
    erase(chosen, Region.load(chosen.region), sys.argv[1], "test")
"""


@pytest.mark.long
@pytest.mark.parametrize("boundary", ["vault.erasing", "dock.removed", "vault.rewritten", "gallery.redacted"])
def test_a_killed_erasure_is_ended_by_calling_again(works: Works, boundary: str) -> None:
    """Killed anywhere: nothing is built until it is ended, and then nothing is left."""
    victim = supplier(works)
    leave_traces(works, victim)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, victim.company_id, boundary], env=works.environment, cwd=ROOT, timeout=120, capture_output=True
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    assert found(works, victim.traces), "it was stopped before the end"
    assert works.call("status", check=True).stdout.count("Served") == 1
    resumed = works.call("erase", "--resume", check=True)
    assert "nothing found" in resumed.stdout
    assert found(works, victim.traces) == []
    assert "No erasure is unfinished" in works.call("erase", "--resume", check=True).stdout


def test_what_nobody_knows_of_is_named_and_keeps_the_erasure_open(works: Works) -> None:
    """A copy somebody put aside: the search finds it, the proof names it, the erasure does not end, nothing is built."""
    victim = supplier(works)
    aside = works.lineage.vault / "aside" / "copy.csv"
    aside.parent.mkdir()
    shutil.copyfile(works.lineage.inbox / "limesurvey" / "results-survey-2026.csv", aside)
    done = works.call("erase", victim.company_id, "--yes")
    assert done.returncode == 1 and "vault/aside/copy.csv" in done.stderr and "--resume" in done.stderr
    refused = works.refresh(check=False)
    assert refused.returncode == 1 and "erasure was stopped" in refused.stdout + refused.stderr
    aside.unlink()
    assert works.call("erase", "--resume", check=True).returncode == 0
    assert found(works, victim.traces) == []


def test_without_its_key_a_contact_cannot_be_read(works: Works) -> None:
    """Personal fields are encrypted under a key of each response: deleting the key erases them."""
    vault = Vault(works.lineage)
    before = len(vault.contacts())
    with vault.connection() as connection:
        wave, response, contact = connection.execute(
            "SELECT wave_id, response_id, sealed FROM contact LIMIT 1"
        ).fetchone()
        connection.execute("DELETE FROM respondent_key WHERE wave_id = ? AND response_id = ?", (wave, response))
    assert len(vault.contacts()) == before - 1
    with pytest.raises(InvalidToken):
        cipher(works.lineage).decrypt(contact)
