"""Market fit: which targets suit a company, how sure that is, what speaks for and against each.

Two routes lead to targets. The product route asks world trade where products close to the company's own are bought
(target: HS6 product and country). The competence route asks which industries need what the company masters (target: an
industry), so that a coater, a hardening shop or a toolmaker without any product code is not invisible. Both end in the
same five components, the same score and one ranking.

The flow, module by module: `inputs` (what is measured, per route) > `config` (weights and curves) > `product_route` and
`competence_route` (what a company can do about a target) > `targets` (everything about a target that no company changes)
and its `alternatives` (what the figures might also have been) > `components` (five numbers, one score) > `ranking` (the
best, with rank intervals) > `reasons` and `wording` (German sentences) > `score` (the rows) and `split` (the additive parts
of each score).
"""

from warehouse.methods.market_fit.components import fit_from_components
from warehouse.methods.market_fit.config import SCORE_VERSION as METHOD_VERSION
from warehouse.methods.market_fit.config import MarketFitConfig
from warehouse.methods.market_fit.score import OUTPUT_SCHEMA, Facts, score

__all__ = ["METHOD_VERSION", "OUTPUT_SCHEMA", "Facts", "MarketFitConfig", "fit_from_components", "score"]
