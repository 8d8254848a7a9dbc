"""Codes against those a person gave: which automatic code is right.

Belongs here: judging codings of texts whose codes are known. Does not belong here: the texts (``regions/<region>/text/gold.csv``)
or what share of right codes is enough (``gates.yml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from warehouse.methods.text_coding.coder import AUTOMATIC, Coder, Coding, Context
from warehouse.methods.text_coding.dictionary import COMPETENCE, HS, KLDB

COLUMNS = {HS: "hs_codes", COMPETENCE: "competence_ids", KLDB: "kldb_codes"}
Row = Mapping[str, str]


def accepted(row: Row, classification: str, part_no: int) -> set[str]:
    """The codes that are right for one named thing; competences hold for the whole cell."""
    value = row[COLUMNS[classification]]
    if classification == COMPETENCE:
        return set(value.replace("+", "|").split("|")) - {""}
    parts = value.split("+")
    # Things of one code may be named in more or fewer words than the label has parts.
    chosen = parts[part_no - 1] if part_no <= len(parts) else "|".join(parts)
    return set(chosen.split("|")) - {""}


def is_right(row: Row, coding: Coding) -> bool:
    """Whether an automatic code is one of the right ones; where one of the two is coarser, as deep as both go."""
    right = accepted(row, coding.classification, coding.part_no)
    if coding.classification != HS:
        return coding.code in right
    return any(coding.code.startswith(code) or code.startswith(coding.code) for code in right)


def precision(coder: Coder, rows: Iterable[Row]) -> tuple[int, int]:
    """How many automatic codes the coder gives to the texts of a gold set, and how many of them are right."""
    given = right = 0
    for row in rows:
        for coding in coder.code(row["text"], Context(row["question_concept_id"], row["wz2008_code"])):
            if coding.status == AUTOMATIC:
                given, right = given + 1, right + is_right(row, coding)
    return given, right
