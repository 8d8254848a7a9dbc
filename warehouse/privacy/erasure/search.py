"""The search after an erasure: every file under the home folder, opened as what it is, for every trace of the company.

Bytes are searched as they lie; Parquet, DuckDB and archives hide them behind compression and are searched by content;
what is encrypted is opened with the profile's key.

Belongs here: searching. Does not belong here: removing anything, or what is exempt (the caller says it).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from warehouse.files import quoted
from warehouse.paths import Lineage
from warehouse.privacy import sealed
from warehouse.privacy.erasure.subject import Subject
from warehouse.privacy.erasure.traces import forms, places
from warehouse.privacy.keys import cipher

BLOCK_BYTES, OVERLAP_BYTES = 1 << 24, 1 << 12
KINDS = {
    ".parquet": "parquet", ".duckdb": "duckdb", ".enc": "encrypted", sealed.SUFFIX: "encrypted", ".zip": "archive",
    ".xlsx": "archive",
}  # fmt: skip


@dataclass
class Search:
    """What was searched and what was found: ``found`` are files, ``exempt`` those whose owners publish them."""

    searched: Counter[str] = field(default_factory=Counter)
    byte_count: int = 0
    found: list[str] = field(default_factory=list)
    exempt: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Traces:
    """What is looked for. A name counts where it stands by itself: as a part of a longer name it is another company's."""

    unique: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, subject: Subject) -> Traces:
        """Of one company."""
        return cls(subject.unique_traces, tuple(n for n in subject.traces if n not in subject.unique_traces))

    def in_own_words(self, content: bytes) -> bool:
        """Whether what the works wrote itself holds one, as a text or within one."""
        return any(form in content for form, _ in forms((*self.unique, *self.names)))

    def in_data(self, content: bytes) -> bool:
        """Whether data holds one: a name only between delimiters."""
        if any(form in content for form, _ in forms(self.unique)):
            return True
        return bool(self.names) and re.search(self._alone, content) is not None

    @cached_property
    def _alone(self) -> re.Pattern[bytes]:
        written = b"|".join(re.escape(form) for form, _ in forms(self.names))
        return re.compile(rb"(?<![\w .&+-])(?:" + written + rb")(?![\w .&+-])")


def search(lineage: Lineage, subject: Subject, exempt: tuple[Path, ...]) -> Search:
    """Search the lineage and Dagster's home.

    Args:
        exempt: folders of open registers; a trace in them is listed, not counted as found.
    """
    traces, result = Traces.of(subject), Search()
    own = set(places(lineage))
    for path in _files((lineage.root, lineage.dagster_home)):
        kind = _kind(path)
        result.searched[kind] += 1
        result.byte_count += path.stat().st_size
        if _holds(lineage, path, kind, traces, path in own):
            name = str(path.relative_to(lineage.home))
            (result.exempt if any(path.is_relative_to(folder) for folder in exempt) else result.found).append(name)
    return result


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())


def _kind(path: Path) -> str:
    return KINDS.get(path.suffix, "bytes")


def _holds(lineage: Lineage, path: Path, kind: str, traces: Traces, is_own: bool) -> bool:
    if kind == "parquet":
        return _in_frame(pl.scan_parquet(path), traces)
    if kind == "duckdb":
        return _in_database(path, traces)
    if kind == "encrypted":
        content = cipher(lineage).decrypt(path.read_bytes())
        return traces.in_data(content) or _in_archive(content, traces)
    if kind == "archive":
        return _in_archive(path.read_bytes(), traces)
    return _in_bytes(path, traces.in_own_words if is_own else traces.in_data)


def _in_bytes(path: Path, holds: Callable[[bytes], bool]) -> bool:
    """Whether the file's bytes hold a trace; blocks overlap."""
    rest = b""
    with path.open("rb") as handle:
        while block := handle.read(BLOCK_BYTES):
            if holds(rest + block):
                return True
            rest = block[-OVERLAP_BYTES:]
    return False


def _in_archive(content: bytes, traces: Traces) -> bool:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(traces.in_data(archive.read(name)) for name in archive.namelist())


def _in_frame(frame: pl.LazyFrame, traces: Traces) -> bool:
    """Whether a cell contains what speaks of nobody else, or is a name."""
    kinds = frame.collect_schema().items()
    texts = [name for name, kind in kinds if kind in (pl.String, pl.Categorical) or isinstance(kind, pl.Enum)]
    if not texts:
        return False
    cells = [pl.col(name).cast(pl.String) for name in texts]
    holds = [
        c.str.contains_any(list(traces.unique)).any() | c.str.strip_chars().is_in(list(traces.names)).any()
        for c in cells
    ]
    return any(frame.select(h.alias(str(n)) for n, h in enumerate(holds)).collect(engine="streaming").row(0))


def _in_database(path: Path, traces: Traces) -> bool:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(path))} AS searched (READ_ONLY)")
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'searched' "
            "AND NOT internal AND (data_type = 'VARCHAR' OR data_type LIKE 'ENUM%')"
        ).fetchall()
        for schema, table, column in columns:
            text = f'"{column}"::VARCHAR'
            where = [f"contains({text}, {quoted(trace)})" for trace in traces.unique]
            where += [f"trim({text}) = {quoted(name)}" for name in traces.names]
            found = connection.execute(
                f'SELECT 1 FROM searched."{schema}"."{table}" WHERE {" OR ".join(where)} LIMIT 1'
            )
            if found.fetchone():
                return True
    return False
