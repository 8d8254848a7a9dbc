"""Checks that the settings of every score share: which keys a mapping has, and that weights are positive numbers.

Belongs here: refusals with where, what was expected and what to do. Does not: the keys of any score.
"""

from collections.abc import Mapping
from typing import Any

from warehouse.errors import SettingsError


def check_keys(mapping: Any, required: set[str], optional: set[str], where: str) -> None:
    """Refuse what is no mapping, lacks a required key or has one nobody knows."""
    if not isinstance(mapping, Mapping):
        raise SettingsError(f"it is {mapping!r}", where=where, expected=f"keys {', '.join(sorted(required))}")
    missing, unknown = required - set(mapping), set(mapping) - required - optional
    if missing:
        raise SettingsError(f"missing: {', '.join(sorted(missing))}", where=where, todo="add them")
    if unknown:
        raise SettingsError(
            f"unknown: {', '.join(sorted(map(str, unknown)))}",
            where=where,
            expected=", ".join(sorted(required | optional)),
            todo="correct the spelling or remove them",
        )


def checked_weights(mapping: Any, names: tuple[str, ...], where: str) -> dict[str, float]:
    """Weights by name, each a positive finite number; refuse missing and unknown names."""
    check_keys(mapping, set(names), set(), where)
    for name, value in mapping.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise SettingsError(f"{name} is {value!r}", where=where, expected="a positive number")
    return {name: float(mapping[name]) for name in names}
