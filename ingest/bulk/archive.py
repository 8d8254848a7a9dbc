"""A 7z archive with one known member, unpacked by a tool of the system where there is one.

Such a tool (7zz, 7z, 7za, bsdtar) saves about a tenth of the time, not more: ``py7zr`` has its LZMA from a C library
as they do (see ``tests/benchmarks/BULK.md``). Tools differ in what they say, so a tool only ever saves time: whether an
archive is good is decided by ``py7zr``, which is asked again whenever a tool is not content.

Belongs here: looking into an archive and unpacking its member. Does not belong here: what is in the member.
"""

from __future__ import annotations

import lzma
import shutil
import struct
import subprocess
from pathlib import Path

import py7zr
from py7zr.exceptions import ArchiveError, PasswordRequired

from ingest.delivery import Delivery

TOOLS = ("7zz", "7z", "7za", "bsdtar")
LARGEST_MEMBER = 4_000_000_000
# What py7zr lets through from below when an archive is cut or changed in the middle.
DAMAGE = (ArchiveError, lzma.LZMAError, EOFError, struct.error, ValueError, TypeError, IndexError, KeyError)


def unpack_one(delivery: Delivery, member: str, folder: Path) -> Path:
    """Unpack the only member of a delivered archive into a folder and give its path.

    Raises:
        DeliveryError: the archive is damaged, locked, too large, or holds anything else than this one member.
    """
    size = _look(delivery, member)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / member
    for tool in [name for name in TOOLS if shutil.which(name)]:
        if extract(delivery.path, member, folder, tool) and target.stat().st_size == size:
            return target
        target.unlink(missing_ok=True)
    try:
        with py7zr.SevenZipFile(delivery.path) as archive:
            archive.extract(path=folder, targets=[member])
    except DAMAGE as error:
        raise _damaged(delivery, error) from error
    if not target.is_file() or target.stat().st_size != size:
        raise _damaged(delivery, f"'{member}' is shorter than the archive says")
    return target


def extract(archive: Path, member: str, folder: Path, tool: str) -> bool:
    """Unpack one member with a tool of the system; whether it says that all went well."""
    if tool == "bsdtar":
        command = [tool, "-x", "-f", str(archive), "-C", str(folder), member]
    else:
        command = [tool, "x", "-y", "-bd", f"-o{folder}", str(archive), member]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0 and (folder / member).is_file()


def _look(delivery: Delivery, member: str) -> int:
    """Size of the only member, as the archive's list has it."""
    try:
        with py7zr.SevenZipFile(delivery.path) as archive:
            if archive.needs_password():
                raise PasswordRequired
            entries = archive.list()
    except PasswordRequired as error:
        raise delivery.refuse("the archive is locked with a password", "an open archive", rule_id="LND-002") from error
    except DAMAGE as error:
        raise _damaged(delivery, error) from error
    names = [entry.filename for entry in entries]
    if names != [member]:
        shown = ", ".join(f"'{name}'" for name in names[:3]) + (" and more" if len(names) > 3 else "")
        raise delivery.refuse(
            f"the archive holds {len(names)} entries ({shown or 'nothing'})", f"only '{member}'", rule_id="LND-002"
        )
    size = int(entries[0].uncompressed)
    if entries[0].is_directory or entries[0].is_symlink or size > LARGEST_MEMBER:
        raise delivery.refuse(
            f"'{member}' is no plain file or has {size:,} bytes unpacked",
            f"a file of at most {LARGEST_MEMBER:,} bytes",
            rule_id="LND-002",
        )
    return size


def _damaged(delivery: Delivery, error: object) -> Exception:
    return delivery.refuse(
        f"the archive is damaged or cut off ({error or type(error).__name__})",
        "a complete 7z archive",
        "transfer the file again; nothing of it was stored",
        rule_id="LND-002",
    )
