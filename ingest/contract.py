"""A source's facts, typed: what ``ingest/sources/<source>.yml`` may say.

Belongs here: the shape of the contract and its own consistency. Does not belong here: any behaviour; readers
interpret the contract, ``registry`` finds it.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LicenceCode = Literal["non_commercial", "local_use_only", "not_redistributable"]
ColumnType = Literal["text", "int", "float", "date", "timestamp", "bool"]
POLARS_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "bool": pl.Boolean(),
}


class Strict(BaseModel):
    """No unknown keys: a misspelt fact in a YAML is an error, not a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One column of a lake table.

    ``header`` is the name in the delivery where it differs. ``required`` means never NULL. ``min``/``max`` bound
    numbers inclusively, ``pattern`` must match the whole text, ``one_of`` lists the accepted values.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: ColumnType = "text"
    header: str | None = None
    required: bool = False
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    one_of: list[str] | None = None
    rule_id: str = "LND-005"

    @property
    def delivered_as(self) -> str:
        """The header this column has in the delivered file."""
        return self.header if self.header is not None else self.name

    @property
    def dtype(self) -> pl.DataType:
        """Polars type of the column in the lake."""
        return POLARS_TYPES[self.type]


class Table(Strict):
    """One lake table: ``lake/<source>/<table>/<snapshot>.parquet``. ``key`` must be unique within a snapshot.

    ``has_row_hash`` adds ``row_hash`` (``ingest.bulk.row_hash``); only the bulk road fills it.
    """

    description: str
    columns: list[Column]
    key: list[str] = []
    key_rule_id: str = "LND-005"
    has_row_hash: bool = False

    @property
    def lake_schema(self) -> dict[str, pl.DataType]:
        """Column name to polars type, with the two columns every lake table carries."""
        own: dict[str, pl.DataType] = {"source_row": pl.Int64(), "snapshot_id": pl.String()}
        own |= {"row_hash": pl.UInt64()} if self.has_row_hash else {}
        return {c.name: c.dtype for c in self.columns} | own

    @model_validator(mode="after")
    def _key_exists(self) -> Table:
        names = {c.name for c in self.columns}
        if missing := [k for k in self.key if k not in names]:
            raise ValueError(f"key columns {missing} are not columns of the table")
        return self


class Correction(Strict):
    """A dated manual fix of a known fault of the publisher; refused once the fault is gone (``expect`` rows).

    ``double_encoding`` undoes UTF-8 that was read as Windows-1252 and encoded again; ``replace`` swaps one whole
    value for another.
    """

    column: str
    method: Literal["replace", "double_encoding"]
    find: str | None = None
    replace: str | None = None
    expect: int
    reason: str
    decided_on: str


class Dataset(Strict):
    """One kind of file a source delivers.

    ``inbox`` and ``real`` are glob patterns below the inbox and below the folder of real files. ``partition`` is a
    regular expression over the file name; its groups ``partition`` and ``vintage`` name the slice and the
    publisher's own vintage. ``volume_by`` says what a delivery's rows are comparable with: all of the ``dataset`` (months of
    one size) or earlier ones of its own ``partition``. ``period_format`` reads the partition as a period (``%Y%m``), of
    which the newest may be ``expected_delay_days`` old.
    """

    reader: str
    tables: list[str]
    inbox: list[str] = []
    real: list[str] = []
    package: str | None = None
    partition: str | None = None
    options: dict[str, Any] = {}
    corrections: list[Correction] = []
    min_rows: int = 1
    volume_by: Literal["dataset", "partition"] = "partition"
    period_format: str | None = None
    expected_delay_days: int | None = None

    @field_validator("partition")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            re.compile(value)
        return value


class Partitions(Strict):
    """Slices an endpoint can be asked for one by one.

    ``month`` (``YYYYMM``) and ``year`` count from ``start`` on, ``wave`` are the region's survey waves, ``vintage`` the
    releases that the endpoint's ``options`` name as ``files``, ``list`` the ``keys``.
    """

    kind: Literal["month", "year", "wave", "vintage", "list"]
    start: str | None = None
    keys: list[str] = []


class Endpoint(Strict):
    """One service a source is fetched from.

    ``connector`` names the protocol (``ingest/connectors``). ``limits`` are requests per second, minute, hour or day.
    ``credentials`` are names of secrets; without them the endpoint is not asked. ``parallel`` is how many requests
    the source permits at a time, ``watched`` how many of the newest partitions are looked at for revisions.
    ``max_bytes`` and ``max_transfer_seconds`` bound one body, unpacked.
    ``partitions`` says what a backfill may name, where that can be listed without asking the source.
    """

    connector: str
    base_url: str
    dataset: str
    is_enabled: bool = True
    limits: dict[str, int] = {"second": 5}
    credentials: list[str] = []
    parallel: int = 1
    timeout_seconds: float = 60
    max_wait_seconds: float = 120
    max_bytes: int = 4_000_000_000
    max_transfer_seconds: float = 3600
    watched: int = 24
    partitions: Partitions | None = None
    options: dict[str, Any] = {}

    @field_validator("limits")
    @classmethod
    def _known_intervals(cls, value: dict[str, int]) -> dict[str, int]:
        if not value or not set(value) <= {"second", "minute", "hour", "day"}:
            raise ValueError("limits are requests per second, minute, hour or day")
        return value


class Restriction(Strict):
    """What a source's licence forbids with some of its rows; ``warehouse/privacy/audiences.yml`` says whom that keeps out.

    ``rows``: column of the published fact -> values; a row is meant when all of them hold. ``reason``: what the licence
    says, and where.
    """

    code: LicenceCode
    rows: dict[str, list[int] | list[str]] = Field(min_length=1)
    reason: str

    @field_validator("rows")
    @classmethod
    def _names_values(cls, value: dict[str, list[int] | list[str]]) -> dict[str, list[int] | list[str]]:
        for column, values in value.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", column) or not values:
                raise ValueError(f"'{column}' is a column of the published fact with at least one value")
        return value


class Source(Strict):
    """A publisher's offer: who, under which licence, in which datasets, into which lake tables.

    ``restriction_code`` is about the whole source, ``restrictions`` about some of its rows. ``archives`` are glob patterns
    below the inbox for ZIPs as published; their members are deliveries of the datasets whose ``inbox`` patterns fit their names.
    """

    source_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    publisher: str
    url: str
    licence: str
    attribution: str
    restriction_code: Literal["none", "confidential"] | LicenceCode = "none"
    restrictions: list[Restriction] = []
    kind_code: Literal["survey", "trade", "register", "statistic", "reference"]
    owner: str
    is_confidential: bool = False
    tables: dict[str, Table]
    datasets: dict[str, Dataset]
    archives: list[str] = []
    fetch: dict[str, Endpoint] = {}

    @property
    def licence_in_full(self) -> str:
        """The licence with what it forbids of some rows, as it is published."""
        return "; ".join([self.licence, *(restriction.reason for restriction in self.restrictions)])

    @property
    def restrictions_json(self) -> str:
        """Everything the licence forbids, for the seal and the audit: a JSON list of code, rows and reason; no rows: all."""
        whole = self.restriction_code not in ("none", "confidential")
        found = [{"code": self.restriction_code, "rows": {}, "reason": self.licence}] if whole else []
        return json.dumps([*found, *(r.model_dump() for r in self.restrictions)], ensure_ascii=False)

    @model_validator(mode="after")
    def _endpoints_fill_datasets(self) -> Source:
        for name, endpoint in self.fetch.items():
            if endpoint.dataset not in self.datasets:
                raise ValueError(f"endpoint '{name}' fetches dataset '{endpoint.dataset}' that is not declared")
        return self

    @model_validator(mode="after")
    def _tables_exist(self) -> Source:
        for name, dataset in self.datasets.items():
            if missing := [t for t in dataset.tables if t not in self.tables]:
                raise ValueError(f"dataset '{name}' fills tables {missing} that the source does not declare")
        return self
