"""Export potential (EPI) and product diversification (PDI) after ITC (Decreux & Spies 2016): one exporter, all markets.

Belongs here: supply, demand, ease and what follows from them. Does not: the data, forecasts of growth, elasticities and
tariffs, which are facts of their sources; and attractiveness of a market as such (``gravity``). The components follow
ITC's own course; its exact exponents are not public, so they are parameters.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix, as_value_matrix

EASE_BOUNDS = (0.1, 10.0)


def _refuse(problem: str, where: str, expected: str) -> MethodInputError:
    return MethodInputError(problem, where=where, expected=expected, todo="pass such numbers, NaN nowhere")


def _factor(given: npt.ArrayLike | None, shape: tuple[int, ...], name: str) -> FloatArray:
    """A factor >= 0 that can be broadcast to `shape`; 1 where it is not given."""
    factor = np.ones(shape) if given is None else np.asarray(given, dtype=np.float64)
    try:
        factor = np.broadcast_to(factor, shape)
    except ValueError as error:
        raise _refuse(f"its shape is {factor.shape}", name, f"a shape that fits {shape}") from error
    if not np.isfinite(factor).all() or (factor < 0).any():
        raise _refuse("it holds cells that are NaN, infinite or negative", name, "finite numbers >= 0")
    return factor


def cautious_trade(reported: npt.ArrayLike, mirror: npt.ArrayLike) -> FloatArray:
    """The smaller of what the exporter and what the importer reports; the one that is known where only one is."""
    return np.fmin(np.asarray(reported, dtype=np.float64), np.asarray(mirror, dtype=np.float64))


def typical_trade(yearly: npt.ArrayLike) -> FloatArray:
    """Geometric mean over the first axis (ITC: five years), of known years only; 0 where a known year is 0.

    A cell that is NaN in every year is unknown: NaN, not 0.
    """
    years = np.asarray(yearly, dtype=np.float64)
    if (years < 0).any() or np.isinf(years).any():
        raise _refuse("it holds cells that are negative or infinite", "yearly", "values >= 0, NaN where unknown")
    known = ~np.isnan(years)
    logarithm = np.log(years, out=np.full(years.shape, -np.inf), where=known & (years > 0))
    number = known.sum(axis=0)
    total = np.where(known, logarithm, 0.0).sum(axis=0)
    return np.where(number > 0, np.exp(total / np.maximum(number, 1)), np.nan)


def supply_share(
    exports: npt.ArrayLike,
    gdp_growth: npt.ArrayLike,
    *,
    trade_balance: npt.ArrayLike | None = None,
    tariff_advantage: npt.ArrayLike | None = None,
) -> FloatArray:
    """s[I,K]: projected share of every exporter in the world's exports of a product, X g / sum X g, columns sum to 1.

    `exports` [I,K] in any currency; `gdp_growth` [I] the expected factor (1.1 for ten per cent). `trade_balance` [I,K]
    (at most 1: exports that are imports passed on count less) and `tariff_advantage` [I,K] (above 1: its average tariff
    is below that of its rivals) multiply X before the share is taken. A product nobody exports has shares of 0.
    """
    matrix = as_value_matrix(exports, "exports")
    growth = _factor(np.asarray(gdp_growth, dtype=np.float64)[:, None], matrix.shape, "gdp_growth")
    projected = matrix * growth * _factor(trade_balance, matrix.shape, "trade_balance")
    projected = projected * _factor(tariff_advantage, matrix.shape, "tariff_advantage")
    total = projected.sum(axis=0, keepdims=True)
    return np.divide(projected, total, out=np.zeros_like(projected), where=total > 0)


def projected_demand(
    imports: npt.ArrayLike,
    gdp_per_head_growth: npt.ArrayLike,
    population_growth: npt.ArrayLike,
    elasticity: npt.ArrayLike = 1.0,
    *,
    preference_margin: npt.ArrayLike = 0.0,
    substitution: npt.ArrayLike = 0.0,
    distance_factor: npt.ArrayLike | None = None,
) -> FloatArray:
    """Demand[J,K] = M_jk (gGDPpc_j)^e_k gPop_j (1 + MP_jk)^sigma_k distance_jk, in the currency of `imports` [J,K].

    Growth [J] as factors; elasticity [K] of import demand with respect to income; preference margin [J,K] of the exporter
    against its average rival as a share; substitution [K]. What a market does not import stays 0.
    """
    matrix = as_value_matrix(imports, "imports")
    income = _factor(np.asarray(gdp_per_head_growth, dtype=np.float64)[:, None], matrix.shape, "gdp_per_head_growth")
    people = _factor(np.asarray(population_growth, dtype=np.float64)[:, None], matrix.shape, "population_growth")
    exponent = _factor(elasticity, matrix.shape, "elasticity")
    access = 1 + np.asarray(preference_margin, dtype=np.float64)
    advantage = _factor(access, matrix.shape, "preference_margin") ** _factor(
        substitution, matrix.shape, "substitution"
    )
    return matrix * income**exponent * people * advantage * _factor(distance_factor, matrix.shape, "distance_factor")


def ease_of_trade(
    bilateral: npt.ArrayLike,
    share: npt.ArrayLike,
    imports: npt.ArrayLike,
    bounds: tuple[float, float] = EASE_BOUNDS,
) -> FloatArray:
    """Ease[J] = X_j / sum_k s_k M_jk: actual trade with a market over what a world share everywhere would give; no unit.

    `bilateral` [J] the exporter's total to each market, `share` [K] its row of `supply_share`, `imports` [J,K]. Held
    within `bounds`; NaN where nothing could be expected (the market imports nothing the exporter sells).
    """
    matrix = as_value_matrix(imports, "imports")
    own = _factor(share, matrix.shape[1:], "share")
    actual = _factor(bilateral, matrix.shape[:1], "bilateral")
    expected = matrix @ own
    ratio = np.divide(actual, expected, out=np.full(expected.shape, np.nan), where=expected > 0)
    return np.clip(ratio, *bounds)


def export_potential(
    share: npt.ArrayLike, demand: npt.ArrayLike, ease: npt.ArrayLike, home: int | None = None
) -> FloatArray:
    """EPI[J,K] = share_k demand_jk ease_j, in the currency and period of `demand`; the home market's row is NaN.

    0 where the exporter does not sell the product (that is what `diversification` is for) or the market does not import
    it; a market without an ease has nothing to expect: 0.
    """
    matrix = as_value_matrix(demand, "demand")
    own = _factor(share, matrix.shape[1:], "share")
    friction = _factor(np.nan_to_num(np.asarray(ease, dtype=np.float64), nan=0.0)[:, None], matrix.shape, "ease")
    out = matrix * own * friction
    if home is not None:
        out[home] = np.nan
    return out


def unrealised_potential(potential: npt.ArrayLike, actual: npt.ArrayLike) -> FloatArray:
    """max(0, EPI - X) per market and product, in the currency of both. Unknown in, NaN out."""
    return np.maximum(0.0, np.asarray(potential, dtype=np.float64) - np.asarray(actual, dtype=np.float64))


def diversification(
    density: npt.ArrayLike,
    presence: npt.ArrayLike,
    demand: npt.ArrayLike,
    ease: npt.ArrayLike,
    home: int | None = None,
) -> FloatArray:
    """PDI[J,K]: rank (1 the best) of the products an exporter does not make yet, per market; NaN where it makes them.

    Supply gives way to nearness in the product space: density[K] x demand[J,K] x ease[J]. A rank and not money, because
    density is none. Ties share the better rank; a product without density or demand has no rank.
    """
    matrix = as_value_matrix(demand, "demand")
    near = np.asarray(density, dtype=np.float64)
    made = as_presence_matrix(np.atleast_2d(np.asarray(presence)))[0]
    if near.shape != matrix.shape[1:] or made.shape != near.shape:
        raise _refuse(f"{near.size} densities, {made.size} presences", "diversification", f"{matrix.shape[1]} of each")
    friction = np.nan_to_num(np.asarray(ease, dtype=np.float64), nan=0.0)
    score = matrix * near * friction[:, None]
    score[:, made] = np.nan
    score[~(score > 0)] = np.nan
    if home is not None:
        score[home] = np.nan
    out = np.full(score.shape, np.nan)
    for row, scores in enumerate(score):
        known = ~np.isnan(scores)
        ordered = np.sort(scores[known])[::-1]
        out[row, known] = np.searchsorted(-ordered, -scores[known], side="left") + 1
    return out
