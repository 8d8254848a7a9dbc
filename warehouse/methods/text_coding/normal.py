"""One spelling for what is written in several: Unicode, case, umlauts, inflection.

Belongs here: what happens to characters. Does not belong here: knowledge of words (``compound``, ``dictionary``).
"""

from __future__ import annotations

import re
import unicodedata

SOFT_HYPHEN = "\u00ad"
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
ENDINGS = ("en", "es", "em", "e", "n", "s")
SHORTEST_STEM = 3


def clean(text: str) -> str:
    """NFC, without soft hyphens, zero-width characters and superfluous blanks; case is kept."""
    text = unicodedata.normalize("NFKC", text).replace(SOFT_HYPHEN, "")
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text if unicodedata.category(c) != "Cf")
    return re.sub(r"[ \t]+", " ", text).strip()


def fold(word: str) -> str:
    """Lower case with umlauts as their vowel, however they were written: Räder, Raeder and RÄDER become 'rader'."""
    word = clean(word).casefold()
    word = word.translate(str.maketrans("äöüéèáà", "aoueeaa"))
    # 'ue' after a, e or q is no umlaut (Bauer, neue, Quelle).
    return re.sub(r"(?<![aeq])ue", "u", word.replace("ae", "a").replace("oe", "o"))


def stem(word: str) -> str:
    """A folded word without the endings of case and number.

    '-er' stays: it tells the tool from the act (Bohrer, bohren), which a general stemmer (Snowball, CISTEM) throws away.
    """
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words(text: str) -> list[str]:
    """Words as written; a hyphen inside a word does not part it."""
    return WORD.findall(clean(text))


def key(thing: str, in_brackets: str, kind: str) -> str:
    """What two writings of one thing have in common; by it a text is recognised, so that nobody decides it twice.

    ``kind`` (product or occupation) keeps apart what is looked up in different lists; signs without a word count as written.
    """
    stems = [" ".join(stem(fold(word)) for word in words(text)) for text in (thing, in_brackets)]
    return "|".join((kind, stems[0] or clean(thing).casefold(), stems[1]))
