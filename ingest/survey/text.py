"""What a text is once its encoding's accidents are taken away: same characters, same spelling, nothing invisible.

Belongs here: cleaning one cell and folding it for comparison. Does not belong here: what the text means.
"""

from __future__ import annotations

import re
import unicodedata

from ingest.checks import MOJIBAKE

BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Soft hyphens, zero-width characters, marks of direction and order.
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\uffff]")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
TWICE = re.compile(MOJIBAKE)
# Runs of it inside a text that holds other characters beyond ASCII too; 'â' begins typographic marks.
RUN = re.compile(rf"(?:{MOJIBAKE}|â[\u0080-\u00bf\u0152-\u2122]{{2}})+")
PASSES = 2


def clean(text: str) -> str:
    """The text in NFC, with plain blanks, without invisible and control characters; line breaks stay inside."""
    text = CONTROLS.sub("", INVISIBLE.sub("", BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))))
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """For comparison only: one line, lower case, ``ae`` for ``ä``, no punctuation but what tells numbers apart."""
    text = " ".join(clean(text).casefold().split()).translate(UMLAUTS)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip(" .:;,")


def is_encoded_twice(text: str) -> bool:
    """Whether the text holds what UTF-8 looks like when it was taken for Windows-1252."""
    return TWICE.search(text) is not None


def repaired(text: str) -> str:
    """``MÃ¤rkisch`` to ``Märkisch``, also where it happened twice; what cannot be undone exactly stays as it is."""
    for _ in range(PASSES):
        if not is_encoded_twice(text):
            return text
        text = _undone(text) or RUN.sub(lambda run: _undone(run[0]) or run[0], text)
    return text


def _undone(text: str) -> str | None:
    """The text one encoding earlier. Bytes that Windows-1252 does not define came through as control characters."""
    raw = bytearray()
    for character in text:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return None
            raw.append(ord(character))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
