"""What changed between two waves, and whether a flag says so (SRV-015).

Belongs here: comparing the codebooks of a wave and of the one it is compared with. Does not belong here: any wave's facts;
the flags are lines of ``survey/breaks.csv`` (wave before, wave, concept, what changed, whether answers can be compared).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ingest.survey.book import Book, load_book, waves
from warehouse.region import Region

FLAGS = "survey/breaks.csv"
# What may change: an option went or came, a code's meaning, a band's limits, the kind of answer or its unit, the page.
WHAT = ("option_removed", "option_added", "code_meaning", "band_limits", "answer_type", "unit", "block")


@dataclass(frozen=True)
class Change:
    """One concept that is not what it was. ``what`` is one of ``WHAT``; ``detail`` names codes, limits or units."""

    before: str
    wave: str
    concept: str
    what: str
    detail: str


def unflagged(region: Region, book: Book) -> list[Change]:
    """Changes against the wave before (``compare_with``) that no line of ``breaks.csv`` names."""
    flagged = {(r["wave_before"], r["wave_id"], r["question_concept_id"], r["change_code"]) for r in region.rows(FLAGS)}
    found = changes(region, book)
    return [c for c in found if (c.before, c.wave, c.concept, c.what) not in flagged]


def changes(region: Region, book: Book) -> list[Change]:
    """Every concept of both waves whose options, codes, limits, unit, type or page differ."""
    other = str(book.facts.get("compare_with") or "")
    if not other:
        return []
    before = load_book(region, other)
    if other not in waves(region):
        return []
    then, now = _concepts(before), _concepts(book)
    found: list[Change] = []
    for concept in sorted(set(then) & set(now)):
        for what, detail in _differences(then[concept], now[concept], _is_long(book)):
            found.append(Change(other, book.wave_id, concept, what, detail))
    return found


def _is_long(book: Book) -> bool:
    """A pulse asks few questions on other pages and with fewer options; its places say nothing."""
    return book.facts.get("kind") != "pulse"


def _concepts(book: Book) -> dict[str, dict[str, object]]:
    """By concept: items, codes with their meaning, limits, type, unit and page."""
    codes: dict[str, dict[str, tuple[str, str, str]]] = defaultdict(dict)
    for row in book.codes:
        codes[row["code_list"]][row["answer_code"]] = (row["value_code"], row["low"], row["high"])
    found: dict[str, dict[str, object]] = {}
    for q in book.questions:
        if q["class_code"] == "meta":
            continue
        facts = found.setdefault(
            q["question_concept_id"],
            {"items": set(), "codes": codes[q["code_list"]], "type": q["answer_type"], "unit": q["unit_code"], "page": q["page"]},
        )  # fmt: skip
        facts["items"].add(q["item_code"])  # pyright: ignore[reportAttributeAccessIssue]
    return found


def _differences(then: dict, now: dict, has_pages: bool) -> list[tuple[str, str]]:  # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType]
    found: list[tuple[str, str]] = []
    values = [{v for v, _, _ in c["codes"].values()} | c["items"] for c in (then, now)]
    if gone := values[0] - values[1]:
        found.append(("option_removed", ", ".join(sorted(gone))))
    if new := values[1] - values[0]:
        found.append(("option_added", ", ".join(sorted(new))))
    both = then["codes"].keys() & now["codes"].keys()
    if other := sorted(c for c in both if then["codes"][c][0] != now["codes"][c][0]):
        found.append(("code_meaning", ", ".join(other)))
    limits = [{v: (low, high) for v, low, high in c["codes"].values()} for c in (then, now)]
    bands = [set(c.values()) for c in limits]
    if then["type"] == now["type"] == "band" and bands[0] != bands[1]:
        found.append(("band_limits", ", ".join(sorted(set(map(str, bands[0] ^ bands[1]))))))
    if then["type"] != now["type"]:
        found.append(("answer_type", f"{then['type']} to {now['type']}"))
    if then["unit"] != now["unit"]:
        found.append(("unit", f"{then['unit'] or 'none'} to {now['unit'] or 'none'}"))
    if has_pages and then["page"] != now["page"]:
        found.append(("block", f"page {then['page']} to {now['page']}"))
    return found
