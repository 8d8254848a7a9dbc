"""A company's ten best targets on one page: score, rank with its interval, components, reason and counter-reason.

Belongs here: the questions to the advisers' file and the drawing. Does not belong here: any score or wording of reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from orchestration.plots.page import CONTENT_TOP, HEIGHT, MARGIN, WIDTH, framed, wrapped
from orchestration.plots.reading import Origin, Release
from orchestration.plots.style import ALERT, BLUE, FAINT, GOOD, INK, PALE, QUIET, count_de
from warehouse.errors import KettenwerkError
from warehouse.methods.market_fit_config import COMPONENTS
from warehouse.methods.reasons import MISSING_LABELS_DE, number_de

TABLE = "marts.mart_market_fit"
SHOWN = 10
# From this many places on a rank says little on a page of ten: the target might as well not stand on it.
WIDE_RANK_SPAN = 10
UNSURE = "unsicher"
CONFIDENTIAL = "VERTRAULICH"
COMPONENTS_DE = {
    "capability": "Können",
    "demand": "Nachfrage",
    "access": "Zugang",
    "resilience": "Versorgung",
    "diversification": "Diversifizierung",
}
CONFIDENCE_DE = {"high": "gut", "medium": "mittel", "low": "schwach"}
# Left edge and width of the columns, in inches from the left of the page.
RANK, TARGET, SCORE, INTERVAL = (0.45, 0.3), (0.92, 2.1), (3.1, 0.8), (4.05, 1.4)
PARTS, REASONS = (5.65, 2.05), (7.85, 3.39)
HEADER = 0.42
ROW_TEXT = 6.2


@dataclass(frozen=True)
class Targets:
    """The best targets of one company, rank by rank."""

    company_id: str
    company_name: str
    rows: list[dict[str, Any]]
    published: int
    score_version: str
    scored_at: datetime
    origin: Origin


def read(release: Release, company_id: str) -> Targets:
    """Ask the advisers' file.

    Raises:
        KettenwerkError: the file is empty, does not hold the company, or holds no target of it.
    """
    release.need_rows(TABLE)
    names = release.door.execute(
        "SELECT company_name FROM marts.dim_company WHERE company_id = ? AND is_current", [company_id]
    ).fetchall()
    targets = release.frame(
        f"""SELECT * FROM {TABLE} WHERE company_id = ?
            AND score_version = (SELECT score_version FROM {TABLE} WHERE company_id = ?
                                 ORDER BY scored_at DESC, score_version DESC LIMIT 1)
            ORDER BY rank_in_company""",
        company_id, company_id,
    )  # fmt: skip
    command = f"kettenwerk sql --profile {release.profile} --audience advisory"
    if not names and targets.is_empty():
        raise KettenwerkError(
            f"the advisers' file holds no company '{company_id}': the id is unknown, or no consent to advice is in force "
            "for it, and such a company is not in the file",
            where=f"profile {release.profile}, advisory.duckdb",
            todo=f'list those it holds with: {command} "SELECT DISTINCT company_id, company_name FROM marts.dim_company"',
        )
    if targets.is_empty():
        raise KettenwerkError(
            "the company has no targets: none of its products or competences led to a market",
            where=f"company {company_id}",
            todo=f'list companies that have some with: {command} "SELECT DISTINCT company_id FROM {TABLE}"',
        )
    first = targets.row(0, named=True)
    return Targets(
        company_id,
        names[0][0] if names and names[0][0] else company_id,
        targets.head(SHOWN).with_columns(pl.col("rank_in_company").cast(pl.Int64)).to_dicts(),
        targets.height,
        first["score_version"],
        first["scored_at"],
        release.origin("targets"),
    )


def draw(targets: Targets) -> Figure:
    """The page."""
    page, foot = framed(
        f"Zielmärkte: {targets.company_name}",
        f"Die {count_de(len(targets.rows))} besten von {count_de(targets.published)} veröffentlichten Zielen · Marktpassung 0 bis "
        f"100, Fassung {targets.score_version}, bewertet am {targets.scored_at:%d.%m.%Y} · Unternehmen {targets.company_id}",
        [CONFIDENTIAL],
        [
            f"Rangspanne: bester und schlechtester Rang, wenn die Gewichte der Bestandteile schwanken; „{UNSURE}“ steht, wo sie "
            f"{WIDE_RANK_SPAN} Plätze oder mehr umfasst: die Reihenfolge trägt dann nicht.",
            "Bestandteile, je 0 bis 100: Können (Nähe zum eigenen Sortiment), Nachfrage (Größe, Wachstum, Preis des Marktes), "
            "Zugang (Binnenmarkt, bisherige Lieferungen), Versorgung (Streuung der Herkunftsländer), Diversifizierung (Abstand zur "
            "Abhängigkeit von der Automobilindustrie); k. A.: nicht berechenbar.",
            "Nur für die Beratung dieses Unternehmens, das ihr zugestimmt hat; nach einem Widerruf oder einer Löschung auch "
            "dieses Blatt vernichten.",
        ],
        targets.origin,
    )  # fmt: skip
    axes = page.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    height = (foot - CONTENT_TOP - HEADER - 0.08) / SHOWN
    worst = max(r["rank_high"] for r in targets.rows)
    _header(axes, worst, CONTENT_TOP + HEADER + len(targets.rows) * height)
    for number, row in enumerate(targets.rows):
        top = CONTENT_TOP + HEADER + number * height
        if number % 2 == 0:
            axes.fill_between([MARGIN, WIDTH - MARGIN], top, top + height, color="#f4f5f7", linewidth=0, zorder=0)
        _row(axes, row, top + height / 2, height, worst)
    return page


def _rank_x(rank: float, worst: int) -> float:
    """Inches of a rank in its column; the first and the worst lie a little inside."""
    return INTERVAL[0] + 0.08 + (INTERVAL[1] - 0.16) * (rank - 1) / max(worst - 1, 1)


def _header(axes: Axes, worst: int, bottom: float) -> None:
    y = CONTENT_TOP + 0.12
    titles = ((RANK, "Rang"), (TARGET, "Ziel: Produkt und Land"), (SCORE, "Passung"), (INTERVAL, "Rang und Rangspanne"),
              (PARTS, "Bestandteile"), (REASONS, "Dafür und dagegen"))  # fmt: skip
    for (left, _), title in titles:
        axes.text(left, y, title, size=7.5, weight="bold", va="center", color=INK)
    for rank in sorted({1, SHOWN, worst} if worst > SHOWN + 2 else {1, worst}):
        x = _rank_x(rank, worst)
        axes.text(x, y + 0.2, str(rank), size=6, color=QUIET, ha="center", va="center")
        axes.plot([x, x], [CONTENT_TOP + HEADER, bottom], color=PALE, linewidth=0.6, zorder=1)
    # On two heights: five words do not fit side by side.
    for number, (left, name) in enumerate(zip(_part_lefts(), COMPONENTS, strict=True)):
        axes.text(left, y + (0.24 if number % 2 == 0 else 0.14), COMPONENTS_DE[name], size=6, color=QUIET, va="center")


def _part_lefts() -> list[float]:
    return [PARTS[0] + number * PARTS[1] / len(COMPONENTS) for number in range(len(COMPONENTS))]


def _row(axes: Axes, row: dict[str, Any], y: float, height: float, worst: int) -> None:
    axes.text(RANK[0] + 0.05, y, str(row["rank_in_company"]), size=11, weight="bold", va="center", color=INK)
    lines = wrapped(row["target_label_de"], TARGET[1], 7.6, 2, "bold")
    details = [
        f"HS {row['hs6_code']}" if row["hs6_code"] else "",
        f"Datenlage {CONFIDENCE_DE.get(row['confidence_code'], '?')}",
    ]
    missing = _missing(row["missing_inputs"])
    small = wrapped(" · ".join(d for d in [*details, missing] if d), TARGET[1], 5.8, 2)
    _lines(axes, TARGET[0], y, [*((t, 7.6, INK, "bold") for t in lines), *((t, 5.8, QUIET, "normal") for t in small)])
    axes.barh([y], [SCORE[1]], left=SCORE[0], height=0.15, color=PALE, linewidth=0, zorder=2)
    axes.barh([y], [SCORE[1] * row["fit_score"] / 100], left=SCORE[0], height=0.15, color=BLUE, linewidth=0, zorder=3)
    axes.text(SCORE[0], y - 0.17, number_de(row["fit_score"], 1), size=7.4, weight="bold", va="center", color=INK)
    _interval(axes, row, y, worst)
    for left, name in zip(_part_lefts(), COMPONENTS, strict=True):
        _part(axes, left, y, row[f"{name}_score"])
    texts = [(row["reason_1_de"], "+", GOOD), (row["counter_reason_de"], "–", ALERT)]
    _arguments(axes, texts, y)


def _missing(inputs: str | None) -> str:
    """'es fehlt: Durchschnittspreis' from 'demand.unit_value_eur_per_kg'; an input without a label keeps its name."""
    if not inputs:
        return ""
    names = [part.strip().split(".")[-1] for part in inputs.split(",")]
    return "es fehlt: " + ", ".join(MISSING_LABELS_DE.get(n, n).format(home="dem eigenen Land") for n in names)


def _interval(axes: Axes, row: dict[str, Any], y: float, worst: int) -> None:
    low, high = _rank_x(row["rank_low"], worst), _rank_x(row["rank_high"], worst)
    wide = row["rank_high"] - row["rank_low"] >= WIDE_RANK_SPAN
    colour = FAINT if wide else BLUE
    axes.plot([low, high], [y, y], color=colour, linewidth=2.4, solid_capstyle="round", zorder=3)
    for x in (low, high):
        axes.plot([x, x], [y - 0.05, y + 0.05], color=colour, linewidth=1.2, zorder=3)
    x = _rank_x(row["rank_in_company"], worst)
    axes.plot(
        [x], [y], "o", markersize=5.5, markerfacecolor="white" if wide else BLUE, markeredgecolor=colour, zorder=4
    )
    span = f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] != row["rank_high"] else str(row["rank_low"])
    text = f"{span} {UNSURE}" if wide else span
    axes.text(INTERVAL[0] + 0.04, y + 0.16, text, size=6.2, va="center", color=ALERT if wide else QUIET)


def _part(axes: Axes, left: float, y: float, score: float | None) -> None:
    """One component: its number and a short bar of 100."""
    width = PARTS[1] / len(COMPONENTS) - 0.08
    if score is None:
        axes.text(left, y - 0.08, "k. A.", size=6.2, va="center", color=FAINT)
        return
    axes.text(left, y - 0.11, number_de(score, 0), size=6.6, va="center", color=INK)
    axes.barh([y + 0.04], [width], left=left, height=0.09, color=PALE, linewidth=0, zorder=2)
    axes.barh([y + 0.04], [width * score / 100], left=left, height=0.09, color="#5b8db8", linewidth=0, zorder=3)


def _arguments(axes: Axes, texts: list[tuple[str, str, str]], y: float) -> None:
    """Reason and counter-reason, three lines each at most, each behind its sign."""
    drawn: list[tuple[str, float, str, str]] = []
    signs: list[tuple[int, str, str]] = []
    for text, sign, colour in texts:
        signs.append((len(drawn), sign, colour))
        drawn += [(line, ROW_TEXT, INK, "normal") for line in wrapped(text, REASONS[1] - 0.14, ROW_TEXT, 3)]
    tops = _lines(axes, REASONS[0] + 0.14, y, drawn)
    for index, sign, colour in signs:
        axes.text(REASONS[0], tops[index], sign, size=8, weight="bold", va="center", color=colour)


def _lines(axes: Axes, x: float, y: float, lines: list[tuple[str, float, str, str]]) -> list[float]:
    """Lines of text (text, size, colour, weight) around a middle; returns the middle of each."""
    heights = [size * 1.3 / 72 for _, size, _, _ in lines]
    top = y - sum(heights) / 2
    middles = []
    for (text, size, colour, weight), height in zip(lines, heights, strict=True):
        middles.append(top + height / 2)
        axes.text(x, middles[-1], text, size=size, color=colour, weight=weight, va="center")
        top += height
    return middles
