"""Comext bulk files: a directory listing says size and date of every month; one 7z per month comes down.

Reference: Eurostat, user guide of the bulk download facility (directory ``comext/COMEXT_DATA/PRODUCTS``); the listing
in CSV has a column NAME, and columns for size and date that are found by name.

Belongs here: listing and bringing archives. Does not belong here: what is in them (``sources/comext``).
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.http import Answer

SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
MONTH = re.compile(r"full_v2_(?P<period>\d{4}(?:0[1-9]|1[0-2]))\.7z")


@connector("comext_bulk")
class ComextBulk(Connector):
    """Months are partitions ``YYYYMM``; the newest ``watched`` months are offered unless others are asked for."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.folder = str(context.options["folder"])

    def asks(self, wanted: list[str]) -> list[Ask]:
        offered = {ask.partition_key: ask for ask in self._listing()}
        if not wanted:
            return [offered[p] for p in sorted(offered)[-self.client.endpoint.watched :]]
        if unknown := [p for p in wanted if p not in offered]:
            raise self.client.refuse(
                f"month {unknown[0]}",
                "the listing does not offer it",
                f"one of {min(offered, default='-')} to {max(offered, default='-')} (YYYYMM)",
                "choose an offered month",
            )
        return [offered[p] for p in sorted(set(wanted))]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        answer = self.client.download(ask.url, to)
        if not answer.content.startswith(SEVEN_ZIP):
            raise self.client.refuse(
                ask.file_name, f"{_kind(answer)} came instead of an archive", "a 7z archive", "call again later"
            )
        size = to.stat().st_size
        if ask.byte_count is not None and size != ask.byte_count:
            raise self.client.refuse(
                ask.file_name, f"{size:,} bytes came", f"{ask.byte_count:,} bytes as listed",
                "call again: the file may just have been replaced",
            )  # fmt: skip
        return Fetched.of(answer)

    def _listing(self) -> list[Ask]:
        params = {"format": "csv", "dir": self.folder, "hierarchy": "false", "sizeFormat": "NONE", "dateFormat": "ISO", "sort": "name"}  # fmt: skip
        answer = self.client.get("files", params)
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig", "replace"))))
        header = list(rows[0]) if rows else []
        name, size, date = (_column(header, pattern) for pattern in (r"^name$", r"size", r"date|modif"))
        if answer.is_page or name is None or size is None or date is None:
            raise self.client.refuse(
                f"listing of {self.folder}",
                f"{_kind(answer)} with columns {header} came",
                "a CSV with the columns NAME, size and date",
                "look at the listing in a browser; the service may have changed it",
            )
        entries = [(row[name] or "", row[size] or "", row[date] or "") for row in rows]
        months = [(MONTH.fullmatch(entry[0].rsplit("/", 1)[-1]), entry) for entry in entries]
        return [self._ask(match["period"], *entry) for match, entry in months if match]

    def _ask(self, period: str, name: str, size: str, date: str) -> Ask:
        file_name = name.rsplit("/", 1)[-1]
        try:
            vintage = datetime.fromisoformat(date.strip()).isoformat(timespec="seconds")
            byte_count = int(size)
        except ValueError:
            raise self.client.refuse(
                f"listing entry {file_name}", f"size '{size}' and date '{date}' came", "a number of bytes and an ISO date",
                "look at the listing in a browser; the service may have changed it",
            ) from None  # fmt: skip
        url = self.client.url("files") + f"?file={self.folder}/{file_name}".replace("/", "%2F")
        return Ask(period, file_name, url, cursor=f"{byte_count} bytes of {vintage}", vintage=vintage, byte_count=byte_count)  # fmt: skip


def _column(header: list[str], pattern: str) -> str | None:
    return next((column for column in header if re.search(pattern, column.strip(), re.IGNORECASE)), None)


def _kind(answer: Answer) -> str:
    start = answer.content[:1].decode("latin-1")
    return "an HTML page" if answer.is_page else "a JSON message" if start in "{[" and start else "something else"
