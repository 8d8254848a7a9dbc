"""KoboToolbox v2: submissions of an asset, page by page, whole every time something may have changed.

Reference: KoboToolbox API v2 (``/api/v2/assets/{uid}/`` and ``/data/``; at most 1,000 submissions a page since March
2026). Which asset is which wave stands in the endpoint's option ``assets`` (wave_id, asset_uid) or as ``kobo_asset`` in
the region's ``survey/waves.yml``.

A look asks for the option ``index_fields`` of every submission: ids tell what came or went, an edit gives a submission
another ``_uuid``. What moves neither is found by reading everything again: each week, and when partition ``full`` is
asked for. No submission at all is a delivery of none, if asset and data agree on it.

What came is readable by its owner only. Belongs here: assets, pages and the proof that they fit together. Does not
belong here: what a question means (``sources/kobo``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.question import asked
from warehouse.paths import OWNER_ONLY
from warehouse.steps import step

FULL = "full"
OWNER_FILE = 0o600
MAX_PAGES = 10_000
INDEX_FIELDS = ("_id", "_uuid", "_submission_time")


class MovedError(Exception):
    """Submissions came or went while they were read."""


@dataclass(frozen=True)
class Page:
    """One answer: its bytes, how many submissions there are, and what tells the state of each that came, by id."""

    content: bytes
    count: int
    has_more: bool
    ids: list[int]
    stamps: dict[int, str]


@connector("kobo")
class Kobo(Connector):
    """Waves are partitions; ``full`` among what is wanted reads all submissions whatever the state."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.limit = int(context.options.get("page_size", 1000))
        self.index_fields = list(map(str, context.options.get("index_fields") or INDEX_FIELDS))
        waves = context.region.yaml("survey/waves.yml").get("waves") or []
        named = {str(w["wave_id"]): str(w["kobo_asset"]) for w in waves if w.get("kobo_asset")}
        options = context.options.get("assets") or []
        self.assets = named | {str(w["wave_id"]): str(w["asset_uid"]) for w in options}
        self.week = f"{context.today:%G-W%V}"

    def asks(self, wanted: list[str]) -> list[Ask]:
        chosen = [w for w in wanted if w != FULL]
        if unknown := [w for w in chosen if w not in self.assets]:
            raise self.client.refuse(
                f"wave {unknown[0]}",
                "no asset is named for it",
                f"one of {', '.join(sorted(self.assets)) or 'none'}, or {FULL}",
                "give the wave its kobo_asset in survey/waves.yml of the region",
            )
        return [self._ask(wave, FULL in wanted) for wave in dict.fromkeys(chosen or sorted(self.assets))]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        for folder in (to.parents[2], to.parents[1], to.parent):
            folder.chmod(OWNER_ONLY)
        pages = self._pages(ask.url, ask.title)
        to.unlink(missing_ok=True)
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "wb") as handle:
            whole = b",\n".join(self.client.secrets.scrub_bytes(page.content) for page in pages)
            handle.write(whole if len(pages) == 1 else b"[" + whole + b"]")
        cursor = self._cursor(pages, ask.url, str(ask.params["version"]))
        return Fetched(url=ask.url, params=dict(ask.params), http_status=200, cursor=cursor)

    def _cursor(self, pages: list[Page], url: str, version: str) -> str | None:
        """Count, last id and a hash of all ids with their stamps; nothing personal."""
        stamps: dict[int, str] = {}
        for page in pages:
            stamps |= page.stamps
        lines = "\n".join(f"{number}\t{stamps[number]}" for number in sorted(stamps))
        digest = hashlib.sha256(lines.encode()).hexdigest()[:16]
        state = f"{len(stamps)} submissions, last {max(stamps, default=0)}, {digest}, version {version}"
        return asked(state, {"url": url, "index": self.index_fields, "week": self.week})

    def _ask(self, wave: str, is_full: bool) -> Ask:
        uid = self.assets[wave]
        title = f"asset {uid} (wave {wave})"
        answer = self.client.get(f"api/v2/assets/{uid}/", {"format": "json"}, headers=self._headers(), accept=(404,))
        if answer.status == 404:
            raise self.client.refuse(
                title, "the service has no such asset for this account (HTTP 404); what was fetched before stays in force",
                "an asset this account may read",
                "correct the uid, share the asset, or take its kobo_asset out of survey/waves.yml if the wave is over; "
                "if its submissions were deleted, drop a page without them into the inbox",
            )  # fmt: skip
        facts = answer.json()
        count = facts.get("deployment__submission_count") if isinstance(facts, dict) else None
        if not isinstance(count, int) or not isinstance(facts, dict) or not facts.get("version_id"):
            kind = "an HTML page came" if answer.is_page else "something else than an asset came"
            raise self.client.refuse(title, kind, "deployment__submission_count and version_id", "check the address")
        version = str(facts["version_id"])
        url = self.client.url(f"api/v2/assets/{uid}/data/")
        index = self._pages(url, title, {"fields": json.dumps(self.index_fields)})
        if count and not index[0].count:
            raise self.client.refuse(
                title, f"the asset speaks of {count} submissions and none may be read", "all of them",
                "give the account the right to view the submissions of everybody; nothing was taken as deleted",
            )  # fmt: skip
        params = {"asset_uid": uid, "version": version, "is_full": is_full}
        cursor = None if is_full else self._cursor(index, url, version)
        return Ask(wave, f"submissions-{wave}.json", url, params, cursor=cursor, request_count=len(index), title=title)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.client.secrets['token']}"}

    def _pages(self, url: str, title: str, more: Mapping[str, Any] | None = None) -> list[Page]:
        """All pages, read once more from the first where they do not fit together."""
        moved = ""
        for _ in range(2):
            try:
                return self._walk(url, title, more or {})
            except MovedError as error:
                moved = str(error)
                step("dock", "again", f"{self.client.source_id}: {title}: {moved}, reading again from the first page")
        raise self.client.refuse(
            title, f"{moved}, twice", "pages that fit together", "call again when nobody is submitting"
        )

    def _walk(self, url: str, title: str, more: Mapping[str, Any]) -> list[Page]:
        pages: list[Page] = []
        seen: set[int] = set()
        for _ in range(MAX_PAGES):
            page = self._page(url, title, len(seen), more)
            if pages and page.count != pages[0].count:
                raise MovedError(f"a page speaks of {page.count} submissions, the first of {pages[0].count}")
            if len(set(page.ids)) != len(page.ids) or seen & set(page.ids):
                raise MovedError(f"page {len(pages) + 1} repeats a submission")
            pages.append(page)
            seen |= set(page.ids)
            if not page.has_more or not page.ids:
                break
        if len(seen) != pages[0].count:
            raise MovedError(f"{len(seen)} of {pages[0].count} submissions came")
        return pages

    def _page(self, url: str, title: str, start: int, more: Mapping[str, Any]) -> Page:
        # The address of the next page is the service's word; the token is only ever sent to our own.
        params = {"format": "json", "limit": self.limit, "start": start, "sort": json.dumps({"_id": 1}), **more}
        answer = self.client.get(url, params, headers=self._headers())
        document = answer.json()
        try:
            stamps = {e["_id"]: "\t".join(str(e.get(f, "")) for f in self.index_fields) for e in document["results"]}
            ids = [entry["_id"] for entry in document["results"]]
            page = Page(answer.content, document["count"], bool(document["next"]), ids, stamps)
            if not all(type(number) is int for number in (page.count, *ids)):
                raise TypeError("a number is none")
        except (AttributeError, KeyError, TypeError):
            kind = "an HTML page came" if answer.is_page else "something else than a page of submissions came"
            raise self.client.refuse(f"{title}, from {start}", kind, "count, next and results with _id") from None
        return page
