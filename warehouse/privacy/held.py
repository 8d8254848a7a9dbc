"""Everything held of one company, for the person who asks for it (GDPR, Art. 15): answers, contacts, consents, scores.

Belongs here: gathering it from vault, lake and the served release. Does not belong here: printing, or removing anything.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.files import opened, quoted
from warehouse.paths import Lineage
from warehouse.privacy import disclosure_memory
from warehouse.privacy.audiences import audience_table
from warehouse.privacy.erasure.subject import Subject, answers_of, find
from warehouse.privacy.ledger import decisions
from warehouse.privacy.vault import Vault
from warehouse.release import current_release

Rows = list[dict[str, Any]]
# A row about two companies tells each what it said itself, never what the other confided (Art. 15(4)). Of a match: that it
# is proposed and how. Of a link: how much of what is bought is the buyer's alone to know.
OF_BOTH = {"marts.mart_partner_match": ("match_type_code", "score_version", "match_score", "double_opt_in_status_code")}
SAID_BY = {
    "marts.mart_supply_link": ("buyer_company_id", ("share_of_buyer_purchases_pct", "share_band_low_pct", "share_band_high_pct",
                                                    "substitutability_code", "lead_time_days")),
}  # fmt: skip
ANSWER = ["source_id", "wave_id", "response_id", "question_concept_id", "item_code", "raw_value", "answer_status_code"]


def held(lineage: Lineage, who: str) -> dict[str, Rows]:
    """Rows by section; a section without rows is there and empty.

    Args:
        who: company id, or ``<wave>:<response>``.

    Raises:
        KettenwerkError: nothing is held under this id.
    """
    subject = find(lineage, who)
    sections: dict[str, Rows] = {
        "identity": [{"company_id": subject.company_id, "source_id": s, "record_id": r} for s, r in subject.records],
        "identity_keys": _vault_rows(lineage, "SELECT key_type, count(*) AS key_count FROM identity_key WHERE company_id IN ({}) GROUP BY 1", subject),
        "identity_decisions": _decisions(lineage, subject),
        "contacts": _contacts(lineage, subject),
        "consent_events": _vault_rows(
            lineage, "SELECT purpose_code, is_granted, text_version, occurred_at, channel FROM consent_event "
            "WHERE company_id IN ({}) ORDER BY occurred_at, purpose_code", subject,
        ),
        "answers": _answers(lineage, subject),
        "counted_in": disclosure_memory.of_company(lineage, subject.ids).to_dicts(),
    }  # fmt: skip
    sections |= _published(lineage, subject.company_id)
    return sections


def _vault_rows(lineage: Lineage, statement: str, subject: Subject) -> Rows:
    with Vault(lineage).connection() as connection:
        cursor = connection.execute(statement.format(", ".join("?" * len(subject.ids))), subject.ids)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _decisions(lineage: Lineage, subject: Subject) -> Rows:
    """Decisions that tie it to other ids, or keep it apart from them, and why."""
    own = set(subject.ids)
    return [
        {"decision_id": d.decision_id, "action": d.action, "left": d.left, "right": d.right, "method": d.method,
         "decided_by": d.decided_by, "decided_on": d.decided_on, "reversed_at": d.reversed_at, **d.evidence}
        for d in decisions(lineage) if own & set(d.pair)
    ]  # fmt: skip


def _contacts(lineage: Lineage, subject: Subject) -> Rows:
    own = {(wave, response) for _, wave, response in subject.responses}
    return [c for c in Vault(lineage).contacts() if (c["wave_id"], c["response_id"]) in own]


def _answers(lineage: Lineage, subject: Subject) -> Rows:
    answers = answers_of(lineage, subject.responses)
    if answers.is_empty():
        return []
    return answers.select(ANSWER).unique(maintain_order=True).sort(ANSWER[:5]).to_dicts()


def _published(lineage: Lineage, company_id: str) -> dict[str, Rows]:
    """What the served release says of it, file by file: scores and links among it, and who reads that file."""
    folder = current_release(lineage)
    sections: dict[str, Rows] = {"recipients": []}
    if folder is None:
        return sections
    for audience, label in audience_table().labels.items():
        found = _rows_about(folder / f"{audience}.duckdb", company_id)
        for table, rows in found.items():
            sections[f"{audience}: {table}"] = rows
        if found:
            rows = sum(map(len, found.values()))
            sections["recipients"].append({"audience": audience, "who": label, "release_id": folder.name, "rows": rows})
            sections["recipients"] += _linked(found.get("marts.mart_supply_link", []), company_id, audience)
    return sections


def _rows_about(path: Any, company_id: str) -> dict[str, Rows]:
    with opened(path) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
            "WHERE database_name = current_database() AND NOT internal AND column_name LIKE '%company_id' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        found: dict[str, Rows] = {}
        for table, columns in tables:
            where = " OR ".join(f"{column} = {quoted(company_id)}" for column in columns)
            frame: pl.DataFrame = connection.execute(
                f"SELECT {_shown(table, company_id)} FROM {table} WHERE {where}"
            ).pl()
            if frame.height:
                found[table] = frame.to_dicts()
        return found


def _shown(table: str, company_id: str) -> str:
    if table in OF_BOTH:
        return ", ".join(OF_BOTH[table])
    if table not in SAID_BY:
        return "*"
    speaker, said = SAID_BY[table]
    own = (f"CASE WHEN {speaker} = {quoted(company_id)} THEN {column} END AS {column}" for column in said)
    return f"* REPLACE ({', '.join(own)})"


def _linked(links: Rows, company_id: str, audience: str) -> Rows:
    """Companies that a named link shows to each other."""
    partners = {
        link[side]
        for link in links
        for side in ("supplier_company_id", "buyer_company_id")
        if link.get("is_named_with_consent") and link.get(side) not in (None, company_id)
    }
    return [{"audience": audience, "who": f"named link with {partner}"} for partner in sorted(partners)]
