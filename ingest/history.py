"""A delivery against the ones before it: how much came, whether it repeats, how old its newest period is.

Nothing here refuses a delivery; each finding is a result that warns, because a source may really have changed.

Belongs here: rules that compare deliveries of one source over time (LND-004, LND-006, LND-009). Does not belong here:
rules about one delivery (``checks``) or about what is in it (dbt tests).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from statistics import median
from typing import Any

from ingest.contract import Dataset, Source
from ingest.fetching.fetch import Outcome
from ingest.snapshot import Sidecar, landed
from warehouse.paths import Lineage
from warehouse.results import Result

COMPARED_LOADS = 6

Gates = dict[str, dict[str, Any]]


def volume(source: Source, lineage: Lineage, new: Iterable[Sidecar], gates: Gates) -> list[Result]:
    """LND-009: rows of every new delivery against the median of up to six comparable ones before it."""
    limit = _limit(gates, "LND-009", "rows_change_max_pct")
    everything = list(landed(lineage, source.source_id))
    results = []
    for sidecar in new:
        before = _before(sidecar, everything, source.datasets[sidecar.dataset_code])
        if not before:
            continue
        usual = median(s.row_count for s in before)
        change = 100 * (sidecar.row_count - usual) / usual if usual else 0.0
        broken = abs(change) > limit
        results.append(
            Result(
                "LND-009", source.source_id, gates["LND-009"]["severity"], "fail" if broken else "pass", sidecar.partition_key or sidecar.dataset_code,
                observed_value=change, expected_low=-limit, expected_high=limit,
                message=f"{sidecar.file_name} holds {sidecar.row_count:,} rows, {change:+.0f} % against the usual {usual:,.0f}" if broken else "",
            )
        )  # fmt: skip
    return results


def _limit(gates: Gates, rule_id: str, name: str) -> float:
    return float(gates[rule_id]["limits"][name])


def _before(sidecar: Sidecar, everything: list[Sidecar], dataset: Dataset) -> list[Sidecar]:
    """Up to six comparable deliveries that came earlier, or with this one for an earlier slice."""
    comparable = [
        s
        for s in everything
        if s.dataset_code == sidecar.dataset_code
        and s.snapshot_id != sidecar.snapshot_id
        and (dataset.volume_by == "dataset" or s.partition_key == sidecar.partition_key)
        and (s.retrieved_at, s.partition_key) <= (sidecar.retrieved_at, sidecar.partition_key)
    ]
    return sorted(comparable, key=lambda s: (s.retrieved_at, s.partition_key))[-COMPARED_LOADS:]


def repetition(outcome: Outcome) -> list[Result]:
    """LND-004: the source announced something new and gave the same bytes."""
    return [
        Result(
            "LND-004", outcome.source_id, "warn", "fail", repeated,
            message=f"the source announced a new {repeated}, but its bytes are the same as before",
        )
        for repeated in outcome.repeated
    ]  # fmt: skip


def age(source: Source, lineage: Lineage, today: date) -> list[Result]:
    """LND-006: days since the end of the newest period of every dataset that says how late it may be."""
    results = []
    for name, dataset in source.datasets.items():
        if dataset.period_format is None or dataset.expected_delay_days is None:
            continue
        periods = [s.partition_key for s in landed(lineage, source.source_id) if s.dataset_code == name]
        if not periods:
            continue
        newest = max(periods)
        days = (today - _end(newest, dataset.period_format)).days
        broken = days > dataset.expected_delay_days
        results.append(
            Result(
                "LND-006", source.source_id, "warn", "fail" if broken else "pass", name,
                observed_value=float(days), expected_high=float(dataset.expected_delay_days),
                message=f"the newest period of {name} is {newest}, {days} days ago; {dataset.expected_delay_days} are usual" if broken else "",
            )
        )  # fmt: skip
    return results


def _end(partition_key: str, period_format: str) -> date:
    """Last day of a period: of the year for ``%Y``, else of the month."""
    start = datetime.strptime(partition_key, period_format).date()
    if "%m" not in period_format:
        return date(start.year, 12, 31)
    following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
