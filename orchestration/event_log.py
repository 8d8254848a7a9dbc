"""Dagster's event log in SQLite with connections that stay open.

Dagster opens a database anew for every event and closes it again, which in WAL mode is a checkpoint each time; a refresh of
ours writes thousands of events (each model's, each check's), and that took longer than the models. The files and tables are
Dagster's own: ``SqliteEventLogStorage`` reads them as well. Belongs here: how the databases are opened. Does not belong
here: what is written into them.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

OPEN_AT_ONCE = 8  # one run and the index while a refresh runs; a few more for the web server's pages


class EventLog(SqliteEventLogStorage):
    """One database per run and one index, as Dagster lays them out under ``history/runs`` of its home.

    Commits do not wait for the disk (``synchronous=NORMAL``): an application that is killed loses nothing, a power cut may
    lose the last events of Dagster's log. What a release stands on is in files of our own, which are synced.
    """

    def __init__(self, home: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(str(Path(home) / "history" / "runs"), inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """The home, from the environment, so that a home can be moved."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, str]) -> EventLog:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Called by Dagster with what ``dagster.yaml`` says."""
        return cls(config_value["home"], inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close everything; the last one to close a database folds its log back into it."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    def _engine(self, shard: str) -> Engine:
        if shard in self._engines and not Path(self.path_for_shard(shard)).exists():
            self._engines.pop(shard).dispose()  # the run was removed by another process
            self._initialized_dbs.discard(shard)
        if shard not in self._engines:
            self._engines[shard] = _opened(self.conn_string_for_shard(shard))
            while len(self._engines) > OPEN_AT_ONCE:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]


def _opened(address: str) -> Engine:
    # One connection that any thread may use: whoever connects holds the lock of the log.
    facts = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=StaticPool, connect_args=facts)

    @event.listens_for(engine, "connect")
    def _quick(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
