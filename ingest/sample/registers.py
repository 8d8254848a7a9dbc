"""The register files: an OffeneRegister extract and pages of the GLEIF interface.

Belongs here: register entries in the shape of the two sources. Does not belong here: who the companies are (companies.py). Persons in
the extract are invented and say so; they are there because a reader has to drop them.
"""

import json
from dataclasses import dataclass
from typing import Any

from ingest.sample.companies import LEGAL_FORMS, MARKER, Company
from ingest.sample.region import Place, state_name
from ingest.sample.streams import stream
from ingest.sample.writer import InboxWriter
from warehouse.region import Region

OTHER_ENTRIES = 150
FIRST_OTHER_NUMBER = 980_001
LEI_HOLDERS = 60
LEI_PREFIX = "9999"  # no registration body has this prefix
PAGE_SIZE = 15
PUBLISHED = "2026-09-01T00:00:00Z"
# Legal form codes of ISO 20275 (the list has no code of its own for GmbH & Co. KG).
ELF_CODES = {"GMBH": "2HBR", "GMBH_CO_KG": "8Z6G", "AG": "6QQB", "KG": "8Z6G", "EK": "OL20"}
BASE_URL = "https://api.gleif.org/api/v1/lei-records"


@dataclass(frozen=True)
class Entry:
    """One register entry."""

    name: str
    place: Place
    register_type: str
    register_number: str
    postcode: str
    street_number: int
    is_removed: bool
    officer: int


def check_digits(prefix: str) -> str:
    """The two check digits of ISO 17442 (modulo 97-10) for the first eighteen characters."""
    digits = "".join(str(int(character, 36)) for character in prefix + "00")
    return f"{98 - int(digits) % 97:02d}"


def invent_leis(companies: list[Company], seed: int) -> dict[int, str]:
    """An identifier for some of the companies, by company number."""
    rng = stream(seed, "lei")
    alphabet = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    leis: dict[int, str] = {}
    for index in sorted(int(i) for i in rng.permutation(len(companies))[:LEI_HOLDERS]):
        prefix = LEI_PREFIX + "00" + "".join(str(c) for c in rng.choice(alphabet, 12))
        leis[companies[index].number] = prefix + check_digits(prefix)
    return leis


def write_offeneregister(
    writer: InboxWriter, region: Region, companies: list[Company], seats: list[Place], seed: int
) -> None:
    """One JSON document per line: the surveyed companies and others."""
    rng = stream(seed, "offeneregister")
    entries = [
        Entry(
            c.name,
            c.place,
            c.register_type,
            c.register_number,
            c.postcode,
            int(rng.integers(1, 90)),
            False,
            c.number,
        )
        for c in companies
    ]
    for n in range(OTHER_ENTRIES):
        _, form, register_type = LEGAL_FORMS[int(rng.choice(len(LEGAL_FORMS), p=(0.7, 0.15, 0.02, 0.05, 0.08)))]
        place = seats[n % len(seats)]
        number = 501 + n
        entries.append(
            Entry(
                f"{place.name} Musterhandel {number:03d} {MARKER} {form}", place, register_type, str(FIRST_OTHER_NUMBER + n),
                place.delivery_postcodes[0] if place.delivery_postcodes else "", int(rng.integers(1, 90)), bool(rng.random() < 0.2), number,
            )
        )  # fmt: skip
    lines = [json.dumps(_document(entry, region), ensure_ascii=False, sort_keys=True) for entry in entries]
    writer.write("offeneregister/de_companies_ocdata.jsonl", ("\n".join(lines) + "\n").encode("utf-8"), len(lines))


def _document(entry: Entry, region: Region) -> dict[str, Any]:
    city = entry.place.court_name.removeprefix("Amtsgericht ")
    lastname = f"Mustermann-{entry.officer:03d} {MARKER}"
    return {
        "company_number": f"{entry.place.court_code}_{entry.register_type}{entry.register_number}",
        "name": entry.name,
        "current_status": "removed" if entry.is_removed else "currently registered",
        "jurisdiction_code": "de",
        "registered_address": f"Musterstraße {entry.street_number}, {entry.postcode} {entry.place.name}.",
        "retrieved_at": "2018-11-09T18:03:03Z",
        "all_attributes": {
            "_registerArt": entry.register_type,
            "_registerNummer": entry.register_number,
            "native_company_number": f"{city} {entry.register_type} {entry.register_number}",
            "registered_office": entry.place.name,
            "registrar": city,
            "federal_state": state_name(region),
            "additional_data": {
                "AD": True,
                "CD": True,
                "DK": True,
                "HD": False,
                "SI": True,
                "UT": True,
                "VÖ": False,
            },
        },
        "officers": [
            {
                "name": f"Max {lastname}",
                "position": "Geschäftsführer",
                "type": "person",
                "start_date": "2015-01-01",
                "other_attributes": {"city": entry.place.name, "firstname": "Max", "lastname": lastname},
            }
        ],
    }


def write_gleif(writer: InboxWriter, companies: list[Company], leis: dict[int, str]) -> None:
    """Pages as the interface delivers them, one file per page."""
    holders = [c for c in companies if c.number in leis]
    page_count = -(-len(holders) // PAGE_SIZE)
    for page in range(1, page_count + 1):
        part = holders[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        first = (page - 1) * PAGE_SIZE + 1
        document = {
            "meta": {
                "goldenCopy": {"publishDate": PUBLISHED},
                "pagination": {
                    "currentPage": page, "perPage": PAGE_SIZE, "from": first, "to": first + len(part) - 1,
                    "total": len(holders), "lastPage": page_count,
                },
            },
            "links": _links(page, page_count),
            "data": [_record(c, leis[c.number]) for c in part],
        }  # fmt: skip
        content = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")
        writer.write(f"gleif/lei-records-page-{page:04d}.json", content, len(part))


def _links(page: int, page_count: int) -> dict[str, str]:
    numbers = {"first": 1, "prev": page - 1, "next": page + 1, "last": page_count}
    return {
        name: f"{BASE_URL}?page%5Bnumber%5D={number}&page%5Bsize%5D={PAGE_SIZE}"
        for name, number in numbers.items()
        if 1 <= number <= page_count
    }


def _record(company: Company, lei: str) -> dict[str, Any]:
    address = {
        "language": "de", "addressLines": ["Musterstraße 1"], "addressNumber": None, "addressNumberWithinBuilding": None,
        "mailRouting": None, "city": company.place.name, "region": None, "country": "DE", "postalCode": company.postcode or None,
    }  # fmt: skip
    # The official code of the court's register is not known here: RA999999 with the authority in words is how GLEIF writes that.
    authority = {"id": "RA999999", "other": company.place.court_name}
    registered = f"{company.register_type} {company.register_number}"
    lapsed = company.number % 20 == 0
    return {
        "type": "lei-records",
        "id": lei,
        "attributes": {
            "lei": lei,
            "entity": {
                "legalName": {"name": company.name, "language": "de"}, "otherNames": [], "transliteratedOtherNames": [],
                "legalAddress": address, "headquartersAddress": address, "registeredAt": authority, "registeredAs": registered,
                "jurisdiction": "DE", "category": "GENERAL",
                "legalForm": {"id": ELF_CODES[company.legal_form_code], "other": None},
                "associatedEntity": {"lei": None, "name": None}, "status": "ACTIVE", "expiration": {"date": None, "reason": None},
                "successorEntity": {"lei": None, "name": None}, "successorEntities": [],
                "creationDate": f"{company.founded_year}-01-01T00:00:00Z", "subCategory": None, "otherAddresses": [], "eventGroups": [],
            },
            "registration": {
                "initialRegistrationDate": "2018-03-01T09:00:00Z", "lastUpdateDate": "2026-03-01T09:00:00Z",
                "status": "LAPSED" if lapsed else "ISSUED",
                "nextRenewalDate": "2026-03-01T09:00:00Z" if lapsed else "2027-03-01T09:00:00Z",
                "managingLou": None, "corroborationLevel": "FULLY_CORROBORATED", "validatedAt": authority,
                "validatedAs": registered, "otherValidationAuthorities": [],
            },
            "bic": None, "mic": None, "ocid": None, "qcc": None, "spglobal": [], "conformityFlag": None,
        },
        "relationships": {},
        "links": {"self": f"{BASE_URL}/{lei}"},
    }  # fmt: skip
