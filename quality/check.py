"""One check: a rule, the frame it looks at, and a typed Great Expectations expectation on that frame.

Belongs here: the shape of a check. Does not belong here: running it (``audit``) or the rules themselves (``suites``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from great_expectations.expectations.expectation import Expectation

from quality.batches import Context


@dataclass(frozen=True)
class Check:
    """A release-level rule.

    ``frame`` gives a few rows; ``explain`` is the sentence shown when the expectation fails, with ``{worst}`` for the
    rows that broke it. ``needs`` names 'schema.table' that must hold rows, else the check is skipped and says so.
    """

    rule_id: str
    asset_name: str
    severity: str
    frame: Callable[[Context], pl.DataFrame]
    expectation: Expectation
    explain: str
    partition_key: str = ""
    needs: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    observed: Callable[[pl.DataFrame], float | None] | None = None


def highest(column: str) -> Callable[[pl.DataFrame], float | None]:
    """The largest value of a frame's column, as a rule's observed value."""
    return lambda frame: frame.select(pl.col(column).cast(pl.Float64).max()).item()


def lowest(column: str) -> Callable[[pl.DataFrame], float | None]:
    """The smallest value of a frame's column, as a rule's observed value."""
    return lambda frame: frame.select(pl.col(column).cast(pl.Float64).min()).item()


def row_count(frame: pl.DataFrame) -> float:
    """The rows of a frame, where every row is a finding."""
    return float(frame.height)
