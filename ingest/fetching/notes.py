"""The note beside every fetched file: how it came, and in which state the source was.

Belongs here: its shape and where it lies. Does not belong here: fetching (``fetch``) or reading the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy import sealed
from warehouse.release import file_sha256


@dataclass(frozen=True)
class Note:
    """How a fetched file came to lie here; ``sha256`` ties the note to the bytes.

    ``members`` are the files an archive was taken apart into; the archive itself is not kept then. ``is_doubtful``: its
    reader refused these bytes, so that they are brought once more; ``refused_sha256``: the bytes that was said of.
    """

    source_id: str
    endpoint: str
    dataset_code: str
    partition_key: str
    file_name: str
    sha256: str
    byte_count: int
    retrieved_at: str
    looked_at: str
    cursor: str | None
    vintage: str | None
    url: str
    params: dict[str, object]
    http_status: int | None
    etag: str | None
    last_modified: str | None
    content_disposition: str | None
    licence_note: str | None
    members: list[str] = field(default_factory=list)
    is_doubtful: bool = False
    refused_sha256: str | None = None


def folder_of(lineage: Lineage, source_id: str) -> Path:
    """Where fetched files of a source lie."""
    return lineage.fetched / source_id


def note_of(lineage: Lineage, source_id: str, file_name: str) -> Note | None:
    """The note of a fetched file."""
    path = folder_of(lineage, source_id) / ".notes" / f"{file_name}.json"
    return _read(path) if path.exists() else None


def notes_of(lineage: Lineage, source_id: str, endpoint: str) -> list[Note]:
    """All notes of what an endpoint ever brought."""
    notes = map(_read, sorted((folder_of(lineage, source_id) / ".notes").glob("*.json")))
    return [note for note in notes if note.endpoint == endpoint]


def write_note(lineage: Lineage, note: Note) -> None:
    """Keep a note, whole or not at all."""
    path = folder_of(lineage, note.source_id) / ".notes" / f"{note.file_name}.json"
    write_text_atomically(path, json.dumps(asdict(note), ensure_ascii=False, indent=2, default=str) + "\n")


def lies_here(lineage: Lineage, note: Note) -> bool:
    """Whether everything a note speaks of is still there, in its length; what is sealed has another one."""
    folder = folder_of(lineage, note.source_id)
    if note.members:
        notes = [note_of(lineage, note.source_id, name) for name in note.members]
        return all(own is not None and lies_here(lineage, own) for own in notes)
    path = folder / note.file_name
    return path.stat().st_size == note.byte_count if path.is_file() else sealed.sealed_path(path).is_file()


def sha256_here(lineage: Lineage, note: Note) -> str | None:
    """Hash of the file a note lies beside, as it is now; None when there is none."""
    path = folder_of(lineage, note.source_id) / note.file_name
    if path.is_file():
        return file_sha256(path)
    closed = sealed.sealed_path(path)
    return hashlib.sha256(sealed.read(lineage, closed)).hexdigest() if closed.is_file() else None


def doubt(lineage: Lineage, source_id: str, file_name: str, sha256: str) -> None:
    """A fetched file was refused by its reader: let it, or the archive it came in, be brought once more.

    Bytes that come again as they were are the source's own fault; only a new state of the source is asked for then.
    """
    for path in sorted((folder_of(lineage, source_id) / ".notes").glob("*.json")):
        note = _read(path)
        if file_name in (note.file_name, *note.members) and note.refused_sha256 != sha256:
            write_note(lineage, replace(note, is_doubtful=True, refused_sha256=sha256))


def _read(path: Path) -> Note:
    return Note(**json.loads(path.read_text(encoding="utf-8")))
