"""Which rules a file breaks, found while its batches pass by.

Every rule of a contract looks at one value. So codes are judged once per distinct value, and numbers by the lowest and
the highest; a good delivery costs next to nothing per row. Which rows they are is asked only when a rule is broken.

Belongs here: judging values in passing, and the row hash on the way. Does not belong here: which rules there are
(``checks``) or naming rows (``rejects``).
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock, local

import numpy as np
import polars as pl

from ingest.bulk.row_hash import K1, K2, MISSING, Words, finish, fold, put_numbers, put_text
from ingest.checks import Rule
from ingest.contract import Column

SLOTS, SHIFT = 2**17, np.uint64(64 - 17)
MULTIPLIERS = K1, K2
WAITING = 20_000
FEW, MOST_OTHERS = 500, 50_000
# Up to so many different values are compared one by one: two flows, one period.
HANDFUL = 2
NOTHING = np.empty(0, np.int64)


def all_among(words: Words, few: Sequence[int]) -> bool:
    """Whether every word is one of a few."""
    known = words == np.uint64(few[0])
    for word in few[1:]:
        known |= words == np.uint64(word)
    return bool(known.all())


class Seen:
    """Which values have been judged already: a value is known by its 64 bits, at one of two places.

    The few that find both places taken by others are remembered one by one. Beyond some thousands of those a value may
    be judged again each time it comes: right, only slower.
    """

    def __init__(self) -> None:
        # A free place says that missing values were seen: those are counted, not judged here.
        self._tables = np.full(SLOTS, MISSING), np.full(SLOTS, MISSING)
        self._others: set[int] = set()
        self._first: list[int] = []

    def new(self, words: Words, spare: Words) -> np.ndarray:
        """Positions of the words that were not seen before; from now on they are. ``spare`` is overwritten."""
        if 0 < len(self._first) <= HANDFUL and all_among(words, self._first):
            return NOTHING
        rows = self._unseen(words, spare)
        if len(self._first) <= HANDFUL:
            self._first = list(dict.fromkeys([*self._first, *words[rows[:FEW]].tolist()]))
        return rows

    def _unseen(self, words: Words, spare: Words) -> np.ndarray:
        # Deliveries are sorted: most columns say the same as in the row above.
        turns = np.flatnonzero(words[1:] != words[:-1]) + 1
        is_sorted = len(turns) < len(words) // 4
        rows = np.append(turns, 0) if is_sorted else self._look(0, words, spare)
        for number in (0, 1) if is_sorted else (1,):
            rows = rows[self._look(number, words[rows], spare[: len(rows)])]
        if not 0 < len(rows) <= FEW:
            return rows
        own = words[rows]
        is_new = np.array([word not in self._others for word in own.tolist()])
        if len(self._others) < MOST_OTHERS:
            # What has just found a place is there next time as well; it does no harm here.
            self._others.update(own.tolist())
        return rows[is_new]

    def _look(self, number: int, words: Words, spare: Words) -> np.ndarray:
        table = self._tables[number]
        np.multiply(words, MULTIPLIERS[number], out=spare)
        np.right_shift(spare, SHIFT, out=spare)
        slots = spare.view(np.int64)
        there = table[slots]
        missed = np.flatnonzero(there != words)
        if len(missed):
            free = missed[there[missed] == MISSING]
            table[slots[free]] = words[free]
        return missed


class Profile:
    """Takes in the batches of a file, which may come from several threads, and gives them their ``row_hash``.

    ``height`` counts rows, ``missing`` the missing values by column, ``empty_ends`` the rows whose last cell is empty;
    ``broken`` says after the last batch whether some row breaks a rule.
    """

    def __init__(self, columns: list[Column], rules: list[Rule]) -> None:
        self.height = 0
        self.empty_ends = 0
        self.missing = dict.fromkeys((c.name for c in columns), 0)
        self._columns = columns
        self._rules = {c.name: [r for r in rules if r.column.name == c.name] for c in columns}
        self._seen = {n: Seen() for n, own in self._rules.items() if any(r.looks_at == "value" for r in own)}
        self._ends: dict[str, tuple[float, float]] = {}
        self._waiting: dict[str, list[pl.Series]] = {}
        self._is_broken = False
        self._lock, self._own = Lock(), local()

    def add(self, batch: Sequence[pl.Series]) -> pl.Series:
        """Take in a batch and give its ``row_hash`` (UInt64).

        ``batch``: the contract's columns in their order, then the last cell of each row as it was read, if wanted.
        """
        height, ends, batch = len(batch[0]), batch[len(self._columns) :], batch[: len(self._columns)]
        if not height:
            return pl.Series("row_hash", [], dtype=pl.UInt64)
        total = np.zeros(height, np.uint64)
        words, spare = self._buffers(height)
        for column, values in zip(self._columns, batch, strict=True):
            values = values.alias(column.name)
            (self._text if column.type == "text" else self._number)(values, words, spare)
            fold(total, words, spare)
        finish(total, spare)
        with self._lock:
            self.height += height
            self.empty_ends += sum(cells.null_count() for cells in ends)
            for column, values in zip(self._columns, batch, strict=True):
                self.missing[column.name] += values.null_count()
        return pl.Series("row_hash", total)

    @property
    def broken(self) -> bool:
        for name in self._waiting:
            self._judge_waiting(name)
        for name, own in self._rules.items():
            values = [float(end) for end in self._ends.get(name, ())]
            if values:
                self._judge(pl.Series(name, values), own)
            if self.missing[name]:
                kind = next(c for c in self._columns if c.name == name).dtype
                self._judge(pl.Series(name, [None], dtype=kind), own)
        return self._is_broken

    def _buffers(self, height: int) -> tuple[Words, Words]:
        """Two arrays of this thread, of the wanted length."""
        kept: Words | None = getattr(self._own, "kept", None)
        if kept is None or kept.shape[1] < height:
            kept = self._own.kept = np.empty((2, height), np.uint64)
        return kept[0, :height], kept[1, :height]

    def _text(self, values: pl.Series, words: Words, spare: Words) -> None:
        is_ascii = put_text(values, words, spare)
        seen, rules = self._seen.get(values.name), self._rules[values.name]
        if seen is not None:
            new = seen.new(words, spare)
            if len(new):
                # An index takes the values at once; ``gather`` would plan and run a query for it.
                self._wait(values[new])
        elif not is_ascii:
            self._judge(values.unique(), rules)

    def _number(self, values: pl.Series, words: Words, spare: Words) -> None:
        numbers = (values.drop_nulls() if values.null_count() else values).to_numpy()
        if len(numbers):
            # NumPy's extremes are NaN as soon as one value is, so that no NaN is lost.
            low, high = float(np.min(numbers)), float(np.max(numbers))
            with self._lock:
                before = self._ends.get(values.name, (low, high))
                self._ends[values.name] = float(np.minimum(low, before[0])), float(np.maximum(high, before[1]))
        put_numbers(values, words)

    def _wait(self, values: pl.Series) -> None:
        """Judging a few values costs as much as judging many, so new ones wait for each other."""
        with self._lock:
            waiting = self._waiting.setdefault(values.name, [])
            waiting.append(values)
            is_full = sum(map(len, waiting)) > WAITING
        if is_full:
            self._judge_waiting(values.name)

    def _judge_waiting(self, name: str) -> None:
        with self._lock:
            waiting, self._waiting[name] = self._waiting[name], []
        if waiting:
            self._judge(pl.concat(waiting).unique(), self._rules[name])

    def _judge(self, values: pl.Series, rules: list[Rule]) -> None:
        if rules and not self._is_broken:
            found = values.to_frame().select(pl.any_horizontal(r.broken.any() for r in rules)).item()
            self._is_broken |= bool(found)
