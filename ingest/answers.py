"""What an answer of a survey means: its code, number or band by the wave's codebook and code list, whatever tool asked.

Belongs here: what the readers of all survey tools share once an answer is a row. Does not belong here: how a tool
writes its answers (``sources/limesurvey``, ``sources/kobo``), or which concepts exist: that is data in the region's
``survey/`` folder.
"""

from __future__ import annotations

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading
from warehouse.region import Region

# Columns of a codebook that must and may be there, and those of a code list.
NEEDED = ("source_column", "question_concept_id", "answer_type", "class_code")
OPTIONAL = ("item_code", "unit_code", "code_list", "low", "high")
CODE_COLUMNS = ("code_list", "answer_code", "value_code", "low", "high")
LAKE_CLASSES = ("closed", "identity", "consent", "free_text")
CODED_TYPES = ("single", "band", "flag", "multi")
NUMBER_TYPES = ("integer", "number", "percent", "year")


def wave_lists(reading: Reading, codebook: str = "codebook", codes: str = "codes") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Codebook and code list of the delivery's wave, every cell as text.

    Args:
        codebook: the wave's entry in ``survey/waves.yml`` that names it; a tool of its own words may have its own,
            else the wave's common one serves.
        codes: the same for the code list.
    """
    delivery, wave = reading.delivery, reading.delivery.partition_key
    waves = {str(w["wave_id"]): w for w in reading.region.yaml("survey/waves.yml")["waves"]}
    if wave not in waves:
        raise delivery.refuse(
            f"wave '{wave}' is not known", f"one of {', '.join(waves)}", "add the wave to survey/waves.yml", rule_id="SRV-001"
        )  # fmt: skip
    facts = waves[wave]
    names = [facts.get(codebook) or facts.get("codebook"), facts.get(codes) or facts.get("codes")]
    if not all(names):
        raise delivery.refuse(
            f"wave '{wave}' names no codebook or no code list", f"{codebook} and {codes}", "complete the wave in survey/waves.yml",
            rule_id="SRV-001",
        )  # fmt: skip
    lists = [_as_text(reading.region, str(name)) for name in names]
    for name, frame, needed in zip(names, lists, (NEEDED, CODE_COLUMNS), strict=True):
        if missing := [column for column in needed if column not in frame.columns]:
            raise delivery.refuse(
                f"{name} has no column '{missing[0]}'", f"the columns {', '.join(needed)}", "complete the list", field=missing[0],
                rule_id="SRV-001",
            )  # fmt: skip
    absent = [pl.lit(None, pl.String).alias(c) for c in OPTIONAL if c not in lists[0].columns]
    return lists[0].with_columns(absent), lists[1].select(CODE_COLUMNS)


def coded(delivery: Delivery, long: pl.DataFrame, codes: pl.DataFrame, wave: str) -> pl.DataFrame:
    """One row per given answer with its code, number or band.

    Args:
        long: ``response_id, source_row, source_column, raw_value`` as text, the facts of the question from the codebook,
            and ``is_choice``: the value is one of several choices, so that its code names the item that was chosen.

    Raises:
        DeliveryError: a code that is in no list (SRV-005), or a number outside what the question can be (SRV-007).
    """
    long = long.join(
        codes.rename({"low": "code_low", "high": "code_high"}),
        left_on=["code_list", "raw_value"], right_on=["code_list", "answer_code"], how="left",
    )  # fmt: skip
    _refuse_unknown_codes(delivery, long)
    number = pl.when(pl.col("answer_type").is_in(NUMBER_TYPES)).then(_number("raw_value"))
    code = (
        pl.when("is_choice")
        .then(pl.lit("1"))
        .when(pl.col("answer_type").is_in(["flag", "multi"]))
        .then(pl.col("value_code").replace({"yes": "1", "no": "0"}))
        .otherwise(pl.col("value_code"))
    )
    low, high = (pl.col(c).cast(pl.Float64, strict=False) for c in ("code_low", "code_high"))
    long = long.select(
        pl.lit(wave).alias("wave_id"),
        "response_id",
        "question_concept_id",
        pl.when("is_choice").then("value_code").otherwise(pl.col("item_code").fill_null("")).alias("item_code"),
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


def contacts(rows: pl.DataFrame, wave: str) -> list[dict[str, object]]:
    """Contact persons by response, for the vault."""
    found: dict[str, dict[str, str]] = {}
    own = rows.filter(pl.col("class_code") == "contact")
    for response_id, concept, value in own.select("response_id", "question_concept_id", "raw_value").iter_rows():
        found.setdefault(response_id, {})[concept] = value
    return [{"wave_id": wave, "response_id": r, "fields": fields} for r, fields in found.items()]


def for_the_lake(rows: pl.DataFrame) -> pl.DataFrame:
    """Answers without contact data."""
    return rows.filter(pl.col("class_code").is_in(LAKE_CLASSES))


def _as_text(region: Region, name: str) -> pl.DataFrame:
    """A list of the wave with every cell as text."""
    return pl.read_csv(region.file(name), infer_schema=False, comment_prefix="#")


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
