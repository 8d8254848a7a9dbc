"""Code lists of Comext: small text files in a folder of the bulk facility, replaced when a list changes.

Options: ``folder``, and ``files``, partition to file name.

Belongs here: which files of which folder, and that text came. Does not belong here: the listing (``comext_listing``) or
what is in a list (``sources/trade_list``).
"""

from __future__ import annotations

from pathlib import Path

from ingest.connectors.comext_listing import ask_for, bring, listing
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.http import Answer


@connector("comext_lists")
class ComextLists(Connector):
    """Every list is a partition; one listing tells the state of all of a folder."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.folder = str(context.options["folder"])
        self.files = {str(k): str(v) for k, v in context.options["files"].items()}

    def asks(self, wanted: list[str]) -> list[Ask]:
        if unknown := [p for p in wanted if p not in self.files]:
            raise self.client.refuse(
                f"list {unknown[0]}", "the contract names no such list", f"one of: {', '.join(self.files)}",
                "choose one of these, or add it to the source's contract",
            )  # fmt: skip
        entries = {entry.file_name: entry for entry in listing(self.client, self.folder)}
        names = {p: name for p, name in self.files.items() if not wanted or p in wanted}
        if missing := [name for name in names.values() if name not in entries]:
            raise self.client.refuse(
                missing[0], f"the listing of {self.folder} does not offer it", "a file of this name",
                "look at the listing in a browser; if the file was renamed, correct the source's contract",
            )  # fmt: skip
        return [ask_for(self.client, self.folder, entries[name], p) for p, name in names.items()]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        return bring(self.client, ask, to, _is_text, "a text file")


def _is_text(answer: Answer) -> bool:
    """Neither a page nor a message nor anything binary; the lists begin with a code or the name of a column."""
    start = answer.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return bool(start) and not answer.is_page and start not in (b"{", b"[", b"<") and b"\x00" not in answer.content
