"""Files at known addresses, with or without a state to compare, and a date that moves when they are replaced."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field

from tests.replay.server import Reply, Request


def zipped(**members: bytes) -> bytes:
    """A ZIP with the same bytes for the same members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


@dataclass
class Files:
    """``put`` replaces a file; ``says_state`` decides whether ETag and Last-Modified are sent, ``takes_head`` whether HEAD is."""

    prefix: str = "/"
    says_state: bool = True
    takes_head: bool = True
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, path: str, content: bytes, date: str) -> None:
        self.files[path] = (content, date)

    def answer(self, request: Request) -> Reply:
        if request.method == "HEAD" and not self.takes_head:
            return Reply(b"", 405)
        if request.path.lstrip("/") not in self.files:
            return Reply(b"not here", 404, "text/plain")
        content, date = self.files[request.path.lstrip("/")]
        headers = {"ETag": f'"{date}"', "Last-Modified": date} if self.says_state else {}
        return Reply(content, 200, "application/octet-stream", headers, ranges=self.says_state)
