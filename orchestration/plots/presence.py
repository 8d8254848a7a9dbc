"""Which products are present in a country, or by model in the region, for the product space.

Belongs here: finding them in the release and the words that say what they are. Does not belong here: drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.plots.reading import Release
from warehouse.errors import KettenwerkError

REGION_TABLE = "marts.mart_region_opportunity"


@dataclass(frozen=True)
class Presence:
    """Codes that are present somewhere, and the German words for it."""

    code: str
    label_de: str
    codes: frozenset[str]
    is_modelled: bool
    legend_de: tuple[str, ...]
    note_de: str


def presence(
    release: Release, edition: str, year: int, digits: int, method: str, location: str | None
) -> Presence | None:
    """Of the asked country or region; without one of the release's region, or None where the release knows nothing of it.

    Raises:
        KettenwerkError: neither a country nor a region of this name is in the release.
    """
    if location is None:
        [(region_code,)] = release.door.execute("SELECT region_code FROM meta.release").fetchall()
        return _region(release, edition, digits, region_code)
    return (
        _country(release, edition, year, digits, method, location)
        or _region(release, edition, digits, location)
        or _unknown(release, edition, year, location)
    )


def _country(release: Release, edition: str, year: int, digits: int, method: str, location: str) -> Presence | None:
    rows = release.door.execute(
        """SELECT product_code, coalesce(is_present, false) FROM marts.mart_product_space
           WHERE classification_code = ? AND year = ? AND length(product_code) = ? AND method_version = ? AND location_code = ?""",
        [edition, year, digits, method, location],
    ).fetchall()
    if not rows:
        return None
    names = release.door.execute(
        "SELECT max(country_name_de) FROM marts.dim_country WHERE country_code = ?", [location]
    ).fetchall()
    name = names[0][0] or location
    codes = frozenset(code for code, is_present in rows if is_present)
    legend = (f"{name} führt mit Vorteil aus", f"(RCA ≥ 1): {len(codes)} Produkte")
    return Presence(location, name, codes, False, legend, "")


def _region(release: Release, edition: str, digits: int, region_code: str) -> Presence | None:
    """Headings of four digits stand for all codes below them."""
    if not release.has(REGION_TABLE):
        return None
    rows = release.door.execute(
        f"""SELECT product_code, year FROM {REGION_TABLE} o
            WHERE region_code = ? AND classification_code = ? AND is_present
              AND year = (SELECT max(year) FROM {REGION_TABLE} WHERE region_code = o.region_code
                          AND classification_code = o.classification_code)""",
        [region_code, edition],
    ).fetchall()
    if not rows:
        return None
    headings = [code for code, _ in rows]
    below = release.door.execute(
        """SELECT DISTINCT product_code FROM marts.mart_product_space WHERE classification_code = ?
           AND length(product_code) = ? AND list_contains(?, substr(product_code, 1, 4))""",
        [edition, digits, headings],
    ).fetchall()
    names = release.door.execute(
        "SELECT max(region_name) FROM marts.dim_region WHERE region_code = ?", [region_code]
    ).fetchall()
    name = names[0][0] or region_code
    legend = ("Vermutlich vorhanden (modelliert):", f"{len(headings)} HS-Positionen (4-Steller)")
    note = (
        f"Vorhanden in {name}: modelliert aus Beschäftigten je Wirtschaftszweig ({rows[0][1]}), nicht gezählt; es gibt keine "
        "amtlichen Ausfuhren der Region nach Produkten."
    )
    return Presence(region_code, name, frozenset(c for (c,) in below), True, legend, note)


def _unknown(release: Release, edition: str, year: int, location: str) -> Presence:
    exporters = release.door.execute(
        "SELECT count(DISTINCT location_code) FROM marts.mart_product_space WHERE classification_code = ? AND year = ?",
        [edition, year],
    ).fetchall()[0][0]
    regions: list[str] = []
    if release.has(REGION_TABLE):
        regions = [r for (r,) in release.door.execute(f"SELECT DISTINCT region_code FROM {REGION_TABLE} WHERE is_present ORDER BY 1").fetchall()]  # fmt: skip
    raise KettenwerkError(
        f"'{location}' is neither a country with exports in {edition} {year} nor a region of which the release "
        "can tell what is present",
        where="--location",
        expected=f"one of {exporters} country codes such as DE" + (f", or {', '.join(regions)}" if regions else ""),
        todo='list the countries with: kettenwerk sql "SELECT DISTINCT location_code FROM marts.mart_product_space ORDER BY 1"',
    )
