"""How uniformly a response fills its scales: many questions of one scale answered alike say that nobody read them.

Belongs here: counting answers and the commonest one in blocks of a scale. Does not belong here: the limit (SRV-014, dbt).
"""

from __future__ import annotations

from collections import Counter, defaultdict

import polars as pl

from ingest.survey.book import Book
from ingest.survey.plausible import Answers

BLOCK_FROM = 4
SCHEMA = {"response_id": pl.String, "scale_answer_count": pl.Int64, "scale_same_count": pl.Int64}


def straight_lines(responses: dict[str, Answers], book: Book) -> pl.DataFrame:
    """Per response: answers in blocks of at least ``BLOCK_FROM`` of one scale on one page, and how many are the commonest."""
    scales = _scales(book)
    blocks = {
        (q["question_concept_id"], q["item_code"]): (q["page"], q["code_list"]) for q in book.questions if q["code_list"] in scales
    }  # fmt: skip
    rows = []
    for response, answers in responses.items():
        said: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for key, answer in answers.items():
            if key in blocks and answer["answer_code"] is not None:
                said[blocks[key]][answer["answer_code"]] += 1
        full = [c for c in said.values() if c.total() >= BLOCK_FROM]
        rows.append((response, sum(c.total() for c in full), sum(max(c.values()) for c in full)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _scales(book: Book) -> set[str]:
    """Code lists whose every code is one point of a scale."""
    points: dict[str, list[bool]] = defaultdict(list)
    for row in book.codes:
        points[row["code_list"]].append(bool(row["low"]) and row["low"] == row["high"])
    return {name for name, own in points.items() if len(own) > 2 and all(own)}
