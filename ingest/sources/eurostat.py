"""Eurostat's two forms, JSON-stat 2.0 and SDMX-CSV 1.0, to one long table of published observations.

Belongs here: unfolding dimensions, keeping flags beside numbers, times in UTC. Does not belong here: what a flag means
for a mart (dbt) or fetching. Reference: json-stat.org, JSON-stat format 2.0; Eurostat, SDMX-CSV field guide.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, csv_as_text, reader

CODE = r"^[A-Za-z0-9_.+-]+$"
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
CELL = rf"^\s*(?::|{NUMBER})?\s*[A-Za-z:|]*\s*$"
SHOWN = ("geo", "unit")


@reader("eurostat")
def read_eurostat(reading: Reading) -> Tables:
    """Either form by the file's ending; the dataset must be the one the file's name says (LND-008)."""
    delivery = reading.delivery
    cells, dimensions = (_json_stat if delivery.path.suffix == ".json" else _sdmx_csv)(reading)
    said = delivery.partition_key.split("__")[0].upper()
    for code in cells["dataset_code"].unique().to_list():
        if code != said:
            raise delivery.refuse(
                f"the file holds dataset {code}", f"dataset {said}, as its name says",
                "name the file as the dataset, or check whether Eurostat renamed it",
                field="DATAFLOW", rule_id="LND-008",
            )  # fmt: skip
    return {"observation": _finished(reading, cells, dimensions)}


def _sdmx_csv(reading: Reading) -> tuple[pl.DataFrame, list[str]]:
    delivery = reading.delivery
    content = delivery.path.read_bytes().replace(b"\r\n", b"\n")
    _refuse_uneven_rows(delivery, content)
    frame = csv_as_text(reading, content)
    frame = frame.rename({name: name.strip() for name in frame.columns}).with_row_index("source_row", offset=1)
    names = frame.columns[1:]
    if names[:2] != ["DATAFLOW", "LAST UPDATE"] or "TIME_PERIOD" not in names or "OBS_VALUE" not in names:
        raise delivery.refuse(
            f"the columns are {', '.join(names[:6])}", "DATAFLOW,LAST UPDATE,<dimensions>,TIME_PERIOD,OBS_VALUE,…",
            "export the dataset as SDMX-CSV 1.0 with codes only", field=names[0],
        )  # fmt: skip
    time = names.index("TIME_PERIOD")
    attributes = reading.options["attributes"]
    unknown = [name for name in names[time + 1 :] if name not in ("OBS_VALUE", *attributes)]
    if unknown:
        raise delivery.refuse(
            f"unknown column '{unknown[0]}'", "OBS_VALUE, " + ", ".join(attributes),
            "if Eurostat added an attribute, add it to the contract's attributes", field=unknown[0],
        )  # fmt: skip
    flow = frame["DATAFLOW"].str.extract(r"^[\w.-]+:([\w-]+)\([\d.]+\)$", 1).str.to_uppercase()
    _refuse_where(delivery, frame, flow.is_null(), "DATAFLOW", "such as ESTAT:NRG_PC_205(1.0)", "LND-008")
    optional = [pl.lit(None, pl.String).alias(a) for a in ("OBS_FLAG", "CONF_STATUS") if a not in names]
    dimensions = names[2:time]
    cells = frame.with_columns(flow.alias("dataset_code"), *optional)
    return cells.rename({name: name.lower() for name in dimensions}), [name.lower() for name in dimensions]


def _refuse_uneven_rows(delivery: Delivery, content: bytes) -> None:
    """A row with fewer cells than the header is a cut file; the codes hold no comma, so that counting is enough."""
    lines = content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\n").split(b"\n")
    wanted = lines[0].count(b",")
    for number, line in enumerate(lines[1:], 1):
        if line.count(b",") != wanted and b'"' not in line:
            raise delivery.refuse(
                f"{line.count(b',') + 1} cells", f"{wanted + 1} cells in every row", "fetch or export the file again: it is cut off",
                row=number, rule_id="LND-002",
            )  # fmt: skip


def _json_stat(reading: Reading) -> tuple[pl.DataFrame, list[str]]:
    delivery = reading.delivery
    document = _document(delivery)
    names = [str(name).lower() for name in document.get("id") or []]
    size = document.get("size") or []
    if "time" not in names or len(names) != len(size) or not all(isinstance(n, int) and n > 0 for n in size):
        raise delivery.refuse(
            f"dimensions {names} with sizes {size}", "one size per dimension, time among them", field="size"
        )
    codes = [_category(delivery, document, str(name), n) for name, n in zip(document["id"], size, strict=True)]
    values, flags = (_by_position(delivery, document, key, math.prod(size)) for key in ("value", "status"))
    positions = np.array(sorted(values.keys() | flags.keys()), dtype=np.int64)
    where = np.unravel_index(positions, size)
    columns = {name: np.array(category)[index] for name, category, index in zip(names, codes, where, strict=True)}
    extension = document.get("extension") or {}
    cells = pl.DataFrame(columns | {"source_row": positions + 1}).with_columns(
        pl.col("time").alias("TIME_PERIOD"),
        pl.lit(str(extension.get("id") or extension.get("datasetId") or "").upper()).alias("dataset_code"),
        pl.lit(str(document.get("updated") or "")).alias("LAST UPDATE"),
        pl.Series(
            "OBS_VALUE", [None if values.get(p) is None else str(values[p]) for p in positions.tolist()], pl.String
        ),
        pl.Series("OBS_FLAG", [flags.get(p) for p in positions.tolist()], pl.String),
        pl.lit(None, pl.String).alias("CONF_STATUS"),
    )
    return cells, [name for name in names if name != "time"]


def _document(delivery: Delivery) -> dict[str, Any]:
    try:
        document = json.loads(delivery.path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise delivery.refuse(f"byte {error.start} is not UTF-8", "JSON in UTF-8", rule_id="LND-003") from error
    except json.JSONDecodeError as error:
        raise delivery.refuse(
            f"the JSON is damaged or cut off ({error})", "a whole JSON-stat dataset", rule_id="LND-002"
        ) from error
    if not isinstance(document, dict) or document.get("class") != "dataset":
        raise delivery.refuse(
            f"the file holds a JSON message where data was due: {json.dumps(document)[:120]}…", "a JSON-stat dataset",
            "call the address again and keep the dataset itself", rule_id="LND-002",
        )  # fmt: skip
    return document


def _category(delivery: Delivery, document: dict[str, Any], name: str, size: int) -> list[str]:
    """Codes of a dimension in the order of their positions; the index is a list, an object, or absent for one code."""
    category = ((document.get("dimension") or {}).get(name) or {}).get("category") or {}
    index = category.get("index") or list(category.get("label") or {})
    if isinstance(index, dict):
        ordered = sorted(index, key=lambda code: index[code])
        index = ordered if [index[code] for code in ordered] == list(range(len(ordered))) else []
    if len(index) != size:
        raise delivery.refuse(f"{len(index)} codes in order", f"{size} codes, one for each position", field=name)
    return [str(code) for code in index]


def _by_position(delivery: Delivery, document: dict[str, Any], key: str, cells: int) -> dict[int, Any]:
    """Values or flags by flat position: published as an object, rarely as a list with gaps."""
    given = document.get(key) or {}
    pairs = enumerate(given) if isinstance(given, list) else given.items()
    try:
        found = {int(position): item for position, item in pairs if item is not None}
    except ValueError as error:
        raise delivery.refuse(f"a position is no number ({error})", "flat positions from 0", field=key) from error
    if outside := [p for p in found if not 0 <= p < cells]:
        raise delivery.refuse(f"position {outside[0]} does not exist", f"positions 0 to {cells - 1:,}", field=key)
    wanted = str if key == "status" else (int, float, str)
    if wrong := [p for p, item in found.items() if isinstance(item, bool) or not isinstance(item, wanted)]:
        raise delivery.refuse(f"'{found[wrong[0]]}' is no {key}", "a number" if key == "value" else "letters", field=key, row=wrong[0] + 1, rule_id="STA-003")  # fmt: skip
    return found


def _finished(reading: Reading, cells: pl.DataFrame, dimensions: list[str]) -> pl.DataFrame:
    """Numbers, flags and times typed; a cell that is neither number nor flag is refused with its row (STA-003)."""
    delivery = reading.delivery
    for name in dimensions:
        wrong = ~cells[name].fill_null("").str.contains(CODE)
        _refuse_where(delivery, cells, wrong, name, "a code of the dimension", "STA-003")
    raw = cells["OBS_VALUE"].fill_null("")
    _refuse_where(
        delivery, cells, ~raw.str.contains(CELL), "OBS_VALUE", "a number, ':' or nothing, with flags behind", "STA-003"
    )
    number = raw.str.extract(rf"^\s*({NUMBER})", 1).cast(pl.Float64)
    letters = (raw.str.replace(rf"^\s*{NUMBER}", "") + cells["OBS_FLAG"].fill_null("")).str.to_lowercase()
    known = reading.options["flags"]
    strange = letters.str.contains(rf"[^{''.join(known)}:|\s]")
    shown = cells.with_columns(letters.alias("OBS_FLAG"))
    _refuse_where(delivery, shown, strange, "OBS_FLAG", "flags out of " + " ".join(known), "STA-003")
    flag = letters.str.extract_all("[a-z]").list.unique().list.sort().list.join("").replace("", None)
    updated = _utc(cells["LAST UPDATE"], reading.options["time_zone"])
    _refuse_where(
        delivery, cells, updated.is_null(), "LAST UPDATE", "DD/MM/YY HH:MM:SS or ISO 8601 with zone", "LND-005"
    )
    other = sorted(name for name in dimensions if name not in SHOWN)
    parts = [pl.lit(f"{name}=") + pl.col(name) for name in other]
    key = pl.concat_str(parts, separator="|") if parts else pl.lit("TOTAL")
    optional = {f"{name}_code": pl.col(name) if name in dimensions else pl.lit(None, pl.String) for name in SHOWN}
    table = cells.with_columns(
        pl.col("TIME_PERIOD").alias("time_period"),
        key.alias("dimension_key"),
        number.alias("value"),
        flag.alias("flag"),
        pl.col("CONF_STATUS").str.strip_chars().replace("", None).alias("conf_status"),
        updated.alias("updated_at"),
        pl.col("source_row").cast(pl.Int64),
        **optional,
    )
    return table.select([*(c.name for c in delivery.source.tables["observation"].columns), "source_row"])


def _utc(times: pl.Series, zone: str) -> pl.Series:
    """Local times without a zone, or ISO times with one, as UTC."""
    local = times.str.strptime(pl.Datetime("us"), "%d/%m/%y %H:%M:%S", strict=False)
    local = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    iso = times.str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%dT%H:%M:%S%z", strict=False)
    return pl.select(pl.coalesce(local, iso).dt.replace_time_zone(None))[:, 0]


def _refuse_where(
    delivery: Delivery, cells: pl.DataFrame, bad: pl.Series, field: str, expected: str, rule: str
) -> None:
    if not bad.any():
        return
    first = cells.filter(bad).row(0, named=True)
    raise delivery.refuse(
        f"'{first[field] if first[field] is not None else ''}' has another form ({int(bad.sum())} rows)", expected,
        field=field, row=int(first["source_row"]), rule_id=rule, failed_rows=int(bad.sum()),
    )  # fmt: skip
