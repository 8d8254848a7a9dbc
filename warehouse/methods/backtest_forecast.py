"""Forecasts of yes and no: a logit on a few features, and how good its probabilities are.

Belongs here: fitting, and AUC, precision and calibration of given probabilities. Does not: what is forecast and from what
(backtest).
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray

# A small pull of the weights to zero (per case, of standardised features): without it a feature that separates the
# cases would get an endless weight.
RIDGE = 1e-6


def fitted(features: FloatArray, outcome: BoolArray, wanted: FloatArray) -> FloatArray:
    """Probabilities of `wanted` [W, F] by a logit with intercept, fitted on `features` [N, F] and `outcome` [N]."""
    middle, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    weights = _weights(_design((features - middle) / spread), outcome.astype(np.float64))
    return expit(_design((wanted - middle) / spread) @ weights)


def crossed(features: FloatArray, outcome: BoolArray, group: IntArray, folds: int) -> FloatArray:
    """Probabilities of every case by the logit of the groups (numbers 0, 1, ...) that are not in its own fold.

    Where the other folds hold only one outcome, its share in all of them is the answer.
    """
    fold = group % folds
    chance = np.empty(len(outcome))
    for own in np.unique(fold):
        inside = fold == own
        learnt = outcome[~inside]
        if learnt.any() and not learnt.all():
            chance[inside] = fitted(features[~inside], learnt, features[inside])
        else:
            chance[inside] = learnt.mean() if learnt.size else outcome.mean()
    return chance


def _design(features: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(features)), features])


def _weights(design: FloatArray, outcome: FloatArray) -> FloatArray:
    """Weights of the most likely logit. The loss is convex: Newton's steps find the one minimum in a handful of rounds."""
    pull = np.full(design.shape[1], RIDGE)
    pull[0] = 0.0

    def loss(w: FloatArray) -> float:
        z = design @ w
        return float(np.mean(np.logaddexp(0.0, z) - outcome * z) + 0.5 * (pull * w) @ w)

    def slope(w: FloatArray) -> FloatArray:
        return design.T @ (expit(design @ w) - outcome) / len(outcome) + pull * w

    def curve(w: FloatArray) -> FloatArray:
        p = expit(design @ w)
        return (design.T * (p * (1 - p))) @ design / len(outcome) + np.diag(pull)

    start = np.zeros(design.shape[1])
    start[0] = np.log(outcome.mean() / (1 - outcome.mean()))
    return minimize(loss, start, jac=slope, hess=curve, method="trust-exact", options={"gtol": 1e-8}).x


def auc(chance: FloatArray, outcome: BoolArray) -> float:
    """Area under the ROC curve: how often a case that entered stands before one that did not; a tie counts half.

    NaN where the cases have only one outcome. From the rank sum (Mann and Whitney 1947; Hanley and McNeil 1982).
    """
    yes = int(outcome.sum())
    no = len(outcome) - yes
    if not yes or not no:
        return float("nan")
    ranks = rankdata(chance)
    return float((ranks[outcome].sum() - yes * (yes + 1) / 2) / (yes * no))


def precision_at(chance: FloatArray, outcome: BoolArray, group: IntArray, top: int) -> float:
    """Share of each group's `top` likeliest cases that came true, averaged over the groups.

    A group with fewer cases is judged on all of them. Of cases tied at the edge each counts by its chance of a place, so that
    no order of rows decides. NaN without cases.
    """
    order = np.lexsort((-chance, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    shares = []
    for rows in np.split(order, starts[1:]):
        own, came = chance[rows], outcome[rows].astype(np.float64)
        places = min(top, len(rows))
        edge = own[places - 1]
        sure, tied = own > edge, own == edge
        hits = came[sure].sum() + (places - sure.sum()) * came[tied].mean()
        shares.append(hits / places)
    return float(np.mean(shares)) if len(chance) else float("nan")


def calibration_error(chance: FloatArray, outcome: BoolArray, bins: int) -> float:
    """Expected calibration error: mean gap of foretold and observed share over bins of equally many cases.

    Bins of equal count and not of equal width: entries are rare, and nearly every probability would lie in the lowest tenth.
    Equal probabilities stay in one bin. NaN without cases.
    """
    if not len(chance):
        return float("nan")
    place = (rankdata(chance, method="min") - 1) * bins // len(chance)
    _, place = np.unique(place, return_inverse=True)
    gap = np.bincount(place, weights=chance - outcome)
    return float(np.abs(gap).sum() / len(chance))
