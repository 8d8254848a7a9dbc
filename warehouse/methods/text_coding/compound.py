"""German compounds taken apart on a list of known words: Kunststoffspritzgussteil -> kunststoff + spritzguss + teil.

Belongs here: splitting and forgiving a slip of the pen. Does not belong here: what the parts mean (``dictionary``).
Splitting needs the dictionary's own words, so that the last part is one that can be looked up; general splitters
(compound-split, charsplit-fst, german-nouns) cut by letter statistics or a general noun list and know neither
'Ziehstein' nor that 'Spritzguss' is one thing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

from warehouse.methods.text_coding.normal import fold, stem

SHORTEST_PART = 3
COST_PART, COST_UNKNOWN, COST_UNKNOWN_LETTER = 1.0, 3.0, 0.2
# Letters that may be wrong, by the length a word has to have at least; one wrong letter in a short word is another word.
SLIPS = ((11, 2), (6, 1))
UNKNOWN = "?"


class Splitter:
    """Splits words on a list of known words.

    Args:
        known: words of the domain in any spelling; a stem of theirs may be any part of a compound.
    """

    def __init__(self, known: Iterable[str]) -> None:
        folded = {part for word in known for part in fold(word).split() if part}
        self.stems = {stem(word) for word in folded}
        self.spellings = sorted(word for word in folded if len(word) >= SLIPS[-1][0])
        self.split = lru_cache(maxsize=65536)(self._split)

    def _split(self, word: str) -> tuple[str, ...]:
        """Stems of a folded word; one that is not known stands first, marked with ``UNKNOWN``."""
        if stem(word) in self.stems:
            return (stem(word),)
        best: list[tuple[float, tuple[str, ...]] | None] = [None] * (len(word) + 1)
        best[0] = (0.0, ())
        for end in range(1, len(word) + 1):
            for start in range(end):
                before = best[start]
                if before is None:
                    continue
                part = word[start:end]
                if end - start >= SHORTEST_PART and stem(part) in self.stems:
                    option = (before[0] + COST_PART, (*before[1], stem(part)))
                elif start == 0:
                    option = (COST_UNKNOWN + COST_UNKNOWN_LETTER * end, (UNKNOWN + part,))
                else:
                    continue
                if best[end] is None or option < best[end]:  # pyright: ignore[reportOperatorIssue]
                    best[end] = option
        found = best[len(word)]
        return found[1] if found else (UNKNOWN + word,)

    def parts(self, written: str) -> tuple[str, ...]:
        """Stems of a word as written; hyphens part it first."""
        return tuple(part for piece in fold(written).split("-") if piece for part in self.split(piece))

    def is_known(self, parts: tuple[str, ...]) -> bool:
        """Whether every part is on the list."""
        return not any(part.startswith(UNKNOWN) for part in parts)

    @lru_cache(maxsize=65536)  # noqa: B019 - one splitter lives as long as its dictionary
    def corrected(self, written: str) -> str | None:
        """The one known word that a slip of the pen away from this one, or None.

        The first letter has to be right; two words equally near are no answer. Where a word ends with known parts, the slip
        is in what stands before them: 'Schneidteile' is no 'Schleifteile' with two slips in twelve letters.
        """
        word = fold(written)
        first = self.split(word)[0]
        letters = len(first) - len(UNKNOWN) if first.startswith(UNKNOWN) else len(word)
        allowed = next((slips for length, slips in SLIPS if letters >= length), 0)
        if not allowed or any(c.isdigit() for c in word):
            return None
        distances: dict[int, set[str]] = {}
        for spelling in self.spellings:
            if spelling[0] != word[0] or abs(len(spelling) - len(word)) > allowed + 1:
                continue
            for form in (spelling, spelling + "n", spelling + "en", spelling + "e", spelling + "s"):
                distance = OSA.distance(word, form, score_cutoff=allowed)
                if distance <= allowed:
                    distances.setdefault(distance, set()).add(stem(spelling))
        if not distances:
            return None
        nearest = distances[min(distances)]
        return next(iter(nearest)) if len(nearest) == 1 else None
