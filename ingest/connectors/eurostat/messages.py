"""What an answer of Eurostat is: data, a reason why not, or a promise. HTTP 200 alone says none of these.

Three spellings stand side by side: a JSON error array and a JSON warning (statistics API), a SOAP fault and an XML
envelope (SDMX). Reference: Eurostat, API documentation, pages on errors and on asynchronous extraction.

Belongs here: reading bodies. Does not belong here: asking, waiting (``asynchronous``) or the data themselves.
"""

from __future__ import annotations

import gzip
import re
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from ingest.fetching.http import Answer

Kind = Literal["data", "later", "queued", "not_yet", "gone", "too_big", "nothing", "unknown_dataset", "error"]

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
JOB = re.compile(r"[A-Za-z0-9-]{1,64}")
# The first word that is found decides; a 413 that promises an answer later is no refusal.
WORDS: list[tuple[str, Kind]] = [
    ("ASYNCHRONOUS_RESPONSE", "later"),
    ("DATA_NOT_YET_AVAILABLE", "not_yet"),
    ("UNKNOWN_REQUEST", "gone"),
    ("EXTRACTION_TOO_BIG", "too_big"),
    ("ERR_NOT_FOUND", "unknown_dataset"),
    ("NOT AVAILABLE FOR DISSEMINATION", "unknown_dataset"),
    ("NO_RECORDS_FOUND", "nothing"),
    ("NO RESULT", "nothing"),
]


@dataclass(frozen=True)
class Said:
    """What an answer means; ``text`` is the service's own reason, ``job`` the number of a queued extraction."""

    kind: Kind
    text: str = ""
    job: str = ""


def read(answer: Answer) -> Said:
    """What an answer means, whatever its HTTP status says."""
    body = plain(answer).removeprefix(BOM).lstrip()
    if not body:
        return Said("error", f"an empty body (HTTP {answer.status})")
    if answer.is_page:
        return Said("error", "an HTML page")
    if body[:1] == b"{":
        return _json(answer)
    if body[:1] == b"<":
        return _xml(body, answer.status)
    if answer.status >= 400:
        return Said(_kind("", answer.status), f"HTTP {answer.status}: {_short(body.decode('utf-8', 'replace'))}")
    return Said("data")


def plain(answer: Answer) -> bytes:
    """The body unpacked; prepared files come as gzip even where plain text was asked for."""
    if not answer.content.startswith(GZIP):
        return answer.content
    try:
        return gzip.decompress(answer.content)
    except (OSError, EOFError, zlib.error):
        return b""


def tree(content: bytes) -> ET.Element | None:
    """An XML body; None when it is none or declares entities, which no message of the service does."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return None
    try:
        return ET.fromstring(content)
    except ET.ParseError:
        return None


def local(element: ET.Element) -> str:
    """Name of an element without its namespace; prefixes differ between answers."""
    return str(element.tag).rsplit("}", 1)[-1]


def status_of(answer: Answer) -> str:
    """Status of a queued extraction; empty when the answer has none."""
    root = tree(answer.content.removeprefix(BOM).lstrip())
    found = [] if root is None else [e for e in root.iter() if local(e) == "status" and e.text]
    return found[0].text.strip().upper() if found and found[0].text else ""


def _json(answer: Answer) -> Said:
    document: Any = answer.json()
    if not isinstance(document, dict):
        return Said("error", "JSON that ends too early or is damaged")
    for name in ("error", "warning"):
        if name in document:
            items = document[name] if isinstance(document[name], list) else [document[name]]
            facts = [item if isinstance(item, dict) else {"label": str(item)} for item in items]
            text = "; ".join(str(fact.get("label") or fact) for fact in facts)
            status = int(facts[0].get("status") or answer.status) if facts else answer.status
            number = str(facts[0].get("id", "")) if facts else ""
            kind = _kind(text, status, number)
            if name == "warning" and kind == "too_big":
                kind = "later"
            return Said(kind, _short(text))
    if document.get("class") == "dataset":
        return Said("data")
    return Said("error", f"a JSON message that holds no dataset (keys {', '.join(list(document)[:5]) or 'none'})")


def _xml(body: bytes, status: int) -> Said:
    root = tree(body)
    if root is None:
        return Said("error", "XML that ends too early or is damaged")
    elements = list(root.iter())
    texts = {local(e).lower(): (e.text or "").strip() for e in elements if (e.text or "").strip()}
    if "faultstring" in texts:
        return Said(_kind(texts["faultstring"], status, texts.get("faultcode", "")), _short(texts["faultstring"]))
    queued = next((e for e in elements if local(e) == "queued"), None)
    if queued is not None:
        job = next(((e.text or "").strip() for e in queued.iter() if local(e) == "id"), "")
        if JOB.fullmatch(job):
            return Said("queued", job=job)
        return Said("error", f"a promise of data under the unusable number '{job[:40]}'")
    return Said("error", f"an XML message '{local(root)}' that holds no data")


def _kind(text: str, status: int, number: str = "") -> Kind:
    upper = text.upper()
    for word, kind in WORDS:
        if word in upper:
            return kind
    if status == 413:
        return "too_big"
    return "nothing" if number == "100" else "error"


def _short(text: str) -> str:
    return " ".join(text.split())[:300]
