"""Names beside marks: placed so that none overlaps another, or left out.

Belongs here: the call of the library that finds the places. Does not belong here: which marks get a name.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import textalloc
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from orchestration.plots.style import INK

Floats = NDArray[np.float64]
NAME = "name"  # id of every text that names a mark


def place(
    axes: Axes,
    points: Floats,
    texts: Sequence[str],
    widths: Floats,
    obstacles: Floats,
    obstacle_widths: Floats,
    size: float = 6.5,
) -> list[Artist]:
    """Write texts near their marks inside the axes, first ones first; one without a free place is left out.

    Args:
        axes: with its final limits and place on the page.
        points: marks to be named, (n, 2), in data coordinates; ``widths`` (n,) are their diameters in points.
        texts: one per mark.
        obstacles: marks no text may cover, (m, 2), with their diameters in points.
        size: of the type, points.

    Returns:
        What was drawn: the texts and the lines to their marks.
    """
    if not texts:
        return []
    pixels = axes.figure.dpi / 72 / 2  # the library counts radii in pixels
    # It says lists and takes arrays; lists it would not add to arrays.
    sizes: dict[str, Any] = {"text_scatter_sizes": widths * pixels, "scatter_sizes": obstacle_widths * pixels}
    # The library prints a line where it found no place at all.
    with redirect_stdout(io.StringIO()):
        _, _, written, pointers = textalloc.allocate(
            axes,
            points[:, 0],
            points[:, 1],
            list(texts),
            x_scatter=obstacles[:, 0],
            y_scatter=obstacles[:, 1],
            **sizes,
            textsize=size,
            textcolor=INK,
            linecolor=INK,
            linewidth=0.6,
            margin=0.002,
            min_distance=0.004,
            max_distance=0.16,
            nbr_candidates=1200,
            draw_all=False,
            avoid_label_lines_overlap=True,
            avoid_crossing_label_lines=True,
            zorder=6,
            gid=NAME,
            # A halo around the letters would turn text into outlines in SVG; a pale ground keeps it text.
            bbox={"boxstyle": "square,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            plot_kwargs={"zorder": 5},
        )
    return [drawn for drawn in [*written, *pointers] if isinstance(drawn, Artist)]
