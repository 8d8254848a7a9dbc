"""What was published of the survey and from whom, remembered in the vault for every kept release.

Belongs here: keeping that beside a candidate, handing it to the next build, and forgetting. Does not belong here: what
follows from it (``disclosure_renewal``).

One encrypted file per release, readable by its owner only. A candidate's file counts for nothing until the history says
that its release was served, so a failed gate changes nothing; after a rollback the file of the release that is served
again is in force, and the other one still says what readers have seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from warehouse.files import quoted
from warehouse.lake import SYSTEM_TABLES, read_system_table, write_system_table
from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher
from warehouse.privacy.sealed import write_private
from warehouse.release import SERVING_EVENTS, current_release, read_history

TABLES = ("in_force", "figure", "contribution")
CELL = ["wave_id", "driver_code", "kreis_ags", "wz2_code", "headcount_band_code"]
# Tables whose releases are compared: what is published of them, and from whom.
KEPT = ("int_dependency", "int_coverage")


@dataclass(frozen=True, eq=False)
class Memory:
    """One release's: rows in force, and of every publication they come from its figures and contributions.

    ``beside``: the release that was served when this one was made, and that it was compared with.
    """

    in_force: pl.DataFrame
    figure: pl.DataFrame
    contribution: pl.DataFrame
    beside: str = ""

    def text(self) -> bytes:
        """As JSON; what is encrypted is searched by its bytes when a company is erased."""
        tables = {name: getattr(self, name).to_dict(as_series=False) for name in TABLES}
        return json.dumps({**tables, "beside": self.beside}).encode()

    @classmethod
    def of_text(cls, text: bytes) -> Memory:
        """What :meth:`text` gave."""
        raw = json.loads(text)
        frames = (pl.DataFrame(raw[name], schema=SYSTEM_TABLES["disclosure", name]) for name in TABLES)
        in_force, figure, contribution = frames
        return cls(in_force, figure, contribution, raw["beside"])

    @classmethod
    def empty(cls) -> Memory:
        """Of a works that has published nothing."""
        in_force, figure, contribution = (pl.DataFrame(schema=SYSTEM_TABLES["disclosure", name]) for name in TABLES)
        return cls(in_force, figure, contribution)


def keep(lineage: Lineage, release_id: str, build_file: Path) -> None:
    """Remember what a candidate would publish. A build without survey aggregates leaves nothing to remember."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(build_file))} AS build (READ_ONLY)")
        named = [name for table in KEPT for name in (f"{table}__published", f"{table}__contribution")]
        there = connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'build' AND schema_name = 'intermediate' "
            f"AND table_name IN ({', '.join('?' * len(named))})", named,
        ).fetchone()  # fmt: skip
        if there != (len(named),):
            return
        columns = [*SYSTEM_TABLES["disclosure", "figure"], "is_renewed"]
        people = [c for c in SYSTEM_TABLES["disclosure", "contribution"] if c != "world_id"]
        published, contributions = (
            connection.execute(
                " UNION ALL ".join(f"SELECT {', '.join(of)} FROM build.intermediate.{t}__{kind}" for t in KEPT)
            ).pl()
            for kind, of in (("published", columns), ("contribution", people))
        )
    renewed = published.filter("is_renewed")
    made = renewed.select("wave_id", "driver_code", "world_id").unique()
    earlier = _handed_to_build(lineage)
    in_force = published.select(SYSTEM_TABLES["disclosure", "in_force"].keys())
    worlds = in_force.select("world_id").unique()
    now = Memory(
        in_force,
        renewed.select(SYSTEM_TABLES["disclosure", "figure"].keys()),
        contributions.join(made, on=["wave_id", "driver_code"]).select(
            SYSTEM_TABLES["disclosure", "contribution"].keys()
        ),
    )
    both = _united([now, earlier])
    served = current_release(lineage)
    _write(lineage, release_id, Memory(
        in_force,
        both.figure.join(worlds, on="world_id", how="semi"),
        both.contribution.join(worlds, on="world_id", how="semi"),
        served.name if served else "",
    ))  # fmt: skip


def hand_to_build(lineage: Lineage) -> int:
    """Write the memory of the served release, and of the others that were served and are kept, where models read it.

    Returns how many publications are remembered.
    """
    for path in _files(lineage):
        if not any((folder / path.stem).is_dir() for folder in (lineage.releases, lineage.candidates)):
            path.unlink()
    served = current_release(lineage)
    base = read(lineage, served.name) if served is not None else None
    shown = {e["release_id"] for e in read_history(lineage) if e["event"] in SERVING_EVENTS}
    others = [m for path in _files(lineage) if path.stem in shown if (m := read(lineage, path.stem)) is not None]
    united = _united([*([base] if base else []), *others])
    memory = Memory(base.in_force if base else Memory.empty().in_force, united.figure, united.contribution)
    for name in TABLES:
        write_system_table(lineage.lake, "disclosure", name, getattr(memory, name))
    return memory.figure["world_id"].n_unique()


def _united(memories: list[Memory]) -> Memory:
    """Every publication once, as the first of them tells it; a later part of the same one adds rows of other tables."""
    nothing = Memory.empty()
    figure, contribution = nothing.figure, nothing.contribution
    for memory in memories:
        figure = pl.concat([figure, memory.figure.cast(figure.schema)]).unique(
            ["world_id", *CELL], keep="first", maintain_order=True
        )
        known = contribution.select("world_id", "wave_id", "driver_code").unique()
        new = memory.contribution.cast(contribution.schema).join(known, on=known.columns, how="anti")
        contribution = pl.concat([contribution, new])
    return Memory(nothing.in_force, figure, contribution)


def _handed_to_build(lineage: Lineage) -> Memory:
    if not (lineage.lake / "disclosure" / "figure" / "table.parquet").exists():
        return Memory.empty()
    in_force, figure, contribution = (read_system_table(lineage.lake, "disclosure", name) for name in TABLES)
    return Memory(in_force, figure, contribution)


def read(lineage: Lineage, release_id: str) -> Memory | None:
    """What is remembered of a release; None where nothing is."""
    path = _file(lineage, release_id)
    return Memory.of_text(cipher(lineage).decrypt(path.read_bytes())) if path.exists() else None


def _write(lineage: Lineage, release_id: str, memory: Memory) -> None:
    path = _file(lineage, release_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.part")
    write_private(partial, cipher(lineage).encrypt(memory.text()))
    partial.replace(path)


def move(lineage: Lineage, release_id: str, new_id: str) -> None:
    """The memory of a release that another took the place of."""
    if _file(lineage, release_id).exists():
        _file(lineage, release_id).rename(_file(lineage, new_id))


def forget(lineage: Lineage, release_id: str) -> None:
    """Let go of a release that is no longer kept."""
    _file(lineage, release_id).unlink(missing_ok=True)


def forget_company(lineage: Lineage, company_ids: tuple[str, ...], mark: str) -> int:
    """Remove a company's ids and scores everywhere; rows changed.

    That somebody stood in the cell stays, under ``mark``: its figures must not be published again as they were, and the
    next publication in their place ends that too.
    """
    changed = 0
    for path in _files(lineage):
        memory = read(lineage, path.stem)
        own = memory.contribution["company_id"].is_in(company_ids) if memory else None
        if memory and own is not None and own.any():
            changed += int(own.sum())
            _write(lineage, path.stem, replace(memory, contribution=_marked(memory.contribution, company_ids, mark)))
    handed = _handed_to_build(lineage)
    write_system_table(lineage.lake, "disclosure", "contribution", _marked(handed.contribution, company_ids, mark))
    return changed


def _marked(rows: pl.DataFrame, company_ids: tuple[str, ...], mark: str) -> pl.DataFrame:
    own = pl.col("company_id").is_in(company_ids)
    return rows.with_columns(
        dependency_score=pl.when(~own).then("dependency_score"),
        company_id=pl.when(own).then(pl.lit(mark)).otherwise("company_id"),
    )


def of_company(lineage: Lineage, company_ids: tuple[str, ...]) -> pl.DataFrame:
    """What is remembered of one company in the served release: waves, drivers, cells and scores behind figures."""
    served = current_release(lineage)
    memory = read(lineage, served.name) if served is not None else None
    return (memory or Memory.empty()).contribution.filter(pl.col("company_id").is_in(company_ids))


def _files(lineage: Lineage) -> list[Path]:
    return sorted((lineage.vault / "published").glob("*.enc"))


def _file(lineage: Lineage, release_id: str) -> Path:
    return lineage.vault / "published" / f"{release_id}.enc"
