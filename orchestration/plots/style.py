"""What all pages share: size, fonts, colours, German numbers, and how a page becomes bytes.

Belongs here: the look. Does not belong here: any data (``reading``) or any single plot.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import yaml
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from warehouse.methods.market_fit.wording import number_de

PAGE_INCHES = (11.69, 8.27)  # A4, landscape
PNG_DPI = 200
INK, QUIET, FAINT, PALE = "#1a1a1a", "#555555", "#9a9a9a", "#d9d9d9"
ALERT, GOOD, BLUE = "#b3261e", "#1b7f3b", "#0b5394"
# The first family comes with the drawing library; the others are what a viewer without it has in the same width.
FONTS = ["DejaVu Sans", "Verdana", "Geneva", "sans-serif"]
SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": FONTS,
    "font.size": 8,
    "text.parse_math": False,
    # Hinting would widen text by a few per cent at one resolution and not at another.
    "text.hinting": "none",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "svg.fonttype": "none",
    "svg.hashsalt": "kettenwerk",
    "path.simplify": False,
}


@dataclass(frozen=True)
class Section:
    """A group of sections of the Harmonized System, with its first and last chapter."""

    first: int
    last: int
    label_de: str
    colour: str


@cache
def facts() -> dict[str, Any]:
    """The facts beside this module."""
    return yaml.safe_load((Path(__file__).parent / "facts.yml").read_text(encoding="utf-8"))


@cache
def sections() -> tuple[Section, ...]:
    """Groups of HS sections in the order of their chapters."""
    return tuple(Section(s["chapters"][0], s["chapters"][1], s["label_de"], s["colour"]) for s in facts()["sections"])


def section_of(product_code: str) -> Section:
    """The group a product code belongs to; an unknown chapter is 'Sonstiges'."""
    chapter = int(product_code[:2]) if product_code[:2].isdigit() else 99
    return next((s for s in sections() if s.first <= chapter <= s.last), sections()[-1])


@contextmanager
def drawing() -> Iterator[None]:
    """Settings of the machine or the user do not reach a page."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def new_page() -> Figure:
    """An empty page with a renderer that can measure text."""
    figure = Figure(figsize=PAGE_INCHES, dpi=PNG_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def german_ticks(digits: int) -> FuncFormatter:
    """Axis numbers as Germans write them."""
    return FuncFormatter(lambda value, _: number_de(value, digits))


def usd_de(value: float) -> str:
    """Money of world trade to about three figures: '861,9 Mrd. US-$'."""
    for limit, unit, scale, digits in ((99.95e9, "Mrd.", 1e9, 0), (999.5e6, "Mrd.", 1e9, 1), (999_500, "Mio.", 1e6, 0)):
        if value >= limit:
            return f"{number_de(value / scale, digits)} {unit} US-$"
    return f"{number_de(value, 0)} US-$"


def count_de(value: int) -> str:
    """1222 -> '1.222'."""
    return number_de(value, 0)


def as_bytes(figure: Figure, form: str) -> bytes:
    """The page as SVG (text stays text, no date) or PNG (200 dpi); the same page gives the same bytes."""
    buffer = io.BytesIO()
    if form == "svg":
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "Kettenwerk"})
    else:
        figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": "Kettenwerk"})
    return buffer.getvalue()
