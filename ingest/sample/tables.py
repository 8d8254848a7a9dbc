"""The committed tables of the sample: products, headings, countries, industries.

Belongs here: reading those tables into typed rows. Does not belong here: regional facts, and labels of official nomenclatures
(the labels in headings.csv and chapters.csv are our own short words).
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Heading:
    """A four-digit heading: block = capability it needs, complexity and price are invented parameters of the trade model."""

    code: str
    block: str
    complexity: float
    price_usd_per_kg: float
    wz2008_code: str
    label_de: str
    label_en: str


@dataclass(frozen=True)
class Country:
    """A trading country; size, capability and strong blocks are invented parameters of the trade model."""

    iso2: str
    is_eu27: bool
    baci_code: int
    size: float
    capability: float
    strong_blocks: tuple[str, ...]


@dataclass(frozen=True)
class Industry:
    """What a company of this WZ class typically makes, buys and can do (invented, plausible)."""

    wz2008_code: str
    company_count: int
    name_word: str
    product_headings: tuple[str, ...]
    input_headings: tuple[str, ...]
    processes: tuple[str, ...]
    materials: tuple[str, ...]
    certificates: tuple[str, ...]
    automotive_pct: float
    combustion_pct: float
    energy_pct: float


@dataclass(frozen=True)
class Cn8:
    """An eight-digit code of the Combined Nomenclature and the six-digit product above it."""

    code: str
    product_code: str
    cpa21_code: str
    bec_code: str


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


@cache
def headings() -> dict[str, Heading]:
    """All headings by code."""
    return {
        r["heading_code"]: Heading(
            r["heading_code"], r["block"], float(r["complexity"]), float(r["price_usd_per_kg"]),
            r["wz2008_code"], r["label_de"], r["label_en"],
        )
        for r in _read("headings.csv")
    }  # fmt: skip


@cache
def chapters() -> dict[str, tuple[str, str]]:
    """Chapter code to our own German and English label."""
    return {r["chapter_code"]: (r["label_de"], r["label_en"]) for r in _read("chapters.csv")}


@cache
def products() -> tuple[str, ...]:
    """The six-digit product codes of HS 2017 the sample trades in."""
    return tuple(r["product_code"] for r in _read("products.csv"))


def products_of(heading_code: str) -> tuple[str, ...]:
    """The six-digit products below a heading."""
    return tuple(p for p in products() if p.startswith(heading_code))


@cache
def countries() -> tuple[Country, ...]:
    """The trading countries."""
    return tuple(
        Country(
            r["iso2_code"], r["is_eu27"] == "1", int(r["baci_code"]), float(r["size"]), float(r["capability"]),
            _split(r["strong_blocks"]),
        )
        for r in _read("countries.csv")
    )  # fmt: skip


@cache
def industries() -> tuple[Industry, ...]:
    """The industries the invented companies belong to."""
    return tuple(
        Industry(
            r["wz2008_code"], int(r["company_count"]), r["name_word"], _split(r["product_headings"]),
            _split(r["input_headings"]), _split(r["processes"]), _split(r["materials"]), _split(r["certificates"]),
            float(r["automotive_pct"]), float(r["combustion_pct"]), float(r["energy_pct"]),
        )
        for r in _read("industries.csv")
    )  # fmt: skip


@cache
def cn8_codes() -> tuple[Cn8, ...]:
    """The eight-digit codes of the Comext sample."""
    return tuple(Cn8(r["cn8_code"], r["product_code"], r["cpa21_code"], r["bec_code"]) for r in _read("cn8.csv"))
