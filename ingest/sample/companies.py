"""The invented companies: who they are, where they sit, what they make.

Belongs here: names, register entries, seats and products. Does not belong here: answers to the questionnaire, and any place name
(they come from the region's own list). Every name carries '(erfunden)', every register number lies outside plausible ranges.
"""

from dataclasses import dataclass

import numpy as np

from ingest.sample.region import Place
from ingest.sample.streams import stream
from ingest.sample.tables import Industry, industries, products_of
from ingest.sample.truths import CLUSTER_PLANS, FIT_PLANS

MARKER = "(erfunden)"
FIRST_REGISTER_NUMBER = 900_001
LEGAL_FORMS = (
    ("GMBH", "GmbH", "HRB"),
    ("GMBH_CO_KG", "GmbH & Co. KG", "HRA"),
    ("AG", "AG", "HRB"),
    ("KG", "KG", "HRA"),
    ("EK", "e. K.", "HRA"),
)
LEGAL_FORM_WEIGHTS = (0.68, 0.22, 0.02, 0.04, 0.04)


@dataclass(frozen=True)
class Company:
    """An invented company. `ags` is None where its Kreis has no municipalities."""

    number: int
    name: str
    legal_form_code: str
    register_type: str
    register_number: str
    place: Place
    postcode: str
    industry: Industry
    products: tuple[tuple[str, int], ...]
    headcount: int
    founded_year: int

    @property
    def company_number(self) -> str:
        """The number as the open register writes it: court and entry in one word."""
        return f"{self.place.court_code}_{self.register_type}{self.register_number}"


def invent_companies(seats: list[Place], seed: int) -> list[Company]:
    """All surveyed companies, in a fixed order; the places take turns so that each of them has some."""
    rng = stream(seed, "companies")
    slots = [industry for industry in industries() for _ in range(industry.company_count)]
    order = rng.permutation(len(slots))
    planned = _planned_products()
    companies: list[Company] = []
    for number, slot in enumerate(order, start=1):
        industry = slots[slot]
        wishes = planned.get(industry.wz2008_code, [])
        companies.append(
            _company(number, industry, seats[(number - 1) % len(seats)], wishes.pop(0) if wishes else None, rng)
        )
    return companies


def _planned_products() -> dict[str, list[str]]:
    """Products that the planted truths need, by industry: the first companies of that industry make them."""
    wishes: dict[str, list[str]] = {}
    for cluster in CLUSTER_PLANS:
        wishes.setdefault(cluster.supplier_wz, []).append(cluster.supplier_product)
    for fit in FIT_PLANS:
        wishes.setdefault(fit.company_wz, []).append(fit.company_product)
    return wishes


def _company(number: int, industry: Industry, place: Place, product: str | None, rng: np.random.Generator) -> Company:
    form_code, form, register_type = LEGAL_FORMS[rng.choice(len(LEGAL_FORMS), p=LEGAL_FORM_WEIGHTS)]
    headcount = int(np.clip(np.exp(rng.normal(4.1, 0.95)), 8, 1500))
    return Company(
        number=number,
        name=f"{place.name} {industry.name_word} {number:03d} {MARKER} {form}",
        legal_form_code=form_code,
        register_type=register_type,
        register_number=str(FIRST_REGISTER_NUMBER + number - 1),
        place=place,
        postcode=_postcode(place, rng),
        industry=industry,
        products=((product, 100),) if product else _products(industry, rng),
        headcount=headcount,
        founded_year=int(rng.integers(1890, 2016)),
    )


def _postcode(place: Place, rng: np.random.Generator) -> str:
    """Mostly a delivery postcode; large firms print their bulk postcode, which has to be accepted."""
    if place.bulk_postcodes and (not place.delivery_postcodes or rng.random() < 0.15):
        return str(rng.choice(place.bulk_postcodes))
    return str(rng.choice(place.delivery_postcodes)) if place.delivery_postcodes else ""


def _products(industry: Industry, rng: np.random.Generator) -> tuple[tuple[str, int], ...]:
    """One to four products with whole shares that add up to 100; none for services without HS code."""
    choice = [p for heading in industry.product_headings for p in products_of(heading)]
    if not choice:
        return ()
    picked = [str(p) for p in rng.permutation(choice)[: int(rng.integers(1, min(4, len(choice)) + 1))]]
    cuts = rng.dirichlet(np.arange(len(picked), 0, -1) * 2.0)
    shares = [max(1, round(100 * float(c))) for c in cuts]
    shares[0] += 100 - sum(shares)
    return tuple(zip(picked, shares, strict=True))
