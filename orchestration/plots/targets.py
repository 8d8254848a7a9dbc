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
from warehouse.methods.market_fit.inputs import COMPONENTS
from warehouse.methods.market_fit.reasons import ARGUMENTS
from warehouse.methods.market_fit.wording import number_de

TABLE = "marts.mart_market_fit"
SHOWN = 10
UNSURE, UNSURE_CODE = "unsicher", "low"
SPLIT_TABLE, EVIDENCE_TABLE = "marts.mart_market_fit_split", "marts.mart_market_fit_evidence"
WORST_SHOWN = 40  # ranks beyond it would press all others together; their interval ends in an arrow
CONFIDENTIAL = "VERTRAULICH"
COMPONENTS_DE = {
    "capability": "Können",
    "demand": "Nachfrage",
    "access": "Zugang",
    "resilience": "Versorgung",
    "diversification": "Diversifizierung",
}
# Left edge and width of the columns, in inches from the left of the page.
RANK, TARGET, SCORE, INTERVAL = (0.45, 0.3), (0.92, 2.1), (3.1, 0.8), (4.05, 1.4)
PARTS, REASONS = (5.65, 2.05), (7.85, 3.39)
HEADER = 0.42
ROW_TEXTS = (6.2, 5.8, 5.4, 5.0, 4.6)  # sizes of reasons, the first that fits


@dataclass(frozen=True)
class Targets:
    """The best targets of one company, rank by rank."""

    company_id: str
    company_name: str
    rows: list[dict[str, Any]]
    points: dict[tuple[str, str], float]  # by target and component; they add up to the score
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
        _points(release, company_id, first["score_version"]),
        targets.height,
        first["score_version"],
        first["scored_at"],
        release.origin("targets", _sources(release, company_id, first["score_version"])),
    )


def _points(release: Release, company_id: str, score_version: str) -> dict[tuple[str, str], float]:
    """The additive split of the company's scores; empty in a release from before there was one."""
    if not release.has(SPLIT_TABLE):
        return {}
    rows = release.door.execute(
        f"SELECT target_market_id, component_code, points FROM {SPLIT_TABLE} WHERE company_id = ? AND score_version = ?",
        [company_id, score_version],
    ).fetchall()
    return {(target, component): points for target, component, points in rows}


def _sources(release: Release, company_id: str, score_version: str) -> list[str]:
    """Sources of the figures behind the scores."""
    if not release.has(EVIDENCE_TABLE):
        return []
    rows = release.door.execute(
        f"SELECT DISTINCT source_id FROM {EVIDENCE_TABLE} WHERE company_id = ? AND score_version = ? ORDER BY 1",
        [company_id, score_version],
    ).fetchall()
    return [source_id for (source_id,) in rows]


def draw(targets: Targets) -> Figure:
    """The page."""
    page, foot = framed(
        f"Zielmärkte: {targets.company_name}",
        f"Die {count_de(len(targets.rows))} besten von {count_de(targets.published)} veröffentlichten Zielen · Marktpassung 0 bis "
        f"100, Fassung {targets.score_version}, bewertet am {targets.scored_at:%d.%m.%Y} · Unternehmen {targets.company_id}",
        [CONFIDENTIAL],
        [
            "Rangspanne: bester und schlechtester Rang, wenn Gewichte, Jahre und fehlende Angaben schwanken; "
            f"„{UNSURE}“: die Spanne ist sehr breit oder es fehlen zwei Bestandteile, die Reihenfolge trägt dann nicht.",
            "Bestandteile, je 0 bis 100: Können (Nähe zum Sortiment, gefragtes Können), Nachfrage (Größe, Wachstum, Preis), "
            "Zugang (Binnenmarkt und Lieferungen, bei Branchen ihre Präsenz in der Region), Versorgung (Streuung der Herkunfts-, "
            "bei Branchen der Absatzländer), Diversifizierung (Abstand zur Abhängigkeit vom Automobil)"
            + ("; darunter ihre Punkte, die zusammen die Passung ergeben" if targets.points else "")
            + "; k. A.: nicht berechenbar.",
            "Nur für die Beratung dieses Unternehmens, das ihr zugestimmt hat; nach einem Widerruf oder einer Löschung auch "
            "dieses Blatt vernichten.",
        ],
        targets.origin,
    )  # fmt: skip
    axes = page.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    height = (foot - CONTENT_TOP - HEADER - 0.08) / SHOWN
    worst = min(max(r["rank_high"] for r in targets.rows), WORST_SHOWN)
    _header(axes, worst, CONTENT_TOP + HEADER + len(targets.rows) * height)
    for number, row in enumerate(targets.rows):
        points = {name: targets.points.get((row["target_market_id"], name)) for name in COMPONENTS}
        top = CONTENT_TOP + HEADER + number * height
        if number % 2 == 0:
            axes.fill_between([MARGIN, WIDTH - MARGIN], top, top + height, color="#f4f5f7", linewidth=0, zorder=0)
        _row(axes, row, points, top + height / 2, height, worst)
    return page


def _rank_x(rank: float, worst: int) -> float:
    """Inches of a rank in its column; the first and the worst lie a little inside."""
    return INTERVAL[0] + 0.08 + (INTERVAL[1] - 0.16) * (rank - 1) / max(worst - 1, 1)


def _header(axes: Axes, worst: int, bottom: float) -> None:
    y = CONTENT_TOP + 0.12
    titles = ((RANK, "Rang"), (TARGET, "Ziel: Markt oder Branche"), (SCORE, "Passung"), (INTERVAL, "Rang und Rangspanne"),
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


def _row(axes: Axes, row: dict[str, Any], points: dict[str, float | None], y: float, height: float, worst: int) -> None:
    axes.text(RANK[0] + 0.05, y, str(row["rank_in_company"]), size=11, weight="bold", va="center", color=INK)
    size, most = (7.6, 2) if len(wrapped(row["target_label_de"], TARGET[1], 7.6, 9, "bold")) < 3 else (6.4, 3)
    lines = wrapped(row["target_label_de"], TARGET[1], size, most, "bold")
    small = wrapped(" · ".join(d for d in (_code(row), _missing(row["missing_inputs"])) if d), TARGET[1], 5.8, 2)
    _lines(axes, TARGET[0], y, [*((t, size, INK, "bold") for t in lines), *((t, 5.8, QUIET, "normal") for t in small)])
    axes.barh([y], [SCORE[1]], left=SCORE[0], height=0.15, color=PALE, linewidth=0, zorder=2)
    axes.barh([y], [SCORE[1] * row["fit_score"] / 100], left=SCORE[0], height=0.15, color=BLUE, linewidth=0, zorder=3)
    axes.text(SCORE[0], y - 0.17, number_de(row["fit_score"], 1), size=7.4, weight="bold", va="center", color=INK)
    _interval(axes, row, y, worst)
    for left, name in zip(_part_lefts(), COMPONENTS, strict=True):
        _part(axes, left, y, row[f"{name}_score"], points[name])
    texts = [(row["reason_1_de"], "+", GOOD), (row["counter_reason_de"], "–", ALERT)]
    _arguments(axes, texts, y, height)


def _code(row: dict[str, Any]) -> str:
    """What kind of target it is: a product in a country, or an industry."""
    if row["target_type_code"] == "product_country":
        return f"Markt für HS {row['hs6_code']}"
    return f"Branche WZ {row['target_wz2008_code']}" if row["target_wz2008_code"] else ""


def _missing(inputs: str | None) -> str:
    """'es fehlt: Durchschnittspreis' from 'demand.unit_value_eur_per_kg'; an input without a label keeps its name."""
    if not inputs:
        return ""
    names = [part.strip().split(".")[-1] for part in inputs.split(",")]
    labels = [ARGUMENTS[n].missing_label_de if n in ARGUMENTS else "" for n in names]
    said = [(label or name).format(home="dem eigenen Land") for label, name in zip(labels, names, strict=True)]
    return f"es fehlt: {', '.join(said)}"


def _interval(axes: Axes, row: dict[str, Any], y: float, worst: int) -> None:
    low, high = (_rank_x(min(row[end], worst), worst) for end in ("rank_low", "rank_high"))
    wide = row["confidence_code"] == UNSURE_CODE
    colour = FAINT if wide else BLUE
    axes.plot([low, high], [y, y], color=colour, linewidth=2.4, solid_capstyle="round", zorder=3)
    axes.plot([low, low], [y - 0.05, y + 0.05], color=colour, linewidth=1.2, zorder=3)
    if row["rank_high"] > worst:
        axes.plot([high + 0.03], [y], ">", markersize=5, color=colour, zorder=3)
    else:
        axes.plot([high, high], [y - 0.05, y + 0.05], color=colour, linewidth=1.2, zorder=3)
    x = _rank_x(row["rank_in_company"], worst)
    axes.plot(
        [x], [y], "o", markersize=5.5, markerfacecolor="white" if wide else BLUE, markeredgecolor=colour, zorder=4
    )
    span = f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] != row["rank_high"] else str(row["rank_low"])
    text = f"{span} {UNSURE}" if wide else span
    axes.text(INTERVAL[0] + 0.04, y + 0.16, text, size=6.2, va="center", color=ALERT if wide else QUIET)


def _part(axes: Axes, left: float, y: float, score: float | None, points: float | None) -> None:
    """One component: its number, a short bar of 100, and the points it gives."""
    width = PARTS[1] / len(COMPONENTS) - 0.08
    if score is None:
        axes.text(left, y - 0.11, "k. A.", size=6.2, va="center", color=FAINT)
        return
    axes.text(left, y - 0.13, number_de(score, 0), size=6.6, va="center", color=INK)
    axes.barh([y], [width], left=left, height=0.09, color=PALE, linewidth=0, zorder=2)
    axes.barh([y], [width * score / 100], left=left, height=0.09, color="#5b8db8", linewidth=0, zorder=3)
    if points is not None:
        axes.text(
            left, y + 0.13, ("+" if points >= 0 else "") + number_de(points, 1), size=5.8, va="center", color=QUIET
        )


def _arguments(axes: Axes, texts: list[tuple[str, str, str]], y: float, height: float) -> None:
    """Reason and counter-reason, each behind its sign; long ones in smaller type, so that nothing of them is cut."""
    size, wraps = ROW_TEXTS[-1], []
    for size in ROW_TEXTS:
        wraps = [wrapped(text, REASONS[1] - 0.14, size, 9) for text, _, _ in texts]
        if sum(map(len, wraps)) * size * 1.3 / 72 <= height - 0.03:
            break
    tops = _lines(axes, REASONS[0] + 0.14, y, [(line, size, INK, "normal") for lines in wraps for line in lines])
    for number, (_, sign, colour) in enumerate(texts):
        axes.text(
            REASONS[0], tops[sum(map(len, wraps[:number]))], sign, size=8, weight="bold", va="center", color=colour
        )


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
