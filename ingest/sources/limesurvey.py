"""LimeSurvey response exports: wide questionnaire columns to long answers, by the codebook of the wave.

Belongs here: the order in which an export is read, and what is peculiar to LimeSurvey (its own columns, one column per
item). Does not belong here: recognising the file's form and reading cells (``survey``), what an answer means
(``answers``), or which concepts exist; that is data in the region's ``survey/`` folder.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.answers import coded, contacts, for_the_lake, questions_of, refuse_small_shares, wave_book
from ingest.delivery import Delivery
from ingest.readers import TIMESTAMP_FORMATS, Reading, Tables, reader
from ingest.survey.book import Book
from ingest.survey.consent_text import consent_texts
from ingest.survey.findings import REVIEW, Row, examined, review_row, test_responses, with_typed_proposals
from ingest.survey.grid import read_grid
from ingest.survey.labels import Long, as_codes
from ingest.survey.layout import Layout, find_table
from ingest.survey.merged import options_of, take_apart
from ingest.survey.plausible import by_response
from ingest.survey.scales import straight_lines
from ingest.survey.shown import empty_cells
from warehouse.steps import step

BASE_CONCEPTS = ("RESPONSE_ID", "SUBMITTED_AT", "LAST_PAGE", "START_LANGUAGE", "STARTED_AT")
UNMATCHED = "option_unknown"


@reader("limesurvey")
def read_limesurvey(reading: Reading) -> Tables:
    """One wave's export to ``response``, ``answer`` and ``review``; contact persons go to ``reading.contacts``."""
    delivery, book = reading.delivery, wave_book(reading)
    id_column = next(q["source_column"] for q in book.questions if q["question_concept_id"] == "RESPONSE_ID")
    grid = read_grid(delivery, book.names.everything)
    table = find_table(delivery, grid, book.names, id_column, book.words("total"))
    _refuse_missing(delivery, table, book)
    base, long, joined, extra = _taken(table, book)
    long, is_words = as_codes(delivery, long, book)
    long += joined
    response = _responses(delivery, base, book.wave_id)
    rows = coded(delivery, _answers(long, response, book), book)
    responses = by_response(rows.iter_rows(named=True))
    rows, listed = examined(rows, responses, book)
    refuse_small_shares(delivery, rows)
    reading.contacts += contacts(rows, book.wave_id)
    ids = dict(response.select("source_row", "response_id").iter_rows())
    started = dict(response.select("response_id", "started_at").iter_rows())
    listed += [
        *consent_texts(book, responses, started),
        *_unmatched(extra, ids, book),
        *_of_file(grid.repaired_count, book),
    ]
    answer = pl.concat([for_the_lake(rows), *_empty(response, responses, table, book, extra, ids)], how="diagonal")
    tests = test_responses(responses, book)
    step("dock", "recognised", f"{delivery.name}: headers {table.columns.style}, {'words' if is_words else 'codes'}, {grid.encoding}, {len(listed)} for review")  # fmt: skip
    status = pl.when(pl.col("response_id").is_in(list(tests))).then(pl.lit("test")).otherwise(pl.lit("valid"))
    response = response.with_columns(response_status_code=status).join(straight_lines(responses, book), on="response_id", how="left")  # fmt: skip
    review = with_typed_proposals(pl.DataFrame(listed, schema=REVIEW, orient="row"), book)
    return {"response": response, "answer": answer, "review": review}


def _refuse_missing(delivery: Delivery, table: Layout, book: Book) -> None:
    """The columns of every export and the consent block have to be there; any other question may be left out."""
    there = set(table.places.values())
    base = [q for q in book.questions if q["question_concept_id"] in BASE_CONCEPTS]
    for question in [*base, *(q for q in book.questions if q["class_code"] == "consent")]:
        if question["source_column"] not in there:
            raise delivery.refuse(
                f"column '{question['source_column']}' is missing", "the columns of every LimeSurvey export and the consent block",
                field=question["source_column"], rule_id="SRV-003",
            )  # fmt: skip


def _taken(table: Layout, book: Book) -> tuple[list[Row], Long, Long, Long]:
    """LimeSurvey's own columns per row; cells of questions; options found in joined cells, as codes whatever the file
    holds elsewhere; what stands in joined cells and is no option (with its stem).
    """
    own = {
        q["source_column"]: q["question_concept_id"]
        for q in book.questions
        if q["question_concept_id"] in BASE_CONCEPTS
    }
    meta = {q["source_column"] for q in book.questions if q["class_code"] == "meta"}
    merged = set(table.columns.merged.values())
    options = {stem: options_of(book, stem) for stem in merged}
    base: list[Row] = []
    long: Long = []
    joined: Long = []
    extra: Long = []
    for number, row in table.rows:
        base.append({"source_row": number} | {own[c]: row[i] or None for i, c in table.places.items() if c in own})
        for place, column in table.places.items():
            text = row[place]
            if not text or column in meta:
                continue
            if column not in merged:
                long.append((number, column, text))
                continue
            parts = take_apart(text, options[column], book.words("option_other") | book.words("unchosen"))
            joined += [(number, option, code) for option, code in parts.chosen]
            other = f"{column}[other]"
            if parts.other and other in book.by_column:
                joined.append((number, other, parts.other))
            rest = "; ".join(filter(None, [parts.rest, "" if other in book.by_column else parts.other]))
            extra += [(number, column, rest)] if rest else []
    return base, long, joined, extra


def _responses(delivery: Delivery, base: list[Row], wave: str) -> pl.DataFrame:
    frame = pl.DataFrame(base, schema={"source_row": pl.Int64, **dict.fromkeys(BASE_CONCEPTS, pl.String)}, orient="row")
    response = frame.select(
        pl.lit(wave).alias("wave_id"),
        pl.col("RESPONSE_ID").str.strip_suffix(".0").alias("response_id"),
        _stamp("STARTED_AT").alias("started_at"),
        _stamp("SUBMITTED_AT").alias("submitted_at"),
        pl.col("LAST_PAGE").str.strip_suffix(".0").cast(pl.Int64, strict=False).alias("last_page"),
        pl.col("START_LANGUAGE").alias("language_code"),
        pl.col("SUBMITTED_AT").is_not_null().alias("is_complete"),
        "source_row",
    )
    _refuse_ids(delivery, response)
    _refuse_stamps(delivery, frame, response)
    return response


def _stamp(column: str) -> pl.Expr:
    formats = (*TIMESTAMP_FORMATS, "%Y-%m-%d %H:%M:%S%.f", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
    return pl.coalesce(pl.col(column).str.strptime(pl.Datetime("us"), f, strict=False) for f in formats)


def _refuse_ids(delivery: Delivery, response: pl.DataFrame) -> None:
    """A row without a number, or a repeated one, is refused here, before answers of two rows could mix."""
    without = response.filter(~pl.col("response_id").fill_null("").str.contains(r"^\d+$"))
    if without.height:
        first = without.row(0, named=True)
        raise delivery.refuse(
            f"'{first['response_id'] or ''}' is no response id", "a number in every row that is a response",
            "remove rows that are no responses (totals, notes), or export again", field="id", row=first["source_row"],
            rule_id="SRV-002", failed_rows=without.height,
        )  # fmt: skip
    twice = response.filter(pl.col("response_id").is_duplicated())
    if twice.height:
        first = twice.row(twice.height - 1, named=True)
        raise delivery.refuse(
            f"response id {first['response_id']} occurs more than once ({twice.height} rows)",
            "each response id once per wave",
            "ask which response counts, remove the other and deliver again",
            field="id",
            row=first["source_row"],
            rule_id="SRV-002",
            failed_rows=twice.height,
        )


def _refuse_stamps(delivery: Delivery, frame: pl.DataFrame, response: pl.DataFrame) -> None:
    """A moment nobody can read would make a response partial, or nobody's turn."""
    for concept, column in (("SUBMITTED_AT", "submitted_at"), ("STARTED_AT", "started_at")):
        bad = frame.filter(frame[concept].is_not_null() & response[column].is_null())
        if bad.height:
            first = bad.row(0, named=True)
            raise delivery.refuse(
                f"'{first[concept][:40]}' is no moment", "like 2026-02-03 09:15:00 or 03.02.2026 09:15", "export again as CSV",
                field=concept.lower(), row=first["source_row"], rule_id="SRV-001", failed_rows=bad.height,
            )  # fmt: skip


def _answers(long: Long, response: pl.DataFrame, book: Book) -> pl.DataFrame:
    """One row per given answer with the facts of its question."""
    schema = {"source_row": pl.Int64, "source_column": pl.String, "raw_value": pl.String}
    return (
        pl.DataFrame(long, schema=schema, orient="row")
        .join(questions_of(book), on="source_column", how="left", maintain_order="left")
        .join(response.select("source_row", "response_id"), on="source_row", maintain_order="left")
        .with_columns(is_choice=pl.lit(False))
    )


def _empty(
    response: pl.DataFrame, responses: dict[str, Any], table: Layout, book: Book, extra: Long, ids: dict[int, str]
) -> list[pl.DataFrame]:
    """Rows for what was not answered, and for joined cells that hold something no option says (as free text)."""
    schema = dict.fromkeys(
        ("wave_id", "response_id", "question_concept_id", "item_code", "source_column", "class_code", "raw_value", "answer_status_code"), pl.String
    )  # fmt: skip
    delivered = set(table.places.values())
    rows: list[Row] = []
    for row in response.iter_rows(named=True):
        answers = responses.get(row["response_id"], {})
        given = {concept: a for (concept, item), a in answers.items() if not item}
        for q, status in empty_cells(book, delivered, given, row["last_page"], row["is_complete"]):
            rows.append(
                {"wave_id": book.wave_id, "response_id": row["response_id"], "question_concept_id": q["question_concept_id"], "item_code": "",
                 "source_column": q["source_column"], "class_code": q["class_code"], "answer_status_code": status, "source_row": row["source_row"]}
            )  # fmt: skip
    for number, stem, text in extra:
        concept = _concept(book, stem)
        rows.append(
            {"wave_id": book.wave_id, "response_id": ids[number], "question_concept_id": concept, "item_code": "", "source_column": stem,
             "class_code": "free_text", "raw_value": text, "answer_status_code": "invalid", "source_row": number}
        )  # fmt: skip
    return [pl.DataFrame(rows, schema={**schema, "source_row": pl.Int64}, orient="row")]


def _unmatched(extra: Long, ids: dict[int, str], book: Book) -> list[Row]:
    return [
        review_row(book.wave_id, ids[number], number, (_concept(book, stem), ""), UNMATCHED, raw_value=text, status="invalid", class_code="free_text")
        for number, stem, text in extra
    ]  # fmt: skip


def _concept(book: Book, stem: str) -> str:
    return next(q["question_concept_id"] for q in book.questions if q["source_column"].startswith(f"{stem}["))


def _of_file(repaired: int, book: Book) -> list[Row]:
    if not repaired:
        return []
    return [review_row(book.wave_id, "", None, ("", ""), "encoded_twice", raw_value=f"{repaired} cells repaired")]
