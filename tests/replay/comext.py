"""Comext bulk as it behaves: a CSV listing with sizes and dates, a 7z per month, revisions that change both."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field

import py7zr

from tests.replay.server import Reply, Request

FOLDER = "comext/COMEXT_DATA/PRODUCTS"
HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,"
    "PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)


def month(period: str, value: int = 65, rows: int = 9000) -> bytes:
    """An invented month in the true layout, with both flows and one suppressed ``X`` code; it packs badly on purpose."""
    lines = [HEADER]
    invented = random.Random(period)
    for number in range(rows):
        flow = 1 + number % 2
        lines.append(f"DE,{('US', 'CH', 'CN')[number % 3]},E,7318{number:04d},69421,2594,2594,220,312210,15,{flow},1,NO_SU,{period},{value + number},{invented.randrange(10**9)},{invented.randrange(10**9)},0")  # fmt: skip
    lines.append(f"AT,AD,E,39XXXXXX,582XX,XXXX,XXXX,700,31XXXX,07,2,1,NO_SU,{period},89,89,0,0")
    return ("\n".join(lines) + "\n").encode("ascii")


def packed(period: str, content: bytes) -> bytes:
    """A month as the service packs it: one member ``full_YYYYMM.dat``."""
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as archive:
        archive.writestr(content, f"full_{period}.dat")
    return buffer.getvalue()


@dataclass
class Comext:
    """The bulk facility. ``publish`` puts a month there, or a revised one in its place."""

    prefix: str = "/files"
    can_resume: bool = True
    archives: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    more_rows: list[str] = field(default_factory=list)

    def publish(self, period: str, content: bytes, date: str) -> None:
        self.archives[f"full_v2_{period}.7z"] = (packed(period, content), date)

    def answer(self, request: Request) -> Reply:
        if "dir" in request.query:
            rows = [f"{name},{len(body)},7z,{date}" for name, (body, date) in sorted(self.archives.items())]
            rows += ["full_v2_202352.7z,99,7z,2024-05-01T11:00:00", *self.more_rows]
            return Reply("\n".join(["NAME,SIZE,TYPE,MODIFIED", *rows, ""]).encode(), content_type="text/csv")
        name = request.query.get("file", "").rsplit("/", 1)[-1]
        if request.query.get("file") != f"{FOLDER}/{name}" or name not in self.archives:
            return Reply(b'{"error": [{"status": 404}]}', 404)
        body, date = self.archives[name]
        headers = {"ETag": f'"{date}-{len(body)}"'} if self.can_resume else {}
        return Reply(body, content_type="application/octet-stream", headers=headers, ranges=self.can_resume)
