"""Consent as an event log: what was given or withdrawn, purpose by purpose, and what is in force now.

Belongs here: recording events in the vault and reading the state. Does not belong here: which audience needs which
purpose (``audiences.yml``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import polars as pl

from warehouse.lake import write_parquet
from warehouse.paths import Lineage
from warehouse.privacy.erasure.subject import find
from warehouse.privacy.ledger import clusters
from warehouse.privacy.vault import Vault

PURPOSES = (
    "CONS_STORE", "CONS_BENCHMARK", "CONS_ADVISER", "CONS_MATCHMAKING", "CONS_NAMED_LINKS", "CONS_REPORTING",
    "CONS_RECONTACT",
)  # fmt: skip


def record_events(lineage: Lineage, companies: dict[str, str], answers: pl.DataFrame, events: pl.DataFrame) -> None:
    """Log what responses and later messages say. A logged event is never changed: one that says something else under
    the same id becomes an event of its own.

    Args:
        companies: '<wave>:<response>' to company id.
        answers: survey answers with ``submitted_at`` and ``started_at``.
        events: the table ``consent.event``.
    """
    rows: list[tuple[str, str, str, int, str | None, str, str | None]] = []
    versions: dict[str, str] = {}
    for answer in answers.filter(pl.col("question_concept_id") == "CONS_TEXT_VERSION").iter_rows(named=True):
        versions[f"{answer['wave_id']}:{answer['response_id']}"] = answer["raw_value"]
    for answer in answers.filter(pl.col("question_concept_id").is_in(PURPOSES)).iter_rows(named=True):
        record = f"{answer['wave_id']}:{answer['response_id']}"
        when = answer["submitted_at"] or answer["started_at"]
        if record in companies and when is not None:
            granted = int(answer["answer_code"] == "1")
            event_id = f"survey:{record}:{answer['question_concept_id']}:{when.isoformat()}:{granted}"
            rows.append((event_id, companies[record], answer["question_concept_id"], granted, versions.get(record),
                         when.isoformat(), "survey"))  # fmt: skip
    for event in events.iter_rows(named=True):
        record = f"{event['wave_id']}:{event['response_id']}"
        if record in companies:
            event_id = f"{event['event_id']}:{event['occurred_at'].isoformat()}:{int(event['is_granted'])}"
            rows.append((event_id, companies[record], event["purpose_code"], int(event["is_granted"]),
                         event["text_version"], event["occurred_at"].isoformat(), event["channel"]))  # fmt: skip
    with Vault(lineage).connection() as connection:
        connection.executemany("INSERT OR IGNORE INTO consent_event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def withdraw(lineage: Lineage, who: str, purposes: list[str], channel: str, at: datetime | None) -> str:
    """Note that a company withdrew consents; its id. The next build respects it.

    Args:
        who: company id, or ``<wave>:<response>``.
        at: when it was withdrawn (UTC); None is now, and not before anything that is logged already: an answer whose
            clock runs ahead of this machine's does not outlive a withdrawal that came after it.

    Raises:
        KettenwerkError: nothing is held under this id.
    """
    subject = find(lineage, who)
    rows: list[tuple[str, str, str, int, str | None, str, str | None]] = []
    with Vault(lineage).connection() as connection:
        # Under every id of the company: should one prove to be another company, the withdrawal stands for both.
        for company_id, purpose in product(subject.ids, purposes):
            moment = _moment(at or datetime.now(UTC))
            if at is None:
                [newest] = connection.execute(
                    "SELECT max(occurred_at) FROM consent_event WHERE company_id = ? AND purpose_code = ?", (company_id, purpose)
                ).fetchone()  # fmt: skip
                moment = max(moment, newest or moment)
            rows.append((f"withdrawn:{company_id}:{purpose}:{moment}", company_id, purpose, 0, None, moment, channel))
        connection.executemany("INSERT OR IGNORE INTO consent_event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return subject.company_id


def _moment(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds")


def in_force(lineage: Lineage, company_ids: list[str]) -> pl.DataFrame:
    """The newest event per company and purpose; of two at the same moment the withdrawal counts.

    Where decisions tie several ids to one company, each of them that said anything must grant: a decision may take a consent
    away, never give one.

    Args:
        company_ids: as the companies are shown.
    """
    tied = clusters(lineage)
    pairs = [(member, company) for company in company_ids for member in tied.members(company)]
    shown = pl.DataFrame(pairs, schema={"company_id": pl.String, "shown_id": pl.String}, orient="row")
    with Vault(lineage).connection() as connection:
        rows = connection.execute(
            "SELECT company_id, purpose_code, is_granted, text_version, occurred_at FROM consent_event"
        ).fetchall()
    frame = pl.DataFrame(
        rows,
        schema={"company_id": pl.String, "purpose_code": pl.String, "is_granted": pl.Int64, "text_version": pl.String,
                "occurred_at": pl.String},
        orient="row",
    )  # fmt: skip
    return (
        frame.join(shown, on="company_id")
        .sort("occurred_at", "is_granted", descending=[False, True])
        .group_by("shown_id", "company_id", "purpose_code", maintain_order=True)
        .last()
        .sort("is_granted", "occurred_at", descending=[True, False])
        .group_by("shown_id", "purpose_code", maintain_order=True)
        .last()
        .select(
            pl.col("shown_id").alias("company_id"),
            "purpose_code",
            (pl.col("is_granted") == 1).alias("is_granted"),
            "text_version",
            pl.col("occurred_at").str.to_datetime(time_unit="us", strict=False).alias("in_force_since"),
        )
        .sort("company_id", "purpose_code")
    )


def keep_state(lineage: Lineage, release_id: str, consent: pl.DataFrame) -> None:
    """Remember in the vault which consents a release was built on."""
    write_parquet(consent.filter("is_granted"), _state_file(lineage, release_id))


def withdrawn_since(lineage: Lineage, release_id: str) -> int:
    """How many consents a release was built on are no longer in force; a release without a kept state counts as one."""
    path = _state_file(lineage, release_id)
    if not path.exists():
        return 1
    then = pl.read_parquet(path)
    now = in_force(lineage, then["company_id"].unique().to_list()).filter("is_granted")
    return then.join(now, on=["company_id", "purpose_code"], how="anti").height


def move_state(lineage: Lineage, release_id: str, new_id: str) -> None:
    """The state of a release that another took the place of; without one there is none to move."""
    if _state_file(lineage, release_id).exists():
        _state_file(lineage, release_id).rename(_state_file(lineage, new_id))


def forget_state(lineage: Lineage, release_id: str) -> None:
    """Remove the state of a release that is no longer kept."""
    _state_file(lineage, release_id).unlink(missing_ok=True)


def _state_file(lineage: Lineage, release_id: str) -> Path:
    return lineage.vault / "consent_at" / f"{release_id}.parquet"
