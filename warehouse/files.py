"""Opening published and candidate files, and quoting text for SQL.

Belongs here: the one way a release's DuckDB file is opened. Does not belong here: which file (``query``, ``seal``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def opened(path: Path, mode: str = "READ_ONLY") -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file under the name ``release``, closed when the block ends.

    Opened by its own name, ``bi.duckdb`` would be catalog ``bi`` and hold a schema ``bi``: ``bi.bi_dependency`` is
    ambiguous then.
    """
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(path))} AS release ({mode})")
        connection.execute("USE release")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def quoted(text: str) -> str:
    """Text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
