"""GLEIF golden copies: a list says which publication there is, one ZIP per kind holds every record of the world.

Reference: GLEIF golden copy API v2 (``golden-copies/publishes``). The date in the header ``x-gleif-publish-date`` is
looked at before anything large is asked for; the file itself may lie at another address, which is followed because no
credentials travel. What came is unpacked once, in pieces and without being written, so that its length and checksum
prove it before it is kept. Option ``checks_size`` (true) compares the ZIP with the size that the list states.

Belongs here: the list, the date and the archive as such. Does not belong here: its columns (``sources/gleif``).
"""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import BROKEN_ZIP
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.question import asked
from ingest.fetching.unpack import LARGEST_RATIO

DATE_HEADER = "x-gleif-publish-date"
ZIP = b"PK\x03\x04"


@connector("gleif_golden_copy")
class GleifGoldenCopy(Connector):
    """One partition: the newest full file of the endpoint's ``kind`` (``lei2`` records, ``rr`` relationships)."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.kind = str(context.options["kind"])
        self.checks_size = bool(context.options.get("checks_size", True))
        self.name = f"gleif-goldencopy-{self.kind}"

    def asks(self, wanted: list[str]) -> list[Ask]:
        if unknown := [w for w in wanted if w != self.name]:
            raise self.client.refuse(unknown[0], "it is not offered", f"'{self.name}'", "leave the partition out")
        published, file = self._listed()
        head = self.client.request("HEAD", f"golden-copies/publishes/{self.kind}/latest.csv")
        said = head.headers.get(DATE_HEADER)
        vintage = self._moment(said) if said else published
        if vintage != published:
            raise self.client.refuse(
                f"list of {self.kind} files",
                f"the list is of {published}, the file of {vintage}",
                "the same publication",
                "call again in some minutes: a publication is under way",
                is_passing=True,
            )
        size = file.get("size")
        byte_count = size if isinstance(size, int) else None
        name = f"{self.name}-golden-copy.csv.zip"
        cursor = asked(vintage, {"url": self.client.url("golden-copies/publishes"), "kind": self.kind})
        return [Ask(self.name, name, file["url"], cursor=cursor, vintage=vintage, byte_count=byte_count)]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        answer = self.client.download(ask.url, to)
        said = answer.headers.get(DATE_HEADER)
        if said and self._moment(said) != ask.vintage:
            raise self.client.refuse(
                ask.file_name, f"a file of {said} came", f"one of {ask.vintage}", "call again: it was just replaced"
            )
        problem = "an HTML page came" if answer.is_page else "something else than a ZIP came"
        if answer.content.startswith(ZIP):
            listed = ask.byte_count if self.checks_size else None
            problem = _damage(to, listed)
        if problem:
            raise self.client.refuse(ask.file_name, problem, "a ZIP with one CSV", "call again later")
        return Fetched.of(answer)

    def _listed(self) -> tuple[str, dict[str, Any]]:
        """Date and facts of the newest full CSV."""
        asked = f"list of {self.kind} files"
        answer = self.client.get("golden-copies/publishes", {"page": 1, "per_page": 1})
        try:
            newest = answer.json()["data"][0]
            date, file = newest["publish_date"], newest[self.kind]["full_file"]["csv"]
            if not str(file["url"]).startswith(("http://", "https://")):
                raise TypeError("no address")
        except (KeyError, TypeError, IndexError):
            problem = "an HTML page came" if answer.is_page else "a message of another form came"
            raise self.client.refuse(asked, problem, f"publish_date and {self.kind}.full_file.csv.url") from None
        return self._moment(str(date)), file

    def _moment(self, text: str) -> str:
        """A moment in UTC, the same text however it was written."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.client.refuse("date of publication", f"'{text}' came", "a date and time in ISO form") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def _damage(path: Path, listed: int | None) -> str:
    """What is wrong with an archive, cheapest look first; empty when its one member is whole, checksum included."""
    try:
        with zipfile.ZipFile(path) as archive:
            members, size = archive.infolist(), path.stat().st_size
            if [member.filename.endswith(".csv") for member in members] != [True]:
                return f"a ZIP with {len(members)} files came"
            if listed is not None and size != listed:
                return f"{size:,} bytes came, and the list speaks of {listed:,}"
            if members[0].file_size > LARGEST_RATIO * size:
                return "a ZIP came that unpacks to far more than an archive of data does"
            return "a ZIP whose member was cut or damaged came (its checksum does not fit)" if archive.testzip() else ""
    except (*BROKEN_ZIP, OSError) as error:
        return f"a ZIP that was cut or damaged came ({error})"
