"""What an answer of a survey means: its code, number or band by the wave's codebook and code list, whatever tool asked.

Belongs here: what the readers of all survey tools share once an answer is a row. Does not belong here: how a tool
writes its answers (``sources/limesurvey``, ``sources/kobo``), how a cell is read (``survey``), or which concepts exist:
that is data in the region's ``survey/`` folder.
"""

from __future__ import annotations

import polars as pl

from ingest.checks import MOJIBAKE
from ingest.delivery import Delivery
from ingest.readers import Reading
from ingest.survey.book import NEEDED, NUMBER_TYPES, OPTIONAL, Book, BookError, load_book
from ingest.survey.breaks import unflagged
from ingest.survey.cells import UNKNOWN_CODE, with_cells

LAKE_CLASSES = ("closed", "identity", "consent", "free_text")
# Beyond this share of a question's answers at or below 1 a percentage was given as a share of 1 (SRV-007).
SMALL_SHARE_MAX = 0.05
SMALL_SHARE_COUNT = 10


def wave_book(reading: Reading, codebook: str = "codebook", codes: str = "codes") -> Book:
    """The lists of the delivery's wave.

    Args:
        codebook: the wave's entry in ``survey/waves.yml`` that names it; a tool of its own words may have its own,
            else the wave's common one serves.
        codes: the same for the code list.

    Raises:
        DeliveryError: they are unknown or incomplete (SRV-001), or a question changed since the wave before without a
            flag that says so (SRV-015).
    """
    delivery = reading.delivery
    try:
        book = load_book(reading.region, delivery.partition_key, codebook, codes)
        changes = unflagged(reading.region, book)
    except BookError as error:
        raise delivery.refuse(
            error.problem, error.expected, error.todo, field=error.field, rule_id="SRV-001"
        ) from error
    if changes:
        change = changes[0]
        raise delivery.refuse(
            f"{change.concept} changed since wave {change.before} ({change.what}: {change.detail}) and no flag says so ({len(changes)} such changes)",
            "a line in survey/breaks.csv for every question whose codes, limits, unit or place changed",
            "say there whether the waves can be compared; without it nobody could know", field=change.concept, rule_id="SRV-015",
            failed_rows=len(changes),
        )  # fmt: skip
    return book


def questions_of(book: Book) -> pl.DataFrame:
    """The codebook as a frame of text; an empty cell is NULL."""
    columns = [*NEEDED, *OPTIONAL]
    rows = [{c: q[c] or None for c in columns} for q in book.questions]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def coded(delivery: Delivery, long: pl.DataFrame, book: Book) -> pl.DataFrame:
    """One row per given answer with its code, number or band, its status, and what a person should look at.

    Args:
        long: ``response_id, source_row, source_column, raw_value`` as text, the facts of the question from the codebook,
            and ``is_choice``: the value is one of several choices, so that its code names the item that was chosen.

    Raises:
        DeliveryError: a code that is in no list (SRV-005), or a number outside what the question can be (SRV-007).
    """
    long = with_cells(long, book)
    _refuse_encoded_twice(delivery, long)
    _refuse_unknown_codes(delivery, long)
    is_answered, is_band = pl.col("cell_status") == "answered", pl.col("answer_type") == "band"
    is_number = pl.col("answer_type").is_in(NUMBER_TYPES)
    middle = (pl.col("stated_low") + pl.col("stated_high")) / 2
    code = (
        pl.when("is_choice")
        .then(pl.lit("1"))
        .when(pl.col("answer_type").is_in(["flag", "multi"]))
        .then(pl.col("value_code").replace({"yes": "1", "no": "0"}))
        .otherwise(pl.col("value_code"))
    )
    bounds = [
        (pl.col(c).cast(pl.Float64, strict=False) * pl.col("factor")).alias(f"bound_{c}") for c in ("low", "high")
    ]
    long = long.select(
        pl.lit(book.wave_id).alias("wave_id"),
        "response_id",
        "question_concept_id",
        pl.when("is_choice").then("value_code").otherwise(pl.col("item_code").fill_null("")).alias("item_code"),
        "source_column",
        "class_code",
        "raw_value",
        pl.when(is_answered).then(code).alias("answer_code"),
        pl.when(is_answered).then(pl.when(is_band).then(middle).otherwise(pl.col("number"))).alias("answer_num"),
        *(pl.when(is_band | is_number).then(f"stated_{c}").alias(f"answer_{c}") for c in ("low", "high")),
        pl.col("stored_unit").alias("unit_code"),
        pl.col("cell_status").alias("answer_status_code"),
        pl.col("source_row").cast(pl.Int64),
        "answer_type",
        "finding_code",
        "proposal",
        *bounds,
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


def refuse_small_shares(delivery: Delivery, rows: pl.DataFrame) -> None:
    """Refuse percentages of which too many lie in (0, 1]: most likely the tool delivered shares of 1 (SRV-007).

    Shares whose whole was recognised as 100 are no such case, nor those that a check has already set aside.
    """
    given = rows.filter(
        pl.col("answer_type") == "percent", pl.col("unit_code") == "pct", pl.col("answer_status_code") == "answered",
        pl.col("answer_num") > 0, ~pl.col("is_share_of_whole"),
    )  # fmt: skip
    counted = given.group_by("question_concept_id").agg(
        pl.len().alias("count"),
        (pl.col("answer_num") <= 1).sum().alias("small"),
        pl.col("source_column").first(),
        pl.col("source_row").filter(pl.col("answer_num") <= 1).min().alias("row"),
    )
    bad = counted.filter(
        pl.col("count") >= SMALL_SHARE_COUNT, pl.col("small") > SMALL_SHARE_MAX * pl.col("count")
    ).sort("question_concept_id")
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"{first['small']} of {first['count']} answers to {first['question_concept_id']} lie above 0 and not above 1: shares of 1 where percent are due?",
            f"at most {SMALL_SHARE_MAX:.0%} of them, in percent (0 to 100)",
            "if this wave asks for shares of 1, say so in its codebook (unit_code share); else correct the export",
            field=first["source_column"], row=first["row"], rule_id="SRV-007", failed_rows=first["small"],
        )  # fmt: skip


def _refuse_encoded_twice(delivery: Delivery, long: pl.DataFrame) -> None:
    """What could not be repaired is refused by place alone: it may be a name or a free text."""
    bad = long.filter(pl.col("raw_value").str.contains(MOJIBAKE))
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"an answer is encoded twice and cannot be repaired ({bad.height} such answers)", "text in UTF-8, such as 'Größe'",
            "export again as UTF-8", field=first["source_column"], row=first["source_row"], rule_id="LND-003", failed_rows=bad.height,
        )  # fmt: skip


def _refuse_unknown_codes(delivery: Delivery, long: pl.DataFrame) -> None:
    bad = long.filter(pl.col("cell_status") == UNKNOWN_CODE)
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"answer '{first['raw_value'][:80]}' is not in code list {first['code_list']} ({bad.height} such answers)",
            "a code of the wave's codebook",
            "export with answer codes, or extend survey/codes_<wave>.csv",
            field=first["source_column"],
            row=first["source_row"],
            rule_id="SRV-005",
            failed_rows=bad.height,
        )


def _refuse_out_of_range(delivery: Delivery, long: pl.DataFrame) -> None:
    is_number = pl.col("answer_type").is_in(NUMBER_TYPES)
    outside = (pl.col("answer_num") < pl.col("bound_low")) | (pl.col("answer_num") > pl.col("bound_high"))
    bad = long.filter(is_number & outside).sort("source_row")
    if bad.height:
        first = bad.row(0, named=True)
        unit = " percent" if first["answer_type"] == "percent" else ""
        limits = [f"{first[b]:g}" for b in ("bound_low", "bound_high") if first[b] is not None]
        raise delivery.refuse(
            f"{first['raw_value']} is outside what {first['question_concept_id']} can be ({bad.height} such answers)",
            f"{' to '.join(limits) if len(limits) > 1 else 'at least ' + limits[0]}{unit}",
            "ask the company for the right figure, correct the row in the survey tool and export again",
            field=first["source_column"],
            row=first["source_row"],
            rule_id="SRV-007",
            failed_rows=bad.height,
        )
