"""The product space of one year: every measure of locations and products from one value matrix.

Belongs here: running the methods in order and turning the result into the rows of the marts.
Does not: the formulae themselves, and the choice of years, classifications and sources.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt
import polars as pl
from polars import selectors as cs

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray, MethodInputError, as_value_matrix
from warehouse.methods.complexity import Complexity, DegenerateMatrixError, complexity
from warehouse.methods.neighbourhood import neighbourhood
from warehouse.methods.outlook import outlook_gain, outlook_index
from warehouse.methods.relatedness import AnyFloatArray, proximity, proximity_blocks
from warehouse.methods.specialisation import presence, rca
from warehouse.methods.threads import threads_for

METHOD_VERSION = "2026.1"

Precision = Literal["float64", "fast"]


@dataclass(frozen=True, eq=False)
class ProductSpace:
    """All measures of one table of values; NaN where undefined, `warnings` says why something is missing.

    `density` and `cog` are float32 where they were computed in the fast mode.
    """

    values: FloatArray
    rca: FloatArray
    presence: BoolArray
    diversity: IntArray
    ubiquity: IntArray
    density: AnyFloatArray
    eci: FloatArray
    pci: FloatArray
    coi: FloatArray
    cog: AnyFloatArray
    eigenvalue_gap: float
    diag: float = 1.0
    warnings: tuple[str, ...] = ()
    method_version: str = METHOD_VERSION

    @cached_property
    def proximity(self) -> FloatArray:
        """phi[P,P], made when it is first asked for: no other measure needs it whole, and it is the largest of all."""
        return proximity(self.presence, diag=self.diag)


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
    values: npt.ArrayLike,
    *,
    diag: float = 1.0,
    on_degenerate: Literal["raise", "null"] = "raise",
    precision: Precision = "float64",
) -> ProductSpace:
    """All measures for values[C,P] >= 0 of one year; fill true zeros before, NaN is refused.

    on_degenerate='null' gives NaN for ECI, PCI, COI and COG with a warning where ECI means nothing.
    precision='fast' takes proximity, density and COG in float32, in about half the time and memory: density is then
    off by at most 1e-5, COI and COG by at most 1e-5 of their largest value (measured at 230 x 5,000: below 2e-6).
    Everything else, presence and counts included, is the same to the last bit.
    """
    if precision not in get_args(Precision):
        raise MethodInputError(f"there is no '{precision}'", where="precision", expected=", ".join(get_args(Precision)))
    matrix = as_value_matrix(values)
    index = rca(matrix)
    present = presence(index)
    locations, products = present.shape
    with threads_for(present.size * min(locations, products)):
        found, warnings = _complexity_or_null(present, on_degenerate)
    worth = None if warnings else np.where(np.isnan(found.kp), 0.0, found.kp)
    with threads_for(present.size * products):
        around = neighbourhood(present, worth, diag=diag, dtype=np.float32 if precision == "fast" else np.float64)
    if around.gain is None:
        coi, cog = np.full(matrix.shape[0], np.nan), np.full(matrix.shape, np.nan)
    else:
        coi = outlook_index(present, around.density, found.kc, found.kp)
        cog = outlook_gain(present, around.gain, found.kc, found.kp)
    return ProductSpace(
        values=matrix,
        rca=index,
        presence=present,
        diversity=present.sum(axis=1, dtype=np.int64),
        ubiquity=present.sum(axis=0, dtype=np.int64),
        density=around.density,
        eci=found.eci,
        pci=found.pci,
        coi=coi,
        cog=cog,
        eigenvalue_gap=found.eigenvalue_gap,
        diag=diag,
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
    row = np.repeat(np.arange(height, dtype=np.uint32), width)
    column = np.tile(np.arange(width, dtype=np.uint32), height)
    frame = pl.DataFrame(
        {
            "location_code": location.gather(row),
            "product_code": product.gather(column),
            "export_value_usd": space.values.ravel(),
            "rca": space.rca.ravel(),
            "is_present": space.presence.ravel(),
            "density": space.density.ravel(),
            "eci": np.repeat(space.eci, width),
            "pci": np.tile(space.pci, height),
            "diversity_count": np.repeat(space.diversity.astype(np.int32), width),
            "ubiquity_count": np.tile(space.ubiquity.astype(np.int32), height),
            "complexity_outlook_index": np.repeat(space.coi, width),
            "complexity_outlook_gain": space.cog.ravel(),
        }
    ).with_columns(cs.float().fill_nan(None))
    return frame.with_columns(is_present=pl.when(pl.col("rca").is_not_null()).then(pl.col("is_present")))


class HasPresence(Protocol):
    """What pairs are made from: presence[C,P] and the diagonal of its proximity."""

    @property
    def presence(self) -> BoolArray: ...


def proximity_pairs(space: HasPresence, products: Sequence[str], floor: float) -> pl.DataFrame:
    """Unordered pairs above the floor, product_code_a < product_code_b; zero pairs never appear for floor >= 0."""
    width = space.presence.shape[1]
    code = _codes(products, width, "products")
    order = code.arg_sort().to_numpy()
    ordered = code.gather(order)
    first, second, kept = [], [], []
    for rows, block in proximity_blocks(space.presence[:, order]):
        left, right = np.nonzero(block[:, rows.start :] > floor)
        above = right > left
        left, right = left[above], right[above] + rows.start
        first.append(left + rows.start)
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
