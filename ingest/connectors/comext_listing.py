"""What Eurostat's bulk facility says of a folder: name, size and date of every file, as CSV.

Reference: Eurostat, user guide of the bulk download facility; the listing has a column NAME, and columns for size and date
that are found by name, because only NAME is sure.

Belongs here: one listing, and how a listed file is asked for and brought whole. Does not belong here: which files are
wanted (``comext_bulk``, ``comext_lists``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.fetching.connector import Ask, Fetched
from ingest.fetching.http import Answer, Client
from ingest.fetching.question import asked


@dataclass(frozen=True)
class Entry:
    """One file of a folder, with its size and date as the listing writes them."""

    file_name: str
    size: str
    date: str


def listing(client: Client, folder: str) -> list[Entry]:
    """Every file of a folder (one request).

    Raises:
        FetchError: a page, a message or other columns came.
    """
    params = {"format": "csv", "dir": folder, "hierarchy": "false", "sizeFormat": "NONE", "dateFormat": "ISO", "sort": "name"}  # fmt: skip
    answer = client.get("files", params)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig", "replace"))))
    header = list(rows[0]) if rows else []
    name, size, date = (_column(header, pattern) for pattern in (r"^name$", r"size", r"date|modif"))
    if answer.is_page or name is None or size is None or date is None:
        raise client.refuse(
            f"listing of {folder}",
            f"{kind_of(answer)} with columns {header} came",
            "a CSV with the columns NAME, size and date",
            "look at the listing in a browser; the service may have changed it",
        )
    return [Entry((row[name] or "").rsplit("/", 1)[-1], row[size] or "", row[date] or "") for row in rows]


def ask_for(client: Client, folder: str, entry: Entry, partition: str) -> Ask:
    """How a listed file is asked for; its size and date are the state it is in.

    Raises:
        FetchError: size or date cannot be read.
    """
    try:
        vintage = datetime.fromisoformat(entry.date.strip()).isoformat(timespec="seconds")
        byte_count = int(entry.size)
    except ValueError:
        raise client.refuse(
            f"listing entry {entry.file_name}", f"size '{entry.size}' and date '{entry.date}' came",
            "a number of bytes and an ISO date", "look at the listing in a browser; the service may have changed it",
        ) from None  # fmt: skip
    url = client.url("files") + f"?file={folder}/{entry.file_name}".replace("/", "%2F")
    cursor = asked(f"{byte_count} bytes of {vintage}", {"url": url})
    return Ask(partition, entry.file_name, url, cursor=cursor, vintage=vintage, byte_count=byte_count)


def bring(client: Client, ask: Ask, to: Path, is_due: Callable[[Answer], bool], expected: str) -> Fetched:
    """Bring a listed file whole; ``is_due`` looks at its first kilobyte.

    Raises:
        FetchError: something else came, or not as many bytes as listed.
    """
    answer = client.download(ask.url, to)
    if not is_due(answer):
        raise client.refuse(ask.file_name, f"{kind_of(answer)} came instead of {expected}", expected, "call again later")  # fmt: skip
    size = to.stat().st_size
    if ask.byte_count is not None and size != ask.byte_count:
        raise client.refuse(
            ask.file_name, f"{size:,} bytes came", f"{ask.byte_count:,} bytes as listed",
            "call again: the file may just have been replaced",
        )  # fmt: skip
    return Fetched.of(answer)


def kind_of(answer: Answer) -> str:
    """What came, in words, where it was not what was due."""
    start = answer.content[:1].decode("latin-1")
    return "an HTML page" if answer.is_page else "a JSON message" if start and start in "{[" else "something else"


def _column(header: list[str], pattern: str) -> str | None:
    return next((column for column in header if re.search(pattern, column.strip(), re.IGNORECASE)), None)
