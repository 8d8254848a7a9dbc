"""Free texts by keyed hash: which text stands in which answer, and who wrote it.

A text is known outside the lake's answers by its hash alone, made with a secret of the vault; so a decision on a text can
be kept for ever and says nothing of the text. The vault remembers which companies wrote a hash, so that a text that only an
erased company wrote goes with it.

Belongs here: hashes and authors. Does not belong here: codes (``methods/text_coding``) or decisions (``ingest``).
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from warehouse.lake import SYSTEM_TABLES, write_system_table
from warehouse.methods.text_coding import Coder
from warehouse.methods.text_coding.coder import kind_of
from warehouse.methods.text_coding.normal import key
from warehouse.paths import Lineage
from warehouse.privacy.clusters import Clusters
from warehouse.privacy.vault import Vault

SECRET, HASH_DIGITS = "text", 32
TEXT = "text"  # the kind of tombstone of a text
ANSWERED = "answered"


@dataclass(frozen=True)
class Thing:
    """One named thing of one answer; ``text_hash`` is the same wherever the same is written."""

    wave_id: str
    response_id: str
    question_concept_id: str
    item_code: str
    part_no: int
    text_hash: str
    thing: str
    in_brackets: str


def things_of(lineage: Lineage, coder: Coder, answers: pl.DataFrame) -> Iterator[Thing]:
    """Every named thing of the answers to questions of free text.

    Args:
        answers: ``wave_id, response_id, question_concept_id, item_code, raw_value, answer_code, answer_status_code``.
    """
    secret = Vault(lineage).secret(SECRET)
    columns = ("wave_id", "response_id", "question_concept_id", "item_code")
    asked = answers.filter(
        pl.col("question_concept_id").is_in(list(coder.scoring["questions"])), pl.col("answer_status_code") == ANSWERED
    ).with_columns(pl.coalesce("answer_code", "raw_value").alias("written"))
    for row in asked.drop_nulls("written").sort(columns).iter_rows(named=True):
        kind = kind_of(coder.wanted(row["question_concept_id"]))
        named = coder.things(row["written"], row["question_concept_id"])
        for number, (thing, in_brackets) in enumerate(named, start=1):
            text_hash = hmac.new(secret, key(thing, in_brackets, kind).encode(), hashlib.sha256).hexdigest()[
                :HASH_DIGITS
            ]
            wave, response, question, item = (row[c] for c in columns)
            yield Thing(wave, response, question, item, number, text_hash, thing, in_brackets)


def record_texts(
    lineage: Lineage, coder: Coder, answers: pl.DataFrame, companies: dict[str, str], tied: Clusters
) -> int:
    """Write ``identity.text_key`` and remember who wrote what; how many distinct texts there are.

    Args:
        companies: '<wave>:<response>' to company id.
        tied: under which id a company is shown; who wrote a text is remembered by its own.
    """
    rows = [
        (t.wave_id, t.response_id, companies[f"{t.wave_id}:{t.response_id}"], t.question_concept_id, t.item_code, t.part_no, t.text_hash)
        for t in things_of(lineage, coder, answers)
        if f"{t.wave_id}:{t.response_id}" in companies
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=SYSTEM_TABLES[("identity", "text_key")], orient="row")
    with Vault(lineage).connection() as connection:
        authors = frame.select("text_hash", "company_id").unique().sort("text_hash", "company_id").rows()
        connection.executemany("INSERT OR IGNORE INTO text_author VALUES (?, ?)", authors)
    shown = frame.with_columns(pl.col("company_id").replace(tied.shown))
    write_system_table(lineage.lake, "identity", "text_key", shown)
    return frame["text_hash"].n_unique()


def written_by(connection: sqlite3.Connection, company_ids: tuple[str, ...]) -> list[str]:
    """Hashes of the texts that this company wrote, under whichever of its ids, and no other ever did."""
    marks = ", ".join("?" * len(company_ids))
    rows = connection.execute(
        f"SELECT text_hash FROM text_author GROUP BY text_hash HAVING sum(company_id NOT IN ({marks})) = 0",
        company_ids,
    ).fetchall()
    return [text_hash for (text_hash,) in rows]
