"""Who plays which part in the planted truths.

Belongs here: the choice of companies for the plans of truths.py. Does not belong here: the answers those companies give.
"""

from dataclasses import dataclass

from ingest.sample.companies import Company
from ingest.sample.streams import stream
from ingest.sample.truths import CLUSTER_PLANS, FIT_PLANS, ClusterPlan, FitPlan

PARTIAL_COUNT = 12


@dataclass(frozen=True)
class ClusterCast:
    """A cluster plan with its supplier and buyers."""

    plan: ClusterPlan
    supplier: Company
    buyers: tuple[Company, ...]


@dataclass(frozen=True)
class FitCast:
    """A market-fit plan with its company."""

    plan: FitPlan
    company: Company


@dataclass(frozen=True)
class Cast:
    """All parts; nobody plays two."""

    clusters: tuple[ClusterCast, ...]
    fits: tuple[FitCast, ...]
    duplicate: Company
    withdrawn_store: Company
    withdrawn_adviser: Company
    partial: tuple[Company, ...]

    def starring(self) -> set[int]:
        """Numbers of the companies whose answers a truth depends on: they answer in full and consent to everything."""
        stars = {c.number for cluster in self.clusters for c in (cluster.supplier, *cluster.buyers)}
        stars |= {fit.company.number for fit in self.fits}
        return stars | {self.duplicate.number, self.withdrawn_store.number, self.withdrawn_adviser.number}


def choose_cast(companies: list[Company], seed: int) -> Cast:
    """Choose in company order, so that the same region and seed give the same cast."""
    free = {c.number: c for c in companies}

    def take(wz: str, product: str | None = None) -> Company:
        for company in free.values():
            makes = [p for p, _ in company.products]
            if company.industry.wz2008_code == wz and (product is None or makes == [product]):
                return free.pop(company.number)
        raise ValueError(
            f"no free company of WZ {wz} making {product}: raise company_count of that industry in industries.csv"
        )

    suppliers = [take(plan.supplier_wz, plan.supplier_product) for plan in CLUSTER_PLANS]
    fits = tuple(FitCast(plan, take(plan.company_wz, plan.company_product)) for plan in FIT_PLANS)
    clusters = tuple(
        ClusterCast(plan, supplier, tuple(take(plan.buyer_wz) for _ in range(plan.buyer_count)))
        for plan, supplier in zip(CLUSTER_PLANS, suppliers, strict=True)
    )
    rest = stream(seed, "cast").permutation(sorted(free))
    chosen = [free[int(number)] for number in rest[: PARTIAL_COUNT + 3]]
    return Cast(clusters, fits, chosen[0], chosen[1], chosen[2], tuple(chosen[3:]))
