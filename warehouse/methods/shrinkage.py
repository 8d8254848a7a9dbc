"""RCA of small regions: drawn towards the average as far as little stands behind it (empirical Bayes, gamma-Poisson).

Belongs here: the prior, the posterior mean and its interval. Does not: RCA itself (``specialisation``).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import gamma

from warehouse.methods.arrays import FloatArray, MethodInputError, as_value_matrix


@dataclass(frozen=True, eq=False)
class ShrunkRca:
    """Posterior of the true RCA per cell [C,P]: mean and interval, NaN where a row or column is empty; the prior a, b."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    a: float
    b: float


def moment_prior(counts: FloatArray, expected: FloatArray) -> tuple[float, float]:
    """(a, b) of the gamma prior by the method of moments (Marshall 1991); both infinite where nothing varies.

    With m = sum X / sum E and s2 = sum E (X/E - m)^2 / sum E, the variance between cells is A = s2 - m / mean(E) and
    a = m^2 / A, b = m / A. What Poisson noise alone explains (A <= 0) gives no prior but the average itself.
    """
    used = expected > 0
    if not used.any():
        return float("nan"), float("nan")
    x, e = counts[used], expected[used]
    mean = float(x.sum() / e.sum())
    spread = float((e * (x / e - mean) ** 2).sum() / e.sum())
    between = spread - mean / float(e.mean())
    if between <= 0:
        return float("inf"), float("inf")
    return mean**2 / between, mean / between


def shrunk_rca(
    values: npt.ArrayLike, *, unit: float = 1.0, prior: tuple[float, float] | None = None, coverage: float = 0.8
) -> ShrunkRca:
    """(X + a) / (E + b) for values[C,P] >= 0, E = X_c X_p / X.. the value the average would give (Clayton & Kaldor 1987).

    X are counts (persons); for money, `unit` is the value of one independent decision (say the median shipment), since
    a Poisson law has no meaning for euros: the larger the unit, the stronger the shrinking. `prior` (a, b) overrides
    the estimate, so that regions of different years are drawn alike. The interval is the central `coverage` of the
    posterior Gamma(X + a, E + b).

    Raises:
        MethodInputError: a unit or a prior that is not above zero, a coverage outside (0, 1), NaN or negative values.
    """
    if not unit > 0 or not 0 < coverage < 1 or (prior is not None and not min(prior) > 0):
        raise MethodInputError(
            f"unit {unit}, coverage {coverage}, prior {prior}",
            where="shrunk_rca",
            expected="a unit above 0, a coverage between 0 and 1, a prior of two numbers above 0",
            todo="pass such numbers",
        )
    counts = as_value_matrix(values) / unit
    total = counts.sum()
    at_home, in_base = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    expected = at_home * in_base / total if total > 0 else np.zeros_like(counts)
    a, b = moment_prior(counts, expected) if prior is None else prior
    defined = expected > 0
    if np.isinf(a):
        flat = np.where(defined, 1.0, np.nan)
        return ShrunkRca(flat, flat.copy(), flat.copy(), a, b)
    mean = np.where(defined, (counts + a) / (expected + b), np.nan)
    tail = (1 - coverage) / 2
    low, high = (
        np.where(defined, gamma.ppf(share, counts + a, scale=1 / (expected + b)), np.nan) for share in (tail, 1 - tail)
    )
    return ShrunkRca(mean, low, high, a, b)
