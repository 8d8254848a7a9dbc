"""One thing from a source, kept where a person could have dropped it.

``fetched/<source>/<file>`` lies in the same form as a file in the inbox and is read by the same reader. A note beside
it (``.notes/``) says how it came and in which state the source was; ``.partial/`` holds what is on its way. The file is
moved first and its note after it: after a kill in between, the note is of other bytes, and the thing is brought again.
What is confidential is sealed under its name and ``.sealed``.

Belongs here: bringing one thing whole or not at all. Does not belong here: what to bring (``fetch``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract import Source
from ingest.errors import FetchError
from ingest.fetching.connector import Ask, Connector, Fetched, Known
from ingest.fetching.notes import Note, folder_of, lies_here, note_of, sha256_here, write_note
from ingest.fetching.unpack import unpack
from warehouse.paths import Lineage, remove_tree, sync_folder, write_text_atomically
from warehouse.privacy import sealed
from warehouse.release import file_sha256
from warehouse.steps import step

STATES = (".ask", ".state", ".before")


def keep(
    lineage: Lineage, source: Source, name: str, protocol: Connector, ask: Ask, *, must_be_whole: bool
) -> Note | None:
    """Bring one thing; None when the source has nothing newer or gave the same bytes again.

    Args:
        name: the endpoint.
        must_be_whole: what lies here counts for nothing; the source is not asked for what is newer than it.

    Raises:
        FetchError: nothing of it was kept, but for a part that can be continued.
    """
    folder = folder_of(lineage, source.source_id)
    partial = folder / ".partial" / name / ask.file_name
    partial.parent.mkdir(parents=True, exist_ok=True)
    before = note_of(lineage, source.source_id, ask.file_name)
    _begin(partial, ask)
    try:
        with _known(lineage, None if must_be_whole else before, partial) as known:
            fetched = protocol.fetch(ask, partial, known)
    except FetchError as error:
        if not error.is_passing:
            _forget(partial)
        raise
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if not fetched.is_new and before is not None and known is not None:
        _forget(partial)
        write_note(lineage, replace(before, looked_at=now, cursor=fetched.cursor or ask.cursor))
        step("dock", "unchanged", f"{source.source_id}: {ask.file_name} has nothing new")
        return None
    note = _note(source, name, ask, fetched, partial, now)
    if before is not None:
        note = replace(note, refused_sha256=before.refused_sha256)
    is_same = before is not None and before.sha256 == note.sha256 and lies_here(lineage, before)
    if ask.members:
        note = replace(note, members=_take_apart(lineage, source, note, partial, ask.members))
    else:
        _put(lineage, source, partial, folder / ask.file_name)
    write_note(lineage, note)
    _forget(partial)
    said = f"{source.source_id}: {ask.file_name}, {note.byte_count:,} bytes{', unchanged' if is_same else ''}"
    step("dock", "fetched", said)
    return None if is_same else note


@contextmanager
def _known(lineage: Lineage, before: Note | None, partial: Path) -> Iterator[Known | None]:
    """What lies here, if it is what the note speaks of; what is sealed is opened beside the part, for this long."""
    if before is None or (not before.members and sha256_here(lineage, before) != before.sha256):
        yield None
        return
    path = folder_of(lineage, before.source_id) / before.file_name
    opened = partial.with_name(partial.name + ".before")
    try:
        if not path.exists() and sealed.sealed_path(path).exists():
            sealed.write_private(opened, sealed.read(lineage, sealed.sealed_path(path)))
            path = opened
        yield Known(before.cursor, before.retrieved_at, before.url, before.looked_at, path)
    finally:
        opened.unlink(missing_ok=True)


def _put(lineage: Lineage, source: Source, partial: Path, to: Path) -> None:
    """Put a complete file where the next refresh reads, durable before it is seen."""
    if source.is_confidential:
        sealed.write_private(partial, sealed.closed(lineage, partial.read_bytes()))
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(partial, sealed.sealed_path(to) if source.is_confidential else to)
    sync_folder(to.parent)
    step("dock", "moved", to.name)


def _take_apart(lineage: Lineage, source: Source, note: Note, archive: Path, members: str) -> list[str]:
    """Move every wanted member of an archive into place, each with a note of its own; names of the members."""
    scratch = archive.with_name(archive.name + ".members")
    remove_tree(scratch)
    try:
        paths = unpack(archive, members, scratch, f"{source.source_id}/{note.endpoint}")
        for path in paths:
            own = replace(note, file_name=path.name, sha256=file_sha256(path), byte_count=path.stat().st_size)
            _put(lineage, source, path, folder_of(lineage, source.source_id) / path.name)
            write_note(lineage, own)
        return [path.name for path in paths]
    except FetchError:
        _forget(archive)
        raise
    finally:
        remove_tree(scratch)


def _note(source: Source, name: str, ask: Ask, fetched: Fetched, partial: Path, now: str) -> Note:
    return Note(
        source_id=source.source_id, endpoint=name, dataset_code=source.fetch[name].dataset,
        partition_key=ask.partition_key, file_name=ask.file_name, sha256=file_sha256(partial),
        byte_count=partial.stat().st_size, retrieved_at=now, looked_at=now, cursor=fetched.cursor or ask.cursor,
        vintage=ask.vintage, url=fetched.url, params=dict(fetched.params), http_status=fetched.http_status,
        etag=fetched.etag, last_modified=fetched.last_modified, content_disposition=fetched.content_disposition,
        licence_note=fetched.licence_note,
    )  # fmt: skip


def _begin(partial: Path, ask: Ask) -> None:
    """A part is only continued for the state of the source it was begun in."""
    begun = partial.with_name(partial.name + ".ask")
    state = json.dumps([ask.url, ask.cursor, dict(ask.params)], default=str)
    if partial.exists() and (not begun.exists() or begun.read_text(encoding="utf-8") != state):
        _forget(partial)
    write_text_atomically(begun, state)


def _forget(partial: Path) -> None:
    for path in (partial, *(partial.with_name(partial.name + state) for state in STATES)):
        path.unlink(missing_ok=True)


def sweep_parts(lineage: Lineage, source: Source, name: str, offered: set[str]) -> None:
    """Remove parts of things the endpoint no longer offers, and what a kill left of an archive being taken apart."""
    for path in (folder_of(lineage, source.source_id) / ".partial" / name).glob("*"):
        if path.is_dir():
            remove_tree(path)
        elif path.name not in offered and path.with_suffix("").name not in offered:
            path.unlink()
