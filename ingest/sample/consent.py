"""Consent: what the companies allow in the questionnaire, and the events that came later.

Belongs here: consent by purpose and its events. Does not belong here: who may read what (the warehouse decides that).
"""

from dataclasses import dataclass

from ingest.sample.cast import Cast
from ingest.sample.companies import Company
from ingest.sample.streams import stream
from ingest.sample.truths import WAVE_ID
from ingest.sample.writer import InboxWriter, delimited

TEXT_VERSION = "2026-01"
# Share of companies that allow each purpose.
PURPOSES = {
    "CONS_STORE": 0.92,
    "CONS_BENCHMARK": 0.90,
    "CONS_ADVISER": 0.75,
    "CONS_MATCHMAKING": 0.65,
    "CONS_NAMED_LINKS": 0.60,
    "CONS_REPORTING": 0.80,
    "CONS_RECONTACT": 0.85,
}


@dataclass(frozen=True)
class ConsentEvent:
    """A later grant or withdrawal; the last event of a purpose is in force."""

    response_id: int
    purpose_code: str
    is_granted: bool
    occurred_at: str
    channel: str
    wave_id: str = WAVE_ID


def consents(companies: list[Company], cast: Cast, seed: int) -> dict[int, dict[str, bool]]:
    """Consent by company number; without storage nothing else is allowed either."""
    rng = stream(seed, "consent")
    starring = cast.starring()
    result: dict[int, dict[str, bool]] = {}
    for company in companies:
        drawn = {purpose: bool(rng.random() < share) for purpose, share in PURPOSES.items()}
        if company.number in starring:
            drawn = dict.fromkeys(PURPOSES, True)
        result[company.number] = drawn if drawn["CONS_STORE"] else dict.fromkeys(PURPOSES, False)
    return result


def consent_events(
    companies: list[Company], cast: Cast, given: dict[int, dict[str, bool]], response_ids: dict[int, int]
) -> list[ConsentEvent]:
    """The two planted withdrawals, and a few harmless events around them."""
    aside = cast.starring() | {c.number for c in cast.partial}
    plain = [c for c in companies if c.number not in aside and given[c.number]["CONS_STORE"]]
    late_grants = [c for c in plain if not given[c.number]["CONS_ADVISER"]][:3]
    no_recontact = [c for c in plain if given[c.number]["CONS_RECONTACT"] and c not in late_grants][:3]
    events = [
        ConsentEvent(response_ids[cast.withdrawn_store.number], "CONS_STORE", False, "2026-06-15 09:12:00", "mail"),
        ConsentEvent(
            response_ids[cast.withdrawn_adviser.number], "CONS_ADVISER", False, "2026-07-02 14:40:00", "phone"
        ),
    ]
    events += [
        ConsentEvent(response_ids[c.number], "CONS_ADVISER", True, f"2026-05-{10 + n} 11:00:00", "visit")
        for n, c in enumerate(late_grants)
    ]
    events += [
        ConsentEvent(response_ids[c.number], "CONS_RECONTACT", False, f"2026-08-{3 + n:02d} 08:30:00", "mail")
        for n, c in enumerate(no_recontact)
    ]
    return sorted(events, key=lambda e: (e.occurred_at, e.response_id))


def write_consent_events(writer: InboxWriter, events: list[ConsentEvent]) -> None:
    """The event log as CSV."""
    header = (
        "event_id",
        "wave_id",
        "response_id",
        "purpose_code",
        "is_granted",
        "text_version",
        "occurred_at",
        "channel",
    )
    rows = [
        (
            f"CE-{n:04d}",
            e.wave_id,
            str(e.response_id),
            e.purpose_code,
            str(int(e.is_granted)),
            TEXT_VERSION,
            e.occurred_at,
            e.channel,
        )
        for n, e in enumerate(events, start=1)
    ]
    writer.write("consent/consent_events.csv", delimited(header, rows, ",").encode("utf-8"), len(rows))
