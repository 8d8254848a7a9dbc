"""The first wave: every company's response.

Belongs here: responses, their times and pages. Does not belong here: what a company answers (answers.py, suppliers.py), later waves
(waves.py), the files (exports.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ingest.sample.answers import company_answers
from ingest.sample.cast import Cast
from ingest.sample.companies import Company
from ingest.sample.consent import PURPOSES, TEXT_VERSION
from ingest.sample.questionnaire import Key
from ingest.sample.streams import stream
from ingest.sample.suppliers import SupplierRow, supplier_answers

LAST_PAGE = 13
PARTIAL_PAGES = (
    2,
    3,
    4,
    5,
    6,
    8,
    9,
    11,
    12,
    12,
    12,
    12,
)  # four of the partial ones got past the consent page
FIELD_START = datetime(2026, 2, 2, 8, 0, 0)
FIELD_DAYS = 60
OFFICE_MINUTES = 9 * 60
DUPLICATE_DELAY = timedelta(days=21)
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Response:
    """One response as delivered."""

    response_id: int
    company: Company
    answers: dict[Key, str]
    last_page: int


@dataclass(frozen=True)
class Delivery:
    """All responses, and how to find those of a truth."""

    responses: tuple[Response, ...]
    response_ids: dict[int, int]  # first response of a company number
    duplicate_id: int
    duplicate_name: str


def duplicate_name(name: str) -> str:
    """The same company as another colleague writes it: capitals, umlauts written out, the legal form spaced."""
    text = name.replace("GmbH", "G.m.b.H.").upper() if "GmbH" in name else name.upper()
    for umlaut, plain in (("Ä", "AE"), ("Ö", "OE"), ("Ü", "UE"), ("ß", "SS")):
        text = text.replace(umlaut, plain)
    return text.replace("(ERFUNDEN)", "(erfunden)")


def invent_delivery(
    companies: list[Company],
    cast: Cast,
    given: dict[int, dict[str, bool]],
    suppliers: dict[int, list[SupplierRow]],
    leis: dict[int, str],
    seed: int,
) -> Delivery:
    """Every company answers once, one of them twice; response ids rise with time."""
    rng = stream(seed, "survey")
    pages = {c.number: page for c, page in zip(cast.partial, PARTIAL_PAGES, strict=True)}
    first: dict[int, Response] = {}
    responses: list[Response] = []
    duplicate_id = 0
    suppliers_of_clusters = {cluster.supplier.number for cluster in cast.clusters}
    schedule = _schedule(companies, cast.duplicate, rng)
    # Some ids are missing because test responses were deleted.
    ids = [int(i) for i in np.cumsum(rng.choice([1, 1, 1, 2], len(schedule)))]
    for response_id, (start, company) in zip(ids, schedule, strict=True):
        earlier = first.get(company.number)
        if earlier is None:
            answers = company_answers(company, rng)
            answers.update(supplier_answers(suppliers[company.number]))
            answers.update({(p, ""): "yes" if given[company.number][p] else "no" for p in PURPOSES})
            answers["CONS_TEXT_VERSION", ""] = TEXT_VERSION
            answers["LEI", ""] = leis.get(company.number, "")
            if company.number in suppliers_of_clusters:
                # A text that nobody else writes, and no dictionary knows: one for the reviewer.
                answers["PRODUCT_TEXT", "5"] = f"Federn Bauart Ohm Probe-{company.number:03d}"
        else:
            answers, duplicate_id = _second_answers(earlier), response_id
        last_page = pages.get(company.number, LAST_PAGE)
        answers.update(base_columns(response_id, start, last_page, LAST_PAGE, rng))
        response = Response(response_id, company, answers, last_page)
        first.setdefault(company.number, response)
        responses.append(response)
    ids_of = {number: response.response_id for number, response in first.items()}
    return Delivery(tuple(responses), ids_of, duplicate_id, duplicate_name(cast.duplicate.name))


def _schedule(companies: list[Company], twice: Company, rng: np.random.Generator) -> list[tuple[datetime, Company]]:
    """When each company begins to answer, within office hours; one of them comes back after three weeks."""
    minutes = rng.integers(0, FIELD_DAYS * OFFICE_MINUTES, len(companies))
    starts = [
        (FIELD_START + timedelta(days=int(m) // OFFICE_MINUTES, minutes=int(m) % OFFICE_MINUTES), company)
        for m, company in zip(minutes, companies, strict=True)
    ]
    starts += [(start + DUPLICATE_DELAY, company) for start, company in starts if company is twice]
    return sorted(starts, key=lambda entry: (entry[0], entry[1].number))


def base_columns(
    response_id: int, start: datetime, last_page: int, full_page: int, rng: np.random.Generator
) -> dict[Key, str]:
    """LimeSurvey's own columns; the three that must never be taken over hold documentation values."""
    end = start + timedelta(minutes=int(rng.integers(15, 55)))
    return {
        ("RESPONSE_ID", ""): str(response_id),
        ("SUBMITTED_AT", ""): end.strftime(TIME_FORMAT) if last_page == full_page else "",
        ("LAST_PAGE", ""): str(last_page),
        ("START_LANGUAGE", ""): "de",
        ("SEED", ""): str(int(rng.integers(10**8, 10**9))),
        ("IGNORED", "token"): f"probe{response_id:06d}",
        ("STARTED_AT", ""): start.strftime(TIME_FORMAT),
        ("UPDATED_AT", ""): end.strftime(TIME_FORMAT),
        ("IGNORED", "ipaddr"): f"192.0.2.{response_id % 254 + 1}",
        ("IGNORED", "refurl"): "https://example.invalid/umfrage",
    }


def _second_answers(first: Response) -> dict[Key, str]:
    """A colleague answers again, spells the name otherwise and writes the register type into the number."""
    company = first.company
    return {
        **first.answers,
        ("LEGAL_NAME", ""): duplicate_name(company.name),
        ("REG_NO", ""): f"{company.register_type} {company.register_number}",
        ("HEADCOUNT", ""): str(company.headcount + 2),
        ("CONTACT_NAME", ""): "Lieschen Müller-999 (erfunden)",
        ("CONTACT_MAIL", ""): "kontakt999@example.invalid",
    }
