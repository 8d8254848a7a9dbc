"""A ZIP as its publisher offers it, dropped in the inbox: its members are deliveries, as if they had been dropped.

It is taken apart once, on disk, a little at a time; what lies there is gone when the archive is.

Belongs here: which members are wanted and where they lie meanwhile. Does not belong here: taking a ZIP apart
(``fetching.unpack``), or a ZIP that is one delivery by itself (its reader opens it).
"""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path, PurePath

from filelock import FileLock

from ingest.contract import Source
from ingest.errors import DeliveryError, FetchError
from ingest.fetching.unpack import unpack
from warehouse.paths import Lineage, remove_tree


def members(source: Source, lineage: Lineage) -> list[Path]:
    """The files in all archives of a source that some dataset takes by its inbox patterns, oldest name first.

    Raises:
        DeliveryError: an archive is damaged, or holds no file that a dataset takes.
    """
    if not source.archives:
        return []
    place = lineage.build / "archives" / source.source_id
    place.mkdir(parents=True, exist_ok=True)
    found: list[Path] = []
    with FileLock(place.with_name(f"{source.source_id}.lock")):
        in_use = {_folder(archive, place): archive for p in source.archives for archive in lineage.inbox.glob(p)}
        for folder in set(place.iterdir()) - set(in_use):
            remove_tree(folder)
        for folder, archive in sorted(in_use.items()):
            if not folder.is_dir():
                _take_apart(source, archive, folder)
            found += sorted(folder.iterdir())
    return found


def taken_by(patterns: list[str], files: list[Path]) -> list[Path]:
    """The members that one dataset takes, by the file names its inbox patterns ask for."""
    names = [PurePath(pattern).name for pattern in patterns]
    return [path for path in files if any(fnmatch.fnmatchcase(path.name, name) for name in names)]


def _folder(archive: Path, place: Path) -> Path:
    """Where an archive's members lie; another archive under the same name has another size or time."""
    state = archive.stat()
    return place / f"{archive.name}-{state.st_size}-{state.st_mtime_ns}"


def _take_apart(source: Source, archive: Path, folder: Path) -> None:
    names = {PurePath(pattern).name for dataset in source.datasets.values() for pattern in dataset.inbox}
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        unpack(archive, "|".join(fnmatch.translate(name) for name in sorted(names)), partial, source.source_id)
    except FetchError as error:
        remove_tree(partial)
        raise DeliveryError(
            source=source.source_id,
            file=archive.name,
            problem=error.problem,
            expected=f"a complete ZIP with members like {', '.join(sorted(names))}",
            todo="transfer the archive again; nothing of it was stored",
            rule_id="LND-002",
        ) from error
    os.rename(partial, folder)
