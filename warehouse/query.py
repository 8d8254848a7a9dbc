"""Reading what is served: one query on one audience's file, read-only, without access to anything else.

Belongs here: the SQL door and the facts ``status`` shows. Does not belong here: formatting (the command) or writing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import KettenwerkError
from warehouse.files import opened, quoted
from warehouse.paths import Lineage
from warehouse.privacy.audiences import audience_table
from warehouse.release import SERVING_EVENTS, Manifest, current_release, read_history

TABLES_HINT = 'list the tables with: kettenwerk sql "SELECT table_schema, table_name FROM information_schema.tables"'


def served_folder(lineage: Lineage) -> Path:
    """Folder of the served release, or a clear word that there is none."""
    folder = current_release(lineage)
    if folder is None:
        raise KettenwerkError(
            "nothing is published yet",
            where=f"profile {lineage.profile}",
            todo=f"call: kettenwerk refresh --profile {lineage.profile}",
        )
    return folder


@contextmanager
def connection(lineage: Lineage, audience: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to one audience's served file that can reach no other file."""
    if audience not in audience_table().labels:
        raise KettenwerkError(
            f"there is no audience '{audience}'", where="--audience", expected=", ".join(audience_table().labels)
        )
    path = served_folder(lineage) / f"{audience}.duckdb"
    if not path.is_file():
        raise KettenwerkError(
            "the file is missing",
            where=str(path),
            todo="call 'kettenwerk doctor', then 'kettenwerk rollback' or 'refresh'",
        )
    with opened(path) as door:
        door.execute("SET enable_external_access = false")
        door.execute("SET lock_configuration = true")
        yield door


def run_sql(lineage: Lineage, audience: str, statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one statement.

    Raises:
        KettenwerkError: the statement is wrong, or asks for what this file does not hold.
    """
    if not statement.strip(" ;\n\t"):
        raise KettenwerkError("the statement is empty", expected="one SQL statement", todo=TABLES_HINT)
    with connection(lineage, audience) as door:
        try:
            cursor = door.execute(statement)
            names = [d[0] for d in cursor.description or []]
            return names, cursor.fetchall() if names else []
        except duckdb.Error as error:
            raise KettenwerkError(
                " ".join(str(error).split())[:500],
                where=f"audience {audience}",
                todo='list the tables with: kettenwerk sql "SELECT table_schema, table_name FROM information_schema.tables"',
            ) from None


def ask_files(tables: dict[str, list[Path]], statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one statement on views over Parquet files; no other file can be reached.

    Raises:
        KettenwerkError: the statement is wrong.
    """
    with duckdb.connect() as door:
        door.execute("SET TimeZone = 'UTC'")
        for name, files in tables.items():
            listing = ", ".join(quoted(str(path)) for path in files)
            door.execute(f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet([{listing}])')
        allowed = ", ".join(quoted(str(path)) for files in tables.values() for path in files)
        door.execute(f"SET allowed_paths = [{allowed}]")
        door.execute("SET enable_external_access = false")
        door.execute("SET lock_configuration = true")
        try:
            # The views' own files may be reached, so they could be written too; only questions pass.
            if [s.type for s in door.extract_statements(statement)] != [duckdb.StatementType.SELECT]:
                raise KettenwerkError("only one question is answered here", where="the lake", expected="one SELECT")
            cursor = door.execute(statement)
            names = [d[0] for d in cursor.description or []]
            return names, cursor.fetchall() if names else []
        except duckdb.Error as error:
            raise KettenwerkError(
                " ".join(str(error).split())[:500], where="the lake", todo=f"the tables are: {', '.join(tables)}"
            ) from None


def status(lineage: Lineage) -> dict[str, Any]:
    """What is served, since when, from which run, what warned, and how the last run ended."""
    folder = current_release(lineage)
    served: dict[str, Any] | None = None
    if folder is not None:
        manifest = Manifest.read(folder)
        since = [
            e["at"] for e in read_history(lineage) if e["event"] in SERVING_EVENTS and e["release_id"] == folder.name
        ]
        served = {
            "release_id": manifest.release_id,
            "since": since[-1] if since else manifest.created_at,
            "run_id": manifest.run_id,
            "code_version": manifest.code_version,
            "region_code": manifest.region_code,
            "is_synthetic": manifest.is_synthetic,
            "fingerprint": manifest.fingerprint,
            "warnings": warnings(lineage, manifest.run_id),
            "backtest": newest_backtest(lineage),
        }
    return {"profile": lineage.profile, "home": str(lineage.root), "served": served, "last_run": last_run(lineage)}


def newest_backtest(lineage: Lineage) -> list[dict[str, Any]]:
    """Every model of the newest window of the served back-test; empty where none could be made."""
    try:
        names, rows = run_sql(
            lineage,
            "bi",
            "SELECT * FROM meta.backtest WHERE test_until_year = (SELECT max(test_until_year) FROM meta.backtest) ORDER BY model_code",
        )
    except KettenwerkError:  # a release from before back-tests, or a damaged one: doctor tells
        return []
    return [dict(zip(names, row, strict=True)) for row in rows]


def warnings(lineage: Lineage, run_id: str) -> list[dict[str, Any]]:
    """Warnings of the served run, with the sentence each rule gave."""
    from warehouse.results import remembered

    for evidence in remembered(lineage):
        if evidence["run_id"] == run_id:
            return [
                {"rule_id": r["rule_id"], "asset_name": r["asset_name"], "message": r["message"]}
                for r in evidence["results"]
                if r["severity_code"] == "warn" and r["outcome_code"] in ("fail", "error")
            ]
    return []


def last_run(lineage: Lineage) -> dict[str, Any] | None:
    """Outcome of the newest run of the profile, whatever came of it."""
    from warehouse.results import remembered

    found = remembered(lineage)
    if not found:
        return None
    newest = found[-1]
    return {k: newest[k] for k in ("run_id", "started_at", "ended_at", "outcome", "release_id", "error")}
