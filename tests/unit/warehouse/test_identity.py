"""Company ids: exact keys find a company again, weak keys never merge two, and the id says nothing."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime

import polars as pl
import pytest

from ingest.registry import sources
from warehouse.lake import ensure_empty, write_system_table
from warehouse.paths import Lineage
from warehouse.privacy.consent import in_force, record_events, withdraw
from warehouse.privacy.pseudonyms import Record, assign, normalised_name, normalised_register
from warehouse.privacy.vault import Vault


def record(number: str, **keys: str) -> Record:
    order = [(k, keys[k]) for k in ("register", "lei", "name_place") if k in keys]
    return Record("s", number, tuple(order))


def test_ids_are_random_durable_and_shaped(lineage: Lineage, tmp_path) -> None:
    one = record("1", register="R9.HRB1", name_place="a|01234")
    first = assign(lineage, [one])[0].company_id
    assert re.fullmatch(r"C-[A-Z2-7]{10}", first)
    assert assign(lineage, [one])[0].company_id == first
    elsewhere = Lineage(tmp_path / "other", "sample")
    elsewhere.prepare()
    assert assign(elsewhere, [one])[0].company_id != first


def test_the_strongest_key_decides(lineage: Lineage) -> None:
    spelled, differently = (
        record("1", register="R9.HRB1", name_place="a|1"),
        record("2", register="R9.HRB1", name_place="b|1"),
    )
    a, b = assign(lineage, [spelled, differently])
    assert a.company_id == b.company_id
    assert not b.conflict


def test_two_register_numbers_are_never_one_company(lineage: Lineage) -> None:
    a, b = assign(
        lineage,
        [record("1", register="R9.HRB1", name_place="same|1"), record("2", register="R9.HRB2", name_place="same|1")],
    )
    assert a.company_id != b.company_id
    assert b.conflict


def test_a_weak_key_attaches_where_nothing_speaks_against_it(lineage: Lineage) -> None:
    a, b, c = assign(
        lineage,
        [
            record("1", register="R9.HRB1", name_place="x|1"),
            record("2", lei="L1", name_place="x|1"),
            record("3", name_place="x|1"),
        ],
    )
    assert a.company_id == b.company_id == c.company_id


def test_the_vault_holds_no_plain_key(lineage: Lineage) -> None:
    assign(lineage, [record("1", register="R9.HRB424242", name_place="geheimwort|1")])
    raw = Vault(lineage).path.read_bytes()
    assert b"424242" not in raw
    assert b"geheimwort" not in raw
    with sqlite3.connect(Vault(lineage).path) as connection:
        assert connection.execute("SELECT count(*) FROM identity_key").fetchone() == (2,)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Müller & Söhne GmbH & Co. KG", "mueller soehne"),
        ("MUELLER UND SOEHNE G.m.b.H.", "mueller soehne g m b h"),
        ("Federn Ag", "federn"),
        ("Draht-Werk (erfunden) GmbH", "draht werk erfunden"),
    ],
)
def test_names_are_normalised(name: str, expected: str) -> None:
    assert normalised_name(name) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("R9", "HRB", "HRB 001234"), "R9.HRB1234"),
        (("R9", "HRB", "1234 B"), "R9.HRB1234B"),
        (("R9", "HRA", "B 12"), "R9.HRA12"),
        ((None, "HRB", "12"), None),
        (("R9", "HRB", "1234 (Ort)"), None),
    ],
)
def test_register_numbers_are_normalised(parts: tuple[str | None, str, str], expected: str | None) -> None:
    assert normalised_register(*parts) == expected


def consent_events(*events: tuple[str, str, int, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"event_id": e, "wave_id": "2026", "response_id": "1", "purpose_code": p, "is_granted": g, "text_version": "v",
             "occurred_at": when, "channel": "mail"}
            for e, p, g, when in events
        ],
        schema_overrides={"occurred_at": pl.String},
    ).with_columns(pl.col("occurred_at").str.to_datetime())  # fmt: skip


NO_ANSWERS = pl.DataFrame(
    schema={"wave_id": pl.String, "response_id": pl.String, "question_concept_id": pl.String, "answer_code": pl.String,
            "raw_value": pl.String, "submitted_at": pl.Datetime, "started_at": pl.Datetime}
)  # fmt: skip


def test_the_newest_event_is_in_force_and_a_withdrawal_wins_a_tie(lineage: Lineage) -> None:
    events = consent_events(
        ("1", "CONS_ADVISER", 1, "2026-02-01T10:00:00"),
        ("2", "CONS_ADVISER", 0, "2026-03-01T10:00:00"),
        ("3", "CONS_STORE", 1, "2026-03-01T10:00:00"),
        ("4", "CONS_STORE", 0, "2026-03-01T10:00:00"),
        ("5", "CONS_BENCHMARK", 0, "2026-01-01T10:00:00"),
        ("6", "CONS_BENCHMARK", 1, "2026-04-01T10:00:00"),
    )
    record_events(lineage, {"2026:1": "C-A"}, NO_ANSWERS, events)
    state = dict(in_force(lineage, ["C-A"]).select("purpose_code", "is_granted").iter_rows())
    assert state == {"CONS_ADVISER": False, "CONS_STORE": False, "CONS_BENCHMARK": True}


def test_a_withdrawal_beats_an_answer_of_tomorrow(lineage: Lineage) -> None:
    """What is logged came before a withdrawal that is made now, whatever its clock says; a withdrawal of a day is of that day."""
    table = pl.DataFrame(
        {
            "source_id": ["limesurvey"],
            "record_id": ["2026:1"],
            "company_id": ["C-A"],
            "key_type_code": ["record"],
            "is_synthetic": [True],
        }
    )
    write_system_table(lineage.lake, "identity", "company_key", table)
    for source in ("limesurvey", "kobo"):
        for name, own in sources()[source].tables.items():
            ensure_empty(lineage.lake, source, name, own.lake_schema)
    ahead = ("CONS_STORE", 1, "2999-02-01T10:00:00"), ("CONS_ADVISER", 1, "2999-02-01T10:00:00")
    record_events(
        lineage, {"2026:1": "C-A"}, NO_ANSWERS, consent_events(*((str(n), *event) for n, event in enumerate(ahead)))
    )
    withdraw(lineage, "C-A", ["CONS_STORE"], "mail", None)
    withdraw(lineage, "C-A", ["CONS_ADVISER"], "mail", datetime(2026, 5, 1, tzinfo=UTC))
    assert dict(in_force(lineage, ["C-A"]).select("purpose_code", "is_granted").iter_rows()) == {
        "CONS_STORE": False,
        "CONS_ADVISER": True,
    }
