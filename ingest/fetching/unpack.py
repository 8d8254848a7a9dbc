"""A fetched ZIP of many files, taken apart into the files a person would have dropped.

Belongs here: which members are taken and how they leave the archive. Does not belong here: archives that are one
delivery by themselves (readers open those).
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

from ingest.errors import BROKEN_ZIP, FetchError

LARGEST_RATIO = 200


def unpack(archive: Path, members: str, folder: Path, source: str) -> list[Path]:
    """Write the members whose own name matches ``members`` into ``folder``; folders inside the archive are dropped.

    Raises:
        FetchError: the archive is damaged, unpacks to far more than it holds, or has no such member.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            wanted = [i for i in opened.infolist() if not i.is_dir() and re.fullmatch(members, Path(i.filename).name)]
            names = [Path(entry.filename).name for entry in wanted]
            if not wanted or len(set(names)) < len(names):
                raise _refuse(source, archive, f"its members are {', '.join(opened.namelist()[:5]) or 'none'}", members)
            if sum(i.file_size for i in wanted) > LARGEST_RATIO * max(archive.stat().st_size, 1):
                raise _refuse(source, archive, "it unpacks to far more than an archive of data does", members)
            folder.mkdir(parents=True, exist_ok=True)
            for entry, name in zip(wanted, names, strict=True):
                with opened.open(entry) as inside, (folder / name).open("wb") as outside:
                    shutil.copyfileobj(inside, outside, 1 << 20)
            return [folder / name for name in sorted(names)]
    except BROKEN_ZIP as error:
        raise _refuse(source, archive, f"the archive is damaged or cut off ({error})", members) from error


def _refuse(source: str, archive: Path, problem: str, members: str) -> FetchError:
    return FetchError(
        source=source, asked=archive.name, problem=problem, expected=f"a complete ZIP with members like {members}",
        todo="call again later; if it stays, look at the source's page and correct its contract",
    )  # fmt: skip
