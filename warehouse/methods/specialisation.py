"""Specialisation: revealed comparative advantage (Balassa 1965), its symmetric and per-head forms, the location quotient.

Belongs here: ratios of a share at home to a share in a base. Does not: relatedness or complexity built on them, and the
shrinking of ratios with little behind them (``shrinkage``).
An undefined ratio (denominator 0) is NaN, never infinite.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError, as_value_matrix


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Divide elementwise; NaN where the denominator is zero or either side is unknown."""
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out


def rca(values: npt.ArrayLike) -> FloatArray:
    """Balassa's index (X[c,p] / X_c) / (X_p / X..) for values[C,P] >= 0; 1 is the average of the table.

    A location or product without any value has no index: its cells are NaN. A zero inside a living row and
    column is a true 0.
    """
    matrix = as_value_matrix(values)
    share_at_home = _ratio(matrix, matrix.sum(axis=1, keepdims=True))
    share_in_base = _ratio(matrix.sum(axis=0, keepdims=True), matrix.sum())
    return _ratio(share_at_home, share_in_base)


def rsca(rca_values: npt.ArrayLike) -> FloatArray:
    """Symmetric RCA, (RCA - 1) / (RCA + 1), in [-1, 1] with 0 as the average (Dalum, Laursen & Villumsen 1998).

    Unknown in, NaN out.
    """
    index = np.asarray(rca_values, dtype=np.float64)
    return (index - 1) / (index + 1)


def rpop(values: npt.ArrayLike, population: npt.ArrayLike, world_population: float | None = None) -> FloatArray:
    """(X[c,p] / pop_c) / (X_p / pop_world) for values[C,P] >= 0 and population[C] in heads; 1 is the average per head.

    A location without population (NaN) leaves both sums, as a country without income leaves PRODY: its row is NaN. Give
    `world_population` where the table is not the world; then no row leaves X_p.

    Raises:
        MethodInputError: another number of populations than rows, or one that is not above zero.
    """
    matrix = as_value_matrix(values)
    heads = np.asarray(population, dtype=np.float64)
    if heads.shape != matrix.shape[:1] or (heads <= 0).any() or np.isinf(heads).any():
        raise MethodInputError(
            f"there are {heads.size} populations, {int((heads <= 0).sum())} of them not above zero",
            where="population",
            expected=f"{matrix.shape[0]} numbers above zero, NaN where unknown",
            todo="pass one per row of the values, NaN where it is unknown",
        )
    known = ~np.isnan(heads)
    counted = known if world_population is None else np.ones_like(known)
    total = float(heads[known].sum()) if world_population is None else world_population
    per_head = _ratio(matrix, heads[:, None])
    return _ratio(per_head, _ratio(matrix[counted].sum(axis=0, keepdims=True), total))


def presence(rca_values: npt.ArrayLike, threshold: float = 1.0, *, strict: bool = False) -> BoolArray:
    """Whether RCA reaches the threshold (>=, as the Python packages have it); NaN is absent.

    strict=True asks for more than the threshold, as the Stata package does.
    """
    index = np.asarray(rca_values, dtype=np.float64)
    return index > threshold if strict else index >= threshold


def location_quotient(
    employees: npt.ArrayLike,
    region_totals: npt.ArrayLike,
    base_by_industry: npt.ArrayLike,
    base_total: float,
) -> FloatArray:
    """(E[r,i] / E_r) / (E[n,i] / E_n) for employees[R,I].

    The totals are given and not summed, because published cells may be secret (NaN) while the totals are known
    and because the base (Germany, the Land, the EU) is the caller's statement. Unknown in, NaN out.
    """
    cells = np.asarray(employees, dtype=np.float64)
    own_share = _ratio(cells, np.asarray(region_totals, dtype=np.float64).reshape(-1, 1))
    base_share = _ratio(np.asarray(base_by_industry, dtype=np.float64).reshape(1, -1), base_total)
    return _ratio(own_share, base_share)
