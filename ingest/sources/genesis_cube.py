"""The cube CSV: ``K;`` lines name columns, ``D;`` lines hold data, first about the cube, last its cells.

Belongs here: taking the lines apart, one cell per indicator. Does not belong here: numbers and signs (``genesis``).

Reference: an answer of ``data/cubefile`` recorded in 2026; a cube with several indicators repeats the four value
columns (value, quality, blocked, perturbation) for each.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from ingest.delivery import Delivery

VALUE_COLUMNS = ["WERT", "QUALITAET", "GESPERRT", "WERT-VERFAELSCHT"]
NEEDED = ("DQ", "DQA", "DQZ", "DQI", "QEI")
# A quality that is one of these stands for the value: the number beside it is a filler.
INSTEAD_OF_A_NUMBER = ("-", ".", "/", "x", "...", "0")
SECRET = "."
Block = list[tuple[int, list[str]]]


def cube_cells(delivery: Delivery, text: str, options: Mapping[str, Any]) -> pl.DataFrame:
    """Cells of a cube with the columns the flat reader makes; ``value_raw`` has a decimal point."""
    header, blocks = _blocks(delivery, text)
    code = blocks["DQ"][0][1][0]
    if code != delivery.partition_key.split("_")[0]:
        raise delivery.refuse(
            f"the file holds cube '{code}'", f"cube '{delivery.partition_key}', as its name says",
            "ask for the cube by its present code, or correct the source's contract", rule_id="LND-008",
        )  # fmt: skip
    statistic = blocks["DQ-ERH"][0][1][0] if blocks.get("DQ-ERH") else code[:5]
    dimensions = [cells[0] for _, cells in sorted(blocks["DQA"], key=lambda b: _position(delivery, b))]
    indicators = [(cells[0], cells[1]) for _, cells in blocks["DQI"]]
    expected = ["FACH-SCHL"] * len(dimensions) + ["ZI-WERT"] + VALUE_COLUMNS * len(indicators)
    if header["QEI"] != expected:
        raise delivery.refuse(
            f"the cells have the columns {';'.join(header['QEI'])}",
            f"{';'.join(expected)}, as the dimensions and indicators above them say",
            "request the cube with format=csv",
        )
    rows = []
    for number, cells in blocks["QEI"]:
        if len(cells) != len(expected):
            raise delivery.refuse(f"{len(cells)} cells", f"{len(expected)} cells in every line", row=number)
        where = _where(dict(zip(dimensions, cells, strict=False)), options)
        for position, (indicator, unit) in enumerate(indicators):
            value, quality, blocked, _ = cells[len(dimensions) + 1 + 4 * position :][:4]
            replaced = SECRET if blocked else quality if quality in INSTEAD_OF_A_NUMBER else None
            rows.append({
                "source_row": number, "table_code": code, "statistics_code": statistic,
                "time_code": blocks["DQZ"][0][1][0], "time": cells[len(dimensions)], **where,
                "indicator_raw_code": indicator, "unit_label": unit, "value_raw": replaced or value,
                "quality_code": None if replaced else quality or None,
            })  # fmt: skip
    texts = ("table_code", "statistics_code", "time_code", "time", "region_variable_code", "region_raw_code", "wz_variable",
             "wz_attribute", "characteristic_code", "indicator_raw_code", "unit_label", "value_raw", "quality_code")  # fmt: skip
    return pl.DataFrame(rows, schema={"source_row": pl.Int64(), **dict.fromkeys(texts, pl.String())})


def _blocks(delivery: Delivery, text: str) -> tuple[dict[str, list[str]], dict[str, Block]]:
    header: dict[str, list[str]] = {}
    blocks: dict[str, Block] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("*"):
            continue
        kind, *cells = next(csv.reader([line], delimiter=";"))
        if kind == "K" and cells:
            current, header[cells[0]] = cells[0], cells[1:]
            blocks.setdefault(current, [])
        elif kind == "D" and current:
            blocks[current].append((number, cells))
        else:
            raise delivery.refuse(f"the line begins with '{kind}'", "K;, D; or a comment with *", row=number)
    if lacking := [name for name in NEEDED if not blocks.get(name)]:
        raise delivery.refuse(
            f"nothing stands under K;{lacking[0]}",
            f"the blocks {', '.join(NEEDED)}",
            "fetch the cube again: the file is cut off or of another kind",
            field=lacking[0],
        )
    return header, blocks


def _position(delivery: Delivery, line: tuple[int, list[str]]) -> int:
    number, cells = line
    if len(cells) < 2 or not cells[1].isdigit():
        raise delivery.refuse(f"dimension {';'.join(cells)} has no place", "name;place", row=number)
    return int(cells[1])


def _where(place: dict[str, str], options: Mapping[str, Any]) -> dict[str, str | None]:
    """Region, industry and the other dimensions of one cell; a second region or industry is one of the others."""
    region = next((v for v in place if re.search(options["region_variables"], v)), None)
    wz = next((v for v in place if v.startswith("WZ")), None)
    names: dict[str, str] = options["characteristic_codes"]
    others = [f"{names.get(v, v)}={names.get(a, a)}" for v, a in place.items() if v not in (region, wz) and a]
    return {
        "region_variable_code": region,
        "region_raw_code": place.get(region or ""),
        "wz_variable": wz,
        "wz_attribute": place.get(wz or ""),
        "characteristic_code": "|".join(sorted(others)),
    }
