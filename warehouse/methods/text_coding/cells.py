"""One cell of a questionnaire into the things it names: 'Druck- und Zugfedern, Muttern' -> three.

Belongs here: separators, bullets, shared parts of compounds, the spellings of gender. Does not belong here: meaning.
"""

from __future__ import annotations

import re

from warehouse.methods.text_coding.compound import Splitter
from warehouse.methods.text_coding.normal import clean, fold, words

BRACKETS = re.compile(r"\(([^()]*)\)?")
GENDER = re.compile(r"\(\s*[mwfdxi](?:\s*/\s*[mwfdxi]){1,2}\s*\)|(?<![^\W\d_])[mwf]/[mwfdx](?:/[mwfdx])?(?![^\W\d_])", re.IGNORECASE)  # fmt: skip
FEMALE = re.compile(r"(?<=[a-zäöü])(?:/-?in(?:nen)?|[*:_]in(?:nen)?|\(in\)|/-?frau)\b", re.IGNORECASE)
# A comma between digits is a decimal comma; a dash with blanks around it is a bullet; a slash parts words, not units.
SEPARATOR = re.compile(
    r"[\n\r;|•·‣▪●]+|(?<!\d),|,(?!\d)|(?:^|\s)[-–—*+]+\s|(?<=[^\W\d_]{3})\s*/\s*(?=-?[^\W\d_]{3})|\s+(?:&|u\.|\+)\s+|\s+(?:und|sowie|and)\s+",
    re.IGNORECASE,
)


def split_cell(cell: str, splitter: Splitter, is_occupation: bool = False) -> list[tuple[str, str]]:
    """The named things in their order, each with what stood in brackets behind it."""
    text = "\n".join(clean(line) for line in re.split(r"[\r\n]+", cell))
    if is_occupation:
        text = FEMALE.sub("", GENDER.sub(" ", text))
    in_brackets = " ".join(BRACKETS.findall(text))
    text = BRACKETS.sub(" ", text)
    pieces = [piece.strip(" .,:!?–\t") for piece in SEPARATOR.split(_hyphens_kept(text))]
    pieces = [piece for piece in pieces if piece and words(piece)]
    return [(piece.strip("- "), in_brackets) for piece in _whole(pieces, splitter)]


def _hyphens_kept(text: str) -> str:
    """'Blech-/Stanzteile' and 'Druck-, Zug- und Schenkelfedern' keep the hyphen that stands for the shared end."""
    return re.sub(r"([^\W\d_])-\s*/\s*", r"\1- / ", text)


def _whole(pieces: list[str], splitter: Splitter) -> list[str]:
    """Every piece with what it shares with its neighbour: 'Druck-' beside 'Zugfedern' is 'Druckfedern'."""
    whole = list(pieces)
    for at in range(len(pieces) - 2, -1, -1):
        following = words(whole[at + 1])
        if whole[at].endswith("-") and following:
            compound = next((word for word in following if len(splitter.parts(word)) > 1), following[-1])
            whole[at] = whole[at].rstrip("-") + _end_of(compound, splitter)
    for at in range(1, len(pieces)):
        before = words(whole[at - 1])
        if whole[at].startswith("-") and whole[at][1:2].isalpha() and before:
            last = fold(before[-1])
            end = _end_of(last, splitter)
            whole[at] = last[: len(last) - len(end)] + whole[at][1:].lower() if end else whole[at]
    return whole


def _end_of(word: str, splitter: Splitter) -> str:
    """What is left of a compound without its first part; '' where it has none."""
    folded = fold(word)
    for cut in range(len(folded) - 3, 2, -1):
        head, tail = folded[:cut], folded[cut:]
        if splitter.is_known(splitter.split(tail)) and splitter.is_known(splitter.split(head)):
            return tail
    return ""
