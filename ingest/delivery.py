"""What has been delivered: files in the inbox, in the folder of real files, or lists that a package carries.

Belongs here: finding the files of a source and what their names say (partition, vintage), and the first look at the
bytes. Does not belong here: reading or storing them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath

from ingest.bulk.members import members, taken_by
from ingest.contract import Dataset, Source
from ingest.errors import DeliveryError
from ingest.fetching.notes import Note, note_of
from ingest.mapping import is_in_use
from ingest.packages import package_file
from ingest.registry import sources
from warehouse.paths import Lineage
from warehouse.privacy import sealed
from warehouse.release import file_sha256
from warehouse.settings import Settings

SNIFFED_BYTES = 512


@dataclass(frozen=True)
class Delivery:
    """One file of one dataset, with what its name says. ``sealed_in``: its bytes are encrypted, with this lineage's key."""

    source: Source
    dataset_name: str
    path: Path
    partition_key: str
    vintage: str | None
    origin: str
    note: Note | None = None
    sealed_in: Lineage | None = None

    @property
    def dataset(self) -> Dataset:
        return self.source.datasets[self.dataset_name]

    @property
    def name(self) -> str:
        """The file's name as delivered."""
        return sealed.plain_name(self.path)

    @property
    def suffix(self) -> str:
        """What kind of file the name says it is."""
        return PurePath(self.name).suffix

    @property
    def byte_count(self) -> int:
        """Length as delivered."""
        return len(self.content()) if self.sealed_in else self.path.stat().st_size

    def content(self) -> bytes:
        """The bytes as delivered, opened where they are sealed."""
        return sealed.read(self.sealed_in, self.path) if self.sealed_in else self.path.read_bytes()

    def head(self, count: int) -> bytes:
        """The first ``count`` bytes as delivered."""
        if self.sealed_in:
            return self.content()[:count]
        with self.path.open("rb") as handle:
            return handle.read(count)

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes as delivered."""
        return hashlib.sha256(self.content()).hexdigest() if self.sealed_in else file_sha256(self.path)

    @property
    def snapshot_id(self) -> str:
        """Name of the snapshot these bytes are or will be."""
        return snapshot_id(self.source, self.dataset_name, self.partition_key, self.sha256)

    def refuse(self, problem: str, expected: str, todo: str = "", **where: object) -> DeliveryError:
        """An error that names this delivery."""
        return DeliveryError(
            source=self.source.source_id,
            file=self.name,
            problem=problem,
            expected=expected,
            todo=todo or "replace the file by a complete new delivery, or remove it; nothing of it was stored",
            **where,  # pyright: ignore[reportArgumentType]
        )


def snapshot_id(source: Source, dataset_name: str, partition_key: str, sha256: str) -> str:
    """Name of a snapshot by its bytes; two waves that nobody answered are the same bytes, not one snapshot."""
    own = sha256
    if source.kind_code == "survey":
        own = hashlib.sha256(f"{partition_key}:{sha256}".encode()).hexdigest()
    return f"{source.source_id}-{dataset_name}-{own[:16]}"


def look(delivery: Delivery) -> None:
    """Refuse an empty file and a page or message where data was due (LND-002), before any reader runs."""
    head = delivery.head(SNIFFED_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise delivery.refuse("the file is empty", "at least a header and one row", rule_id="LND-002")
    if head[:1] == b"<":
        raise delivery.refuse(
            "the file is an HTML or XML page, probably a login or error page saved under this name",
            f"the data file '{delivery.suffix}' itself",
            "sign in at the source, export again and replace the file",
            rule_id="LND-002",
        )
    if head[:1] == b"{" and delivery.suffix in {".zip", ".csv", ".dat", ".7z", ".parquet"}:
        raise delivery.refuse(
            f"the file holds a JSON message where data was due: {head[:120].decode('utf-8', 'replace')}…",
            f"a {delivery.suffix} file",
            rule_id="LND-002",
        )


def deliveries(source: Source, lineage: Lineage, settings: Settings) -> list[Delivery]:
    """Everything there is for a source now, oldest name first."""
    found: list[Delivery] = []
    packed = members(source, lineage)
    for name, dataset in source.datasets.items():
        kept = [g + sealed.SUFFIX for g in dataset.inbox] if source.is_confidential else dataset.inbox
        places = [(lineage.inbox, dataset.inbox, "inbox"), (lineage.fetched, kept, "fetched")]
        if settings.profile == "real":
            places.append((settings.real_data, dataset.real, "real"))
        paths = [(p, origin) for folder, globs, origin in places for g in globs for p in sorted(folder.glob(g))]
        paths += [(p, "inbox") for p in taken_by(dataset.inbox, packed)]
        if not paths and dataset.package:
            paths = [(package_file(name, lineage.build / "packages"), "package")]
        named = [_named(source, name, path, origin) for path, origin in paths]
        found += [_fetched(d, lineage) if d.origin == "fetched" else d for d in named]
    return found


def _fetched(delivery: Delivery, lineage: Lineage) -> Delivery:
    """A fetched file, opened where sealed, with its note; a note of other bytes says nothing about these."""
    if delivery.source.is_confidential:
        delivery = replace(delivery, sealed_in=lineage)
    note = note_of(lineage, delivery.source.source_id, delivery.name)
    if note is None or note.sha256 != delivery.sha256:
        return delivery
    return replace(delivery, note=note, vintage=note.vintage or delivery.vintage)


def _named(source: Source, dataset_name: str, path: Path, origin: str) -> Delivery:
    pattern = source.datasets[dataset_name].partition
    match = re.fullmatch(pattern, sealed.plain_name(path)) if pattern else None
    if pattern and match is None:
        raise DeliveryError(
            source=source.source_id,
            file=sealed.plain_name(path),
            problem="the file's name does not say which slice it holds",
            expected=f"a name like {pattern}",
            todo="rename the file as the source names it",
            rule_id="LND-001",
        )
    groups = match.groupdict() if match else {}
    return Delivery(source, dataset_name, path, groups.get("partition") or "", groups.get("vintage"), origin)


def unclaimed(lineage: Lineage) -> list[Path]:
    """Files in the inbox that no source takes: most likely a wrong name or folder."""
    taken = {
        path
        for source in sources().values()
        for pattern in [*source.archives, *(g for dataset in source.datasets.values() for g in dataset.inbox)]
        for path in lineage.inbox.glob(pattern)
    }
    return sorted(
        p
        for p in lineage.inbox.rglob("*")
        if p.is_file() and p not in taken and not p.name.startswith((".", "_")) and not is_in_use(p, taken)
    )
