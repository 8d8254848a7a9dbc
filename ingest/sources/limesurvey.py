"""LimeSurvey response exports: wide questionnaire columns to long answers, by the codebook of the wave.

Belongs here: what is peculiar to this export (ZIP or CSV, code headers, answer codes, contact block). Does not belong
here: which concepts exist or what a code means; that is data in the region's ``survey/`` folder.
"""

from __future__ import annotations

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import TIMESTAMP_FORMATS, Reading, Tables, csv_as_text, csv_bytes, reader
from warehouse.region import Region

BASE_COLUMNS = {"RESPONSE_ID", "SUBMITTED_AT", "LAST_PAGE", "START_LANGUAGE", "STARTED_AT"}
LAKE_CLASSES = ("closed", "identity", "consent", "free_text")
CODED_TYPES = ("single", "band", "flag", "multi")
NUMBER_TYPES = ("integer", "number", "percent", "year")


@reader("limesurvey")
def read_limesurvey(reading: Reading) -> Tables:
    """One wave's export to ``response`` and ``answer``; contact persons go to ``reading.contacts``."""
    delivery, wave = reading.delivery, reading.delivery.partition_key
    waves = {str(w["wave_id"]): w for w in reading.region.yaml("survey/waves.yml")["waves"]}
    if wave not in waves:
        raise delivery.refuse(
            f"wave '{wave}' is not known",
            f"one of {', '.join(waves)}",
            "add the wave to survey/waves.yml",
            rule_id="SRV-001",
        )
    codebook, codes = (_as_text(reading.region, waves[wave][name]) for name in ("codebook", "codes"))
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
    answers = _answers(delivery, wide, base["RESPONSE_ID"], codebook, codes, wave)
    reading.contacts += _contacts(answers.filter(pl.col("class_code") == "contact"), wave)
    return {"response": response, "answer": answers.filter(pl.col("class_code").is_in(LAKE_CLASSES))}


def _as_text(region: Region, name: str) -> pl.DataFrame:
    """A list of the wave with every cell as text."""
    return pl.read_csv(region.file(name), infer_schema=False, comment_prefix="#")


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


def _answers(
    delivery: Delivery, wide: pl.DataFrame, id_column: str, codebook: pl.DataFrame, codes: pl.DataFrame, wave: str
) -> pl.DataFrame:
    """One row per given answer with its code, number or band. Empty cells give no row."""
    questions = codebook.filter(pl.col("class_code") != "meta")
    columns = [c for c in questions["source_column"] if c in wide.columns]
    long = (
        wide.unpivot(columns, index=["source_row", id_column], variable_name="source_column", value_name="raw_value")
        .drop_nulls("raw_value")
        .join(questions, on="source_column", how="left")
        .join(codes.rename({"low": "code_low", "high": "code_high"}).drop("label_de"),
              left_on=["code_list", "raw_value"], right_on=["code_list", "answer_code"], how="left")
    )  # fmt: skip
    _refuse_unknown_codes(delivery, long)
    number = pl.when(pl.col("answer_type").is_in(NUMBER_TYPES)).then(_number("raw_value"))
    code = (
        pl.when(pl.col("answer_type").is_in(["flag", "multi"]))
        .then(pl.col("value_code").replace({"yes": "1", "no": "0"}))
        .otherwise(pl.col("value_code"))
    )
    low, high = (pl.col(c).cast(pl.Float64, strict=False) for c in ("code_low", "code_high"))
    long = long.select(
        pl.lit(wave).alias("wave_id"),
        pl.col(id_column).alias("response_id"),
        "question_concept_id",
        pl.col("item_code").fill_null(""),
        "source_column",
        "class_code",
        "raw_value",
        code.alias("answer_code"),
        pl.coalesce(number, pl.when(pl.col("answer_type") == "band").then((low + high) / 2)).alias("answer_num"),
        pl.when(pl.col("answer_type") == "band").then(low).alias("answer_low"),
        pl.when(pl.col("answer_type") == "band").then(high).alias("answer_high"),
        "unit_code",
        pl.when(pl.col("answer_type").is_in(NUMBER_TYPES) & number.is_null())
        .then(pl.lit("invalid"))
        .otherwise(pl.lit("answered"))
        .alias("answer_status_code"),
        pl.col("source_row").cast(pl.Int64),
        "answer_type",
        pl.col("low").cast(pl.Float64, strict=False).alias("bound_low"),
        pl.col("high").cast(pl.Float64, strict=False).alias("bound_high"),
    )
    _refuse_out_of_range(delivery, long)
    return long


def _number(column: str) -> pl.Expr:
    """A plain number with decimal point or comma and an optional percent sign; anything else is not guessed."""
    text = pl.col(column).str.strip_suffix("%").str.strip_chars()
    plain = text.str.contains(r"^-?\d+([.,]\d+)?$")
    return pl.when(plain).then(text.str.replace(",", ".").cast(pl.Float64, strict=False))


def _refuse_unknown_codes(delivery: Delivery, long: pl.DataFrame) -> None:
    bad = long.filter(pl.col("answer_type").is_in(CODED_TYPES), pl.col("value_code").is_null())
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"answer '{first['raw_value']}' is not in code list {first['code_list']} ({bad.height} such answers)",
            "a code of the wave's codebook",
            "export with answer codes, or extend survey/codes_<wave>.csv",
            field=first["source_column"],
            row=first["source_row"],
            rule_id="SRV-005",
            failed_rows=bad.height,
        )


def _refuse_out_of_range(delivery: Delivery, long: pl.DataFrame) -> None:
    bad = long.filter(
        (pl.col("answer_num") < pl.col("bound_low")) | (pl.col("answer_num") > pl.col("bound_high"))
    ).sort("source_row")
    if bad.height:
        first = bad.row(0, named=True)
        unit = " percent" if first["answer_type"] == "percent" else ""
        raise delivery.refuse(
            f"{first['raw_value']} is outside what {first['question_concept_id']} can be ({bad.height} such answers)",
            f"{first['bound_low'] or 0:g} to {first['bound_high']:g}{unit}",
            "ask the company for the right figure, correct the row in the survey tool and export again",
            field=first["source_column"],
            row=first["source_row"],
            rule_id="SRV-007",
            failed_rows=bad.height,
        )


def _contacts(rows: pl.DataFrame, wave: str) -> list[dict[str, object]]:
    """Contact persons by response, for the vault."""
    found: dict[str, dict[str, str]] = {}
    for response_id, concept, value in rows.select("response_id", "question_concept_id", "raw_value").iter_rows():
        found.setdefault(response_id, {})[concept] = value
    return [{"wave_id": wave, "response_id": r, "fields": fields} for r, fields in found.items()]
