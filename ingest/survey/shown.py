"""Why a cell is empty: not reached, not shown, or not answered. In an export the three look the same.

Belongs here: deciding that from the page a response got to and the conditions in the codebook (``page``, ``shown_if``).
Does not belong here: answers that are there. Only questions of one answer are told; an item of a multiple choice that was
not chosen is no missing answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.survey.book import Book

# 'CONCEPT=code', 'CONCEPT!=code' or 'CONCEPT>number'.
CONDITION = re.compile(r"([A-Z0-9_]+)(=|!=|>)(.+)")
ASKED_CLASSES = ("closed", "identity")
FLAG_CODES = {"1": "yes", "0": "no"}

Given = Mapping[str, Mapping[str, Any]]  # concept -> answer of a question without items


def empty_cells(
    book: Book, delivered: set[str], given: Given, last_page: int | None, is_complete: bool
) -> list[tuple[dict[str, str], str]]:
    """Questions of one answer that a response leaves empty, each with its status.

    Args:
        delivered: columns of the codebook the file holds.
        given: what the response answers, by concept.
        last_page: the last page it reached; None where the tool does not say.
    """
    found = []
    for q in book.questions:
        if q["class_code"] not in ASKED_CLASSES or q["item_code"] or q["source_column"] not in delivered:
            continue
        if q["answer_type"] == "multi" or q["question_concept_id"] in given:
            continue
        found.append((q, _status(q, given, last_page, is_complete)))
    return found


def _status(question: dict[str, str], given: Given, last_page: int | None, is_complete: bool) -> str:
    page = int(question["page"]) if question["page"] else None
    if not is_complete and last_page is not None and page is not None and page > last_page:
        return "partial"
    shown = _is_shown(question["shown_if"], given)
    return "no_answer" if shown or shown is None else "not_shown"


def _is_shown(condition: str, given: Given) -> bool | None:
    """Whether a question was shown; None where what decides it was not answered."""
    match = CONDITION.fullmatch(condition)
    if match is None:
        return True
    concept, sign, wanted = match.groups()
    answer = given.get(concept)
    if answer is None or answer["answer_status_code"] != "answered":
        return None if answer is None else True
    if sign == ">":
        return answer["answer_num"] is not None and answer["answer_num"] > float(wanted)
    code = answer["answer_code"]
    said = {code, FLAG_CODES.get(str(code))}
    return (wanted in said) == (sign == "=")
