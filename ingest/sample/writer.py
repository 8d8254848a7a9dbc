"""Writing into the inbox. Belongs here: bytes to files, and the list of what was written. Does not belong here: any content."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A ZIP member carries a time; a fixed one keeps equal content equal bytes.
ZIP_TIME = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class SampleFile:
    """One written file: path relative to the inbox, data rows, size and hash."""

    path: str
    row_count: int
    byte_count: int
    sha256: str


@dataclass
class InboxWriter:
    """Writes files below one folder and remembers them."""

    inbox: Path
    files: list[SampleFile] = field(default_factory=list)

    def write(self, relative: str, content: bytes, row_count: int) -> None:
        """Write one file; its folder is made where missing."""
        target = self.inbox / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.files.append(SampleFile(relative, row_count, len(content), hashlib.sha256(content).hexdigest()))


def delimited(header: Sequence[str], rows: Iterable[Sequence[str]], separator: str, quote_all: bool = False) -> str:
    """Text of a delimited file with LF line ends; cells are quoted all or not at all, as the source in question does."""
    lines = [header, *rows]
    if quote_all:
        return "".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines)
    for line in lines:
        for cell in line:
            if separator in cell or "\n" in cell:
                raise ValueError(
                    f"cell {cell!r} holds the separator {separator!r}: this format has no quoting, change the text"
                )
    return "".join(separator.join(line) + "\n" for line in lines)


def zipped(member: str, content: bytes) -> bytes:
    """A ZIP with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        info = zipfile.ZipInfo(member, date_time=ZIP_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        archive.writestr(info, content)
    return buffer.getvalue()
