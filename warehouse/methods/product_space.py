"""The product space of one year: every measure of locations and products from one value matrix.

Belongs here: running the methods in order and turning the result into the rows of the marts.
Does not: the formulae themselves, and the choice of years, classifications and sources.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray, MethodInputError, as_value_matrix
from warehouse.methods.complexity import Complexity, DegenerateMatrixError, complexity
from warehouse.methods.outlook import outlook
from warehouse.methods.relatedness import ROWS_AT_A_TIME, density, proximity
from warehouse.methods.specialisation import presence, rca

METHOD_VERSION = "2026.1"


@dataclass(frozen=True, eq=False)
class ProductSpace:
    """All measures of one table of values; NaN where undefined, `warnings` says why something is missing."""

    values: FloatArray
    rca: FloatArray
    presence: BoolArray
    diversity: IntArray
    ubiquity: IntArray
    proximity: FloatArray
    density: FloatArray
    eci: FloatArray
    pci: FloatArray
    coi: FloatArray
    cog: FloatArray
    eigenvalue_gap: float
    warnings: tuple[str, ...] = ()
    method_version: str = METHOD_VERSION


def _complexity_or_null(
    present: BoolArray, on_degenerate: Literal["raise", "null"]
) -> tuple[Complexity, tuple[str, ...]]:
    try:
        return complexity(present), ()
    except DegenerateMatrixError as error:
        if on_degenerate == "raise":
            raise
        per_location = np.full(present.shape[0], np.nan)
        per_product = np.full(present.shape[1], np.nan)
        nothing = Complexity(per_location, per_product, per_location, per_product, float("nan"))
        return nothing, (f"{error.reason_code}: {error}",)


def compute(
    values: npt.ArrayLike, *, diag: float = 1.0, on_degenerate: Literal["raise", "null"] = "raise"
) -> ProductSpace:
    """All measures for values[C,P] >= 0 of one year; fill true zeros before, NaN is refused.

    on_degenerate='null' gives NaN for ECI, PCI, COI and COG with a warning where ECI means nothing.
    """
    matrix = as_value_matrix(values)
    index = rca(matrix)
    present = presence(index)
    phi = proximity(present, diag=diag)
    around = density(present, phi)
    found, warnings = _complexity_or_null(present, on_degenerate)
    if warnings:
        coi, cog = np.full(matrix.shape[0], np.nan), np.full(matrix.shape, np.nan)
    else:
        coi, cog = outlook(present, around, phi, found.kc, found.kp)
    return ProductSpace(
        values=matrix,
        rca=index,
        presence=present,
        diversity=present.sum(axis=1, dtype=np.int64),
        ubiquity=present.sum(axis=0, dtype=np.int64),
        proximity=phi,
        density=around,
        eci=found.eci,
        pci=found.pci,
        coi=coi,
        cog=cog,
        eigenvalue_gap=found.eigenvalue_gap,
        warnings=warnings,
    )


def _codes(codes: Sequence[str], expected: int, name: str) -> pl.Series:
    series = pl.Series(name, list(codes), dtype=pl.String)
    if len(series) != expected or series.n_unique() != expected or series.null_count():
        raise MethodInputError(
            f"there are {len(series)} codes, {series.n_unique()} of them distinct",
            where=name,
            expected=f"{expected} distinct codes in the order of the matrix",
            todo="pass the codes the matrix was built from",
        )
    return series


def to_long(space: ProductSpace, locations: Sequence[str], products: Sequence[str]) -> pl.DataFrame:
    """One row per location and product, the full grid; what is undefined is NULL, is_present included."""
    height, width = space.values.shape
    location, product = _codes(locations, height, "locations"), _codes(products, width, "products")
    row = np.repeat(np.arange(height), width)
    column = np.tile(np.arange(width), height)
    frame = pl.DataFrame(
        {
            "location_code": location.gather(row),
            "product_code": product.gather(column),
            "export_value_usd": space.values.ravel(),
            "rca": space.rca.ravel(),
            "is_present": space.presence.ravel(),
            "density": space.density.ravel(),
            "eci": space.eci[row],
            "pci": space.pci[column],
            "diversity_count": space.diversity.astype(np.int32)[row],
            "ubiquity_count": space.ubiquity.astype(np.int32)[column],
            "complexity_outlook_index": space.coi[row],
            "complexity_outlook_gain": space.cog.ravel(),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    return frame.with_columns(is_present=pl.when(pl.col("rca").is_not_null()).then(pl.col("is_present")))


def proximity_pairs(space: ProductSpace, products: Sequence[str], floor: float) -> pl.DataFrame:
    """Unordered pairs above the floor, product_code_a < product_code_b; zero pairs never appear for floor >= 0."""
    width = space.proximity.shape[0]
    code = _codes(products, width, "products")
    order = code.arg_sort().to_numpy()
    ordered = code.gather(order)
    position = np.arange(width)
    first, second, kept = [], [], []
    for start in range(0, width, ROWS_AT_A_TIME):
        rows = position[start : start + ROWS_AT_A_TIME]
        block = space.proximity[np.ix_(order[rows], order)]
        left, right = np.nonzero((block > floor) & (position[None, :] > rows[:, None]))
        first.append(left + start)
        second.append(right)
        kept.append(block[left, right])
    nothing = np.empty(0, dtype=np.int64)
    return pl.DataFrame(
        {
            "product_code_a": ordered.gather(np.concatenate([nothing, *first])),
            "product_code_b": ordered.gather(np.concatenate([nothing, *second])),
            "proximity": np.concatenate([np.empty(0), *kept]),
        }
    )
