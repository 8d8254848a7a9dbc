"""What a release is: its name, its manifest, and the history of what was served.

Belongs here: reading and writing those facts. Does not belong here: making a release (``seal``) or moving the pointer
(``publish``).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.errors import RefusedError
from warehouse.paths import Lineage, write_text_atomically

MANIFEST = "manifest.json"
CERTIFICATE = "certificate.json"
AUDIT = "audit.json"
CHANGES = "changes.json"
# History events that name a release which is or was served; a redacted one takes the place of the one it replaces.
SERVING_EVENTS = ("published", "rolled_back", "recovered", "redacted")


def now() -> datetime:
    """The present in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def new_release_id() -> str:
    """Sortable by time and unique: ``20261122T101500Z-4f2a``."""
    return f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@dataclass(frozen=True)
class TableFacts:
    """Rows of a published table and the order-independent hash of its content."""

    rows: int
    content_hash: str


@dataclass(frozen=True)
class Manifest:
    """What a sealed candidate or release consists of.

    ``tables`` is audience -> 'schema.table' -> facts; ``fingerprint`` covers them all; ``files`` maps relative path to
    SHA-256 of its bytes and is filled when the audit's results have been written in. ``restrictions`` is source -> what its
    licence forbids (JSON), so that the audit knows it without the lake.
    """

    release_id: str
    profile_code: str
    region_code: str
    run_id: str
    code_version: str
    created_at: str
    duckdb_version: str
    is_synthetic: bool
    input_fingerprint: str
    fingerprint: str
    tables: dict[str, dict[str, TableFacts]]
    files: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    restrictions: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write beside the files it describes."""
        write_text_atomically(folder / MANIFEST, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a manifest; a folder without a readable one is no release."""
        try:
            raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            raw["tables"] = {
                audience: {name: TableFacts(**facts) for name, facts in tables.items()}
                for audience, tables in raw["tables"].items()
            }
            return cls(**raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RefusedError(
                "there is no readable manifest", where=folder.name, expected=f"a sealed candidate with {MANIFEST}"
            ) from error


def fingerprint_of(tables: dict[str, dict[str, TableFacts]]) -> str:
    """One hash over row counts and content hashes of all tables of all audiences."""
    lines = [
        f"{audience}\t{name}\t{facts.rows}\t{facts.content_hash}"
        for audience, of_audience in sorted(tables.items())
        for name, facts in sorted(of_audience.items())
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def append_history(lineage: Lineage, event: str, release_id: str | None, **facts: Any) -> None:
    """Add one line to the history, durable when this returns."""
    line = json.dumps({"at": now().isoformat(), "event": event, "release_id": release_id, **facts}, ensure_ascii=False)
    descriptor = os.open(lineage.history, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, (line + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_history(lineage: Lineage) -> list[dict[str, Any]]:
    """All events, oldest first. A last line cut off by a kill is left out."""
    if not lineage.history.exists():
        return []
    events = []
    for line in lineage.history.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and {"at", "event", "release_id"} <= set(event):
            events.append(event)
    return events


def served_by_history(lineage: Lineage) -> str | None:
    """The release that the history says is served."""
    served = None
    for event in read_history(lineage):
        if event["event"] == "redacted":
            served = event["release_id"] if event.get("replaced") == served else served
        elif event["event"] in SERVING_EVENTS:
            served = event["release_id"]
    return served


def current_release(lineage: Lineage) -> Path | None:
    """Folder of the release that is served, or None before the first publication."""
    if not lineage.current.is_symlink():
        return None
    folder = lineage.current.resolve()
    own = folder.parent == lineage.releases.resolve()
    return folder if own and folder.is_dir() else None
