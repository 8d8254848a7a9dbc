"""GLEIF: pages of the API (JSON:API), the list of registration authorities, and the golden copies (CSV in a ZIP).

Belongs here: the nesting of the API's answers, the columns of the golden copies that are used, and the ISO 17442 check
digits. Does not belong here: matching to companies, or which court is in which region.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
from stdnum import lei

from ingest.delivery import Delivery
from ingest.errors import BROKEN_ZIP
from ingest.readers import Reading, Tables, reader, typed

BLOCK_BYTES = 1 << 26
LONGEST_RECORD_BYTES = 1 << 22
RECORD_COLUMNS = {
    "lei": "LEI",
    "legal_name": "Entity.LegalName",
    "postcode": "Entity.LegalAddress.PostalCode",
    "city": "Entity.LegalAddress.City",
    "country_code": "Entity.LegalAddress.Country",
    "registration_authority_code": "Entity.RegistrationAuthority.RegistrationAuthorityID",
    "registered_as": "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
    "legal_form_code": "Entity.LegalForm.EntityLegalFormCode",
    "entity_status": "Entity.EntityStatus",
    "registration_status": "Registration.RegistrationStatus",
    "last_update_at": "Registration.LastUpdateDate",
}
RELATIONSHIP_COLUMNS = {
    "child_lei": "Relationship.StartNode.NodeID",
    "child_type": "Relationship.StartNode.NodeIDType",
    "parent_lei": "Relationship.EndNode.NodeID",
    "parent_type": "Relationship.EndNode.NodeIDType",
    "relationship_type_code": "Relationship.RelationshipType",
    "relationship_status": "Relationship.RelationshipStatus",
    "registration_status": "Registration.RegistrationStatus",
    "last_update_at": "Registration.LastUpdateDate",
}
# What each golden copy calls itself in its file name, and the columns that tell it from the others.
COPIES = {"lei2": RECORD_COLUMNS, "rr": RELATIONSHIP_COLUMNS}
COPY_NAME = re.compile(r"gleif-goldencopy-(\w+?)-golden-copy")
ENTRIES = {"lei-records": "LEI records", "registration-authorities": "registration authorities"}
PERIODS = 5
PERIOD = "Relationship.Period.{}.{}"
PERIOD_PARTS = ("startDate", "endDate", "periodType")


@reader("gleif_pages")
def read_pages(reading: Reading) -> Tables:
    """A page ``lei-records`` or a list of pages; a record whose check digits do not fit is refused (REG-006)."""
    delivery = reading.delivery
    rows: list[tuple[Any, ...]] = []
    for number, record in enumerate(_entries(delivery, "lei-records"), 1):
        try:
            rows.append(_row(number, record))
        except (AttributeError, TypeError, ValueError) as error:
            raise delivery.refuse(
                f"the record cannot be read ({error})", "a record of the API", row=number, rule_id="REG-006"
            ) from error
    _check_digits(delivery, "lei", [(row[0], row[-1]) for row in rows])
    columns = [*(c.name for c in reading.table.columns), "source_row"]
    return {"lei_record": pl.DataFrame(rows, schema={c: reading.table.lake_schema[c] for c in columns}, orient="row")}


@reader("gleif_authorities")
def read_authorities(reading: Reading) -> Tables:
    """The list of registration authorities; option ``court_pattern`` finds the court's place in its names."""
    pattern = re.compile(str(reading.options["court_pattern"]))
    court = str(reading.options["court_name"])
    rows = []
    for number, entry in enumerate(_entries(reading.delivery, "registration-authorities"), 1):
        try:
            own = entry["attributes"]
            names = [own.get(k) for k in ("localOrganizationName", "localName", "internationalOrganizationName", "internationalName")]  # fmt: skip
            place = next((match["place"] for name in names if name and (match := pattern.search(name))), None)
            country = (own.get("jurisdictions") or [{}])[0].get("countryCode")
            rows.append((own["code"], country, *names, court.format(place) if place else None, own.get("website"), number))  # fmt: skip
        except (AttributeError, KeyError, TypeError) as error:
            raise reading.delivery.refuse(
                f"the entry cannot be read ({error!r})", "an entry of the API", row=number
            ) from error
    columns = [*(c.name for c in reading.table.columns), "source_row"]
    return {
        reading.delivery.dataset.tables[0]: pl.DataFrame(
            rows, schema={c: reading.table.lake_schema[c] for c in columns}, orient="row"
        )
    }


@reader("gleif_golden_copy")
def read_golden_copy(reading: Reading) -> Tables:
    """Records of the golden copy; option ``keep``: ``postcodes`` or ``country`` of the region, or ``all``."""
    keep, region = reading.options.get("keep", "postcodes"), reading.region
    mask = pl.lit(True) if keep == "all" else pl.col("country_code") == region.country_code
    if keep == "postcodes":
        mask &= pl.col("postcode").str.strip_chars().is_in([row["postcode"] for row in region.postcodes])
    frame = _selected(reading.delivery, RECORD_COLUMNS, {}, mask)
    _check_digits(reading.delivery, "LEI", list(frame.select("lei", "source_row").iter_rows()))
    return {"lei_record": _stamped(reading, frame)}


@reader("gleif_relationships")
def read_relationships(reading: Reading) -> Tables:
    """Who consolidates whom: child and parent by LEI, with the period of the relationship itself."""
    optional = {f"{part}_{i}": PERIOD.format(i, part) for i in range(1, PERIODS + 1) for part in PERIOD_PARTS}
    mask = (pl.col("child_type") == "LEI") & (pl.col("parent_type") == "LEI")
    frame = _selected(reading.delivery, RELATIONSHIP_COLUMNS, optional, mask)
    for name, part in (("period_start_date", "startDate"), ("period_end_date", "endDate")):
        found = [
            pl.when(pl.col(f"periodType_{i}") == "RELATIONSHIP_PERIOD").then(pl.col(f"{part}_{i}").str.head(10))
            for i in range(1, PERIODS + 1)
        ]
        frame = frame.with_columns(pl.coalesce(found).alias(name))
    return {"lei_relationship": _stamped(reading, frame)}


def _entries(delivery: Delivery, due: str) -> list[Any]:
    """All entries of a page or of a list of pages, in order; every entry names its kind, which must be this (LND-008)."""
    page: Any = {}
    try:
        document = json.loads(delivery.path.read_text(encoding="utf-8"))
        entries: list[Any] = []
        for page in document if isinstance(document, list) else [document]:
            entries += page["data"]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        is_error = isinstance(page, dict) and "errors" in page
        message = "an error answer" if is_error else repr(error)
        raise delivery.refuse(f"not a page of {ENTRIES[due]} ({message})", "an object with 'data'") from error
    for number, entry in enumerate(entries, 1):
        kind = entry.get("type", due) if isinstance(entry, dict) else due
        if kind != due:
            raise delivery.refuse(f"the entry is one of '{kind}'", f"entries of '{due}'", field="type", row=number, rule_id="LND-008")  # fmt: skip
    return entries


def _row(number: int, record: dict[str, Any]) -> tuple[Any, ...]:
    attributes = record.get("attributes") or {}
    entity = attributes.get("entity") or {}
    address = entity.get("legalAddress") or {}
    registration = attributes.get("registration") or {}
    updated = registration.get("lastUpdateDate")
    return (
        attributes.get("lei"),
        (entity.get("legalName") or {}).get("name"),
        address.get("postalCode"),
        address.get("city"),
        address.get("country"),
        (entity.get("registeredAt") or {}).get("id"),
        entity.get("registeredAs"),
        (entity.get("legalForm") or {}).get("id"),
        entity.get("status"),
        registration.get("status"),
        _utc(updated),
        number,
    )


def _utc(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def _check_digits(delivery: Delivery, field: str, codes: list[tuple[Any, int]]) -> None:
    for code, row in codes:
        if not isinstance(code, str) or not lei.is_valid(code):
            raise delivery.refuse(
                f"LEI '{code}' fails its check digits", "20 characters by ISO 17442", field=field, row=row,
                rule_id="REG-006",
            )  # fmt: skip


def _stamped(reading: Reading, frame: pl.DataFrame) -> pl.DataFrame:
    """The table's columns in its types; moments in any zone become UTC."""
    try:
        moments = [_utc(text) for text in frame["last_update_at"]]
    except ValueError as error:
        raise reading.delivery.refuse(
            f"a moment cannot be read ({error})", "ISO 8601", field="last_update_at"
        ) from error
    frame = frame.with_columns(pl.Series("last_update_at", moments, dtype=pl.Datetime("us")))
    frame = frame.select([*(c.name for c in reading.table.columns), "source_row"])
    return typed(reading.delivery, frame, reading.table.columns)


def _selected(delivery: Delivery, needed: dict[str, str], optional: dict[str, str], mask: pl.Expr) -> pl.DataFrame:
    """The needed columns of the rows that ``mask`` keeps, read block by block; absent optional columns are NULL."""
    kept: list[pl.DataFrame] = []
    header, start = b"", 1
    for block in _blocks(delivery):
        if not header:
            header, _, block = block.partition(b"\n")
        try:
            frame = pl.read_csv(io.BytesIO(header + b"\n" + block), infer_schema=False)
        except pl.exceptions.PolarsError as error:
            first = str(error).splitlines()[0]
            raise delivery.refuse(f"the table cannot be split into columns ({first})", "quoted CSV in UTF-8") from error
        if missing := [column for column in needed.values() if column not in frame.columns]:
            raise _other_copy(delivery, frame.columns, missing[0])
        columns = [pl.col(c).alias(n) for n, c in needed.items()]
        columns += [
            (pl.col(c) if c in frame.columns else pl.lit(None, pl.String)).alias(n) for n, c in optional.items()
        ]
        rows = frame.select(columns).with_row_index("source_row", offset=start)
        kept.append(rows.filter(mask).with_columns(pl.col("source_row").cast(pl.Int64)))
        start += frame.height
    if not kept:
        raise delivery.refuse("the CSV in the ZIP is empty", "a header and rows", rule_id="LND-002")
    return pl.concat(kept)


def _other_copy(delivery: Delivery, header: list[str], missing: str) -> Exception:
    """The refusal of a header that is not this copy's, by what it is where that can be told (LND-008)."""
    found = next((name for name, columns in COPIES.items() if set(columns.values()) <= set(header)), None)
    problem = f"the header is that of the copy '{found}'" if found else f"column '{missing}' is missing"
    return delivery.refuse(problem, "the columns of this golden copy", field=missing, rule_id="LND-008")


def _refuse_other_name(delivery: Delivery, member: str) -> None:
    """A CSV whose own name is that of another golden copy (LND-008); a name of another form says nothing."""
    inside, outside = COPY_NAME.search(member), COPY_NAME.search(delivery.path.name)
    if inside and outside and inside[1] != outside[1]:
        raise delivery.refuse(
            f"the ZIP holds the copy '{inside[1]}' ({member})", f"the copy '{outside[1]}', as its name says", rule_id="LND-008"
        )  # fmt: skip


def _blocks(delivery: Delivery) -> Iterator[bytes]:
    """The only CSV of a ZIP in blocks of whole records; several gigabytes never lie in memory at once."""
    try:
        with zipfile.ZipFile(delivery.path) as archive:
            members = [name for name in archive.namelist() if name.endswith(".csv")]
            if len(members) != 1:
                raise delivery.refuse(f"the ZIP holds {len(members)} CSV files", "exactly one", rule_id="LND-002")
            _refuse_other_name(delivery, members[0])
            with archive.open(members[0]) as stream:
                rest = b""
                while chunk := stream.read(BLOCK_BYTES):
                    rest += chunk
                    if end := _end_of_record(rest):
                        yield rest[:end]
                        rest = rest[end:]
                    if len(rest) > BLOCK_BYTES + LONGEST_RECORD_BYTES:
                        raise delivery.refuse("a quote is never closed", "whole records", rule_id="LND-002")
                if rest:
                    yield rest
    except (*BROKEN_ZIP, OSError) as error:
        raise delivery.refuse(
            f"the ZIP is damaged or cut off ({error})", "a complete ZIP", "transfer the file again", rule_id="LND-002"
        ) from error


def _end_of_record(block: bytes) -> int:
    """Where the last whole record ends: the last line end that is not inside quotes; 0 where there is none."""
    end = block.rfind(b"\n")
    while end >= 0 and block.count(b'"', 0, end) % 2:
        end = block.rfind(b"\n", 0, end)
    return end + 1
