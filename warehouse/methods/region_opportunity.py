"""Opportunities of a region: which headings lie near what it makes, how complex and how much asked for they are.

Belongs here: presence, density, gain, score and rank of a region's headings from linked employees and world exports.
Does not: where the employees come from (the models), settings (region_opportunity_config), and complexity of regions: a
handful of Kreise is never decomposed, the complexity of a heading is the world's.

Everything is modelled. Hidden employment enters three times: at its lower bound, at its estimate and at its upper bound.
References: Hidalgo et al. 2007 (density), Hausmann et al. 2014 (PCI, outlook gain), Balassa 1965 (specialisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError
from warehouse.methods.breakpoints import piecewise_score
from warehouse.methods.complexity import DegenerateMatrixError, complexity
from warehouse.methods.exporter_matrix import exporter_matrix
from warehouse.methods.opportunity import outlook_gain
from warehouse.methods.perturbation import top_with_rank_interval, weight_variants
from warehouse.methods.region_opportunity_config import DEMAND_INPUTS, LOG_SCALED, PARTS, RegionOpportunityConfig
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.specialisation import presence, rca

METHOD_VERSION = "2026.1"
# What a row rests on: a cell of a group or division of industries, or of a whole section, which tells headings not apart.
BY_GROUP, BY_DIVISION, BY_SECTION = "wz_group_bridge", "wz_division_bridge", "wz_section_only"
GROUP_LEVEL = 3
KEY = ("region_code", "product_code")
LINK_COLUMNS = (*KEY, "classification_code", "year", "employees_count", "low_count", "high_count", "base_count",
                "split_count", "node_level")  # fmt: skip
CASES = ("low", "estimate", "high")
OUTPUT_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("region_code", "classification_code", "product_code"), pl.String()),
        "year": pl.Int32(),
        **dict.fromkeys(
            ("linked_employees_count", "modelled_rca", "modelled_rca_low", "modelled_rca_high"), pl.Float64()
        ),
        "is_present": pl.Boolean(),
        **dict.fromkeys(("density", "density_low", "density_high", "pci", "complexity_outlook_gain"), pl.Float64()),
        **dict.fromkeys((*DEMAND_INPUTS, "opportunity_score"), pl.Float64()),
        **dict.fromkeys(("rank_in_region", "rank_low", "rank_high"), pl.Int32()),
        "split_share": pl.Float64(),
        **dict.fromkeys(("confidence_code", "estimation_method_code", "method_version"), pl.String()),
    }
)


@dataclass(frozen=True, eq=False)
class WorldSpace:
    """The headings of world trade in ascending order: proximity[P,P], pci[P], kp[P] and the spread of kc (NaN: undefined)."""

    products: tuple[str, ...]
    phi: FloatArray
    pci: FloatArray
    kp: FloatArray
    spread: float


def world_space(exports: pl.DataFrame) -> WorldSpace:
    """Proximity and complexity of the headings from location_code, product_code and value_usd of one year."""
    matrix = exporter_matrix(exports.select("location_code", "product_code", "value_usd"))
    present = presence(rca(matrix.values))
    nothing = np.full(len(matrix.products), np.nan)
    try:
        found = complexity(present)
        pci, kp, spread = found.pci, found.kp, float(np.nanstd(found.kc))
    except DegenerateMatrixError:
        # A year too small or torn apart for complexity keeps its proximities.
        pci, kp, spread = nothing, nothing, 1.0
    return WorldSpace(matrix.products, proximity(present), pci, kp, spread)


def score(
    links: pl.DataFrame, exports: pl.DataFrame, demand: pl.DataFrame, config: RegionOpportunityConfig
) -> pl.DataFrame:
    """One row per region and heading, in the columns of mart_region_opportunity without snapshot_id.

    Args:
        links: LINK_COLUMNS, persons; one row per region and heading, bounds included.
        exports: location_code, product_code, value_usd of the newest year of world trade.
        demand: product_code and DEMAND_INPUTS; NULL where unknown.

    Raises:
        MethodInputError: a column is missing, or a region and heading stand twice.
    """
    missing = [c for c in LINK_COLUMNS if c not in links.columns]
    if missing or links.select(KEY).is_duplicated().any():
        raise MethodInputError(
            f"missing columns {missing}" if missing else "a region and heading stand twice", where="links",
            expected="one row per region and heading", todo="sum employees by heading first",
        )  # fmt: skip
    if links.is_empty() or exports.is_empty():
        return OUTPUT_SCHEMA.to_frame()
    space = world_space(exports)
    # A heading nobody trades has no place in the product space.
    rows = links.filter(pl.col("product_code").is_in(space.products)).join(demand, on="product_code", how="left")
    blocks = [_region(part, space, config) for _, part in rows.sort(*KEY).group_by("region_code", maintain_order=True)]
    return pl.concat([OUTPUT_SCHEMA.to_frame(), *blocks])


def _region(rows: pl.DataFrame, space: WorldSpace, config: RegionOpportunityConfig) -> pl.DataFrame:
    """All headings of one region, in ascending order of their codes."""
    index = _specialisation(rows)
    # Only headings whose industries are counted finely enough enter the space: of the others presence is unknown, not false.
    usable = (rows["node_level"].to_numpy() >= config.node_level_min) & np.isfinite(index["estimate"])
    place = np.searchsorted(np.array(space.products), rows["product_code"].to_numpy())[usable]
    made = {case: presence(values[usable], config.presence_from) for case, values in index.items()}
    phi = space.phi[np.ix_(place, place)]
    around = {case: _spread_out(density(present[None, :], phi)[0], usable) for case, present in made.items()}
    absent = np.zeros(len(rows), dtype=bool)
    absent[usable] = ~made["estimate"]
    added = _spread_out(outlook_gain(made["estimate"][None, :], phi, space.kp[place], scale=space.spread)[0], usable)
    position = np.searchsorted(np.array(space.products), rows["product_code"].to_numpy())
    pci = np.where(usable, space.pci[position], np.nan)
    parts = _parts(rows, around, pci, config)
    points, ranks = _ranked(parts, absent, config)
    frame = rows.select("region_code", "classification_code", "product_code", pl.col("year").cast(pl.Int32)).with_columns(
        linked_employees_count=rows["employees_count"].cast(pl.Float64),
        **{f"modelled_rca{suffix}": pl.Series(index[case]) for case, suffix in _SUFFIX.items()},
        is_present=pl.Series([bool(m) if u else None for m, u in zip(~absent, usable, strict=True)], dtype=pl.Boolean),
        **{f"density{suffix}": pl.Series(around[case]) for case, suffix in _SUFFIX.items()},
        pci=pl.Series(pci),
        complexity_outlook_gain=pl.Series(added),
        **{name: rows[name].cast(pl.Float64) for name in DEMAND_INPUTS},
        opportunity_score=pl.Series(points),
        **{name: pl.Series(values, dtype=pl.Int32) for name, values in ranks.items()},
        split_share=rows["split_count"] / rows["employees_count"],
        confidence_code=_confidence(rows, usable, made, np.isnan(pci), ranks, config),
        estimation_method_code=_method(rows),
        method_version=pl.lit(config.score_version),
    )  # fmt: skip
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None)).select(OUTPUT_SCHEMA.names()).cast(OUTPUT_SCHEMA)  # pyright: ignore[reportArgumentType]


_SUFFIX = {"estimate": "", "low": "_low", "high": "_high"}


def _specialisation(rows: pl.DataFrame) -> dict[str, FloatArray]:
    """Balassa's index of linked employees against the country's, at the estimate and its bounds; NaN where the country has none.

    Shares are of all employees linked to goods, as those of trade are of all exports: services at home say nothing about goods.
    The lower bound holds the heading at its least and all others at their most, the upper bound the other way round.
    """
    country = rows["base_count"].cast(pl.Float64).to_numpy()
    base = _ratio(country, country.sum())
    own = rows["employees_count"].cast(pl.Float64).to_numpy()
    low, high = (rows[f"{side}_count"].cast(pl.Float64).to_numpy() for side in ("low", "high"))
    shares = {
        "low": _ratio(low, low + (high.sum() - high)),
        "estimate": _ratio(own, own.sum()),
        "high": _ratio(high, high + (low.sum() - low)),
    }
    return {case: _ratio(share, base) for case, share in shares.items()}


def _ratio(top: FloatArray, bottom: FloatArray | float) -> FloatArray:
    """NaN where the denominator is zero."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=np.asarray(bottom) > 0)


def _spread_out(values: FloatArray, usable: BoolArray) -> FloatArray:
    """Values of the usable headings at their places among all, NaN elsewhere."""
    out = np.full(len(usable), np.nan)
    out[usable] = values
    return out


def _parts(
    rows: pl.DataFrame, around: dict[str, FloatArray], pci: FloatArray, config: RegionOpportunityConfig
) -> dict[str, FloatArray]:
    """Scores 0 to 100 of every heading: density in its three cases, PCI and demand; NaN where unknown."""
    curve = config.breakpoints
    inputs = {
        name: piecewise_score(
            rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), curve[name], log_scaled=name in LOG_SCALED
        )
        for name in DEMAND_INPUTS
    }
    demand = _mean(np.stack([inputs[n] for n in DEMAND_INPUTS]), [config.demand_weights[n] for n in DEMAND_INPUTS])
    densities = {f"density_{case}": piecewise_score(around[case], curve["density"]) for case in CASES}
    return {**densities, "pci": piecewise_score(pci, curve["pci"]), "demand": demand}


def _mean(values: FloatArray, weights: list[float] | FloatArray) -> FloatArray:
    """Weighted mean over the first axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    weight = np.asarray(weights, dtype=np.float64)[:, None] * known
    total = weight.sum(axis=0)
    summed = (np.where(known, values, 0.0) * weight).sum(axis=0)
    return np.divide(summed, total, out=np.full(values.shape[1], np.nan), where=total > 0)


def _ranked(
    parts: dict[str, FloatArray], absent: BoolArray, config: RegionOpportunityConfig
) -> tuple[FloatArray, dict[str, list[int | None]]]:
    """Score and rank of the headings not made yet; the interval over moved weights and the bounds of hidden employment."""
    size = len(absent)
    points = np.full(size, np.nan)
    ranks: dict[str, list[int | None]] = {name: [None] * size for name in ("rank_in_region", "rank_low", "rank_high")}
    candidates = np.flatnonzero(absent & ~np.isnan(parts["density_estimate"]))
    if not candidates.size:
        return points, ranks
    rows = []
    for case in ("estimate", "low", "high"):
        stacked = np.stack([parts[f"density_{case}"], parts["pci"], parts["demand"]])[:, candidates]
        rows += [
            _mean(stacked, weights)
            for weights in weight_variants([config.weights[p] for p in PARTS], config.perturbation)
        ]
    chosen, best, worst = top_with_rank_interval(np.stack(rows), candidates.size)
    points[candidates] = rows[0]
    for rank, (at, low, high) in enumerate(zip(candidates[chosen], best, worst, strict=True), start=1):
        for name, value in zip(ranks, (rank, low, high), strict=True):
            ranks[name][at] = int(value)
    return points, ranks


def _confidence(
    rows: pl.DataFrame, usable: BoolArray, made: dict[str, BoolArray], without_pci: BoolArray,
    ranks: dict[str, list[int | None]], config: RegionOpportunityConfig,
) -> pl.Series:  # fmt: skip
    """'medium' at best, for all is modelled; 'low' where the cell is coarse, presence or rank not settled, or a part missing."""
    settled = np.zeros(len(rows), dtype=bool)
    settled[usable] = made["low"] == made["high"]
    listed = sum(rank is not None for rank in ranks["rank_in_region"])
    narrow = np.array(
        [low is None or high is None or high - low <= config.uncertain_rank_share * listed
         for low, high in zip(ranks["rank_low"], ranks["rank_high"], strict=True)]
    )  # fmt: skip
    fine = rows["node_level"].to_numpy() >= GROUP_LEVEL
    complete = ~without_pci & rows.select(pl.all_horizontal(pl.col(DEMAND_INPUTS).is_not_null())).to_series().to_numpy()
    sure = usable & settled & narrow & fine & complete
    return pl.Series(np.where(sure, "medium", "low"))


def _method(rows: pl.DataFrame) -> pl.Series:
    level = rows["node_level"]
    names = {GROUP_LEVEL: BY_GROUP, GROUP_LEVEL - 1: BY_DIVISION}
    return pl.Series([BY_GROUP if n > GROUP_LEVEL else names.get(n, BY_SECTION) for n in level], dtype=pl.String)
