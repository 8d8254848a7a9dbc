"""Which text of consent a response was shown: a version of the wave, at a time when it was in use.

Belongs here: comparing what was answered with ``consent_texts`` of the wave. Does not belong here: what consent allows, or
that it was withdrawn later: those are events (source ``consent``) and the vault's state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ingest.survey.book import Book
from ingest.survey.findings import Row, review_row
from ingest.survey.plausible import Answers

KEY = ("CONS_TEXT_VERSION", "")


def consent_texts(book: Book, responses: dict[str, Answers], started: dict[str, datetime | None]) -> Iterator[Row]:
    """Rows for the review list: versions nobody declared or out of their time, and a change in the middle of a wave."""
    declared: list[dict[str, Any]] = book.facts.get("consent_texts") or []
    begins = {str(t["version"]): t["valid_from"] for t in declared}
    counts: Counter[str] = Counter()
    for response, answers in responses.items():
        version = answers.get(KEY)
        if version is None:
            continue
        text = version["raw_value"]
        counts[text] += 1
        code = _finding(text, begins, started.get(response)) if begins else None
        if code:
            yield review_row(book.wave_id, response, version["source_row"], KEY, code, raw_value=text, status="answered", class_code="consent")  # fmt: skip
    if len(counts) > 1:
        shown = ", ".join(f"{text}: {count}" for text, count in sorted(counts.items()))
        yield review_row(book.wave_id, "", None, KEY, "consent_text_changed", raw_value=shown, class_code="consent")


def _finding(text: str, begins: dict[str, date], when: datetime | None) -> str | None:
    if text not in begins:
        return "consent_text_unknown"
    if when is None:
        return None
    shown = max(
        (version for version in begins if begins[version] <= when.date()), key=lambda v: begins[v], default=None
    )
    return None if shown == text else "consent_text_out_of_time"
