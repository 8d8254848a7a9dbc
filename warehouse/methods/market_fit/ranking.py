"""The best targets of every company, with the interval of their ranks.

Belongs here: capability of a company for every target, the score of all candidates, their order and how far it moves when
weights, years and missing figures move. Does not: wording, or the columns of the mart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.arrays import FloatArray
from warehouse.methods.market_fit.components import combine, diversification, weighted_mean
from warehouse.methods.market_fit.config import MarketFitConfig
from warehouse.methods.market_fit.inputs import CAPABILITY_INPUTS, COMPONENTS, EXPOSURE, PRODUCT, SCORE_COLUMNS
from warehouse.methods.market_fit.targets import NOWHERE, Targets
from warehouse.methods.perturbation import best_of, ranks_under, top_with_rank_interval, weight_variants


@dataclass(frozen=True)
class Ability:
    """What one company can do: proximity by product, overlap by industry (NaN where nothing is known), and its industry.

    `serves` says by industry whether one of the processes that industry asks for is mastered.
    """

    proximity: FloatArray
    overlap: FloatArray
    serves: npt.NDArray[np.bool_]
    own_industry: int


def rank_companies(
    related: pl.DataFrame, overlaps: pl.DataFrame, companies: pl.DataFrame, targets: Targets, config: MarketFitConfig
) -> Iterator[pl.DataFrame]:
    """Per company the rows of its best targets with score, components and rank interval; companies in ascending order."""
    variants = weight_variants([config.weights[name] for name in COMPONENTS], config.perturbation)
    facts = {row["company_id"]: row for row in companies.iter_rows(named=True)}
    products = dict(related.partition_by("company_id", as_dict=True, maintain_order=True))
    industries = dict(overlaps.partition_by("company_id", as_dict=True, maintain_order=True))
    for key in sorted(products.keys() | industries.keys()):
        fact = facts.get(key[0], {})
        ability = _ability(products.get(key), industries.get(key), fact.get("wz2008_code"), targets)
        ranked = _rank(ability, fact.get(EXPOSURE), targets, variants, config)
        if ranked is not None:
            yield ranked.with_columns(pl.lit(key[0]).alias("company_id"))


def _ability(
    own_products: pl.DataFrame | None, own_overlaps: pl.DataFrame | None, wz: str | None, targets: Targets
) -> Ability:
    proximity = np.full(len(targets.products) + 1, np.nan)
    overlap = np.full(len(targets.industries) + 1, np.nan)
    serves = np.zeros(len(targets.industries) + 1, dtype=np.bool_)
    if own_products is not None:
        place = targets.products.search_sorted(own_products["hs6_code"]).to_numpy()
        proximity[place] = own_products["best_proximity"].to_numpy()
    if own_overlaps is not None:
        place = targets.industries.search_sorted(own_overlaps["target_wz2008_code"]).to_numpy()
        overlap[place] = own_overlaps["competence_overlap"].to_numpy()
        serves[place] = (own_overlaps["process_count"] > 0).to_numpy()
    own = np.flatnonzero((targets.industries == wz).to_numpy()) if wz is not None else []
    return Ability(proximity, overlap, serves, int(own[0]) if len(own) else NOWHERE - 1)


def capability(ability: Ability, targets: Targets, config: MarketFitConfig) -> FloatArray:
    """capability[n], 0 to 100; NaN where a target is no candidate of the company.

    A product-country market is one from the floor of proximity on; what the company masters of its industry's needs counts
    beside the proximity where that is known. An industry is one from the floor of overlap on where it asks for a process the
    company masters (a common material makes a rival or a supplier), the company's own excepted: who does the same is a
    competitor and no customer.
    """
    # The last place of both vectors is NaN, and -1 points there.
    near, overlap = ability.proximity[targets.product], ability.overlap[targets.industry]
    weights = config.part_weights[PRODUCT]["capability"]
    by_product = weighted_mean([100 * near, overlap], [weights[name] for name in CAPABILITY_INPUTS[PRODUCT]])
    by_product[np.isnan(near)] = np.nan
    served = (overlap >= config.candidate_overlap_floor) & ability.serves[targets.industry]
    served &= targets.industry != ability.own_industry
    return np.where(targets.is_industry, np.where(served, overlap, np.nan), by_product)


def _rank(
    ability: Ability, band: float | None, targets: Targets, variants: FloatArray, config: MarketFitConfig
) -> pl.DataFrame | None:
    """The company's best targets; None without any candidate.

    All candidates are scored, the best few hundred of them under other weights and figures as well: ranks are counted among
    these, so that a million markets cost one score each, and a rank beyond them is that of their last.
    """
    able = capability(ability, targets, config)
    candidates = np.flatnonzero(~np.isnan(able))
    if not candidates.size:
        return None
    outside, inside = diversification(band, config)
    spread = np.where(targets.is_automotive[candidates], inside, outside)
    components = np.vstack([able[candidates], targets.components[:, candidates], spread])
    near_top = best_of(
        combine(components, variants[:1])[0], max(config.bootstrap_shortlist, config.targets_per_company)
    )
    candidates, components = candidates[near_top], components[:, near_top]
    scores = combine(components, variants)
    best, low, high = top_with_rank_interval(scores, config.targets_per_company)
    ranks = ranks_under(_varied_scores(components, targets.varied[:, :, candidates], variants[:1]), best)
    return targets.table[candidates[best]].with_columns(
        pl.Series("fit_score", scores[0, best]),
        *(pl.Series(name, components[i, best]) for i, name in enumerate(SCORE_COLUMNS)),
        pl.Series("rank_in_company", np.arange(1, len(best) + 1)),
        pl.Series("rank_low", np.minimum(low, ranks.min(axis=0))),
        pl.Series("rank_high", np.maximum(high, ranks.max(axis=0))),
    )


def _varied_scores(components: FloatArray, varied: npt.NDArray[np.float32], weights: FloatArray) -> FloatArray:
    """Scores[A, n] of the shortlist under every alternative set of figures, with the weights as given."""
    out = np.empty((varied.shape[0], components.shape[1]))
    for number, shared in enumerate(varied):
        other = components.copy()
        other[1:4] = shared
        out[number] = combine(other, weights)[0]
    return out
