"""Named steps of a refresh: what is being done now, told to whoever listens.

Belongs here: the one channel from the rooms to the command line, Dagster and the tests. Does not belong here: how a
step is shown. Rooms call ``step``; a listener is a plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One thing a room did or is about to do."""

    room: str
    name: str
    message: str
    facts: dict[str, object] = field(default_factory=dict)


Listener = Callable[[Step], None]
_listeners: list[Listener] = []


def step(room: str, name: str, message: str = "", **facts: object) -> None:
    """Tell every listener. A listener that raises stops the refresh: that is how tests break it at a boundary."""
    event = Step(room, name, message, facts)
    for listener in list(_listeners):
        listener(event)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Listen while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
