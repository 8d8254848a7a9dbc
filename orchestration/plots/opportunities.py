"""A region's opportunities on one page: how near a product lies to what the region has, against how complex it is.

Belongs here: the questions to the release and the drawing. Does not belong here: the modelled figures themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from orchestration.plots.labels import place
from orchestration.plots.page import CONTENT_TOP, HEIGHT, MARGIN, MODELLED, WIDTH, clipped, framed, short_name
from orchestration.plots.presence import REGION_TABLE
from orchestration.plots.reading import Origin, Release
from orchestration.plots.style import ALERT, FAINT, INK, PALE, QUIET, count_de, german_ticks, section_of, sections
from orchestration.plots.targets import UNSURE, UNSURE_CODE
from warehouse.errors import KettenwerkError
from warehouse.methods.market_fit.wording import euro_de, number_de

BEST = 12
# Intervals of all products while they can be told apart; beyond this number only those of the best.
WHISKERS_UP_TO = 150
LIST_INCHES = 3.35
SMALLEST, LARGEST = 9.0, 620.0  # areas of marks, square points
DEMAND = "world_import_value_eur"


@dataclass(frozen=True)
class Opportunities:
    """Products that are not present in the region, best first, and how many could not be drawn."""

    region_code: str
    region_label_de: str
    year: int
    edition: str
    method: str
    rows: pl.DataFrame
    present: int
    unknown: int
    undrawn: int
    origin: Origin


def read(release: Release, region: str | None, year: int | None) -> Opportunities:
    """Ask the served release; without a region the release's own.

    Raises:
        KettenwerkError: nothing to draw, or no such region or year.
    """
    release.need_rows(REGION_TABLE)
    origin = release.origin("opportunities")
    asked = region or origin.region_code
    edition, found_year, method = _choose(release, asked, year)
    rows = release.frame(
        f"""SELECT o.*, d.product_name_de, d.product_name_en FROM {REGION_TABLE} o
            LEFT JOIN marts.dim_product_hs d USING (classification_code, product_code)
            WHERE o.region_code = ? AND o.year = ? AND o.classification_code = ? AND o.method_version = ?
            ORDER BY o.rank_in_region NULLS LAST, o.product_code""",
        asked, found_year, edition, method,
    )  # fmt: skip
    # Presence that the model cannot tell is neither: such a product is no opportunity and no strength.
    absent = rows.filter(~pl.col("is_present"))
    drawn = absent.filter(pl.col("density").is_not_null() & pl.col("pci").is_not_null())
    if drawn.is_empty():
        raise KettenwerkError(
            f"of {rows.height} products {rows['is_present'].null_count()} cannot be told present or not, as employment is known too "
            f"coarsely, {rows.filter(pl.col('is_present')).height} are present and {absent.height} lack density or complexity, so there is "
            "nothing to draw",
            where=f"{REGION_TABLE}, region {asked}, {edition} {found_year}",
            todo="deliver employment of the region by groups or divisions of industries and refresh, or ask for another region",
        )
    names = release.door.execute(
        "SELECT max(region_name) FROM marts.dim_region WHERE region_code = ?", [asked]
    ).fetchall()
    return Opportunities(
        asked,
        names[0][0] or asked,
        found_year,
        edition,
        method,
        drawn,
        rows.filter(pl.col("is_present")).height,
        rows["is_present"].null_count(),
        absent.height - drawn.height,
        origin,
    )


def _choose(release: Release, region: str, year: int | None) -> tuple[str, int, str]:
    """The asked year, else the newest; of several editions and methods the newest."""
    held = release.door.execute(
        f"""SELECT DISTINCT region_code, year, classification_code, method_version FROM {REGION_TABLE}
            ORDER BY region_code, year DESC, classification_code DESC, method_version DESC"""
    ).fetchall()
    of_region = [row for row in held if row[0] == region]
    if not of_region:
        raise KettenwerkError(
            f"there are no opportunities of '{region}'",
            where="--region",
            expected=f"one of {', '.join(dict.fromkeys(row[0] for row in held))}",
        )
    fits = [row for row in of_region if year in (None, row[1])]
    if not fits:
        raise KettenwerkError(
            f"there are no opportunities of {year}",
            where=f"region {region}, --year",
            expected=f"one of {', '.join(dict.fromkeys(str(row[1]) for row in of_region))}",
        )
    _, found_year, edition, method = fits[0]
    return edition, found_year, method


def draw(found: Opportunities) -> Figure:
    """The page."""
    rows = found.rows
    best = rows.filter(pl.col("rank_in_region").is_not_null()).head(BEST)
    every = rows.height <= WHISKERS_UP_TO
    page, foot = framed(
        f"Chancen im Produktraum: {found.region_label_de}",
        f"{count_de(rows.height)} Produkte ({len(rows['product_code'][0])}-Steller, {found.edition}), die dort nach dem Modell noch nicht stark "
        f"sind · Jahr {found.year} · rechts: nah an den Stärken; oben: anspruchsvoll",
        [MODELLED],
        [
            "Modelliert: Es gibt keine amtlichen Ausfuhren der Region nach Produkten. Ihre Stärken sind aus Beschäftigten je "
            f"Wirtschaftszweig geschätzt (Fassung {found.method}); "
            + ("die waagerechten Striche" if every else f"die waagerechten Striche (nur bei den besten {best.height})")
            + " zeigen, in welchem Bereich die Dichte liegt; wo keiner steht, ändern verdeckte Zellen nichts. Als Fragen an Unternehmen zu "
            "lesen, nicht als Statistik.",
            f"Nicht gezeigt: {count_de(found.present)} Produkte, die vermutlich vorhanden sind, {count_de(found.unknown)}, bei denen es "
            f"sich nicht sagen lässt, und {count_de(found.undrawn)} ohne Dichte oder Komplexität. Rangspanne: bester und schlechtester "
            f"Rang; „{UNSURE}“: Angaben zu grob, Stärke oder Rang nicht gefestigt, oder eine Angabe fehlt. Komplexität (PCI): "
            "Standardabweichungen vom Mittel aller Produkte."
            + (" Bezeichnungen auf Englisch, wo keine deutsche geliefert wurde." if rows["product_name_de"].null_count() else ""),
        ],
        found.origin,
    )  # fmt: skip
    box = (MARGIN + 0.55, CONTENT_TOP, WIDTH - 2 * MARGIN - 0.55 - LIST_INCHES, foot - CONTENT_TOP - 0.62)
    axes = page.add_axes((box[0] / WIDTH, 1 - (box[1] + box[3]) / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT))
    sizes = _sizes(rows[DEMAND])
    _axes(axes, rows)
    _marks(axes, rows, sizes, rows if every else best)
    _names(axes, rows, best, sizes)
    _list(page, best, rows, sizes, foot)
    return page


def _sizes(demand: pl.Series) -> np.ndarray:
    """Areas of the marks follow demand; unknown demand gets the smallest mark. Many marks are drawn smaller."""
    values = demand.fill_null(0).to_numpy().astype(float)
    largest = LARGEST * min(1.0, (WHISKERS_UP_TO / len(values)) ** 0.5)
    return SMALLEST + (largest - SMALLEST) * values / max(float(values.max()), 1.0)


def _label(row: dict[str, Any], most: int = 30) -> str:
    return short_name(row["product_name_de"] or row["product_name_en"] or "ohne Bezeichnung", row["product_code"], most)


def _axes(axes: Axes, rows: pl.DataFrame) -> None:
    """Limits with room for the marks, German numbers, and the middle of both measures."""
    ends = [
        rows["density"],
        rows["density_low"].fill_null(rows["density"]),
        rows["density_high"].fill_null(rows["density"]),
    ]
    for ends_of, set_limits in ((ends, axes.set_xlim), ([rows["pci"]], axes.set_ylim)):
        low, high = min(float(e.min()) for e in ends_of), max(float(e.max()) for e in ends_of)  # pyright: ignore[reportArgumentType]
        room = 0.07 * max(high - low, 0.01)
        set_limits(low - room, high + room)
    middle = float(rows["density"].median())  # pyright: ignore[reportArgumentType]
    axes.axvline(middle, color=FAINT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)
    axes.axhline(0, color=FAINT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)
    axes.xaxis.set_major_formatter(german_ticks(2))
    axes.yaxis.set_major_formatter(german_ticks(1))
    axes.set_xlabel("Dichte: Nähe zu dem, was die Region schon kann (0 bis 1; gestrichelt: Median)", size=8)
    axes.set_ylabel("Komplexität des Produkts (PCI; gestrichelt: Mittel aller Produkte)", size=8)
    axes.tick_params(labelsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _marks(axes: Axes, rows: pl.DataFrame, sizes: np.ndarray, with_whiskers: pl.DataFrame) -> None:
    whiskers = with_whiskers.drop_nulls(["density_low", "density_high"])
    of_best = whiskers.filter(pl.col("rank_in_region") <= BEST)
    for drawn, colour, width in ((whiskers, FAINT, 0.6), (of_best, QUIET, 1.1)):
        axes.hlines(drawn["pci"], drawn["density_low"], drawn["density_high"], color=colour, linewidth=width, zorder=1)
    best = (rows["rank_in_region"].fill_null(BEST + 1) <= BEST).to_numpy()
    colours = np.array([section_of(code).colour for code in rows["product_code"].to_list()])
    x, y = rows["density"].to_numpy(), rows["pci"].to_numpy()
    # Large marks first, so that small ones stay visible on them.
    order = np.argsort(-sizes, kind="stable")
    for mask, alpha, edge, width in ((~best, 0.45, "white", 0.3), (best, 0.95, INK, 0.9)):
        chosen = order[mask[order]]
        axes.scatter(x[chosen], y[chosen], s=sizes[chosen], c=colours[chosen], alpha=alpha, edgecolors=edge, linewidths=width, zorder=3 if edge == INK else 2)  # fmt: skip


def _names(axes: Axes, rows: pl.DataFrame, best: pl.DataFrame, sizes: np.ndarray) -> None:
    widths = dict(zip(rows["product_code"].to_list(), np.sqrt(sizes), strict=True))
    points = best.select("density", "pci").to_numpy()
    ranks = [str(rank) for rank in best["rank_in_region"].to_list()]
    texts = [f"{rank} {_label(row)}" for rank, row in zip(ranks, best.to_dicts(), strict=True)]
    diameters = np.array([widths[code] for code in best["product_code"].to_list()])
    drawn = place(axes, points, texts, diameters, points, diameters)
    if sum(isinstance(artist, Text) for artist in drawn) < len(texts):
        # The best lie too close together for all their names: then all of them have their rank alone, the list has the names.
        for artist in drawn:
            artist.remove()
        place(axes, points, ranks, diameters, points, diameters, size=7.5)


def _list(page: Figure, best: pl.DataFrame, rows: pl.DataFrame, sizes: np.ndarray, foot: float) -> None:
    """The best ones in words, and the legends of colour and size."""
    left, width = WIDTH - MARGIN - LIST_INCHES + 0.3, LIST_INCHES - 0.3
    axes = page.add_axes((left / WIDTH, 1 - foot / HEIGHT, width / WIDTH, (foot - CONTENT_TOP) / HEIGHT))
    axes.set(xlim=(0, width), ylim=(foot, CONTENT_TOP))
    axes.set_axis_off()
    y = CONTENT_TOP + 0.1
    axes.text(0, y, "Die besten Chancen", size=8, weight="bold", va="center")
    axes.text(0, y + 0.16, "Wert (0 bis 100) · Rangspanne · Welteinfuhren, Wachstum im Jahr", size=5.8, color=QUIET, va="center")  # fmt: skip
    y += 0.38
    for row in best.to_dicts():
        axes.text(0.16, y, str(row["rank_in_region"]), size=7, weight="bold", ha="right", va="center")
        axes.scatter([0.28], [y], s=26, c=section_of(row["product_code"]).colour, linewidths=0)
        axes.text(0.4, y, clipped(_label(row, 46), width - 0.4, 6.8), size=6.8, va="center")
        _facts(axes, row, y + 0.125)
        y += 0.292
    y += 0.08
    for section in (s for s in sections() if any(section_of(c) == s for c in rows["product_code"].to_list())):
        axes.scatter([0.28], [y], s=20, c=section.colour, linewidths=0)
        axes.text(0.4, y, section.label_de, size=5.9, va="center")
        y += 0.128
    _size_legend(axes, rows, sizes, y + 0.05)


def _facts(axes: Axes, row: dict[str, Any], y: float) -> None:
    """One line of figures below a name; an unsure one says so instead of pretending."""
    low, high = row["rank_low"], row["rank_high"]
    wide = row["confidence_code"] == UNSURE_CODE
    score = "k. A." if row["opportunity_score"] is None else number_de(row["opportunity_score"], 0)
    span = "k. A." if low is None or high is None else f"Rang {low}–{high}" if low != high else f"Rang {low}"
    growth = row["world_import_cagr_5y_pct"]
    demand = "k. A." if row[DEMAND] is None else euro_de(row[DEMAND])
    text = f"{score} · {span} · {demand}" + (
        "" if growth is None else f", {'+' if growth > 0 else ''}{number_de(growth, 1)} %"
    )
    axes.text(0.4, y, text + (f" · {UNSURE}" if wide else ""), size=5.9, color=ALERT if wide else QUIET, va="center")


def _size_legend(axes: Axes, rows: pl.DataFrame, sizes: np.ndarray, y: float) -> None:
    """The largest mark and a tenth of it."""
    known = rows[DEMAND].fill_null(0).to_numpy().astype(float)
    if known.max() <= 0:
        return
    largest = float(10 ** np.floor(np.log10(known.max())))
    x = 0.28
    areas = [float(np.interp(v, [0, known.max()], [SMALLEST, sizes.max()])) for v in (largest, largest / 10)]
    y += np.sqrt(areas[0]) / 2 / 72
    for value, area in zip((largest, largest / 10), areas, strict=True):
        axes.scatter([x], [y], s=area, c=PALE, edgecolors=QUIET, linewidths=0.4)
        axes.text(x + 0.26, y, euro_de(value).replace(",00", "").replace(",0 ", " "), size=5.9, va="center")
        x += 1.1
    axes.text(x - 0.2, y, "Welteinfuhren", size=5.9, color=QUIET, va="center")
