"""Traces of an erased company in what the works wrote of itself: evidence of runs, logs, Dagster's storage.

A trace is a text by which the company is recognised. In text files and SQLite databases it is overwritten in place, so
that a run stays readable without it.

Belongs here: finding and overwriting traces there. Does not belong here: data files, which are rewritten by those who
know them, or the search that proves the result (``search``).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from warehouse.paths import Lineage
from warehouse.steps import step

REMOVED = "[geloescht]"
SQLITE_HEAD = b"SQLite format 3\x00"
# Data files have structure; they are rewritten by table, never by bytes.
DATA_SUFFIXES = {
    ".parquet",
    ".duckdb",
    ".enc",
    ".sealed",
    ".zip",
    ".7z",
    ".xlsx",
    ".bz2",
    ".gz",
    ".key",
    ".lock",
    ".wal",
}


def forms(traces: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Every way a trace may be written, with what takes its place; longest first."""
    found: dict[bytes, bytes] = {}
    for trace in traces:
        written = {
            trace,
            json.dumps(trace)[1:-1],
            json.dumps(trace, ensure_ascii=False)[1:-1],
            json.dumps(json.dumps(trace)[1:-1])[1:-1],
        }
        found |= {text.encode(): REMOVED.encode() for text in written}
    return sorted(found.items(), key=lambda pair: -len(pair[0]))


def is_sqlite(path: Path) -> bool:
    """Whether a file is a SQLite database, by its first bytes."""
    with path.open("rb") as handle:
        return handle.read(len(SQLITE_HEAD)) == SQLITE_HEAD


def places(lineage: Lineage) -> Iterator[Path]:
    """Files the works wrote of itself: runs, history, what lies in the profile's folder itself, and Dagster's home."""
    own = [lineage.runs, lineage.dagster_home]
    for folder in own:
        yield from (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())
    yield from (p for p in sorted(lineage.root.glob("*")) if p.is_file() and not p.is_symlink())


def overwrite_traces(lineage: Lineage, traces: Iterable[str]) -> list[Path]:
    """Overwrite every trace in those files; the files that held one."""
    written = forms(traces)
    changed = []
    for path in places(lineage):
        if path.suffix in DATA_SUFFIXES:
            if path.is_relative_to(lineage.runs) and path.suffix == ".parquet":
                path.unlink()  # rejected rows of a delivery: evidence nobody needs of one that is gone
            continue
        if path.stat().st_size and (_in_database if is_sqlite(path) else _in_text)(path, written):
            changed.append(path)
    if changed:
        step("vault", "traces", f"traces overwritten in {len(changed)} files of runs and logs")
    return changed


def _in_text(path: Path, written: list[tuple[bytes, bytes]]) -> bool:
    before = after = path.read_bytes()
    for form, instead in written:
        after = after.replace(form, instead)
    if after == before:
        return False
    mode = path.stat().st_mode
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(after)
    partial.chmod(mode)
    os.replace(partial, path)
    return True


def _in_database(path: Path, written: list[tuple[bytes, bytes]]) -> bool:
    """Replace in every text of every table, then rewrite the file so that no freed page keeps it."""
    changed = 0
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for (table,) in tables:
            for column in (row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')):
                for form, instead in written:
                    where = f'UPDATE "{table}" SET "{column}" = replace("{column}", ?, ?) WHERE typeof("{column}") = \'text\' AND instr("{column}", ?)'
                    done = connection.execute(where, (form.decode(), instead.decode(), form.decode()))
                    changed += max(done.rowcount, 0)
    connection.close()
    if not changed:
        return False
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return True
