"""A question's fingerprint, and which fetched files answer a question nobody asks any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.fetching.connector import Ask
from ingest.fetching.notes import Note
from ingest.fetching.question import asked, fingerprint, is_answer_to, is_same_question, no_longer_asked

ONE = {"url": "https://a.invalid", "codes": ["1", "2"], "since": None}


def test_the_order_of_facts_does_not_matter_their_values_do() -> None:
    assert fingerprint(ONE) == fingerprint(dict(reversed(ONE.items())))
    others = [ONE | {"codes": ["2", "1"]}, ONE | {"since": 2020}, ONE | {"url": "https://b.invalid"}, {}]
    assert len({fingerprint(ONE), *map(fingerprint, others)}) == 5


def test_a_state_is_only_of_its_own_question() -> None:
    """A cursor kept before there were fingerprints is of no question; an unknown state stays unknown."""
    state = asked("7 of May", ONE)
    assert state == f"7 of May; asked {fingerprint(ONE)}"
    assert is_answer_to(state, ONE) and not is_answer_to(state, {}) and not is_answer_to("7 of May", ONE)
    assert asked(None, ONE) is None and not is_answer_to(None, ONE)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (asked("a", ONE), asked("b", ONE), True),
        (asked("a", ONE), asked("a", {}), False),
        (asked("a", ONE), "a", False),
        ("a", "b", True),
        (None, "a", False),
    ],
)
def test_only_the_state_may_differ(one: str | None, other: str | None, is_same: bool) -> None:
    assert is_same_question(one, other) is is_same


def note(file_name: str, partition_key: str, *members: str) -> Note:
    return Note(
        "s", "e", "d", partition_key, file_name, "", 0, "", "", None, None, "", {}, 200, None, None, None, None, list(members)
    )  # fmt: skip


def test_files_nobody_asks_for_any_more_are_named() -> None:
    """Dropped partitions, members an archive no longer gives, and everything of an archive that was dropped."""
    archive = note("a.zip", "a", "one.csv", "two.csv")
    notes = [
        archive, note("one.csv", "a"), note("two.csv", "a"), note("old.csv", "a"),
        note("b.zip", "b", "three.csv"), note("three.csv", "b"), note("c.json", "c"),
    ]  # fmt: skip
    assert no_longer_asked(notes, [Ask("a", "a.zip", "u"), Ask("c", "c.json", "u")]) == [
        "b.zip",
        "old.csv",
        "three.csv",
    ]
    assert no_longer_asked([replace(archive, members=[])], [Ask("a", "a.zip", "u")]) == []


def test_what_is_only_out_of_sight_is_still_asked_for() -> None:
    """Months before the watched ones are not looked at and yet wanted; a reporter that was dropped is not."""
    notes = [note("1.7z", "276-2001"), note("2.7z", "276-2024"), note("3.7z", "40-2024")]
    asks = [Ask("276-2024", "2.7z", "u")]
    assert no_longer_asked(notes, asks, lambda key: key.startswith("276-")) == ["3.7z"]
    assert no_longer_asked(notes, asks) == ["1.7z", "3.7z"]
