"""The search after an erasure finds what is there, in whatever file, and not what is another company's."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from warehouse.paths import Lineage
from warehouse.privacy import sealed
from warehouse.privacy.erasure.search import search
from warehouse.privacy.erasure.subject import Subject
from warehouse.privacy.erasure.traces import REMOVED, overwrite_traces
from warehouse.privacy.vault import Vault

NAME = "Müller Probefedern GmbH (erfunden)"
LONGER = f"Hans {NAME}"
SUBJECT = Subject(
    "C-AAAAAAAAAA", ("C-AAAAAAAAAA",), (("limesurvey", "2026", "2"),), (NAME,), ("kontakt002@example.invalid",), ()
)


def as_csv(path: Path, lineage: Lineage, text: str) -> None:
    path.with_suffix(".csv").write_text(f'"1";"{text}"\n')


def as_json(path: Path, lineage: Lineage, text: str) -> None:
    path.with_suffix(".json").write_text(json.dumps({"name": text}))


def as_parquet(path: Path, lineage: Lineage, text: str) -> None:
    pl.DataFrame({"name": ["x", text] * 500}).write_parquet(path.with_suffix(".parquet"))


def as_category(path: Path, lineage: Lineage, text: str) -> None:
    pl.DataFrame({"name": pl.Series(["x", text], dtype=pl.Categorical)}).write_parquet(path.with_suffix(".parquet"))


def as_database(path: Path, lineage: Lineage, text: str) -> None:
    with duckdb.connect(str(path.with_suffix(".duckdb"))) as connection:
        connection.execute("CREATE TABLE t AS SELECT ? AS name FROM range(3000)", [text])


def as_archive(path: Path, lineage: Lineage, text: str) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", f'"1";"{text}"\n' * 50)


def as_sealed(path: Path, lineage: Lineage, text: str) -> None:
    path.with_suffix(sealed.SUFFIX).write_bytes(sealed.closed(lineage, f'"{text}"'.encode()))


def as_delivery(path: Path, lineage: Lineage, text: str) -> None:
    Vault(lineage).store_delivery("limesurvey-response-1", f'"{text}"'.encode())


def as_log_of_dagster(path: Path, lineage: Lineage, text: str) -> None:
    with sqlite3.connect(lineage.dagster_home / "log.db") as connection:
        connection.execute("CREATE TABLE log (body TEXT)")
        connection.execute("INSERT INTO log VALUES (?)", (json.dumps(f"row of {text}"),))
    connection.close()


FORMS = [as_csv, as_json, as_parquet, as_category, as_database, as_archive, as_sealed, as_delivery, as_log_of_dagster]


@pytest.mark.parametrize("write", FORMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("text", [NAME, SUBJECT.company_id, SUBJECT.contacts[0]], ids=["name", "id", "mail"])
def test_a_trace_is_found_in_every_form(lineage: Lineage, write, text: str) -> None:
    folder = lineage.lake / "somewhere"
    folder.mkdir()
    assert search(lineage, SUBJECT, ()).found == []
    write(folder / "file", lineage, text)
    assert len(search(lineage, SUBJECT, ()).found) == 1


@pytest.mark.parametrize("write", FORMS[:-1], ids=lambda f: f.__name__)
def test_a_longer_name_is_another_company(lineage: Lineage, write) -> None:
    write(lineage.lake / "file", lineage, LONGER)
    assert search(lineage, SUBJECT, ()).found == []


def test_open_registers_are_listed_and_exempt(lineage: Lineage) -> None:
    folder = lineage.raw / "gleif"
    folder.mkdir()
    as_csv(folder / "page", lineage, NAME)
    found = search(lineage, SUBJECT, (folder,))
    assert (found.found, found.exempt) == ([], ["sample/raw/gleif/page.csv"])


def test_traces_in_logs_are_overwritten_and_the_rest_stays(lineage: Lineage) -> None:
    as_log_of_dagster(lineage.lake / "x", lineage, NAME)
    log = lineage.runs / "run.json"
    log.write_text(json.dumps({"rows": [SUBJECT.company_id, NAME], "kept": "Andere GmbH"}))
    assert len(overwrite_traces(lineage, SUBJECT.traces)) == 2
    assert json.loads(log.read_text()) == {"rows": [REMOVED, REMOVED], "kept": "Andere GmbH"}
    with sqlite3.connect(lineage.dagster_home / "log.db") as connection:
        assert connection.execute("SELECT body FROM log").fetchall() == [(f'"row of {REMOVED}"',)]
    connection.close()
    assert search(lineage, SUBJECT, ()).found == []
    assert b"Probefedern" not in (lineage.dagster_home / "log.db").read_bytes()
