"""A wave's codebook as the region's ``survey/`` folder gives it: questions, codes, missing codes, units, ignore list.

Belongs here: reading those lists and refusing incomplete ones. Does not belong here: any answer, or any fact of a wave.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from ingest.survey.headers import Names, names_of
from ingest.survey.numbers import Unit
from ingest.survey.places import Places
from ingest.survey.text import folded
from warehouse.errors import KettenwerkError, SettingsError
from warehouse.region import Region

WAVES = "survey/waves.yml"
WORDS = "survey/words.csv"
NEEDED = ("source_column", "question_concept_id", "answer_type", "class_code")
OPTIONAL = ("item_code", "unit_code", "code_list", "low", "high", "page", "shown_if", "label_de", "question_de")
CODE_COLUMNS = ("code_list", "answer_code", "value_code", "low", "high")
NUMBER_TYPES = ("integer", "number", "percent", "year")
ANY = "*"


class BookError(KettenwerkError):
    """A list of the region's ``survey/`` folder is missing, unknown or incomplete. ``field``: the column it is about."""

    field: str | None = None


@dataclass(frozen=True)
class Book:
    """One wave's lists. ``questions`` and ``codes`` are rows as text, '' where empty."""

    region: Region
    facts: dict[str, Any]
    questions: list[dict[str, str]]
    codes: list[dict[str, str]]

    @property
    def wave_id(self) -> str:
        return str(self.facts["wave_id"])

    @cached_property
    def by_column(self) -> dict[str, dict[str, str]]:
        """Question by its column."""
        return {q["source_column"]: q for q in self.questions}

    @cached_property
    def names(self) -> Names:
        """Headers this wave's file may have."""
        path = self.facts.get("field_codes")
        listed = {r["field_code"]: r["source_column"] for r in self.region.rows(str(path))} if path else {}
        options = [q["source_column"] for q in self.questions if q["answer_type"] == "multi"]
        ignored = [r["written"] for r in self.region.rows(WORDS) if r["kind_code"] == "ignored_column"]
        return names_of(self.by_column, options, listed, ignored)

    @cached_property
    def missing(self) -> dict[str, str]:
        """What stands where no answer was given, folded, and the status it has."""
        rows = self.region.rows("survey/missing_codes.csv")
        return {folded(r["written"]) or r["written"]: r["answer_status_code"] for r in rows}

    @cached_property
    def missing_written(self) -> list[tuple[str, str]]:
        """The same as people write it, in the order of the list."""
        rows = self.region.rows("survey/missing_codes.csv")
        return [(r["written"], r["answer_status_code"]) for r in rows]

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for row in self.region.rows(WORDS):
            found.setdefault(row["kind_code"], set()).add(folded(row["written"]))
        return found

    @cached_property
    def places(self) -> Places:
        """The region's postcodes, municipalities and their districts."""
        return Places.of(self.region)

    @cached_property
    def share_groups(self) -> dict[str, tuple[float, float, float]]:
        """Sum, tolerance and the difference beyond which nothing counts, by concept."""
        rows = self.region.rows("survey/share_groups.csv")
        return {
            r["question_concept_id"]: (float(r["sum"]), float(r["tolerance"]), float(r["invalid_beyond"])) for r in rows
        }

    def words(self, kind_code: str) -> set[str]:
        """Folded words of a kind (``words.csv``): total, test_answer, former_name, insolvency, branch, chosen, unchosen, option_other."""
        return self._words.get(kind_code, set())

    @cached_property
    def units(self) -> dict[str, Unit]:
        """How numbers of each unit are stored; words of every unit serve all."""
        rows = self.region.rows("survey/units.csv")
        general = {r["written"].casefold(): Decimal(r["factor"]) for r in rows if r["unit_code"] == ANY}
        found: dict[str, Unit] = {}
        for code in dict.fromkeys(r["unit_code"] for r in rows if r["unit_code"] != ANY):
            own = [r for r in rows if r["unit_code"] == code]
            itself = next((r for r in own if not r["written"]), None)
            words = {r["written"].casefold(): Decimal(r["factor"]) for r in own if r["written"]}
            scales = general if itself is None or itself["takes_multiples"] != "no" else {}
            factor, stored = (Decimal(itself["factor"]), itself["stored_unit_code"]) if itself else (Decimal(1), code)
            found[code] = Unit(stored or code, factor, scales | words)
        return found

    def unit(self, code: str) -> Unit:
        """How numbers asked for in a unit are stored."""
        return self.units.get(code) or Unit(code or None)


def waves(region: Region) -> dict[str, dict[str, Any]]:
    """Facts of every wave, by wave id, in the order of the file."""
    listed = region.yaml(WAVES)
    shared = {k: v for k, v in listed.items() if k != "waves"}
    return {str(w["wave_id"]): shared | w for w in listed.get("waves") or []}


def load_book(region: Region, wave_id: str, codebook: str = "codebook", codes: str = "codes") -> Book:
    """The lists of a wave.

    Args:
        codebook: the wave's entry in ``waves.yml`` that names its codebook; ``codebook`` serves where it has no such one.
        codes: the same for the code list.

    Raises:
        BookError: the wave is not known, or a list is missing or lacks a column.
    """
    known = waves(region)
    if wave_id not in known:
        raise BookError(
            f"wave '{wave_id}' is not known", where=WAVES, expected=f"one of {', '.join(known)}", todo=f"add the wave to {WAVES}"
        )  # fmt: skip
    facts = known[wave_id]
    names = [facts.get(codebook) or facts.get("codebook"), facts.get(codes) or facts.get("codes")]
    if not all(names):
        raise BookError(
            f"wave '{wave_id}' names no codebook or no code list", where=WAVES, expected=f"{codebook} and {codes}", todo="complete the wave"
        )  # fmt: skip
    book, listed = (
        _rows(region, str(name), needed) for name, needed in zip(names, (NEEDED, CODE_COLUMNS), strict=True)
    )
    return Book(region, facts, [dict.fromkeys(OPTIONAL, "") | row for row in book], listed)


def _rows(region: Region, name: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
    path = region.file(name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = csv.DictReader(line for line in handle if not line.startswith("#"))
            columns = list(lines.fieldnames or [])
            rows = [{k: v or "" for k, v in row.items() if k is not None} for row in lines]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"the list cannot be read ({error})", where=name, expected="CSV in UTF-8") from error
    if missing := [column for column in needed if column not in columns]:
        error = BookError(
            f"{name} has no column '{missing[0]}'", where=name, expected=f"the columns {', '.join(needed)}", todo="complete the list"
        )  # fmt: skip
        error.field = missing[0]
        raise error
    return rows
