"""Block D of the questionnaire: what the companies buy, where, from whom.

Belongs here: supplier rows, with the planted single-source clusters. Does not belong here: other answers.
"""

from dataclasses import dataclass

import numpy as np

from ingest.sample.cast import Cast
from ingest.sample.companies import Company
from ingest.sample.streams import stream
from ingest.sample.tables import headings
from ingest.sample.truths import ClusterPlan

ROWS_MAX = 5
CLUSTER_SHARE_BAND = "81-100"
CLUSTER_SWITCH_TIME = "6-18m"
HOME = "DE"
ORIGINS = {
    "DE": 0.42, "IT": 0.08, "AT": 0.06, "CZ": 0.06, "PL": 0.06, "NL": 0.04, "FR": 0.04, "BE": 0.03, "ES": 0.02, "SE": 0.02,
    "CN": 0.08, "TR": 0.03, "IN": 0.02, "CH": 0.02, "US": 0.01, "KR": 0.005, "UA": 0.005,
}  # fmt: skip
SHARE_BANDS = {"1-10": 0.08, "11-25": 0.17, "26-50": 0.35, "51-80": 0.25, "81-100": 0.15}
SWITCH_TIMES = {"immediate": 0.15, "<6m": 0.4, "6-18m": 0.3, ">18m": 0.1, "none": 0.05}


@dataclass(frozen=True)
class SupplierRow:
    """One stated supplier of one input."""

    hs4: str
    country: str
    share_band: str
    is_single: bool
    switch_time: str
    name: str = ""


def supplier_rows(
    companies: list[Company], cast: Cast, given: dict[int, dict[str, bool]], seed: int
) -> dict[int, list[SupplierRow]]:
    """Rows by company number. Names only where the buyer allows named links; the clusters are the only named single sources."""
    rng = stream(seed, "suppliers")
    planned = {buyer.number: (c.plan, c.supplier) for c in cast.clusters for buyer in c.buyers}
    makers: dict[str, list[Company]] = {}
    for company in companies:
        for heading in {p[:4] for p, _ in company.products}:
            makers.setdefault(heading, []).append(company)
    result: dict[int, list[SupplierRow]] = {}
    for company in companies:
        part = planned.get(company.number)
        rows = _cluster_rows(*part) if part else []
        taken = {row.hs4 for row in rows}
        inputs = [h for h in rng.permutation(company.industry.input_headings) if h not in taken]
        for hs4 in inputs[: int(rng.integers(2, 5)) - len(rows)]:
            rows += _rows(str(hs4), company, makers.get(str(hs4), []), given[company.number]["CONS_NAMED_LINKS"], rng)
        result[company.number] = rows[:ROWS_MAX]
    return result


def _cluster_rows(plan: ClusterPlan, supplier: Company) -> list[SupplierRow]:
    return [SupplierRow(plan.input_hs4, HOME, CLUSTER_SHARE_BAND, True, CLUSTER_SWITCH_TIME, supplier.name)]


def _rows(
    hs4: str, buyer: Company, makers: list[Company], may_name: bool, rng: np.random.Generator
) -> list[SupplierRow]:
    """One supplier, or two sharing the input; a named regional supplier is never the only one."""
    others = [m for m in makers if m.number != buyer.number]
    if others and may_name and rng.random() < 0.35:
        name = others[int(rng.integers(len(others)))].name
        return [SupplierRow(hs4, HOME, _draw({"11-25": 0.4, "26-50": 0.6}, rng), False, _draw(SWITCH_TIMES, rng), name)]
    if rng.random() < 0.25:
        first, second = (str(c) for c in rng.choice(list(ORIGINS), 2, replace=False, p=_weights(ORIGINS)))
        return [
            SupplierRow(hs4, first, "51-80", False, _draw(SWITCH_TIMES, rng)),
            SupplierRow(hs4, second, "11-25", False, _draw(SWITCH_TIMES, rng)),
        ]
    band = _draw(SHARE_BANDS, rng)
    single = band == CLUSTER_SHARE_BAND and bool(rng.random() < 0.7)
    return [SupplierRow(hs4, _draw(ORIGINS, rng), band, single, _draw(SWITCH_TIMES, rng))]


def _weights(table: dict[str, float]) -> np.ndarray:
    weights = np.array(list(table.values()))
    return weights / weights.sum()


def _draw(table: dict[str, float], rng: np.random.Generator) -> str:
    return str(rng.choice(list(table), p=_weights(table)))


def supplier_answers(rows: list[SupplierRow]) -> dict[tuple[str, str], str]:
    """The answers of block D, without the shares by area."""
    answers: dict[tuple[str, str], str] = {}
    for item, row in enumerate(rows, start=1):
        n = str(item)
        answers["SUP_INPUT_TEXT", n] = headings()[row.hs4].label_de
        answers["SUP_INPUT_HS4", n] = row.hs4
        answers["SUP_COUNTRY", n] = row.country
        answers["SUP_SHARE_BAND", n] = row.share_band
        answers["SUP_SINGLE", n] = "yes" if row.is_single else "no"
        answers["SUP_SWITCH_TIME", n] = row.switch_time
        answers["SUP_NAME", n] = row.name
    return answers
