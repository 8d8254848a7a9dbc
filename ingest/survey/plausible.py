"""Answers beside the other answers of their response: wholes that do not add up, factors of a thousand, names and places.

Belongs here: what only several cells together show. Does not belong here: single cells (``cells``), rules about a whole
wave (dbt), and what to do about it: a person decides on the review list.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.survey.book import Book
from ingest.survey.text import folded

Key = tuple[str, str]  # concept, item
Answers = dict[Key, dict[str, Any]]

# EUR per head and year that a company can turn over (SRV-008), and the factor a unit is off by.
TURNOVER_PER_HEAD = (20_000.0, 1_500_000.0)
THOUSAND = 1_000.0
ROUNDING = 0.02
COPIED_FROM = 20
NAME_PARTS = re.compile(r"[\s()/,;]+")
PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|\b(?:Herrn?|Frau)\s+[A-ZÄÖÜ]|\bTel\b|\bTelefon\b|\bMobil\b|\+49|\b0\d{2,5}[ /-]?\d{4,}|\b[A-Z]{2}\d{2}(?: ?\w{4}){4,}"
)


@dataclass(frozen=True)
class Finding:
    """What a person should look at. ``status`` replaces the answer's own where it is given; ``code`` its code."""

    key: Key
    code: str
    status: str | None = None
    proposal: str | None = None
    answer_code: str | None = None


def look_at(answers: Answers, book: Book) -> Iterator[Finding]:
    """Findings of one response."""
    yield from _wholes(answers, book)
    yield from _turnover(answers)
    yield from _names(answers, book)
    yield from _registers(answers)
    yield from _places(answers, book)
    yield from _personal(answers)


def is_test(answers: Answers, book: Book) -> bool:
    """Whether a response is somebody trying the questionnaire: its company is called so, or every text it gives is."""
    words = book.words("test_answer")
    name = answers.get(("LEGAL_NAME", ""))
    if name is not None and folded(name["raw_value"]) in words:
        return True
    texts = [a["raw_value"] for a in answers.values() if a["class_code"] == "free_text"]
    return len(texts) > 1 and all(folded(t) in words for t in texts)


def shares_of_a_whole(answers: Answers, book: Book) -> set[Key]:
    """Answered shares that add up to their whole: single small ones among them are no sign of another unit."""
    found: set[Key] = set()
    for concept, (whole, _, beyond) in book.share_groups.items():
        own = _numbers(answers, concept)
        if own and abs(sum(own.values()) - whole) <= beyond:
            found |= set(own)
    return found


def copies(responses: dict[str, Answers]) -> list[tuple[str, str]]:
    """Responses that answer all closed questions exactly as an earlier one does, with that one."""
    seen: dict[tuple[Any, ...], str] = {}
    found = []
    for response_id, answers in responses.items():
        closed = sorted((k, a["raw_value"]) for k, a in answers.items() if a["class_code"] == "closed")
        if len(closed) >= COPIED_FROM:
            first = seen.setdefault(tuple(closed), response_id)
            if first != response_id:
                found.append((response_id, first))
    return found


def same_register(responses: dict[str, Answers]) -> list[tuple[str, str]]:
    """Responses whose register entry an earlier one gave already: two people, a second answer, or another site."""
    seen: dict[tuple[str, ...], str] = {}
    found = []
    for response_id, answers in responses.items():
        entry = tuple(_answered(answers, concept) or "" for concept in ("REG_COURT", "REG_TYPE", "REG_NO"))
        number = re.sub(r"\D", "", entry[2]).lstrip("0")
        if number and entry[0]:
            first = seen.setdefault((folded(entry[0]), entry[1], number), response_id)
            if first != response_id:
                found.append((response_id, first))
    return found


def _numbers(answers: Answers, concept: str) -> dict[Key, float]:
    return {
        k: a["answer_num"]
        for k, a in answers.items()
        if k[0] == concept and a["answer_status_code"] == "answered" and a["answer_num"] is not None
    }


def _answered(answers: Answers, concept: str) -> str | None:
    answer = answers.get((concept, ""))
    if answer is None or answer["answer_status_code"] != "answered":
        return None
    return answer["answer_code"] or answer["raw_value"]


def _wholes(answers: Answers, book: Book) -> Iterator[Finding]:
    """Shares of 1 where percent are due, sums a little off (they count) and far off (they do not)."""
    for concept, (whole, tolerance, beyond) in book.share_groups.items():
        own = _numbers(answers, concept)
        unread = any(k[0] == concept and a["answer_status_code"] in ("ambiguous", "approximate", "range", "invalid") for k, a in answers.items())  # fmt: skip
        if not own or unread:
            continue
        total = sum(own.values())
        if abs(total - 1) <= ROUNDING:
            for key, value in own.items():
                yield Finding(key, "share_of_one", "ambiguous", f"{round(value * whole, 6):g}")
        elif abs(total - whole) > beyond:
            for key in own:
                yield Finding(key, "share_sum_far_off", "invalid")
        elif abs(total - whole) > tolerance:
            yield Finding(max(own, key=lambda k: own[k]), "share_sum_off", proposal=f"sum {total:g}")


def _turnover(answers: Answers) -> Iterator[Finding]:
    turnover, heads = _numbers(answers, "TURNOVER_EUR"), _numbers(answers, "HEADCOUNT")
    if not turnover or not heads:
        return
    (key, value), (_, persons) = next(iter(turnover.items())), next(iter(heads.items()))
    low, high = TURNOVER_PER_HEAD
    if persons <= 0 or value <= 0 or low <= value / persons <= high:
        return
    for likely in (value * THOUSAND, value / THOUSAND):
        if low <= likely / persons <= high:
            yield Finding(key, "turnover_factor_thousand", "ambiguous", f"{likely:.0f}")
            return
    yield Finding(key, "turnover_per_head")


def _names(answers: Answers, book: Book) -> Iterator[Finding]:
    name = _answered(answers, "LEGAL_NAME")
    if name is None:
        return
    parts = f" {' '.join(filter(None, NAME_PARTS.split(folded(name))))} "
    for kind in ("former_name", "insolvency", "branch"):
        if any(f" {word} " in parts or f" {word}. " in parts for word in book.words(kind)):
            yield Finding(("LEGAL_NAME", ""), f"name_{kind}")


def _registers(answers: Answers) -> Iterator[Finding]:
    """A GmbH & Co. KG stands in HRA; a number in HRB is that of its general partner, another company."""
    is_partner = _answered(answers, "LEGAL_FORM") == "GMBH_CO_KG" and _answered(answers, "REG_TYPE") == "HRB"
    if is_partner and _answered(answers, "REG_NO"):
        yield Finding(("REG_NO", ""), "register_of_general_partner", "ambiguous")


def _places(answers: Answers, book: Book) -> Iterator[Finding]:
    town, code = _answered(answers, "SITE_CITY"), _answered(answers, "SITE_POSTCODE")
    if town is None:
        return
    cell = book.places.town(town)
    if cell.finding:
        yield Finding(
            ("SITE_CITY", ""),
            cell.finding,
            None if cell.status == "answered" else cell.status,
            cell.proposal,
            cell.code,
        )
    if code is not None and book.places.fit(code, town) is False:
        yield Finding(("SITE_POSTCODE", ""), "place_does_not_fit")


def _personal(answers: Answers) -> Iterator[Finding]:
    for key, answer in answers.items():
        if answer["class_code"] == "free_text" and PERSONAL.search(answer["raw_value"]):
            yield Finding(key, "personal_data")


def by_response(rows: Iterable[dict[str, Any]]) -> dict[str, Answers]:
    """Answers by response and (concept, item), in the order of the file."""
    found: dict[str, Answers] = defaultdict(dict)
    for row in rows:
        found[row["response_id"]][row["question_concept_id"], row["item_code"]] = row
    return dict(found)
