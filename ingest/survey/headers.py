"""Which question a column is: the same question arrives under four styles of header.

Belongs here: recognising the style of a file and naming its columns as the codebook does. Does not belong here: finding
the header (``layout``).

Styles, for the codebook's ``PROC[SQ004]``: ``brackets`` (as it stands), ``dots`` (``PROC.SQ004.``, after R),
``underscores`` (``PROC_SQ004``, after SPSS or a BI tool), ``field_codes`` (``482913X17X231SQ004``; the wave's
``field_codes`` list translates, because the numbers change when a survey is copied). A column named ``PROC`` alone, where
the codebook has one column per option, holds all options in one text (``merged``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

FIELD_CODE = re.compile(r"\d+X\d+X\d+")
STYLES = ("brackets", "dots", "underscores", "field_codes")


@dataclass(frozen=True)
class Names:
    """All headers a wave's file may have: style -> header -> column of the codebook, ``merged``: header -> stem."""

    by_style: dict[str, dict[str, str]]
    merged: dict[str, dict[str, str]]
    ignored: tuple[str, ...] = ()

    @property
    def everything(self) -> set[str]:
        """Every header of any style."""
        return {h for names in (*self.by_style.values(), *self.merged.values()) for h in names}


@dataclass(frozen=True)
class Columns:
    """The style of a file and what its headers are; ``unknown`` are in no list."""

    style: str
    named: dict[str, str]
    merged: dict[str, str]
    unknown: list[str] = field(default_factory=list)


def names_of(
    columns: Iterable[str], options: Iterable[str], field_codes: dict[str, str], ignored: Iterable[str]
) -> Names:
    """Args:
    columns: the codebook's columns, in the style ``brackets``.
    options: those that are an option of a multiple choice.
    field_codes: field code to column of the codebook.
    ignored: patterns of headers that are passed over (``*`` stands for anything).

    Raises:
        ValueError: two columns have one name in a style, so that a file of it could not be told.
    """
    columns = list(columns)
    ways = {"brackets": str, "dots": _dotted, "underscores": _underscored}
    by_style = {style: _once(style, [(way(c), c) for c in columns]) for style, way in ways.items()}
    plain = {c: c for c in columns if "[" not in c}
    by_style["field_codes"] = plain | field_codes
    stems = dict.fromkeys(c.split("[", 1)[0] for c in options if "[" in c)
    merged = {style: {stem: stem for stem in stems if stem not in by_style[style]} for style in ways}
    merged["field_codes"] = {
        code: column for code, column in field_codes.items() if column in stems and column not in plain
    }
    by_style["field_codes"] = {k: v for k, v in by_style["field_codes"].items() if k not in merged["field_codes"]}
    return Names(by_style, merged, tuple(ignored))


def recognise(headers: list[str], names: Names) -> Columns:
    """The style under which most of the headers are known; the first of the styles where several know as many."""
    given = [h for h in headers if h]
    told = [_under(style, given, names) for style in STYLES]
    return max(told, key=lambda columns: len(columns.named) + len(columns.merged))


def _under(style: str, headers: list[str], names: Names) -> Columns:
    own, merged = names.by_style[style], names.merged[style]
    named = {h: own[h] for h in headers if h in own}
    joint = {h: merged[h] for h in headers if h in merged}
    passed = [h for h in headers if any(fnmatchcase(h, pattern) for pattern in names.ignored)]
    unknown = [h for h in headers if h not in named and h not in joint and h not in passed]
    return Columns(style, named, joint, unknown)


def _dotted(column: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", ".", column)


def _underscored(column: str) -> str:
    return column.replace("[", "_").replace("]", "")


def _once(style: str, pairs: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, column in pairs:
        if found.setdefault(name, column) != column:
            raise ValueError(f"'{found[name]}' and '{column}' are both '{name}' in the style '{style}'")
    return found
