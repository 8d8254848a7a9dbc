"""The region's dictionary for free text, read into a coder: from the region folder, or from the lake's copy of it.

Belongs here: reading ``regions/<region>/text/``, and its form as a lake table. Does not belong here: the method
(``warehouse/methods/text_coding``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from warehouse.methods.text_coding import Coder, Dictionary
from warehouse.region import Region

Row = dict[str, str]
LISTS = ("aliases", "words", "forms", "materials", "labels", "process_parts")
SCORING, GOLD = "scoring", "gold"


def coder_of(region: Region) -> Coder:
    """A coder with the region's aliases, words, forms, labels and limits, and the names of its competences."""
    return _coder(_lists(region), region.yaml("text/scoring.yml"))


def dictionary_rows(region: Region) -> list[dict[str, Any]]:
    """The dictionary, its limits and the gold set as rows of ``region.text_dictionary``."""
    parts: dict[str, list[Any]] = {
        **_lists(region), SCORING: [region.yaml("text/scoring.yml")], GOLD: gold_rows(region)
    }  # fmt: skip
    return [
        {"part_code": part, "row_no": number, "row_json": json.dumps(row, ensure_ascii=False)}
        for part, rows in parts.items()
        for number, row in enumerate(rows, start=1)
    ]


def gold_rows(region: Region) -> list[Row]:
    """Texts with the codes a person gave them, by which the coder is measured."""
    return region.rows("text/gold.csv")


def coder_from(rows: Iterable[tuple[str, str]]) -> tuple[Coder, list[Row]]:
    """The coder and the gold set from pairs of ``part_code`` and ``row_json``, in their order."""
    parts: dict[str, list[Any]] = defaultdict(list)
    for part, text in rows:
        parts[part].append(json.loads(text))
    return _coder({name: parts[name] for name in LISTS}, parts[SCORING][0]), parts[GOLD]


def _lists(region: Region) -> dict[str, list[Row]]:
    lists = {name: region.rows(f"text/{name}.csv") for name in LISTS}
    lists["labels"] = lists["labels"] + [
        {
            "classification_code": "COMPETENCE", "edition": "region", "code": row["competence_id"],
            "label_de": row["competence_name_de"],
        }
        for row in region.rows("competences.csv")
        if row["competence_group_code"] == "process"
    ]  # fmt: skip
    return lists


def _coder(lists: dict[str, list[Row]], scoring: dict[str, Any]) -> Coder:
    dictionary = Dictionary.build(*(lists[name] for name in LISTS))
    return Coder(dictionary, scoring)
