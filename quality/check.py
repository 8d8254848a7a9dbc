"""One check: a rule, the frame it looks at, and a typed Great Expectations expectation on that frame.

Belongs here: the shape of a check. Does not belong here: running it (``audit``) or the rules themselves (``suites``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
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
    frame: Callable[[Context], pd.DataFrame]
    expectation: Expectation
    explain: str
    partition_key: str = ""
    needs: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    observed: Callable[[pd.DataFrame], float] | None = None
