"""Files of no fixed layout: a small YAML that the user writes says which column is what.

A mapping is called ``<name>.mapping.yml`` and serves every file whose name begins with ``<name>``; the longest name
wins, so that one file may have a mapping of its own. It lies beside the file, or in the region's folder
``drops/<source>/`` where a layout comes again and again. A changed mapping reads the same bytes anew.

Belongs here: finding a mapping, what all mappings say (where the table lies and how it is written), and one clear
error for what is wrong with it. Does not belong here: the fields of one source (``sources``) or cutting a table out of
a file (``sheet``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import yaml
from pydantic import Field, ValidationError, field_validator

from ingest.contract import Strict
from warehouse.region import DEFAULT_FOLDER, Region

if TYPE_CHECKING:
    from ingest.delivery import Delivery

SUFFIX = ".mapping.yml"
DROPS = "drops"


class NumberFormat(Strict):
    """How numbers are written as text; ``thousands`` empty means ungrouped."""

    decimal: Literal[",", "."]
    thousands: Literal[".", ",", " ", "'", ""] = ""


class Layout(Strict):
    """Where the table lies in a file and how its cells are written.

    ``header_row`` counts from 1; several rows are read as one header, joined by " | ". ``ends_before`` is the beginning
    of the first cell of the row that ends the table (a sum, a footnote). ``number_format`` is about numbers as text.
    """

    sheet: str | None = None
    header_row: int | list[int] = 1
    ends_before: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=";", min_length=1, max_length=1)
    date_format: str = "%Y-%m-%d"
    number_format: NumberFormat | None = None
    columns: dict[str, str]

    @field_validator("columns", mode="before")
    @classmethod
    def _one_column_each(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for field, column in value.items():
                if isinstance(column, list):
                    raise ValueError(f"'{field}' names {len(column)} columns; a field is read from one column")
            named = [str(column).strip() for column in value.values()]
            if twice := [column for column in named if named.count(column) > 1]:
                raise ValueError(f"column '{twice[0]}' is given to two fields; each column says one thing")
        return value

    @field_validator("header_row")
    @classmethod
    def _rows_follow(cls, value: int | list[int]) -> int | list[int]:
        rows = value if isinstance(value, list) else [value]
        if not rows or rows[0] < 1 or rows != list(range(rows[0], rows[0] + len(rows))):
            raise ValueError("header_row is a row counted from 1, or rows that follow each other")
        return value

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"'{value}' is no encoding; utf-8-sig and cp1252 are usual") from error
        return value

    @property
    def header_rows(self) -> list[int]:
        """Rows of the header, from 1."""
        return self.header_row if isinstance(self.header_row, list) else [self.header_row]


AnyLayout = TypeVar("AnyLayout", bound=Layout)


class _NoDuplicates(yaml.SafeLoader):
    """YAML in which a key stands once; the plain loader silently takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(
                f"'{twice[0]}' stands twice in the block at line {line}; a field is read from one column"
            )
        return super().construct_mapping(node, deep)


def find_mapping(name: str, folder: Path, source_id: str, region: Region) -> Path | None:
    """The mapping of a file called ``name`` that lies in ``folder``: beside it, else the region's, else the default."""
    for place in (folder, region.folder / DROPS / source_id, DEFAULT_FOLDER / DROPS / source_id):
        fitting = [path for path in place.glob(f"*{SUFFIX}") if name.startswith(path.name.removesuffix(SUFFIX))]
        if fitting:
            return max(fitting, key=lambda path: len(path.name))
    return None


def is_in_use(path: Path, beside: set[Path]) -> bool:
    """Whether a file of the inbox is a mapping that one of the delivered files needs."""
    stem = path.name.removesuffix(SUFFIX)
    return path.name.endswith(SUFFIX) and any(
        other.parent == path.parent and other.name.startswith(stem) for other in beside
    )


def read_mapping(delivery: Delivery, region: Region, model: type[AnyLayout], example: str) -> tuple[AnyLayout, Path]:
    """The mapping of a delivery and where it lies.

    Args:
        delivery: the file it is about.
        region: whose folder may hold it.
        model: the shape it must have.
        example: a mapping that would do, for the message.

    Raises:
        DeliveryError: there is none, or it is not such a mapping; the message says what to write.
    """
    path = find_mapping(delivery.name, delivery.path.parent, delivery.source.source_id, region)
    if path is None:
        raise delivery.refuse(
            "nothing says what its columns mean",
            f"a mapping '{delivery.name}{SUFFIX}' beside it, or one in {DROPS}/{delivery.source.source_id}/ of the region",
            f"write it, for example:\n{example.rstrip()}\n",
        )
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _NoDuplicates)
        if not isinstance(content, dict):
            raise ValueError("it holds no keys and values")
        return model.model_validate(content), path
    except (ValidationError, yaml.YAMLError, ValueError, TypeError) as error:
        raise delivery.refuse(
            f"its mapping {path.name} cannot be used: {_said(error)}",
            "keys as in this example",
            f"correct the mapping, for example:\n{example.rstrip()}\n",
        ) from error


def _said(error: Exception) -> str:
    """The first thing that is wrong, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            return f"'{where}' is not known here"
        return f"{f'{where}: ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
    return " ".join(str(error).split())


def read_with(reading: str, delivery: Delivery, region: Region) -> str:
    """The fingerprint of a reading, with the mapping where the dataset is read by one."""
    if not delivery.dataset.options.get("is_mapped"):
        return reading
    path = find_mapping(delivery.name, delivery.path.parent, delivery.source.source_id, region)
    here = Path(__file__)
    digest = hashlib.sha256(reading.encode())
    for part in (path, here, here.with_name("sheet.py")):
        digest.update(part.read_bytes() if part else b"-")
    return digest.hexdigest()
