"""Reference lists that well-kept packages carry, written as the files a person could also drop.

Belongs here: turning a package's list into bytes that are the same for the same version. Does not belong here: what
the columns mean (the source's contract).
"""

from __future__ import annotations

import csv
import gettext
import io
from collections.abc import Callable
from pathlib import Path

import pycountry
from wz_code import WZ
from wz_code.data import correspondences

from warehouse.paths import write_text_atomically


def _csv(header: list[str], rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def countries_csv() -> str:
    """ISO 3166-1 countries with English and German names (iso-codes through ``pycountry``)."""
    german = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["de"])
    rows = [
        [c.alpha_2, c.alpha_3, c.numeric, getattr(c, "common_name", c.name), german.gettext(c.name)]
        for c in sorted(pycountry.countries, key=lambda c: c.alpha_2)
    ]
    return _csv(["iso2_code", "iso3_code", "numeric_code", "country_name_en", "country_name_de"], rows)


def wz_csv(version: str) -> str:
    """All codes of one WZ revision with level and parent (``wz-code``; facts by Destatis)."""
    wz = WZ(version=version)
    entries = [wz.get(code) for code in sorted(wz.get_all_codes())]
    rows = [[e.code, str(e.level), e.title, e.parent.code if e.parent else ""] for e in entries]
    return _csv(["code", "level", "title_de", "parent"], rows)


def wz_2025_to_2008_csv() -> str:
    """Which WZ 2008 subclasses a WZ 2025 subclass takes up, and whether only in part."""
    listed = correspondences.CORRESPONDENCES_2025_TO_2008.items()
    rows = [[code, other, str(part), title] for code, others in sorted(listed) for other, part, title in others]
    return _csv(["from", "to", "partial", "title"], rows)


def wz_2008_to_2025_csv() -> str:
    """Where a WZ 2008 subclass goes; the package gives no partial flag in this direction, so the column is empty."""
    listed = correspondences.CORRESPONDENCES_2008_TO_2025.items()
    rows = [[code, other, "", title] for code, others in sorted(listed) for other, title in others]
    return _csv(["from", "to", "partial", "title"], rows)


FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "country": ("countries.csv", countries_csv),
    "wz2008": ("wz2008.csv", lambda: wz_csv("2008")),
    "wz2025": ("wz2025.csv", lambda: wz_csv("2025")),
    "wz_2025_to_2008": ("correspondences_2025_to_2008.csv", wz_2025_to_2008_csv),
    "wz_2008_to_2025": ("correspondences_2008_to_2025.csv", wz_2008_to_2025_csv),
}


def package_file(dataset: str, folder: Path) -> Path:
    """Write the list of a dataset into a folder of the build and return its path."""
    name, content = FILES[dataset]
    write_text_atomically(folder / name, content())
    return folder / name
