"""Comext bulk as it behaves: a CSV listing with sizes and dates, a 7z per month, revisions that change both.

Its code lists lie in two other folders as text. Their codes and labels are invented: the order of columns is what public
programs read, not what a manual says.
"""

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

CLASSIFICATIONS = "comext/COMEXT_METADATA/CLASSIFICATIONS_AND_RELATIONS/CLASSIFICATIONS/ENGLISH"
RELATIONS = "comext/COMEXT_METADATA/CLASSIFICATIONS_AND_RELATIONS/RELATIONS"


def text_list(*rows: tuple[str, ...]) -> str:
    """A list as Comext writes it: tabs, no header, no quotation."""
    return "".join("\t".join(row) + "\n" for row in rows)


# In 2024, 73201595 is divided and 73201596 merged into one of its parts; 73201599 is used again for other goods.
CN = text_list(
    ("01", "01/01/1988", "31/12/2500", "Live probes"),
    ("7320", "01/01/1988", "31/12/2500", '"Probe" screws and springs'),
    ("73201500", "01/01/1988", "31/12/2500", "Screws that never changed"),
    ("73201595", "01/01/2020", "31/12/2023", "Screws, long and short"),
    ("73201596", "01/01/2020", "31/12/2023", "Screws, very short"),
    ("73201597", "01/01/2024", "31/12/2500", "Screws, long"),
    ("73201598", "01/01/2024", "31/12/2500", "Screws, short"),
    ("73201599", "01/01/2020", "31/12/2500", "Screws, other"),
    ("73SSS999", "01/01/1988", "31/12/2500", "Chapter 73, not told"),
)
CN_CHANGE = text_list(
    ("73201595", "73201597", "01/01/2024"),
    ("73201595", "73201598", "01/01/2024"),
    ("73201596", "73201598", "01/01/2024"),
    ("73201599", "73201597", "01/01/2024"),
)
PARTNERS = text_list(
    ("0004", "01/01/1988", "31/12/2500", "Germany (probe)"), ("1000", "01/01/1988", "31/12/2500", "World")
)
PARTNERS_ISO = text_list(
    ("DE", "01/01/1988", "31/12/2500", "Germany (probe)"), ("GR", "01/01/1988", "31/12/2500", "Greece (probe)")
)
REPORTERS = text_list(("DE", "01/01/1988", "31/12/2500", "Germany (probe reporter)"))


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
    """The bulk facility. ``publish`` puts a month there, or a revised one in its place; ``put`` does so with a list."""

    prefix: str = "/files"
    can_resume: bool = True
    archives: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    more_rows: list[str] = field(default_factory=list)
    lists: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, folder: str, name: str, text: str, date: str) -> None:
        self.lists[f"{folder}/{name}"] = (text.encode(), date)

    def publish(self, period: str, content: bytes, date: str) -> None:
        self.archives[f"full_v2_{period}.7z"] = (packed(period, content), date)

    def answer(self, request: Request) -> Reply:
        path = request.query.get("dir") or request.query.get("file", "").rpartition("/")[0]
        if path in (CLASSIFICATIONS, RELATIONS):
            return self._list(request, path)
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

    def _list(self, request: Request, folder: str) -> Reply:
        held = {k.rpartition("/")[2]: v for k, v in self.lists.items() if k.rpartition("/")[0] == folder}
        if "dir" in request.query:
            rows = [f"{name},{len(body)},txt,{date}" for name, (body, date) in sorted(held.items())]
            rows += ["CN_New_2026.txt,99,txt,2026-01-05T11:00:00", *self.more_rows]
            return Reply("\n".join(["NAME,SIZE,TYPE,MODIFIED", *rows, ""]).encode(), content_type="text/csv")
        name = request.query["file"].rpartition("/")[2]
        if name not in held:
            return Reply(b'{"error": [{"status": 404}]}', 404)
        return Reply(held[name][0], content_type="application/octet-stream")


def with_lists(service: Comext, date: str = "2026-01-15T11:00:00") -> Comext:
    """The service with every list in its folder."""
    for name, text in (("CN", CN), ("PARTNERS", PARTNERS), ("PARTNERS_ISO", PARTNERS_ISO), ("REPORTERS", REPORTERS)):
        service.put(CLASSIFICATIONS, f"{name}.txt", text, date)
    service.put(RELATIONS, "CN8-PRED-SUCC.txt", CN_CHANGE, date)
    return service
