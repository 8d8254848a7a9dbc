"""One slice of a dataset as the contract describes it.

Belongs here: reading the ``datasets`` option and filling in the region's codes. Does not belong here: asking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from warehouse.errors import SettingsError
from warehouse.region import Region

FORMS = ("json", "csv")


@dataclass(frozen=True)
class Slice:
    """What is asked for of a dataset.

    ``name`` is the code in lower case, with ``__<word>`` where one dataset is taken in several slices. ``form`` is
    ``json`` (statistics API, filters by name) or ``csv`` (SDMX 2.1, can be asked for in parts). ``since`` is a year.
    Codes of filters may be ``$country``, ``$nuts2`` and ``$nuts3``: those of the region.
    """

    name: str
    code: str
    form: Literal["json", "csv"]
    filters: dict[str, list[str]]
    since: int | None

    @property
    def file_name(self) -> str:
        return f"{self.name}.{self.form}"

    @property
    def query(self) -> str:
        """The question as text: a changed contract is a changed question."""
        parts = [f"{name}={'+'.join(codes)}" for name, codes in sorted(self.filters.items())]
        return "&".join([self.form, *parts, *([f"since={self.since}"] if self.since else [])])


def slices_of(datasets: list[dict[str, Any]], region: Region) -> dict[str, Slice]:
    """The slices of an endpoint by name, in the contract's order."""
    return {one.name: one for one in (_slice(facts, region) for facts in datasets)}


def _slice(facts: dict[str, Any], region: Region) -> Slice:
    code = str(facts.get("code") or "")
    name = str(facts.get("name") or code).lower()
    since = str(facts.get("since") or "")
    form = facts.get("format", "csv")
    unknown = set(facts) - {"code", "name", "format", "filters", "since"}
    problem = (
        "it has no code" if not code
        else f"'{sorted(unknown)[0]}' is not a fact of a dataset" if unknown
        else f"its name is '{name}'" if name.split("__")[0] != code.lower() or not re.fullmatch(r"[a-z0-9_-]+", name)
        else f"its format is '{form}'" if form not in FORMS
        else f"it starts with '{since}', which is not a year" if since and not re.fullmatch(r"\d{4}", since)
        else ""
    )  # fmt: skip
    if problem:
        raise SettingsError(
            problem, where=f"eurostat.yml, dataset '{name or facts}'",
            expected="code, name (the code, and __<word> for a slice), format json or csv, filters, since (a year)",
        )  # fmt: skip
    filters = {dim: _codes(dim, given, name, region) for dim, given in (facts.get("filters") or {}).items()}
    return Slice(name, code, form, filters, int(since) if since else None)


def _codes(dimension: str, given: Any, name: str, region: Region) -> list[str]:
    nuts3 = sorted({k.nuts3_code for k in region.kreise if k.nuts3_code})
    known = {"$country": [region.country_code], "$nuts3": nuts3, "$nuts2": sorted({code[:4] for code in nuts3})}
    listed = given if isinstance(given, list) else [given]
    codes = [code for item in listed for code in known.get(str(item), [str(item)])]
    if not codes or any(code.startswith("$") for code in codes):
        raise SettingsError(
            f"filter '{dimension}' gives no codes ({listed})", where=f"eurostat.yml, dataset '{name}'",
            expected="codes, or $country, $nuts2, $nuts3 in a region that has them",
        )  # fmt: skip
    return list(dict.fromkeys(codes))
