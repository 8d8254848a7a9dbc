"""LimeSurvey response exports: wide questionnaire columns to long answers, by the codebook of the wave.

Belongs here: what is peculiar to this export (ZIP or CSV, code headers, one column per item). Does not belong here: what
an answer means (``answers``), or which concepts exist; that is data in the region's ``survey/`` folder.
"""

from __future__ import annotations

import polars as pl

from ingest.answers import coded, contacts, for_the_lake, wave_lists
from ingest.delivery import Delivery
from ingest.readers import TIMESTAMP_FORMATS, Reading, Tables, csv_as_text, csv_bytes, reader

BASE_COLUMNS = {"RESPONSE_ID", "SUBMITTED_AT", "LAST_PAGE", "START_LANGUAGE", "STARTED_AT"}


@reader("limesurvey")
def read_limesurvey(reading: Reading) -> Tables:
    """One wave's export to ``response`` and ``answer``; contact persons go to ``reading.contacts``."""
    delivery, wave = reading.delivery, reading.delivery.partition_key
    codebook, codes = wave_lists(reading)
    wide = csv_as_text(reading, csv_bytes(delivery)).with_row_index("source_row", offset=1)
    _refuse_unknown_columns(delivery, wide, codebook)
    wide = wide.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    base = {
        concept: column
        for column, concept in codebook.select("source_column", "question_concept_id").iter_rows()
        if concept in BASE_COLUMNS
    }
    response = _responses(wide, base, wave)
    _refuse_repeated(delivery, response)
    answers = coded(delivery, _answers(wide, base["RESPONSE_ID"], codebook), codes, wave)
    reading.contacts += contacts(answers, wave)
    return {"response": response, "answer": for_the_lake(answers)}


def _refuse_unknown_columns(delivery: Delivery, wide: pl.DataFrame, codebook: pl.DataFrame) -> None:
    known = set(codebook["source_column"])
    unknown = [c for c in wide.columns if c not in known and c != "source_row"]
    if unknown:
        raise delivery.refuse(
            f"unknown column{'s' if len(unknown) > 1 else ''} {', '.join(repr(u) for u in unknown[:5])}",
            "only questions of the wave's codebook",
            "add the question to survey/codebook_<wave>.csv, or export the questionnaire version of this wave",
            field=unknown[0],
            rule_id="SRV-001",
        )
    missing = sorted(known - set(wide.columns))
    needed = codebook.filter(pl.col("source_column").is_in(missing), pl.col("class_code") == "consent")["source_column"]
    base = codebook.filter(
        pl.col("source_column").is_in(missing), pl.col("question_concept_id").is_in(list(BASE_COLUMNS))
    )["source_column"]
    for column in [*base, *needed]:
        raise delivery.refuse(
            f"column '{column}' is missing", "the columns of every LimeSurvey export and the consent block",
            field=column, rule_id="SRV-003",
        )  # fmt: skip


def _stamp(column: str) -> pl.Expr:
    return pl.coalesce(pl.col(column).str.strptime(pl.Datetime("us"), f, strict=False) for f in TIMESTAMP_FORMATS)


def _responses(wide: pl.DataFrame, base: dict[str, str], wave: str) -> pl.DataFrame:
    return wide.select(
        pl.lit(wave).alias("wave_id"),
        pl.col(base["RESPONSE_ID"]).alias("response_id"),
        _stamp(base["STARTED_AT"]).alias("started_at"),
        _stamp(base["SUBMITTED_AT"]).alias("submitted_at"),
        pl.col(base["LAST_PAGE"]).cast(pl.Int64, strict=False).alias("last_page"),
        pl.col(base["START_LANGUAGE"]).alias("language_code"),
        pl.col(base["SUBMITTED_AT"]).is_not_null().alias("is_complete"),
        pl.col("source_row").cast(pl.Int64),
    )


def _refuse_repeated(delivery: Delivery, response: pl.DataFrame) -> None:
    """A repeated response id is refused here, before answers of two rows could mix."""
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


def _answers(wide: pl.DataFrame, id_column: str, codebook: pl.DataFrame) -> pl.DataFrame:
    """One row per given answer with the facts of its question. Empty cells give no row."""
    questions = codebook.filter(pl.col("class_code") != "meta")
    columns = [c for c in questions["source_column"] if c in wide.columns]
    return (
        wide.unpivot(columns, index=["source_row", id_column], variable_name="source_column", value_name="raw_value")
        .drop_nulls("raw_value")
        .join(questions, on="source_column", how="left")
        .rename({id_column: "response_id"})
        .with_columns(pl.lit(False).alias("is_choice"))
    )
