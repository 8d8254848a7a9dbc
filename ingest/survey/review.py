"""The review list: what a person has to decide, as a CSV that opens in any spreadsheet and comes back through the inbox.

Belongs here: collecting open findings of the deliveries in force and writing them. Does not belong here: finding anything
(``findings``), reading decisions (``sources/survey_decision``) or applying them (``warehouse.methods.survey_decisions``).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table
from warehouse.paths import Lineage, write_text_atomically
from warehouse.region import Region
from warehouse.spreadsheet import unarmed

ID, WAVE, RESPONSE, QUESTION, ITEM = "review_id", "Welle", "Antwort", "Frage", "Position"
DECISION, NEW_VALUE, BY, ON, NOTE = "Entscheidung", "Neuer Wert", "Entschieden von", "Entschieden am", "Bemerkung"
HEADERS = {
    "review_id": ID, "wave_id": WAVE, "response_id": RESPONSE, "source_row": "Zeile", "question_concept_id": QUESTION,
    "item_code": ITEM, "finding_code": "Befund", "label_de": "Was auffiel", "todo_de": "Was zu tun ist",
    "answer_status_code": "Status", "raw_value": "Geliefert", "proposal": "Vorschlag",
}  # fmt: skip
ANSWERS = (DECISION, NEW_VALUE, BY, ON, NOTE)
SURVEYS = ("limesurvey", "kobo")
FOLDER = "review"
OWNER_FILE = 0o600


@dataclass(frozen=True)
class ReviewList:
    """What was written, and how many findings are open and decided."""

    path: Path | None
    rows: pl.DataFrame
    open_count: int
    decided_count: int


def review_list(lineage: Lineage, region: Region, wave: str | None, everything: bool = False) -> pl.DataFrame:
    """Findings of the deliveries in force with their decision, oldest wave first.

    Args:
        wave: only this one.
        everything: also what is decided.

    Raises:
        KettenwerkError: nothing has been received yet, or nothing of the wave.
    """
    try:
        snapshots = read_system_table(lineage.lake, "meta", "snapshot").filter("is_latest_vintage")
    except (FileNotFoundError, pl.exceptions.PolarsError):
        raise KettenwerkError(
            "nothing has been received yet", where=f"profile {lineage.profile}", todo=f"call: kettenwerk refresh --profile {lineage.profile}"
        ) from None  # fmt: skip
    own = snapshots.filter(pl.col("source_id").is_in(SURVEYS))
    if wave is not None and wave not in own["partition_key"].to_list():
        raise KettenwerkError(
            f"no delivery of wave '{wave}' has been received", where=f"profile {lineage.profile}",
            expected=f"one of {', '.join(sorted(set(own['partition_key'])))}" if own.height else "a delivery in the inbox",
        )  # fmt: skip
    review = pl.concat([_in_force(lineage, s, "review", snapshots) for s in SURVEYS], how="diagonal")
    # Decisions are a log: every list that ever came back counts, and the newest decision on a finding holds.
    log = pl.read_parquet(lineage.lake / "survey_decision" / "decision" / "*.parquet").sort("decided_on")
    value = pl.coalesce(pl.col("new_num").cast(pl.String), "new_code").alias("new_value")
    decided = log.unique("review_id", keep="last", maintain_order=True)
    decided = decided.select("review_id", "decision_code", value, "decided_by", "decided_on")
    rows = review.join(decided, on="review_id", how="left")
    if wave is not None:
        rows = rows.filter(pl.col("wave_id") == wave)
    if not everything:
        rows = rows.filter(pl.col("decision_code").is_null())
    findings = pl.DataFrame(
        region.rows("survey/findings.csv"), schema=dict.fromkeys(("finding_code", "class_no", "label_de", "todo_de"), pl.String)
    )  # fmt: skip
    return rows.join(findings, on="finding_code", how="left").sort("wave_id", "source_row", "question_concept_id", "item_code", "finding_code")  # fmt: skip


def write_review_list(
    lineage: Lineage, region: Region, wave: str | None, everything: bool = False, path: Path | None = None
) -> ReviewList:
    """Write the list where only its owner may read it, unless a path is given. Nothing open writes nothing."""
    rows = review_list(lineage, region, wave, everything)
    is_open = rows["decision_code"].is_null().sum()
    if not rows.height:
        return ReviewList(None, rows, 0, 0)
    target = path or lineage.root / FOLDER / f"survey-review-{wave or 'all'}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(target, as_csv(rows))
    target.chmod(OWNER_FILE)
    return ReviewList(target, rows, int(is_open), rows.height - int(is_open))


def as_csv(rows: pl.DataFrame) -> str:
    """Semicolons and a byte order mark, as German spreadsheets open it; no cell can be taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*HEADERS.values(), *ANSWERS])
    for row in rows.iter_rows(named=True):
        cells = [unarmed(str(row[name])) if row[name] is not None else "" for name in HEADERS]
        decided = [row.get("decision_code"), row.get("new_value"), row.get("decided_by"), row.get("decided_on"), None]
        writer.writerow([*cells, *(unarmed(str(v)) if v is not None else "" for v in decided)])
    return "\ufeff" + buffer.getvalue()


def _in_force(lineage: Lineage, source: str, table: str, snapshots: pl.DataFrame) -> pl.DataFrame:
    frame = pl.read_parquet(lineage.lake / source / table / "*.parquet")
    return frame.filter(pl.col("snapshot_id").is_in(snapshots["snapshot_id"].implode()))
