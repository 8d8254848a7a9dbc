"""Where everything of one profile lies.

Belongs here: names of folders and files below ``$KETTENWERK_HOME/<profile>/`` and who may read them. Does not belong
here: what is in them.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from warehouse.settings import Settings

OWNER_ONLY = 0o700


@dataclass(frozen=True)
class Lineage:
    """The folders of one profile: a lineage of its own, never mixed with another."""

    home: Path
    profile: str
    key_override: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Lineage:
        """The lineage of the profile in the settings."""
        return cls(settings.home, settings.profile, settings.key_file)

    @property
    def root(self) -> Path:
        return self.home / self.profile

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def fetched(self) -> Path:
        """What connectors fetched, in the form a person could have dropped into the inbox."""
        return self.root / "fetched"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def runs(self) -> Path:
        """Evidence of every run: results, errors, what was served."""
        return self.root / "runs"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def candidates(self) -> Path:
        """Sealed but not published; on the same file system as ``releases`` so that a rename is atomic."""
        return self.releases / ".candidates"

    @property
    def current(self) -> Path:
        """The pointer: a symbolic link to the release that is served."""
        return self.root / "current"

    @property
    def history(self) -> Path:
        return self.root / "history.jsonl"

    @property
    def lock(self) -> Path:
        return self.root / ".writer.lock"

    @property
    def key_file(self) -> Path:
        """The profile's key, beside the lineages and never inside one."""
        return self.key_override or self.home / "keys" / f"{self.profile}.key"

    @property
    def request_log(self) -> Path:
        """When each source was asked, for all profiles: limits hold for the machine, not for a lineage."""
        return self.home / "requests.sqlite"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    def prepare(self) -> None:
        """Create the folders; those with company data are readable by their owner only."""
        for folder in (self.inbox, self.fetched, self.raw, self.lake, self.vault, self.build, self.runs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(OWNER_ONLY)
        for folder in (self.candidates, self.dagster_home):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(OWNER_ONLY)
        ignore = self.home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable (POSIX: a directory entry is only safe once its folder is synced)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file whole or not at all, durable when this returns."""
    write_bytes_atomically(path, text.encode("utf-8"), mode)


def write_bytes_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a small file whole or not at all, durable when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(partial, path)
    sync_folder(path.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder that may hold read-only files; a folder that is already gone is fine."""
    if not folder.exists():
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(OWNER_ONLY)
    shutil.rmtree(folder)
