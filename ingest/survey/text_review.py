"""The list of free texts between the limits: what a person has to decide, as a CSV that comes back through the inbox.

Belongs here: collecting the texts in force, their candidates and their decisions, and writing them. Does not belong here:
codes (``warehouse/methods/text_coding``) or reading decisions (``sources/text_decision``). Who wrote a text is not on the
list: the industry is, and names, mail addresses and long numbers inside a text are blotted out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ingest.survey.review import FOLDER, OWNER_FILE
from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table
from warehouse.methods.text_coding import Coder, Context
from warehouse.methods.text_coding.coder import REVIEW
from warehouse.methods.text_coding.mapping import (
    THING,
    Decision,
    decision_on,
    in_force,
    map_texts,
    scopes,
    shares,
    texts,
)
from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy.company_records import answers
from warehouse.privacy.texts import things_of
from warehouse.region import Region
from warehouse.spreadsheet import unarmed
from warehouse.text_dictionary import coder_of

ID, INDUSTRY = "Text-ID", "Gilt für Branche"
PROPOSAL = "Vorschlag"
DECISION, HS_CODE, COMPETENCE_ID, KLDB_CODE = "Entscheidung", "HS-Code", "Kompetenz", "Beruf (KldB)"
BY, ON, NOTE = "Entschieden von", "Entschieden am", "Bemerkung"
HEADERS = (
    ID, INDUSTRY, "Branchen", "Frage", "Text", "Unternehmen", PROPOSAL, "Bezeichnung", "Punkte", "Weitere Kandidaten",
    DECISION, HS_CODE, COMPETENCE_ID, KLDB_CODE, BY, ON, NOTE,
)  # fmt: skip
TAKES = "code"
# Before an industry, so that no spreadsheet takes 25.50 for a number.
WZ_MARK = "WZ "
WZ = re.compile(r"[0-9]{2}([.][0-9]{1,2})?([.][0-9])?")
PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+?\d[\d /()-]{5,}\d")
BLOT, SHORTEST_NAME = "[…]", 5
FILE = "text-review.csv"


@dataclass(frozen=True)
class TextList:
    """What was written, and how many texts are open and decided."""

    path: Path | None
    open_count: int
    decided_count: int


@dataclass(frozen=True)
class Texts:
    """Everything the lake says of free texts now. ``things`` has the columns ``THING`` and ``company_id``."""

    coder: Coder
    things: pl.DataFrame
    decisions: pl.DataFrame
    names: frozenset[str]

    @classmethod
    def of(cls, lineage: Lineage, region: Region) -> Texts:
        """Texts of responses whose company agreed to storage.

        Raises:
            KettenwerkError: nothing has been received yet.
        """
        try:
            snapshots = read_system_table(lineage.lake, "meta", "snapshot")
            keys = read_system_table(lineage.lake, "identity", "company_key")
            consent = read_system_table(lineage.lake, "identity", "consent")
        except (FileNotFoundError, pl.exceptions.PolarsError):
            raise KettenwerkError(
                "nothing has been received yet", where=f"profile {lineage.profile}", todo=f"call: kettenwerk refresh --profile {lineage.profile}"
            ) from None  # fmt: skip
        given = answers(lineage, snapshots)
        agreed = consent.filter(pl.col("purpose_code") == "CONS_STORE", pl.col("is_granted")).select("company_id")
        companies = dict(keys.join(agreed, on="company_id").select("record_id", "company_id").iter_rows())
        coder = coder_of(region)
        return cls(coder, _things(lineage, coder, given, companies), decisions_of(lineage, snapshots), _names(given))

    def counts(self) -> dict[str, int]:
        """Distinct texts by status."""
        return shares(map_texts(self.things, self.decisions, self.coder))


def decisions_of(lineage: Lineage, snapshots: pl.DataFrame) -> pl.DataFrame:
    """The log of decisions: every list that ever came back, with the moment it did."""
    log = pl.read_parquet(lineage.lake / "text_decision" / "decision" / "*.parquet")
    received = snapshots.select("snapshot_id", received_at="retrieved_at")
    return log.with_columns(pl.col("wz2008_code").fill_null("")).join(received, on="snapshot_id", how="left")


def write_text_list(lineage: Lineage, region: Region, everything: bool = False, path: Path | None = None) -> TextList:
    """Write the list where only its owner may read it, unless a path is given. Nothing open writes nothing.

    Args:
        everything: also what is decided, with the decision, to correct it or take it back.
    """
    found = list(_rows(Texts.of(lineage, region), region, everything))
    is_open = [row for row in found if not row[DECISION]]
    if not found:
        return TextList(None, 0, 0)
    target = path or lineage.root / FOLDER / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(target, as_csv(found))
    target.chmod(OWNER_FILE)
    return TextList(target, len(is_open), len(found) - len(is_open))


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Semicolons and a byte order mark, as German spreadsheets open it; no cell can be taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADERS)
    writer.writerows([unarmed(str(row.get(name) or "")) for name in HEADERS] for row in rows)
    return "\ufeff" + buffer.getvalue()


def _rows(found: Texts, region: Region, everything: bool) -> Iterator[dict[str, Any]]:
    """Open texts, those of most companies first; with ``everything`` the decided ones too."""
    decided, coder = in_force(found.decisions), found.coder
    labels = {q: label for wave in region.yaml("survey/waves.yml")["waves"] for q, label in _labels(region, wave)}
    writers = dict(found.things.group_by("text_hash").agg(pl.col("company_id").n_unique()).iter_rows())
    listed = []
    for text in texts(found.things, coder):
        for wz, codings in scopes(text, coder, decided).items():
            decision = decision_on(text.text_hash, wz, decided)
            is_open = decision is None and any(c.status == REVIEW for c in codings)
            if not is_open and not (everything and decision):
                continue
            context = Context(text.question, wz)
            candidates = coder.candidates(text.thing, context)
            listed.append(
                {
                    ID: text.text_hash, INDUSTRY: f"{WZ_MARK}{wz}" if wz else "", "Branchen": ", ".join(sorted(text.industries - {""})),
                    "Frage": labels.get(text.question, text.question), "Unternehmen": writers[text.text_hash],
                    "Text": _without_names(f"{text.thing} ({text.in_brackets})" if text.in_brackets else text.thing, found.names),
                    **_proposed(candidates, coder), **_said(decision),
                }
            )  # fmt: skip
    yield from sorted(listed, key=lambda row: (bool(row[DECISION]), -row["Unternehmen"], row["Text"], row[INDUSTRY]))


def _proposed(candidates: list[Any], coder: Coder) -> dict[str, Any]:
    names = coder.dictionary.names
    shown = [
        f"{f.classification} {f.code} {names.get((f.classification, f.code), '')} ({f.score:.2f})" for f in candidates
    ]
    if not candidates:
        return {}
    best = candidates[0]
    return {
        PROPOSAL: f"{best.classification} {best.code}", "Bezeichnung": names.get((best.classification, best.code), ""),
        "Punkte": f"{best.score:.2f}".replace(".", ","), "Weitere Kandidaten": "; ".join(shown[1:]),
    }  # fmt: skip


def _said(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {DECISION: ""}
    codes = decision.codes
    return {
        DECISION: TAKES if codes else "keiner", HS_CODE: codes.get("HS"), COMPETENCE_ID: codes.get("COMPETENCE"),
        KLDB_CODE: codes.get("KLDB"), BY: decision.reviewer, ON: f"{decision.on:%d.%m.%Y}",
    }  # fmt: skip


def _things(lineage: Lineage, coder: Coder, answers: pl.DataFrame, companies: dict[str, str]) -> pl.DataFrame:
    industry = {
        (row["wave_id"], row["response_id"]): row["answer_code"] or row["raw_value"]
        for row in answers.filter(question_concept_id="MAIN_WZ", answer_status_code="answered").iter_rows(named=True)
    }
    rows = [
        (
            t.text_hash,
            t.thing,
            t.in_brackets,
            t.question_concept_id,
            _wz(industry.get((t.wave_id, t.response_id))),
            company,
        )
        for t in things_of(lineage, coder, answers)
        if (company := companies.get(f"{t.wave_id}:{t.response_id}"))
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys((*THING, "company_id"), pl.String()), orient="row")


def _wz(text: str | None) -> str:
    return text.strip() if text and WZ.fullmatch(text.strip()) else ""


def _names(answers: pl.DataFrame) -> frozenset[str]:
    named = answers.filter(pl.col("question_concept_id").is_in(["LEGAL_NAME", "SUP_NAME"]))["raw_value"]
    return frozenset(name.strip() for name in named.drop_nulls() if len(name.strip()) >= SHORTEST_NAME)


def _without_names(text: str, names: frozenset[str]) -> str:
    for name in sorted((n for n in names if n.casefold() in text.casefold()), key=len, reverse=True):
        text = re.sub(re.escape(name), BLOT, text, flags=re.IGNORECASE)
    return PERSONAL.sub(BLOT, text)


def _labels(region: Region, wave: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A question's words without the number of its line."""
    for row in region.rows(str(wave["codebook"])):
        yield row["question_concept_id"], re.sub(r" [0-9]+(?=:|$)", "", row.get("label_de") or "")
