"""Whether a postcode and a town fit, with districts that stand for their municipality.

Belongs here: the region's own postcodes, municipalities and districts (``districts.csv``). Does not belong here: which
municipality a company lies in; the models decide that from the same facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.survey.numbers import Cell
from ingest.survey.text import folded
from warehouse.region import Region


@dataclass(frozen=True)
class Places:
    """AGS by folded name and by postcode; ``districts``: folded name to AGS of each municipality that has one so called."""

    towns: dict[str, str]
    districts: dict[str, set[str]]
    postcodes: dict[str, set[str]]
    names: dict[str, str]

    @classmethod
    def of(cls, region: Region) -> Places:
        """The facts of a region; one without districts knows none."""
        names = {m["ags"]: m["name"] for m in region.municipalities}
        districts: dict[str, set[str]] = {}
        for row in region.rows("districts.csv"):
            districts.setdefault(folded(row["district"]), set()).add(row["ags"])
        postcodes: dict[str, set[str]] = {}
        for row in region.postcodes:
            postcodes.setdefault(row["postcode"], set()).add(row["ags"])
        # 'Ort (Fluss)' is also written without what tells it from namesakes.
        towns = {_plain(form): ags for ags, name in names.items() for form in (name.split("(")[0], name)}
        return cls(towns, districts, postcodes, names)

    def town(self, text: str) -> Cell:
        """A town as written. A district stands for its municipality, where only one has a district of that name."""
        if self._ags(text) is not None or _plain(text) in self.towns:
            return Cell("answered")
        found = self._of_district(text)
        if len(found) == 1:
            return Cell("answered", code=self.names[next(iter(found))], finding="place_district")
        if found:
            return Cell(
                "ambiguous", finding="place_district", proposal=" | ".join(sorted(self.names[a] for a in found))
            )
        return Cell("answered")

    def fit(self, postcode: str, town: str) -> bool | None:
        """Whether they can be of one place; None where one of them is not the region's."""
        here = self.postcodes.get(postcode)
        ags = self._ags(town) or next(iter(self._of_district(town)), None)
        return None if here is None or ags is None else ags in here

    def _ags(self, text: str) -> str | None:
        return self.towns.get(_plain(text))

    def _of_district(self, text: str) -> set[str]:
        plain = _plain(text)
        if plain in self.districts:
            return self.districts[plain]
        # 'Ort-Ortsteil', 'Ort (Ortsteil)': the municipality and its district.
        parts = [part for part in re.split(r"[-/(), ]+", plain) if part]
        own = self.towns.get(parts[0]) if len(parts) > 1 else None
        return {own} if own and own in self.districts.get(" ".join(parts[1:]), set()) else set()


def _plain(name: str) -> str:
    """A town's name without what stands before or behind it (``Stadt``, a postcode)."""
    return re.sub(r"^(?:d-?)?[0-9]{5} |^stadt |, stadt$|, hansestadt$", "", folded(name))
