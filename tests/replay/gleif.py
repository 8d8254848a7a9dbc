"""GLEIF as it behaves: JSON:API pages with a limit of 10,000 results, and golden copies behind a list and a redirect."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from stdnum import lei
from stdnum.iso7064 import mod_97_10

from tests.replay.server import Reply, Request

POSTCODE = "filter[entity.legalAddress.postalCode]"
COUNTRY = "filter[entity.legalAddress.country]"
MOST = 10_000
OTHER_COLUMNS = 338 - 11
LEI_COLUMNS = [
    "LEI", "Entity.LegalName", "Entity.LegalAddress.City", "Entity.LegalAddress.Country",
    "Entity.LegalAddress.PostalCode", "Entity.RegistrationAuthority.RegistrationAuthorityID",
    "Entity.RegistrationAuthority.RegistrationAuthorityEntityID", "Entity.LegalForm.EntityLegalFormCode",
    "Entity.EntityStatus", "Registration.LastUpdateDate", "Registration.RegistrationStatus",
]  # fmt: skip
RR_COLUMNS = [
    "Relationship.StartNode.NodeID", "Relationship.StartNode.NodeIDType", "Relationship.EndNode.NodeID",
    "Relationship.EndNode.NodeIDType", "Relationship.RelationshipType", "Relationship.RelationshipStatus",
    "Relationship.Period.1.startDate", "Relationship.Period.1.endDate", "Relationship.Period.1.periodType",
    "Relationship.Period.2.startDate", "Relationship.Period.2.endDate", "Relationship.Period.2.periodType",
    "Registration.LastUpdateDate", "Registration.RegistrationStatus",
]  # fmt: skip


def invented_lei(number: int) -> str:
    """A code of nobody whose check digits are right."""
    body = f"9999PROBE{number:09d}"
    code = body + mod_97_10.calc_check_digits(body)
    assert lei.is_valid(code)
    return code


def record(number: int, postcode: str, country: str = "DE", **more: Any) -> dict[str, Any]:
    """An invented record in the true shape."""
    code = invented_lei(number)
    address = {"language": "de", "addressLines": ["Probeweg 1"], "city": "Musterstadt", "region": f"{country}-NW", "country": country, "postalCode": postcode}  # fmt: skip
    entity = {
        "legalName": {"name": f"Probe {number} Drähte GmbH (erfunden)", "language": "de"}, "otherNames": [],
        "legalAddress": address, "headquartersAddress": address, "registeredAt": {"id": "RA000999", "other": None},
        "registeredAs": f"HRB {number}", "jurisdiction": country, "category": "GENERAL",
        "legalForm": {"id": "2HBR", "other": None}, "status": "ACTIVE", "creationDate": "2001-01-01T00:00:00Z",
    }  # fmt: skip
    registration = {"initialRegistrationDate": "2014-01-01T00:00:00Z", "lastUpdateDate": "2026-05-01T10:00:00+02:00", "status": "ISSUED"}  # fmt: skip
    attributes = {"lei": code, "entity": entity | more, "registration": registration, "bic": None}
    return {"type": "lei-records", "id": code, "attributes": attributes, "relationships": {}, "links": {"self": f"https://api.gleif.org/api/v1/lei-records/{code}"}}  # fmt: skip


def authority(number: int, court: str, country: str = "DE") -> dict[str, Any]:
    """A registration authority in the true shape; its court is invented."""
    code = f"RA{number:06d}"
    attributes = {
        "code": code, "internationalName": "Commercial Register", "localName": "Handelsregister",
        "internationalOrganizationName": court.replace("Amtsgericht", "Local Court"), "localOrganizationName": court,
        "website": "https://example.invalid", "jurisdictions": [{"country": country, "countryCode": country, "jurisdiction": country}],
    }  # fmt: skip
    return {"type": "registration-authorities", "id": code, "attributes": attributes, "links": {"self": ""}}


def golden(columns: list[str], rows: list[dict[str, str]], others: int = OTHER_COLUMNS) -> bytes:
    """A golden copy as CSV: every cell quoted, with all the columns nobody asks for between."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    more = [f"Entity.OtherAddresses.{i}.Filler" for i in range(others)]
    header = [*columns[:2], *more, *columns[2:]]
    writer.writerow(header)
    writer.writerows([[row.get(c, "") for c in header] for row in rows])
    return buffer.getvalue().encode("utf-8")


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, body in {name: content, **others}.items():
            archive.writestr(member, body)
    return buffer.getvalue()


@dataclass
class Gleif:
    """Both services. ``shrinks``/``repeats`` so many walks go wrong at the second page; ``ignores`` the postcodes."""

    records: list[dict[str, Any]] = field(default_factory=list)
    authorities: list[dict[str, Any]] = field(default_factory=list)
    published: str = "2026-05-15T08:00:00Z"
    prefix: str = "/"
    shrinks: int = 0
    repeats: int = 0
    ignores: bool = False
    pages: dict[str, bytes] = field(default_factory=dict)
    copies: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    copy_published: str = "2026-05-15T08:00:00+00:00"
    listed: Any = None
    has_header: bool = True

    def answer(self, request: Request) -> Reply:
        resource = request.path.strip("/")
        if resource in self.pages:
            return Reply(self.pages[resource], content_type="application/vnd.api+json")
        if resource == "lei-records":
            return self._paged(request, self._found(request.query), {"goldenCopy": {"publishDate": self.published}})
        if resource == "registration-authorities":
            return self._paged(request, self.authorities, {})
        if resource.startswith(("golden-copies", "storage")):
            return self._golden(request, resource)
        return Reply(b'{"errors":[{"status":"404","title":"Resource not found"}]}', 404, "application/vnd.api+json")

    def _found(self, query: dict[str, str]) -> list[dict[str, Any]]:
        postcodes = query.get(POSTCODE, "").split(",") if query.get(POSTCODE) and not self.ignores else None
        found = []
        for entry in self.records:
            address = entry["attributes"]["entity"]["legalAddress"]
            if address["country"] == query[COUNTRY] and (postcodes is None or address["postalCode"] in postcodes):
                found.append(entry)
        return found

    def _paged(self, request: Request, entries: list[dict[str, Any]], meta: dict[str, Any]) -> Reply:
        number, size = int(request.query["page[number]"]), min(int(request.query.get("page[size]", 15)), 200)
        assert "json" in request.headers["accept"]
        total = len(entries)
        if number * size > MOST and number > 1:
            return Reply(b'{"errors":[{"status":"400","title":"Use cursor pagination beyond 10000"}]}', 400)
        start = (number - 1) * size
        if number == 2 and self.repeats:
            self.repeats, start = self.repeats - 1, 0
        if number == 2 and self.shrinks:
            self.shrinks, total = self.shrinks - 1, total - 1
        part = entries[start : start + size]
        pagination = {
            "currentPage": number, "perPage": size, "from": start + 1 if part else None,
            "to": start + len(part) if part else None, "total": total, "lastPage": max(-(-total // size), 1),
        }  # fmt: skip
        body = {"meta": {**meta, "pagination": pagination}, "links": {}, "data": part}
        return Reply(json.dumps(body).encode(), content_type="application/vnd.api+json")

    def _golden(self, request: Request, resource: str) -> Reply:
        header = {"x-gleif-publish-date": self.copy_published} if self.has_header else {}
        host = f"http://{request.headers['host']}"
        if resource == "golden-copies/publishes":
            if self.listed is not None:
                return Reply(json.dumps(self.listed).encode())
            files = {
                kind: {"full_file": {"csv": {"type": kind, "format": "csv", "record_count": 2, "size": self.sizes.get(kind, len(body)), "url": f"{host}/golden-copies/files/{kind}"}}}
                for kind, body in self.copies.items()
            }  # fmt: skip
            day = self.copy_published[:19].replace("T", " ")
            return Reply(json.dumps({"data": [{"publish_date": day, **files}]}).encode())
        kind = resource.split("/")[2] if resource.startswith("golden-copies") else resource.split("/")[1]
        if resource.startswith("golden-copies"):
            return Reply(b"", 302, headers={"Location": f"{host}/storage/{kind}", **header})
        body = self.copies[kind]
        headers = {"ETag": f'"{self.copy_published}-{len(body)}"', **header}
        return Reply(body, content_type="application/zip", headers=headers, ranges=True)
