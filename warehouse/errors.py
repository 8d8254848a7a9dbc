"""The errors a user can get, and their form: what, where, expected, what to do.

Belongs here: the base class every room derives from. Does not belong here: anything a programmer's mistake raises;
those stay ordinary exceptions and keep their traceback.
"""

from __future__ import annotations


class KettenwerkError(Exception):
    """Something the user can act on. Printed as one sentence per part, without a traceback.

    Args:
        problem: what is wrong.
        where: file, table, release or setting it concerns.
        expected: what would have been right.
        todo: the sensible next action.
    """

    def __init__(self, problem: str, *, where: str = "", expected: str = "", todo: str = "") -> None:
        self.problem = problem
        self.where = where
        self.expected = expected
        self.todo = todo
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole message in one line."""
        parts = [f"{self.where}: {self.problem}" if self.where else self.problem]
        if self.expected:
            parts.append(f"Expected: {self.expected}")
        if self.todo:
            parts.append(f"What to do: {self.todo}")
        return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts)


class SettingsError(KettenwerkError):
    """A setting, region folder or environment variable is missing or wrong."""


class RefusedError(KettenwerkError):
    """The gate refused a candidate or release; what is served did not change."""

    rule_id = "BIX-006"


class BusyError(KettenwerkError):
    """Another process holds the writer's place of this profile."""
