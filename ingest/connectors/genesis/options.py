"""What the contract says about a GENESIS service, typed, and the requests that follow from it.

Belongs here: tables, regions, years and waits as options of an endpoint, and one form per file. Regions are named by
what they are (``kreise``, ``state``); their codes come from the region folder. Does not belong here: asking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from ingest.contract import Strict
from ingest.fetching.connector import Context
from ingest.fetching.question import MARK, fingerprint, is_answer_to
from warehouse.region import Region

NEWEST = re.compile(r"\d{4}")
SUFFIXES = {"flat": "_flat.zip", "cube": "_cube.csv"}
GERMAN_STAMP = re.compile(r"(?P<d>\d{2})\.(?P<m>\d{2})\.(?P<y>\d{4}) (?P<time>\d{2}:\d{2}:\d{2})h?")
ENGLISH_STAMP = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2}) (?P<time>\d{2}:\d{2}:\d{2})h?")


class Scope(Strict):
    """A selection of regions: the publisher's variable, and which of the region's codes are its key."""

    variable: str
    key: Literal["kreise", "municipalities", "state", "peers"] | None = None


class Wish(Strict):
    """One table. Without ``from_year`` or ``timeslices`` the service gives its default, mostly the newest period."""

    table: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,14}$")
    title: str = ""
    regions: list[str] = Field(default_factory=list)
    from_year: int | None = Field(None, ge=1900, le=2100)
    to_year: int | None = Field(None, ge=1900, le=2100)
    years_per_file: int | None = Field(None, ge=1)
    timeslices: int | None = Field(None, ge=1)
    is_job: bool = False
    parameters: dict[str, str] = Field(default_factory=dict)


class Options(Strict):
    """The options of an endpoint; waits are in seconds, every repetition has its greatest number."""

    content: Literal["flat", "cube"] = "flat"
    language: str = "de"
    area: str = "all"
    result_area: str = "user"
    quality: Literal["on", "off"] = "on"
    compress: Literal["true", "false"] = "false"
    recheck_days: int = Field(28, ge=1)
    recheck_window_days: int = Field(7, ge=0)
    repeat_attempts: int = Field(3, ge=1)
    repeat_seconds: float = 10
    poll_attempts: int = Field(180, ge=1)
    poll_seconds: float = 10
    job_restarts: int = Field(1, ge=0)
    login_ok: str = "erfolgreich|success"
    login_codes: list[int] = Field(default_factory=lambda: [15])
    login_texts: str = "Zugangsdaten|Anmeldung|anmelden|Benutzername|Passwort|password|user ?name|log ?in"
    scopes: dict[str, Scope] = Field(default_factory=dict)
    tables: list[Wish] = Field(default_factory=list)

    @model_validator(mode="after")
    def _scopes_exist(self) -> Options:
        for wish in self.tables:
            if unknown := [r for r in wish.regions if r not in self.scopes]:
                raise ValueError(f"table {wish.table} names the regions {unknown} that scopes does not declare")
        return self


@dataclass(frozen=True)
class Facts:
    """What the service says of a table: when it was changed, which periods it has, whose it is."""

    updated: str = ""
    first: str = ""
    last: str = ""
    copyright: str = ""
    noted: str = ""


@dataclass(frozen=True)
class Slice:
    """One file of a table. ``form`` says which one; it holds no credentials."""

    wish: Wish
    partition_key: str
    form: dict[str, str]


def options_of(context: Context) -> Options:
    """The endpoint's options, or an error that names the one that does not fit."""
    try:
        return Options.model_validate(context.options)
    except ValidationError as error:
        first = error.errors()[0]
        raise context.client.refuse(
            "the endpoint's options",
            f"{'.'.join(str(part) for part in first['loc']) or 'options'}: {first['msg']}",
            f"the options {', '.join(Options.model_fields)}",
            f"correct ingest/sources/{context.client.source_id}.yml",
        ) from error


def slices_of(wish: Wish, options: Options, region: Region, facts: Facts | None, today: datetime) -> list[Slice]:
    """The files of a table: one per selection of regions and span of years."""
    newest = NEWEST.search(facts.last) if facts else None
    spans = _spans(wish, int(newest[0]) if newest else today.year)
    return [_slice(wish, options, region, scope, span) for scope in wish.regions or [""] for span in spans]


def state_of(facts: Facts, form: Mapping[str, str]) -> str:
    """The state of a file as text: what the service says of its table, and which selection it is.

    The stamp alone would not do: services keep it while new periods come in, so the last period is part of the state.
    """
    return f"updated {facts.updated}; data {facts.first} to {facts.last}{MARK}{fingerprint(form)}"


def is_selection(state: str | None, form: Mapping[str, str]) -> bool:
    """Whether a state is of this selection."""
    return is_answer_to(state, form)


def is_recheck(options: Options, today: datetime) -> bool:
    """Whether the service is asked for anything newer whatever its descriptions say: they do not show revisions."""
    return today.date().toordinal() % options.recheck_days < options.recheck_window_days


def stamp(updated: str) -> str:
    """``28.12.2022 17:12:43h`` as ISO 8601; any other form stays as it came, a state only has to be comparable."""
    found = GERMAN_STAMP.fullmatch(updated.strip()) or ENGLISH_STAMP.fullmatch(updated.strip())
    return f"{found['y']}-{found['m']}-{found['d']}T{found['time']}" if found else updated.strip()


def _spans(wish: Wish, newest: int) -> list[tuple[int, int] | None]:
    if wish.from_year is None:
        return [None]
    last = max(wish.to_year or newest, wish.from_year)
    if wish.years_per_file is None:
        return [(wish.from_year, last)]
    starts = range(wish.from_year, last + 1, wish.years_per_file)
    return [(start, start + wish.years_per_file - 1) for start in starts]


def _slice(wish: Wish, options: Options, region: Region, scope: str, span: tuple[int, int] | None) -> Slice:
    selected = options.scopes[scope] if scope else None
    codes = {
        "kreise": [k.ags for k in region.kreise],
        "municipalities": [m["ags"] for m in region.municipalities],
        "state": [region.state_ags],
        "peers": [region.state_ags + "*"],
    }
    form = {
        "name": wish.table,
        "area": options.area,
        "compress": options.compress,
        "startyear": str(span[0]) if span else "",
        "endyear": str(span[1]) if span else "",
        "timeslices": str(wish.timeslices or ""),
        "regionalvariable": selected.variable if selected else "",
        "regionalkey": ",".join(codes[selected.key]) if selected and selected.key else "",
        **wish.parameters,
    }
    cut = f"{span[0]}-{span[1]}" if span and wish.years_per_file else ""
    return Slice(wish, "_".join(part for part in (wish.table, scope, cut) if part), form)
