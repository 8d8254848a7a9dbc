"""Seal: copy the built marts into an immutable candidate, one file per audience, Parquet beside them.

Belongs here: writing the candidate and, after the audit, its results into it. Does not belong here: what an audience
gets (``privacy/audiences.yml``), whether the candidate is good (``quality``) or serving it (``publish``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from warehouse.errors import KettenwerkError, RefusedError
from warehouse.files import opened, quoted
from warehouse.lake import SYSTEM_TABLES, read_system_table
from warehouse.paths import Lineage, remove_tree, sync_folder
from warehouse.privacy import disclosure_memory
from warehouse.privacy.audiences import Share, audience_table, select_statement
from warehouse.privacy.consent import keep_state
from warehouse.privacy.licences import Forbidden, condition, forbidden
from warehouse.release import (
    AUDIT,
    CERTIFICATE,
    CHANGES,
    MANIFEST,
    Manifest,
    TableFacts,
    file_sha256,
    fingerprint_of,
    now,
)
from warehouse.steps import step

# Readable by DuckDB 1.4 and later; BI drivers stand there.
STORAGE_VERSION = "v1.2.0"
# Filled when the audit is over, hence not part of the content the audit is about.
STATUS_TABLES = {("marts", "mart_dq_status"), ("meta", "release")}


def seal(
    lineage: Lineage, build_file: Path, *, release_id: str, run_id: str, region_code: str, code_version: str,
    input_fingerprint: str, is_synthetic: bool,
) -> Path:  # fmt: skip
    """Make the candidate of a build and return its folder; a half-made one is never found under that name."""
    final = lineage.candidates / release_id
    partial = lineage.candidates / f"{release_id}.partial"
    remove_tree(partial)
    partial.mkdir(parents=True)
    tables: dict[str, dict[str, TableFacts]] = {}
    sources = read_system_table(lineage.lake, "meta", "source")
    restrictions = dict(sources.select("source_id", "restrictions").sort("source_id").iter_rows())
    for audience in audience_table().labels:
        rules = forbidden(restrictions, audience, lineage.profile)
        tables[audience] = _seal_audience(lineage, build_file, partial, audience, rules)
        step("seal", "audience", f"{audience}: {len(tables[audience])} tables")
    Manifest(
        release_id=release_id,
        profile_code=lineage.profile,
        region_code=region_code,
        run_id=run_id,
        code_version=code_version,
        created_at=now().isoformat(),
        duckdb_version=duckdb.__version__,
        is_synthetic=is_synthetic,
        input_fingerprint=input_fingerprint,
        fingerprint=fingerprint_of(tables),
        tables=tables,
        restrictions=restrictions,
    ).write(partial)
    keep_state(lineage, release_id, _consent(lineage))
    disclosure_memory.keep(lineage, release_id, build_file)
    os.rename(partial, final)
    sync_folder(final.parent)
    step("seal", "sealed", f"candidate {release_id}", release_id=release_id)
    return final


def _consent(lineage: Lineage) -> pl.DataFrame:
    """Consent in force when the build was made."""
    return read_system_table(lineage.lake, "identity", "consent")


def _seal_audience(
    lineage: Lineage, build_file: Path, folder: Path, audience: str, rules: list[Forbidden]
) -> dict[str, TableFacts]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(build_file))} AS build (READ_ONLY)")
        connection.execute(
            f"ATTACH {quoted(str(folder / f'{audience}.duckdb'))} AS sealed (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        connection.execute("SET TimeZone = 'UTC'")
        advised = _consent(lineage).filter(pl.col("purpose_code") == "CONS_ADVISER", pl.col("is_granted"))
        connection.register("consent_frame", advised.select("company_id").to_arrow())
        connection.execute("CREATE TEMP TABLE consent_adviser AS SELECT DISTINCT company_id FROM consent_frame")
        facts = {}
        for table, share in audience_table().tables_of(audience).items():
            _copy_table(connection, table, share, rules)
            copy_comments(connection, table)
            if table not in STATUS_TABLES:
                facts[".".join(table)] = content_facts(connection, f"sealed.{table[0]}.{table[1]}")
        return facts


def _copy_table(
    connection: duckdb.DuckDBPyConnection, table: tuple[str, str], share: Share, rules: list[Forbidden]
) -> None:
    schema, name = table
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS sealed.{schema}")
    described = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'build' AND schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, name],
    ).fetchall()
    if not described:
        raise KettenwerkError(
            "the build does not have this table", where=f"{schema}.{name}", expected="a model of this name",
            todo="build the whole project, or remove the table from audiences.yml",
        )  # fmt: skip
    columns = [column for column, _ in described]
    select = select_statement(table, share, columns, condition(rules, table, columns))
    if share.codes_as_enum:
        codes = _filled_codes(connection, table, described)
        for column in codes:
            connection.execute(
                f"CREATE TYPE sealed.{schema}.{name}_{column} AS ENUM "
                f"(SELECT DISTINCT {column} FROM build.{schema}.{name} WHERE {column} IS NOT NULL ORDER BY 1)"
            )
        if codes:
            casts = ", ".join(f"{c}::sealed.{schema}.{name}_{c} AS {c}" for c in codes)
            select = f"SELECT * REPLACE ({casts}) FROM ({select})"
    order = ", ".join(share.order_by) or "ALL"
    connection.execute(f"CREATE TABLE sealed.{schema}.{name} AS {select} ORDER BY {order}")


def _filled_codes(
    connection: duckdb.DuckDBPyConnection, table: tuple[str, str], described: list[tuple[str, str]]
) -> list[str]:
    """Text code columns that hold a value; an ENUM needs at least one."""
    codes = [c for c, t in described if t == "VARCHAR" and c.endswith(("_code", "_id"))]
    [counts] = connection.execute(
        f"SELECT {', '.join(f'count({c})' for c in codes)} FROM build.{table[0]}.{table[1]}"
    ).fetchall()
    return [c for c, n in zip(codes, counts, strict=True) if n]


def copy_comments(connection: duckdb.DuckDBPyConnection, table: tuple[str, str]) -> None:
    """Descriptions travel with the table: a reader sees unit and meaning without any other document."""
    schema, name = table
    [(comment,)] = connection.execute(
        "SELECT max(comment) FROM duckdb_tables() WHERE database_name = 'build' AND schema_name = ? AND table_name = ?",
        [schema, name],
    ).fetchall()
    if comment:
        connection.execute(f"COMMENT ON TABLE sealed.{schema}.{name} IS {quoted(comment)}")
    rows = connection.execute(
        "SELECT b.column_name, b.comment FROM duckdb_columns() b JOIN duckdb_columns() s USING (schema_name, "
        "table_name, column_name) WHERE b.database_name = 'build' AND s.database_name = 'sealed' "
        "AND schema_name = ? AND table_name = ? AND b.comment IS NOT NULL",
        [schema, name],
    ).fetchall()
    for column, text in rows:
        connection.execute(f'COMMENT ON COLUMN sealed.{schema}.{name}."{column}" IS {quoted(text)}')


def write_table_parquet(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, audience: str) -> None:
    """One audited table as Parquet; ``table`` is schema and name, after its database where that is not the present one."""
    schema, name = table.split(".")[-2:]
    target = folder / "parquet" / audience / schema / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY {table} TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)")


def content_facts(connection: duckdb.DuckDBPyConnection, table: str) -> TableFacts:
    """Rows and order-independent hash of a table (sum of row hashes; equal for equal content in one DuckDB version)."""
    [(rows, total)] = connection.execute(
        f"SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {table} t"
    ).fetchall()
    return TableFacts(rows, f"{total:x}")


def stamp(
    lineage: Lineage, candidate: Path, results: pl.DataFrame, *, replaces: str | None, reason: str, warnings: list[str]
) -> Manifest:
    """Write the audit's results and the release's own row into every audience file, then fix all bytes by hash.

    ``results`` has the columns of ``mart_dq_status``. No other table is touched: content hashes are compared.
    """
    manifest = Manifest.read(candidate)
    _refuse_strangers(candidate, manifest)
    rows = results.select([pl.col(c).cast(t) for c, t in SYSTEM_TABLES[("dq", "result")].items()])
    for audience in manifest.tables:
        with opened(candidate / f"{audience}.duckdb", "READ_WRITE") as connection:
            connection.register("results_frame", rows.to_arrow())
            connection.execute("INSERT INTO marts.mart_dq_status BY NAME SELECT * FROM results_frame")
            connection.execute(
                "INSERT INTO meta.release SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?",
                [manifest.release_id, manifest.profile_code, manifest.region_code, manifest.run_id,
                 manifest.code_version, datetime.fromisoformat(manifest.created_at).replace(tzinfo=None),
                 manifest.fingerprint, manifest.is_synthetic, replaces, reason],
            )  # fmt: skip
            now_there = {name: content_facts(connection, name) for name in manifest.tables[audience]}
            for name in [*manifest.tables[audience], *sorted(".".join(t) for t in STATUS_TABLES)]:
                write_table_parquet(connection, name, candidate, audience)
        if now_there != manifest.tables[audience]:
            raise KettenwerkError("the candidate changed while it was audited", where=f"{candidate.name}, {audience}")
    files = {
        str(path.relative_to(candidate)): file_sha256(path)
        for path in sorted(candidate.rglob("*"))
        if path.is_file() and path.name not in (MANIFEST, CERTIFICATE)
    }
    stamped = replace(manifest, files=files, warnings=warnings)
    stamped.write(candidate)
    restrict(candidate)
    step("seal", "stamped", f"{rows.height} results written into candidate {manifest.release_id}")
    return stamped


def _refuse_strangers(candidate: Path, manifest: Manifest) -> None:
    """Nothing but the sealed files with the sealed tables goes into a release."""
    wanted = {MANIFEST, AUDIT, CHANGES, *(f"{audience}.duckdb" for audience in manifest.tables)}
    for path in candidate.rglob("*"):
        if str(path.relative_to(candidate)) not in wanted or path.is_symlink():
            raise RefusedError(
                f"{path.relative_to(candidate)} was not sealed", where=candidate.name, todo="refresh again"
            )
    for audience, tables in manifest.tables.items():
        with opened(candidate / f"{audience}.duckdb") as connection:
            there = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database() "
                "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() "
                "WHERE database_name = current_database() AND NOT internal"
            ).fetchall()
        strangers = {str(name) for (name,) in there} - set(tables) - {".".join(t) for t in STATUS_TABLES}
        if strangers:
            raise RefusedError(
                f"table {min(strangers)} was not sealed", where=f"{candidate.name}, {audience}", todo="refresh again"
            )


def restrict(candidate: Path) -> None:
    """Files are read-only; those about companies only for the owner and the group, folders likewise."""
    candidate.chmod(0o755)
    for path in candidate.rglob("*"):
        open_to_all = (
            path.name in (MANIFEST, CERTIFICATE, "bi.duckdb", "parquet") or "bi" in path.relative_to(candidate).parts
        )
        if path.is_dir():
            path.chmod(0o755 if open_to_all else 0o750)
        elif path.name not in (MANIFEST, CERTIFICATE):
            path.chmod(0o444 if open_to_all else 0o440)


@contextmanager
def reading(folder: Path, audience: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to one audience's file of a candidate or release."""
    path = folder / f"{audience}.duckdb"
    if not path.is_file():
        raise KettenwerkError(f"there is no file for audience '{audience}'", where=folder.name)
    with opened(path, "READ_ONLY") as connection:
        yield connection
