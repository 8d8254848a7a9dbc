"""What is remembered between releases: by whom it may be read, when it counts, and that a company is gone from it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from warehouse.lake import SYSTEM_TABLES, read_system_table
from warehouse.paths import Lineage
from warehouse.privacy import disclosure_memory as memory
from warehouse.privacy.erasure.search import search
from warehouse.privacy.erasure.subject import Subject
from warehouse.publish import point
from warehouse.release import append_history

VICTIM, OTHER = "C-AAAAAAAAAA", "C-BBBBBBBBBB"
CELL = "'k' AS kreis_ags, 'w' AS wz2_code, 'h' AS headcount_band_code"


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    made = Lineage(tmp_path, "sample")
    made.prepare()
    return made


def build(folder: Path, world: str, is_renewed: bool = True) -> Path:
    """A build with one cell of two companies in either table."""
    path = folder / f"{world}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA intermediate")
        for table, driver in (("int_dependency", "energy"), ("int_coverage", "coverage:C")):
            connection.execute(
                f"CREATE TABLE intermediate.{table}__published AS SELECT '1' AS wave_id, '{driver}' AS driver_code, {CELL}, "
                "2::BIGINT AS company_count, 50.0::DOUBLE AS mean_score, NULL::DOUBLE AS share_high_pct, 'none' AS suppression_code, "
                f"'{world}' AS world_id, {is_renewed} AS is_renewed"
            )
            connection.execute(
                f"CREATE TABLE intermediate.{table}__contribution AS SELECT '1' AS wave_id, '{driver}' AS driver_code, {CELL}, "
                f"unnest(['{VICTIM}', '{OTHER}']) AS company_id, 50.0::DOUBLE AS dependency_score"
            )
    return path


def released(lineage: Lineage, name: str, tmp_path: Path, served: bool = True) -> None:
    memory.keep(lineage, name, build(tmp_path, f"run-{name}"))
    (lineage.releases / name).mkdir()
    if served:
        point(lineage, name)
        append_history(lineage, "published", name)


def handed(lineage: Lineage, table: str) -> pl.DataFrame:
    memory.hand_to_build(lineage)
    return read_system_table(lineage.lake, "disclosure", table)


def test_nothing_is_remembered_before_the_first_release(lineage: Lineage) -> None:
    assert memory.hand_to_build(lineage) == 0
    assert dict(handed(lineage, "figure").schema) == SYSTEM_TABLES["disclosure", "figure"]


def test_only_what_was_served_counts_and_the_served_release_is_in_force(lineage: Lineage, tmp_path: Path) -> None:
    released(lineage, "20260101T000000Z-a", tmp_path)
    released(lineage, "20260102T000000Z-b", tmp_path, served=False)
    assert set(handed(lineage, "figure")["world_id"]) == {"run-20260101T000000Z-a"}
    released(lineage, "20260103T000000Z-c", tmp_path)
    assert set(handed(lineage, "in_force")["world_id"]) == {"run-20260103T000000Z-c"}
    point(lineage, "20260101T000000Z-a")
    append_history(lineage, "rolled_back", "20260101T000000Z-a")
    assert set(handed(lineage, "in_force")["world_id"]) == {"run-20260101T000000Z-a"}
    both = {"run-20260101T000000Z-a", "run-20260103T000000Z-c"}
    assert set(handed(lineage, "contribution")["world_id"]) == both, "readers have seen what was rolled back"


def test_it_is_encrypted_private_and_goes_with_its_release(lineage: Lineage, tmp_path: Path) -> None:
    released(lineage, "20260101T000000Z-a", tmp_path)
    [path] = (lineage.vault / "published").glob("*.enc")
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    assert VICTIM.encode() not in path.read_bytes()
    memory.move(lineage, "20260101T000000Z-a", "20260101T000000Z-b")
    assert memory.read(lineage, "20260101T000000Z-a") is None
    assert memory.read(lineage, "20260101T000000Z-b") is not None
    memory.hand_to_build(lineage)
    assert memory.read(lineage, "20260101T000000Z-b") is None, "there is no such release"


def test_an_erased_company_is_gone_from_it_and_stays_a_mark(lineage: Lineage, tmp_path: Path) -> None:
    released(lineage, "20260101T000000Z-a", tmp_path)
    memory.hand_to_build(lineage)
    assert memory.of_company(lineage, (VICTIM,)).height == 2
    subject = Subject(VICTIM, (VICTIM,), (), (), (), ())
    assert len(search(lineage, subject, ()).found) >= 2, "the search sees into the vault's file and the lake"
    assert memory.forget_company(lineage, (VICTIM,), "erasure-1") == 2
    assert search(lineage, subject, ()).found == []
    rows = read_system_table(lineage.lake, "disclosure", "contribution").filter(driver_code="energy").sort("company_id")
    assert rows.select("company_id", "dependency_score").rows() == [(OTHER, 50.0), ("erasure-1", None)]
    kept = memory.read(lineage, "20260101T000000Z-a")
    assert kept is not None and kept.contribution["dependency_score"].null_count() == 2
