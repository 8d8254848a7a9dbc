"""Kept releases without an erased company: a new release in the place of the old one, with a certificate that says so.

A release is never changed. Its tables are copied into new files without the rows of the company (a deleted row would stay
in the old file's pages), the new release proves itself like any other, and the old one is removed. Aggregates stay as they
were published; the next build computes them anew.

Belongs here: making that release. Does not belong here: which company, or rows outside releases.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from warehouse.certificate import Certificate, prove, write_certificate
from warehouse.files import quoted
from warehouse.paths import Lineage, remove_tree, sync_folder, write_text_atomically
from warehouse.privacy import disclosure_memory
from warehouse.privacy.consent import move_state
from warehouse.publish import point
from warehouse.release import (
    MANIFEST,
    Manifest,
    TableFacts,
    append_history,
    current_release,
    file_sha256,
    fingerprint_of,
    now,
)
from warehouse.seal import STATUS_TABLES, STORAGE_VERSION, content_facts, copy_comments, restrict, write_table_parquet
from warehouse.steps import step

REDACTION = "redaction.json"


@dataclass(frozen=True)
class Redacted:
    """One release that was replaced; ``rows`` are those removed, over all its files."""

    old: str
    new: str
    rows: int


def redact_releases(lineage: Lineage, company_ids: tuple[str, ...], erasure_id: str) -> list[Redacted]:
    """Replace every kept release that holds rows of the company; the served one last, so that it is never missing.

    Candidates were served to nobody and are removed.
    """
    for candidate in lineage.candidates.glob("*"):
        remove_tree(candidate)
    served = current_release(lineage)
    folders = sorted(p for p in lineage.releases.glob("*") if p.is_dir() and not p.name.startswith("."))
    folders.sort(key=lambda folder: served is not None and folder.name == served.name)
    done = []
    for folder in folders:
        rows = sum(_rows_about(folder / f"{audience}.duckdb", company_ids) for audience in Manifest.read(folder).tables)
        if rows:
            done.append(_replace(lineage, folder, company_ids, erasure_id, rows))
    return done


def _company_columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], list[str]]:
    """Columns that hold company ids, by table; every table is there."""
    rows = connection.execute(
        "SELECT schema_name, table_name, list(column_name ORDER BY column_index) FILTER (column_name LIKE '%company_id') "
        "FROM duckdb_columns() WHERE database_name = ? AND NOT internal GROUP BY ALL ORDER BY ALL",
        [database],
    ).fetchall()
    return {(schema, table): list(columns or []) for schema, table, columns in rows}


def _about(columns: list[str], company_ids: tuple[str, ...]) -> str:
    ids = ", ".join(map(quoted, company_ids))
    return " OR ".join(f"{column} IN ({ids})" for column in columns) or "false"


def _rows_about(path: Path, company_ids: tuple[str, ...]) -> int:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(path))} AS old (READ_ONLY)")
        tables = _company_columns(connection, "old")
        counts = [
            connection.execute(f"SELECT count(*) FROM old.{s}.{t} WHERE {_about(columns, company_ids)}").fetchone()
            for (s, t), columns in tables.items()
            if columns
        ]
    return sum(count[0] for count in counts if count)


def _replace(lineage: Lineage, folder: Path, company_ids: tuple[str, ...], erasure_id: str, rows: int) -> Redacted:
    old = prove(lineage, folder)
    # Same time, other ending: kept releases keep their order.
    new = replace(old, release_id=f"{old.release_id.rsplit('-', 1)[0]}-{secrets.token_hex(2)}", files={})
    partial = lineage.candidates / f"{new.release_id}.partial"
    remove_tree(partial)
    partial.mkdir(parents=True)
    tables = {audience: _copy(folder, partial, audience, company_ids, new.release_id) for audience in old.tables}
    for path in folder.glob("*.json"):
        if path.name != MANIFEST:
            shutil.copyfile(path, partial / path.name)
    facts = {"erasure_id": erasure_id, "at": now().isoformat(), "predecessor": old.release_id,
             "predecessor_fingerprint": old.fingerprint, "removed_rows": rows}  # fmt: skip
    write_text_atomically(partial / REDACTION, json.dumps(facts, indent=1) + "\n")
    _certify(lineage, partial, replace(new, tables=tables, fingerprint=fingerprint_of(tables)))
    os.rename(partial, lineage.releases / new.release_id)
    sync_folder(lineage.releases)
    prove(lineage, lineage.releases / new.release_id)
    move_state(lineage, old.release_id, new.release_id)
    disclosure_memory.move(lineage, old.release_id, new.release_id)
    served = current_release(lineage)
    if served is not None and served.name == old.release_id:
        point(lineage, new.release_id)
    append_history(
        lineage, "redacted", new.release_id, replaced=old.release_id, run_id=old.run_id, reason=f"erasure {erasure_id}"
    )
    remove_tree(folder)
    step("gallery", "redacted", f"{old.release_id} is now {new.release_id}: {rows} rows removed")
    return Redacted(old.release_id, new.release_id, rows)


def _copy(
    folder: Path, to: Path, audience: str, company_ids: tuple[str, ...], release_id: str
) -> dict[str, TableFacts]:
    """Copy one audience's file row by row into a new one, Parquet beside it; facts of its content."""
    facts = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(folder / f'{audience}.duckdb'))} AS build (READ_ONLY)")
        connection.execute(
            f"ATTACH {quoted(str(to / f'{audience}.duckdb'))} AS sealed (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        connection.execute("SET TimeZone = 'UTC'")
        for (schema, table), columns in _company_columns(connection, "build").items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS sealed.{schema}")
            name = f"sealed.{schema}.{table}"
            select = f"SELECT * FROM build.{schema}.{table} WHERE NOT coalesce({_about(columns, company_ids)}, false)"
            if (schema, table) == ("meta", "release"):
                select = f"SELECT * REPLACE ({quoted(release_id)} AS release_id) FROM ({select})"
            connection.execute(f"CREATE TABLE {name} AS {select}")
            copy_comments(connection, (schema, table))
            if (schema, table) not in STATUS_TABLES:
                facts[f"{schema}.{table}"] = content_facts(connection, name)
            write_table_parquet(connection, name, to, audience)
    return facts


def _certify(lineage: Lineage, folder: Path, manifest: Manifest) -> None:
    """Files, manifest and a redaction certificate: the audit's verdict on the predecessor holds for fewer rows."""
    restrict(folder)
    own = {MANIFEST, "certificate.json"}
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in own)
    stamped = replace(manifest, files={str(p.relative_to(folder)): file_sha256(p) for p in paths})
    stamped.write(folder)
    raw = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))["certificate"]
    before = Certificate(**raw)
    certificate = replace(
        before, release_id=manifest.release_id, fingerprint=manifest.fingerprint,
        manifest_sha256=file_sha256(folder / MANIFEST), audited_at=now().isoformat(),
    )  # fmt: skip
    write_certificate(lineage, folder, certificate)
