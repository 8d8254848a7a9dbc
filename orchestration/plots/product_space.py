"""The product space as a network on one page.

Belongs here: the questions to the release and the drawing. Does not belong here: links and layout (``network``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from orchestration.plots import network
from orchestration.plots.labels import place
from orchestration.plots.page import CONTENT_TOP, HEIGHT, MARGIN, MODELLED, WIDTH, framed, short_name
from orchestration.plots.presence import Presence, presence
from orchestration.plots.reading import Origin, Release
from orchestration.plots.style import INK, PALE, QUIET, count_de, section_of, sections, usd_de
from warehouse.errors import KettenwerkError
from warehouse.methods.market_fit.wording import number_de

TABLE = "marts.mart_product_space"
LEGEND_INCHES = 2.55
NODES_SHARE = 0.13  # of the page that the circles cover together
SMALLEST, LARGEST = 0.013, 0.16  # radius of a circle, inches
LABELS = 26
OBSTACLES = 150  # largest circles that a name keeps clear of


@dataclass(frozen=True)
class Space:
    """Products (code, name_de, name_en, trade_usd), their links, and what is present where."""

    edition: str
    year: int
    method: str
    products: pl.DataFrame
    chosen: network.Links
    present: Presence | None
    countries: int
    origin: Origin


def read(release: Release, year: int | None, edition: str | None, location: str | None) -> Space:
    """Ask the served release.

    Raises:
        KettenwerkError: nothing to draw, or no such year, edition or location.
    """
    release.need_rows(TABLE)
    release.need_rows("marts.mart_product_proximity")
    edition, year, digits, method = _choose(release, year, edition)
    products = release.frame(
        f"""SELECT s.product_code AS code, max(d.product_name_de) AS name_de, max(d.product_name_en) AS name_en,
                   sum(s.export_value_usd) AS trade_usd
            FROM {TABLE} s LEFT JOIN marts.dim_product_hs d USING (classification_code, product_code)
            WHERE s.classification_code = ? AND s.year = ? AND length(s.product_code) = ? AND s.method_version = ?
            GROUP BY s.product_code HAVING sum(s.export_value_usd) > 0 ORDER BY 1""",
        edition, year, digits, method,
    )  # fmt: skip
    pairs = release.frame(
        """SELECT product_code_a AS a, product_code_b AS b, proximity FROM marts.mart_product_proximity
           WHERE classification_code = ? AND year = ? AND length(product_code_a) = ? AND method_version = ?
           ORDER BY 1, 2""",
        edition, year, digits, method,
    )  # fmt: skip
    codes = products["code"].to_numpy().astype(str)
    pairs = pairs.filter(pl.col("a").is_in(products["code"]) & pl.col("b").is_in(products["code"]))
    a, b = (np.searchsorted(codes, pairs[side].to_numpy().astype(str)) for side in ("a", "b"))
    chosen = network.links(len(codes), a, b, pairs["proximity"].to_numpy())
    [(countries,)] = release.door.execute(
        f"SELECT count(DISTINCT location_code) FROM {TABLE} WHERE classification_code = ? AND year = ?", [edition, year]
    ).fetchall()
    present = presence(release, edition, year, digits, method, location)
    return Space(edition, year, method, products, chosen, present, countries, release.origin("product_space"))


def _choose(release: Release, year: int | None, edition: str | None) -> tuple[str, int, int, str]:
    """The asked year and edition, else the newest of each; of several levels the finest."""
    held = release.frame(
        f"""SELECT classification_code, year, length(product_code) AS digits, max(method_version) AS method FROM {TABLE}
            GROUP BY 1, 2, 3 ORDER BY year DESC, classification_code DESC, digits DESC"""
    )
    fits = held
    for column, asked in (("year", year), ("classification_code", edition)):
        fits = fits if asked is None else fits.filter(pl.col(column) == asked)
    if fits.is_empty():
        choices = ", ".join(f"{e} {y}" for e, y in held.select("classification_code", "year").unique(maintain_order=True).rows())  # fmt: skip
        raise KettenwerkError(
            f"there is no product space of {' '.join(str(w) for w in (edition, year) if w is not None)}",
            where=f"profile {release.profile}", expected=f"one of {choices}",
        )  # fmt: skip
    edition, year, digits, method = fits.row(0)
    assert edition is not None and year is not None
    return edition, year, digits, method


def draw(space: Space) -> Figure:
    """The page."""
    count = space.products.height
    digits = len(space.products["code"][0])
    tree = int(space.chosen.in_tree.sum())
    page, foot = framed(
        "Produktraum des Welthandels" + (f": {space.present.label_de}" if space.present else ""),
        f"{count_de(count)} Produkte ({digits}-Steller, {space.edition}), Ausfuhren von {count_de(space.countries)} Ländern im "
        f"Jahr {space.year}. Eine Linie verbindet Produkte, die oft dieselben Länder mit Vorteil ausführen.",
        [MODELLED] if space.present and space.present.is_modelled else [],
        [
            "Lesehilfe: Wer ein Produkt beherrscht, hat es zu den verbundenen Produkten nicht weit. Es zählt, was womit "
            "verbunden ist; oben, unten und die Entfernung ohne Linie haben keine Bedeutung.",
            f"Linien: größter Spannbaum der Nähe ({count_de(tree)}) und die {count_de(len(space.chosen.a) - tree)} stärksten "
            f"weiteren Verbindungen, Nähe {_proximities(space)}. Nähe: kleinere der beiden bedingten Wahrscheinlichkeiten, "
            f"dass ein Land das eine Produkt mit Vorteil (RCA ≥ 1) ausführt, wenn es das andere tut; Methode product_space {space.method}."
            + (f" {space.present.note_de}" if space.present else "")
            + _remarks(space),
        ],
        space.origin,
    )  # fmt: skip
    box = (MARGIN, CONTENT_TOP, WIDTH - 2 * MARGIN - LEGEND_INCHES, foot - CONTENT_TOP - 0.08)
    axes = page.add_axes((box[0] / WIDTH, 1 - (box[1] + box[3]) / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT))
    axes.set(xlim=(0, box[2]), ylim=(0, box[3]))
    axes.set_axis_off()
    radii = _radii(space.products["trade_usd"].to_numpy(), box[2] * box[3])
    centre = np.array([box[2], box[3]]) / 2
    places = network.fitted(network.layout(count, space.chosen), 2 * centre)
    places = network.apart(places, radii, np.zeros(2), 2 * centre, 0.012)
    _network(axes, space, places, radii)
    _names(axes, space, places, radii)
    _legend(page, space, radii, foot)
    return page


def _proximities(space: Space) -> str:
    low, high = float(space.chosen.proximity.min()), float(space.chosen.proximity.max())
    return f"{number_de(low, 2)} bis {number_de(high, 2)}"


def _remarks(space: Space) -> str:
    """What has to be said of products without a link or a German name."""
    unlinked = space.products.height - len(np.union1d(space.chosen.a, space.chosen.b))
    lacking = space.products["name_de"].null_count()
    return (f" Ohne Verbindung, am unteren Rand: {count_de(unlinked)} Produkte." if unlinked else "") + (
        " Bezeichnungen auf Englisch, wo keine deutsche geliefert wurde." if lacking else ""
    )


def _radii(trade: np.ndarray, area: float) -> np.ndarray:
    """Areas follow trade, within limits that keep the smallest visible and the largest from covering others."""
    return np.clip(np.sqrt(NODES_SHARE * area * trade / trade.sum() / np.pi), SMALLEST, LARGEST)


def _network(axes: Axes, space: Space, places: np.ndarray, radii: np.ndarray) -> None:
    """Links, then circles; circles are drawn as marks whose size is in points."""
    chosen = space.chosen
    strength = (chosen.proximity - chosen.proximity.min()) / max(float(np.ptp(chosen.proximity)), 1e-9)
    axes.add_collection(
        LineCollection(
            list(np.stack([places[chosen.a], places[chosen.b]], axis=1)),
            linewidths=0.35 + 0.5 * strength,
            colors=[(0.45, 0.45, 0.45, 0.35 + 0.3 * s) for s in strength],
            zorder=1,
        )
    )
    codes = space.products["code"].to_list()
    colours = np.array([to_rgb(section_of(c).colour) for c in codes])
    shown = np.array([space.present is None or c in space.present.codes for c in codes])
    sizes = (2 * radii * 72) ** 2
    for mask, faces, edge, width, order in (
        (~shown, 1 - (1 - colours) * 0.22, "#bdbdbd", 0.3, 2),
        (shown, colours, INK if space.present else "white", 0.6 if space.present else 0.25, 3),
    ):
        axes.scatter(
            *places[mask].T,
            s=sizes[mask],
            c=faces[mask],
            edgecolors=edge,
            linewidths=width,
            zorder=order,
            clip_on=False,
        )


def _names(axes: Axes, space: Space, places: np.ndarray, radii: np.ndarray) -> None:
    """Names of the products traded most, half of them among those that are present where one is shown."""
    table = space.products.with_row_index("number")
    largest = table.sort("trade_usd", "code", descending=[True, False])
    if space.present:
        own = largest.filter(pl.col("code").is_in(list(space.present.codes))).head(LABELS * 2 // 3)
        largest = pl.concat([own, largest]).unique("number", keep="first", maintain_order=True)
    named = largest.head(LABELS)
    texts = [
        short_name(de or en or "ohne Bezeichnung", code) for code, de, en in named.select("code", "name_de", "name_en").rows()
    ]  # fmt: skip
    numbers = named["number"].to_numpy()
    obstacles = table.sort("trade_usd", descending=True).head(OBSTACLES)["number"].to_numpy()
    place(axes, places[numbers], texts, 2 * 72 * radii[numbers], places[obstacles], 2 * 72 * radii[obstacles])


def _legend(page: Figure, space: Space, radii: np.ndarray, foot: float) -> None:
    """Colours with the number of products, sizes, and what full colour means."""
    left = WIDTH - MARGIN - LEGEND_INCHES + 0.2
    axes = page.add_axes(
        (left / WIDTH, 1 - foot / HEIGHT, (LEGEND_INCHES - 0.2) / WIDTH, (foot - CONTENT_TOP) / HEIGHT)
    )
    axes.set(xlim=(0, LEGEND_INCHES - 0.2), ylim=(foot, CONTENT_TOP))
    axes.set_axis_off()
    y = _section_legend(axes, space)
    y = _size_legend(axes, space, radii, y)
    if space.present:
        _presence_legend(axes, space, y)


def _section_legend(axes: Axes, space: Space) -> float:
    y = CONTENT_TOP + 0.12
    axes.text(0, y, "Warengruppe (Abschnitte des HS)", size=7.5, weight="bold", va="center")
    tally = {s: [0, 0] for s in sections()}
    for code in space.products["code"].to_list():
        tally[section_of(code)][0] += 1
        tally[section_of(code)][1] += bool(space.present and code in space.present.codes)
    for section, (all_of_it, own) in tally.items():
        if all_of_it:
            y += 0.19
            axes.scatter([0.07], [y], s=34, c=section.colour, edgecolors="white", linewidths=0.3)
            axes.text(0.2, y, section.label_de, size=6.6, va="center")
            number = f"{count_de(own)} von {count_de(all_of_it)}" if space.present else count_de(all_of_it)
            y += 0.125
            axes.text(0.2, y, f"{number} Produkte", size=5.8, color=QUIET, va="center")
    return y + 0.32


def _size_legend(axes: Axes, space: Space, radii: np.ndarray, y: float) -> float:
    axes.text(0, y, "Kreisfläche: Welthandel", size=7.5, weight="bold", va="center")
    trade = space.products["trade_usd"].to_numpy()
    order = np.argsort(trade)
    y += 0.08
    for value in _round_steps(trade):
        radius = float(np.interp(value, trade[order], radii[order]))
        y += max(0.1, radius) + 0.04
        axes.scatter([0.17], [y], s=(2 * radius * 72) ** 2, c=PALE, edgecolors=QUIET, linewidths=0.4)
        axes.text(0.42, y, usd_de(value).replace(",0 ", " "), size=6.6, va="center")
        y += max(0.1, radius)
    return y + 0.22


def _round_steps(trade: np.ndarray) -> list[float]:
    """Three powers of ten inside the range, largest first; all that fit where there are fewer."""
    low, high = np.log10(max(float(np.median(trade)) / 10, 1)), np.log10(trade.max())
    powers = range(int(np.floor(high)), int(np.ceil(low)) - 1, -1)
    return [10.0**p for p in powers][:3] or [float(trade.max())]


def _presence_legend(axes: Axes, space: Space, y: float) -> None:
    assert space.present is not None
    axes.text(0, y, "Kräftige Farbe", size=7.5, weight="bold", va="center")
    for number, line in enumerate(space.present.legend_de):
        axes.text(0, y + 0.18 + 0.145 * number, line, size=6.6, va="center")
