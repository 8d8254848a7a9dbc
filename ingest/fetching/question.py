"""What was asked, as a part of the state an answer is in: "nothing new" is only ever said to the same question.

A source's own state (ETag, date, count) says nothing of which of its rows were wanted. A contract or region that changed
asks something else, so the state that is kept ends with a fingerprint of the question.

Belongs here: fingerprints of questions, and which fetched files answer a question nobody asks any more. Does not belong
here: which facts make up a question (each connector knows its own), or removing anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ingest.fetching.connector import Ask
from ingest.fetching.notes import Note

MARK = "; asked "


def fingerprint(question: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits, the same for the same facts in any order; secrets and page sizes are no facts of it."""
    return hashlib.sha256(json.dumps(dict(question), sort_keys=True, default=str).encode()).hexdigest()[:8]


def asked(state: str | None, question: Mapping[str, Any]) -> str | None:
    """A source's state together with the question it answers; None stays None: only fetching can tell."""
    return None if state is None else f"{state}{MARK}{fingerprint(question)}"


def is_answer_to(cursor: str | None, question: Mapping[str, Any]) -> bool:
    """Whether a kept cursor is of this very question; one without a question is of none."""
    return cursor is not None and cursor.endswith(MARK + fingerprint(question))


def is_same_question(cursor: str | None, other: str | None) -> bool:
    """Whether two cursors differ in the source's state at most, not in what was asked."""
    return cursor is not None and other is not None and _question(cursor) == _question(other)


def no_longer_asked(
    notes: Iterable[Note], asks: Iterable[Ask], offers: Callable[[str], bool] | None = None
) -> list[str]:
    """Names of fetched files that the contract as it stands would not bring: they stay, and stay in force.

    Args:
        notes: of one endpoint.
        asks: everything it offers now, not a selection.
        offers: whether a partition would be given when asked for by name, for endpoints that look at their newest only.
    """
    now = {ask.file_name for ask in asks}
    notes = list(notes)
    kept = [note for note in notes if note.file_name in now or (offers is not None and offers(note.partition_key))]
    spoken_for = now | {name for note in kept for name in (note.file_name, *note.members)}
    return sorted({note.file_name for note in notes} - spoken_for)


def _question(cursor: str) -> str:
    _, mark, question = cursor.rpartition(MARK)
    return question if mark else ""
