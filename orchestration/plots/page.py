"""The frame of a page: title, what is shown, marks such as 'erfundene Daten', and the lines at its foot.

Belongs here: what stands on every page, and text that keeps a width. Does not belong here: what is drawn in between.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from orchestration.plots.reading import Origin
from orchestration.plots.style import ALERT, FAINT, FONTS, INK, PAGE_INCHES, QUIET, new_page

WIDTH, HEIGHT = PAGE_INCHES
MARGIN = 0.45  # inches, on all sides
TITLE_SIZES, SUBTITLE_SIZE, FOOT_SIZE = (15.0, 13.0, 11.0), 8.8, 6.4
MEASURE_DPI = 1440
SHORTEST_NAME = 12  # a first clause shorter than this ('Taps', 'Electric') says too little
LINE = 1.35  # distance of lines, in sizes of the type
SYNTHETIC = "ERFUNDENE DATEN"
MODELLED = "MODELLIERT"


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    # Far finer than any page: at 72 dots an inch widths are rounded up to several per cent off.
    return RendererAgg(10, 10, MEASURE_DPI)


@lru_cache(maxsize=4096)
def text_inches(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = FontProperties(family=FONTS[:1], size=size, weight=weight)
    return _renderer().get_text_width_height_descent(text, font, False)[0] / MEASURE_DPI


def wrapped(text: str, inches: float, size: float, most: int, weight: str = "normal") -> list[str]:
    """Lines no wider than ``inches``, at most ``most`` of them; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_inches(joined, size, weight) <= inches:
            lines[-1] = joined
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [clipped(line, inches, size, weight) for line in lines]


def clipped(text: str, inches: float, size: float, weight: str = "normal") -> str:
    """The text, or its beginning with an ellipsis where it is too wide."""
    if text_inches(text, size, weight) <= inches:
        return text
    kept = text
    while kept and text_inches(kept.rstrip(" ,;:(–") + "…", size, weight) > inches:
        kept = kept[:-1]
    return kept.rstrip(" ,;:(–") + "…"


def at(x_inches: float, y_inches: float) -> tuple[float, float]:
    """Inches from the left and from the top as the page's own measure."""
    return x_inches / WIDTH, 1 - y_inches / HEIGHT


def framed(title: str, shown: str, marks: Sequence[str], notes: Sequence[str], origin: Origin) -> tuple[Figure, float]:
    """A page with everything but its content.

    Returns the page and how many inches from the top its foot begins; content starts at ``CONTENT_TOP``.
    """
    page = new_page()
    left = _marks(page, [*([SYNTHETIC] if origin.is_synthetic else []), *marks])
    room = left - MARGIN - 0.2
    size = next((s for s in TITLE_SIZES if text_inches(title, s, "bold") <= room), TITLE_SIZES[-1])
    page.text(*at(MARGIN, 0.62), clipped(title, room, size, "bold"), size=size, weight="bold", color=INK)
    for number, line in enumerate(wrapped(shown, WIDTH - 2 * MARGIN, SUBTITLE_SIZE, 2)):
        page.text(*at(MARGIN, 0.86 + number * 0.17), line, size=SUBTITLE_SIZE, color=QUIET)
    return page, _foot(page, notes, origin)


CONTENT_TOP = 1.15


def _marks(page: Figure, marks: Sequence[str]) -> float:
    """Framed words at the upper right; returns the left end of the first."""
    x = WIDTH - MARGIN
    for mark in reversed(marks):
        x -= text_inches(mark, 8, "bold") + 0.16
        page.text(*at(x + 0.08, 0.57), mark, size=8, weight="bold", color=ALERT,
                  bbox={"boxstyle": "square,pad=0.4", "facecolor": "white", "edgecolor": ALERT, "linewidth": 1})  # fmt: skip
        x -= 0.2
    return x


def _foot(page: Figure, notes: Sequence[str], origin: Origin) -> float:
    """Notes, sources and release at the lower edge, last line first."""
    given = "; ".join(origin.sources) or "in meta.source ist keine genannt"
    sources = f"Erfundene Beispieldaten im Format von: {given}." if origin.is_synthetic else f"Quellen: {given}."
    release = f"Release {origin.release_id} vom {origin.created}."
    width = WIDTH - 2 * MARGIN
    lines = [line for text in [*notes, f"{sources} {release}"] for line in wrapped(text, width, FOOT_SIZE, 4)]
    step = FOOT_SIZE * LINE / 72
    top = HEIGHT - MARGIN - (len(lines) - 1) * step
    for number, line in enumerate(lines):
        page.text(*at(MARGIN, top + number * step), line, size=FOOT_SIZE, color=QUIET)
    rule = top - 0.17
    page.add_artist(_rule(page, rule))
    return rule


def _rule(page: Figure, y_inches: float):
    from matplotlib.lines import Line2D

    x0, y = at(MARGIN, y_inches)
    return Line2D([x0, 1 - x0], [y, y], color=FAINT, linewidth=0.6, transform=page.transFigure)


def short_name(name: str, code: str, most: int = 32) -> str:
    """A product in few words and its code: 'Kraftwagen (8703)'. Official names go on for lines; their beginning is kept."""
    words = name
    for sign in ("(", ","):
        head = words.split(sign)[0].strip(" ;")
        words = head if len(head) >= SHORTEST_NAME else words
    words = words.replace(code, "").strip() or name
    if len(words) > most:
        words = textwrap.shorten(words, most, placeholder="…") if " " in words[:most] else words[: most - 1] + "…"
    return f"{words.replace('.…', '…')} ({code})"
