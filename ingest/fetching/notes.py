"""The note beside every fetched file: how it came, and in which state the source was.

Belongs here: its shape and where it lies. Does not belong here: fetching (``fetch``) or reading the file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from warehouse.paths import Lineage, write_text_atomically


@dataclass(frozen=True)
class Note:
    """How a fetched file came to lie here; ``sha256`` ties the note to the bytes.

    ``members`` are the files an archive was taken apart into; the archive itself is not kept then.
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

    def lies_in(self, folder: Path) -> bool:
        """Whether everything this note speaks of is still there."""
        return all((folder / name).is_file() for name in self.members or [self.file_name])


def folder_of(lineage: Lineage, source_id: str) -> Path:
    """Where fetched files of a source lie."""
    return lineage.fetched / source_id


def note_of(lineage: Lineage, source_id: str, file_name: str) -> Note | None:
    """The note of a fetched file."""
    path = folder_of(lineage, source_id) / ".notes" / f"{file_name}.json"
    return Note(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def write_note(lineage: Lineage, note: Note) -> None:
    """Keep a note, whole or not at all."""
    path = folder_of(lineage, note.source_id) / ".notes" / f"{note.file_name}.json"
    write_text_atomically(path, json.dumps(asdict(note), ensure_ascii=False, indent=2, default=str) + "\n")
