"""GLEIF API v1: LEI records of the region's postcodes and the list of registration authorities, page by page.

Reference: GLEIF API documentation (JSON:API: ``data``, ``meta.pagination``, ``meta.goldenCopy.publishDate``). Which
filters the service knows is an option, because the one for postcodes is not documented everywhere; an answer that does
not keep to it is refused. Beyond 10,000 results the service gives no pages, so a filter of several postcodes is halved.

One file holds the records of some postcodes: a single page as it came, several as a JSON list of pages, each byte for
byte. Belongs here: filters, pages, and the proof that they fit together. Does not belong here: what a record says
(``sources/gleif``); everything outside the region comes with the golden copy (``gleif_golden_copy``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.question import asked
from warehouse.steps import step

RECORDS, AUTHORITIES = "lei-records", "registration-authorities"
HEADERS = {"Accept": "application/vnd.api+json"}


class MovedError(Exception):
    """The pages do not fit together: the data moved while it was read, or the service does not page."""


class TooManyError(Exception):
    """There are more results than the service gives pages for."""


@dataclass(frozen=True)
class Page:
    """One answer: its bytes, its place and its entries."""

    content: bytes
    number: int
    last: int
    total: int
    published: str
    entries: list[dict[str, Any]]


@connector("gleif_api")
class GleifApi(Connector):
    """Partitions are files: ranges of postcodes (``lei-records-<first>-<last>``) or the one list of authorities."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.country = context.region.country_code
        self.month = f"{context.today:%Y-%m}"
        self.postcodes = sorted({row["postcode"] for row in context.region.postcodes})
        options = context.options
        self.resource = str(options.get("resource", RECORDS))
        self.filters: dict[str, str] = options.get("filters") or {}
        self.page_size = int(options.get("page_size", 200))
        self.most = int(options.get("max_results", 10_000))
        self.per_file = int(options.get("postcodes_per_file", 20))
        self.per_request = int(options.get("postcodes_per_request", 1))

    def asks(self, wanted: list[str]) -> list[Ask]:
        if self.resource == RECORDS and not self.postcodes:
            step("dock", "left", f"{self.client.source_id}/{self.client.name}: the region names no postcodes")
            return []
        country = {self.filters["country"]: self.country} if self.resource == RECORDS else {}
        first = self._page(f"{self.resource}, first page", country, 1, 1)
        offered = {ask.partition_key: ask for ask in (self._groups(first) if country else [self._list(first)])}
        if unknown := [w for w in wanted if w not in offered]:
            raise self.client.refuse(
                unknown[0], "it is not offered", f"one of {', '.join(offered)}", "choose an offered partition"
            )
        return [ask for key, ask in offered.items() if not wanted or key in wanted]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        pages = self._records(ask.params["postcodes"]) if "postcodes" in ask.params else self._pages(ask.title, {})
        if len(pages) == 1:
            to.write_bytes(pages[0].content)
        else:
            to.write_bytes(b"[" + b",\n".join(page.content for page in pages) + b"]")
        # The oldest state among the pages: a publication in between is then seen as a change at the next look.
        oldest = min(page.published for page in pages) if "postcodes" in ask.params else ""
        cursor = asked(oldest or None, self._question(ask.url, ask.params)) or ask.cursor
        return Fetched(url=ask.url, params=dict(ask.params), http_status=200, cursor=cursor)

    def _groups(self, first: Page) -> list[Ask]:
        asks = []
        for start in range(0, len(self.postcodes), self.per_file):
            group = self.postcodes[start : start + self.per_file]
            key = f"{RECORDS}-{_plain(group[0])}-{_plain(group[-1])}"
            url, params = self.client.url(RECORDS), {"postcodes": group, "country": self.country}
            asks.append(
                Ask(
                    key,
                    f"{key}.json",
                    url,
                    params,
                    cursor=asked(first.published or None, self._question(url, params)),
                    vintage=first.published or None,
                    request_count=-(-len(group) // self.per_request),
                    title=key,
                )
            )
        return asks

    def _question(self, url: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What decides which records come; how many on a page does not."""
        return {"url": url, "filters": self.filters, **params}

    def _list(self, first: Page) -> Ask:
        """The list has no date of its own: it is taken anew each month, and when its length changes."""
        requests = -(-first.total // self.page_size)
        url = self.client.url(AUTHORITIES)
        cursor = asked(f"{first.total} entries, {self.month}", self._question(url, {}))
        return Ask(AUTHORITIES, f"{AUTHORITIES}.json", url, cursor=cursor, request_count=requests, title=AUTHORITIES)

    def _records(self, postcodes: list[str]) -> list[Page]:
        """Pages of all records of the postcodes; a filter with too many results is halved until it fits."""
        due = [postcodes[i : i + self.per_request] for i in range(0, len(postcodes), self.per_request)]
        pages: list[Page] = []
        while due:
            group = due.pop(0)
            asked = f"records of postcodes {', '.join(group)}"
            params = {self.filters["postcode"]: ",".join(group), self.filters["country"]: self.country}
            try:
                found = self._pages(asked, params, set(map(_plain, group)))
            except TooManyError as error:
                if len(group) == 1:
                    raise self.client.refuse(
                        asked,
                        f"{error} records",
                        f"at most {self.most:,}, which is what the service gives pages for",
                        "take the golden copy instead (endpoint golden_copy)",
                    ) from None
                middle = len(group) // 2
                due[:0] = [group[:middle], group[middle:]]
                continue
            pages += found
        return pages

    def _pages(self, asked: str, params: dict[str, Any], postcodes: set[str] | None = None) -> list[Page]:
        """All pages, read once more from the first where they do not fit together."""
        moved = ""
        for _ in range(2):
            try:
                return self._walk(asked, params, postcodes)
            except MovedError as error:
                moved = str(error)
                step("dock", "again", f"{self.client.source_id}: {asked}: {moved}, reading again from page 1")
        raise self.client.refuse(
            asked, f"{moved}, twice", "pages that fit together", "call again later: a publication may be under way"
        )

    def _walk(self, asked: str, params: dict[str, Any], postcodes: set[str] | None) -> list[Page]:
        first = self._page(asked, params, 1, self.page_size)
        if postcodes and first.entries and not any(_postcode(e) in postcodes for e in first.entries):
            raise self.client.refuse(
                asked,
                f"none of {len(first.entries)} records on the first page lies there",
                "records of these postcodes",
                "the service does not keep to the filter; look up its name and set it in the endpoint's options",
            )
        if first.total > self.most:
            raise TooManyError(f"{first.total:,}")
        pages, seen = [first], _ids(first)
        for number in range(2, min(first.last, first.total) + 1):
            page = self._page(asked, params, number, self.page_size)
            if page.number != number:
                raise MovedError(f"page {page.number} came for page {number}")
            if (page.total, page.published) != (first.total, first.published):
                raise MovedError(f"page {number} speaks of {page.total} records, page 1 of {first.total}")
            if again := seen & _ids(page):
                raise MovedError(f"page {number} repeats {min(again)}")
            pages.append(page)
            seen |= _ids(page)
        if len(seen) != first.total:
            raise MovedError(f"{len(seen)} of {first.total} records came")
        return pages

    def _page(self, asked: str, params: dict[str, Any], number: int, size: int) -> Page:
        place = {"page[number]": number, "page[size]": size}
        answer = self.client.get(self.resource, {**params, **place}, headers=HEADERS)
        document = answer.json()
        try:
            entries, meta = document["data"], document["meta"]
            where = meta["pagination"]
            published = str((meta.get("goldenCopy") or {}).get("publishDate") or "")
            page = Page(answer.content, where["currentPage"], where["lastPage"], where["total"], published, entries)
            if not all(isinstance(n, int) for n in (page.number, page.last, page.total)):
                raise TypeError("pagination without numbers")
            if not all(isinstance(entry["id"], str) for entry in page.entries):
                raise TypeError("an entry without an id")
        except (KeyError, TypeError, AttributeError):
            raise self.client.refuse(
                f"{asked}, page {number}", _kind(answer.is_page, document), "data and meta.pagination",
                "call again later; if it stays, look at the address in a browser",
            ) from None  # fmt: skip
        return page


def _plain(postcode: str) -> str:
    return re.sub(r"\W", "", postcode).upper()


def _ids(page: Page) -> set[str]:
    return {entry["id"] for entry in page.entries}


def _postcode(entry: dict[str, Any]) -> str:
    entity = (entry.get("attributes") or {}).get("entity") or {}
    return _plain(str((entity.get("legalAddress") or {}).get("postalCode") or ""))


def _kind(is_page: bool, document: Any) -> str:
    if is_page:
        return "an HTML page came"
    if isinstance(document, dict) and document.get("errors"):
        titles = [str(e.get("title", e)) for e in document["errors"] if isinstance(e, dict)]
        return f"an error came: {'; '.join(titles) or document['errors']}"
    return "a JSON message of another form came" if document is not None else "something else than JSON came"
