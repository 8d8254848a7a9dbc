"""Files that lie at a known address and are replaced there: registers, yearly releases, lists.

Options: ``files``, each with ``path`` (below the base or a whole address), ``file_name``, ``partition``, and where it
applies ``vintage``, ``members`` (a ZIP that is taken apart) and ``starts_with`` (first bytes, hexadecimal).

Belongs here: one HEAD per file as the cheapest look, and bringing it. Does not belong here: what is in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.question import asked

KNOWN_STARTS = {
    ".zip": b"PK\x03\x04",
    ".bz2": b"BZh",
    ".gz": b"\x1f\x8b",
    ".7z": b"7z\xbc\xaf\x27\x1c",
    ".xlsx": b"PK\x03\x04",
}


@connector("static_file")
class StaticFile(Connector):
    """Every file is a partition; its state is ETag or Last-Modified with its length, for this address and these members."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.files: dict[str, dict[str, Any]] = {str(f["partition"]): f for f in context.options["files"]}

    def asks(self, wanted: list[str]) -> list[Ask]:
        if unknown := [p for p in wanted if p not in self.files]:
            raise self.client.refuse(
                f"file {unknown[0]}", "the contract names no such file", f"one of: {', '.join(self.files)}",
                "choose one of these, or add it to the source's contract",
            )  # fmt: skip
        return [
            self._ask(partition, facts) for partition, facts in self.files.items() if not wanted or partition in wanted
        ]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        answer = self.client.download(ask.url, to)
        start = KNOWN_STARTS.get(Path(ask.file_name).suffix.lower())
        if answer.is_page or (start and not answer.content.startswith(start)):
            came = "an HTML page" if answer.is_page else f"something that begins with {answer.content[:40]!r}"
            raise self.client.refuse(
                ask.file_name, f"{came} came", f"the file '{Path(ask.file_name).suffix}' itself",
                "look at the source's page; if the file moved, correct its contract",
            )  # fmt: skip
        size = to.stat().st_size
        if ask.byte_count is not None and size != ask.byte_count:
            raise self.client.refuse(ask.file_name, f"{size:,} bytes came", f"{ask.byte_count:,} bytes as announced")
        return Fetched.of(answer)

    def _ask(self, partition: str, facts: dict[str, Any]) -> Ask:
        url = self.client.url(str(facts["path"]))
        headers = self.client.request("HEAD", url, accept=(405, 501), headers={"Accept-Encoding": "identity"}).headers
        state = headers.get("etag") or headers.get("last-modified")
        length = headers.get("content-length")
        members = facts.get("members")
        return Ask(
            partition,
            str(facts["file_name"]),
            url,
            cursor=asked(f"{state} {length or '?'} bytes", {"url": url, "members": members}) if state else None,
            vintage=facts.get("vintage"),
            byte_count=int(length) if state and length else None,
            request_count=2,
            members=members,
        )
