"""Comext bulk files: a directory listing says size and date of every month; one 7z per month comes down.

Reference: Eurostat, user guide of the bulk download facility (directory ``comext/COMEXT_DATA/PRODUCTS``).

Belongs here: which months there are, and that an archive came. Does not belong here: the listing (``comext_listing``) or
what is in an archive (``sources/comext``).
"""

from __future__ import annotations

import re
from pathlib import Path

from ingest.connectors.comext_listing import ask_for, bring, listing
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector

SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
MONTH = re.compile(r"full_v2_(?P<period>\d{4}(?:0[1-9]|1[0-2]))\.7z")


@connector("comext_bulk")
class ComextBulk(Connector):
    """Months are partitions ``YYYYMM``; the newest ``watched`` months are offered unless others are asked for."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.folder = str(context.options["folder"])

    def asks(self, wanted: list[str]) -> list[Ask]:
        offered = {ask.partition_key: ask for ask in self._months()}
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

    def offers(self, partition_key: str) -> bool:
        return partition_key.isdecimal()

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        return bring(self.client, ask, to, lambda answer: answer.content.startswith(SEVEN_ZIP), "an archive (7z)")

    def _months(self) -> list[Ask]:
        found = [(MONTH.fullmatch(entry.file_name), entry) for entry in listing(self.client, self.folder)]
        return [ask_for(self.client, self.folder, entry, match["period"]) for match, entry in found if match]
