"""Which values of a column are judged: each at least once, and a file's usual ones not again and again."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.bulk import profile
from ingest.bulk.profile import Seen
from ingest.bulk.row_hash import MISSING

ROWS = 5_000


def batches(kinds: int, order: str, count: int = 12) -> list[np.ndarray]:
    """Words of many batches with so many different values, sorted as in a delivery or not."""
    rng = np.random.default_rng(kinds)
    values = rng.integers(1, 2**63, kinds, dtype=np.uint64)
    rows = values[rng.integers(0, kinds, ROWS * count)]
    return np.split(np.sort(rows) if order == "sorted" else rows, count)


def shown(seen: Seen, words: np.ndarray) -> np.ndarray:
    return words[seen.new(words, np.empty_like(words))]


@pytest.mark.parametrize("slots", [17, 6], ids=["roomy", "crowded"])
@pytest.mark.parametrize("order", ["sorted", "mixed"])
@pytest.mark.parametrize("kinds", [1, 2, 3, 40, 3_000, 60_000])
def test_every_value_is_judged_before_it_counts_as_seen(
    kinds: int, order: str, slots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where far more values come than there are places: none slips through unjudged."""
    monkeypatch.setattr(profile, "SLOTS", 2**slots)
    monkeypatch.setattr(profile, "SHIFT", np.uint64(64 - slots))
    monkeypatch.setattr(profile, "MOST_OTHERS", 2_000)
    seen, judged = Seen(), set[int]()
    for words in batches(kinds, order):
        judged |= set(shown(seen, words).tolist())
        assert set(words.tolist()) <= judged
    assert len(judged) <= kinds


@pytest.mark.parametrize("slots", [17, 14], ids=["roomy", "crowded"])
@pytest.mark.parametrize("kinds", [1, 2, 3, 40, 3_000])
def test_usual_values_are_judged_once(kinds: int, slots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After batches that held them all, the same values give nothing to judge, in whatever order."""
    monkeypatch.setattr(profile, "SLOTS", 2**slots)
    monkeypatch.setattr(profile, "SHIFT", np.uint64(64 - slots))
    seen = Seen()
    for words in batches(kinds, "mixed"):
        shown(seen, words)
    assert [len(shown(seen, words)) for order in ("mixed", "sorted") for words in batches(kinds, order)] == [0] * 24


def test_a_new_value_among_two_usual_ones_is_found() -> None:
    """A third flow in the middle of a month of two."""
    seen = Seen()
    for words in batches(2, "mixed"):
        shown(seen, words)
    words = batches(2, "mixed")[0].copy()
    words[3_333] = 77
    assert 77 in shown(seen, words)
    assert 77 not in shown(seen, words)


def test_missing_values_do_not_hide_others() -> None:
    """Missing words are counted elsewhere; beside them a value is still judged."""
    seen = Seen()
    words = np.full(ROWS, MISSING)
    words[::7] = 5
    assert 5 in shown(seen, words)
