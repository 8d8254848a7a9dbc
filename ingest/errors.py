"""What the dock says when it refuses a delivery or a source does not give one.

Belongs here: the error types of the room and how it reads. Does not belong here: deciding what is wrong
(readers and checks do that) or how it is shown (the command and Dagster do that).
"""

from __future__ import annotations

import zipfile
import zlib

from warehouse.errors import KettenwerkError

# What reading a ZIP raises where it is damaged, cut off, locked by a password (RuntimeError) or packed in a way nobody here
# can unpack (NotImplementedError). Where nothing is written meanwhile, OSError says so too.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class DeliveryError(KettenwerkError):
    """A delivered file cannot be taken: nothing of it was stored.

    Args:
        source: source id, as in ``ingest/sources/<source>.yml``.
        file: name of the delivered file.
        problem: what is wrong, with the observed value.
        expected: what the contract asks for.
        todo: the sensible next action.
        field: column of the file, where one is concerned.
        row: 1-based data row (header not counted), where one is concerned.
        rule_id: the quality rule this breaks.
    """

    def __init__(
        self,
        *,
        source: str,
        file: str,
        problem: str,
        expected: str,
        todo: str,
        field: str | None = None,
        row: int | None = None,
        rule_id: str = "LND-005",
        failed_rows: int = 1,
    ) -> None:
        where = f"{source}: {file}"
        if field is not None:
            where += f", field '{field}'"
        if row is not None:
            where += f", data row {row}"
        super().__init__(problem, where=where, expected=expected, todo=todo)
        self.source = source
        self.file = file
        self.field = field
        self.row = row
        self.rule_id = rule_id
        self.failed_rows = failed_rows


class FetchError(KettenwerkError):
    """A source did not give what was asked for: nothing was stored.

    Args:
        source: source id, with the endpoint's name where it has several.
        asked: what was asked for (table, month, page, address without secrets).
        problem: what came instead.
        expected: what was due.
        todo: the sensible next action.
        is_passing: whether the same call may succeed later without any change.
        rule_id: rule that stopped it.
    """

    def __init__(
        self,
        *,
        source: str,
        asked: str,
        problem: str,
        expected: str = "",
        todo: str = "",
        is_passing: bool = False,
        rule_id: str = "LND-002",
    ) -> None:
        super().__init__(problem, where=f"{source}: {asked}", expected=expected, todo=todo)
        self.source = source
        self.rule_id = rule_id
        self.is_passing = is_passing
