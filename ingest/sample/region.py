"""The places the generator derives from a region.

Belongs here: where an invented company can sit. Does not belong here: reading a region folder (``warehouse.region``), and any value of
a real region.
"""

from dataclasses import dataclass

from warehouse.region import Region


@dataclass(frozen=True)
class Place:
    """Where a company can sit: official name and the short one people use; `ags` is None where the Kreis has no municipalities."""

    official_name: str
    name: str
    ags: str | None
    kreis_ags: str
    delivery_postcodes: tuple[str, ...]
    bulk_postcodes: tuple[str, ...]
    court_code: str
    court_name: str


def state_name(region: Region) -> str:
    """The name of the Land."""
    return str(region.facts["state"].get("name") or f"Land {region.state_ags}")


def places(region: Region) -> list[Place]:
    """Every municipality, and every Kreis that has none below it."""
    with_municipalities = {m["kreis_ags"] for m in region.municipalities}
    seats: list[tuple[str, str | None, str]] = [(m["name"], m["ags"], m["kreis_ags"]) for m in region.municipalities]
    seats += [(k.name, None, k.ags) for k in region.kreise if k.ags not in with_municipalities]
    return [_place(region, name, ags, kreis) for name, ags, kreis in seats]


def _place(region: Region, name: str, ags: str | None, kreis_ags: str) -> Place:
    key = ags or kreis_ags
    court = next((c for c in region.courts if c["ags"] == key), None)
    if court is None:
        raise ValueError(
            f"courts.csv of region {region.region_code!r} names no register court for {key}: add a row for it"
        )
    codes = [p for p in region.postcodes if p["ags"] == key]
    return Place(
        official_name=name,
        name=name.split(" (")[0],
        ags=ags,
        kreis_ags=kreis_ags,
        delivery_postcodes=tuple(p["postcode"] for p in codes if p["postcode_type"] == "delivery"),
        bulk_postcodes=tuple(p["postcode"] for p in codes if p["postcode_type"] == "bulk"),
        court_code=court["court_code"],
        court_name=court["court_name"],
    )
