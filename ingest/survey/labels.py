"""Codes or words: whether an export holds answer codes or the answers' texts, and the codes of those texts.

Belongs here: telling the two forms apart and translating words to codes. Does not belong here: what a code means.
"""

from __future__ import annotations

from collections import defaultdict

from ingest.delivery import Delivery
from ingest.survey.book import Book
from ingest.survey.cells import CODED_TYPES
from ingest.survey.text import folded

Long = list[tuple[int, str, str]]  # data row, column of the codebook, text
SHOWN = 60


def as_codes(delivery: Delivery, long: Long, book: Book) -> tuple[Long, bool]:
    """Answers as codes, and whether the export held words.

    Raises:
        DeliveryError: some cells are only a code and others only words, so that neither form fits the file.
    """
    lists = _lists(book)
    own = {q["source_column"]: q for q in book.questions if q["answer_type"] in CODED_TYPES}
    only_code, only_word = 0, 0
    first: dict[bool, tuple[int, str, str]] = {}
    for row, column, text in long:
        if column not in own or _is_unchosen(text, own[column], book):
            continue
        codes, words = lists[own[column]["code_list"]]
        is_code, is_word = text in codes, folded(text) in words
        if is_code != is_word:
            only_code, only_word = only_code + is_code, only_word + is_word
            first.setdefault(is_word, (row, column, text))
    long = [e for e in long if e[1] not in own or not _is_unchosen(e[2], own[e[1]], book)]
    if not only_word:
        return long, False
    if only_code:
        row, column, text = first[only_code > only_word]
        raise delivery.refuse(
            f"codes and words stand in one file: '{text[:SHOWN]}' is {'a word' if only_code > only_word else 'a code'}, and"
            f" {max(only_code, only_word)} other answers are {'codes' if only_code > only_word else 'words'}",
            "answer codes everywhere, or answer texts everywhere",
            "export again with answer codes", field=column, row=row, rule_id="SRV-005",
        )  # fmt: skip
    return [
        (row, column, lists[own[column]["code_list"]][1].get(folded(text), text) if column in own else text)
        for row, column, text in long
    ], True


def _lists(book: Book) -> dict[str, tuple[set[str], dict[str, str]]]:
    """By code list: codes, and code by folded label; a label two codes share decides nothing."""
    found: dict[str, tuple[set[str], dict[str, str]]] = defaultdict(lambda: (set(), {}))
    shared: set[tuple[str, str]] = set()
    for row in book.codes:
        codes, words = found[row["code_list"]]
        codes.add(row["answer_code"])
        for word in filter(None, [folded(row.get("label_de", ""))]):
            if words.setdefault(word, row["answer_code"]) != row["answer_code"]:
                shared.add((row["code_list"], word))
    for name, word in shared:
        del found[name][1][word]
    chosen = book.words("chosen")
    for q in book.questions:
        codes, words = found[q["code_list"]]
        if q["answer_type"] == "multi" and len(codes) == 1:
            words |= dict.fromkeys(chosen, next(iter(codes)))
    return found


def _is_unchosen(text: str, question: dict[str, str], book: Book) -> bool:
    return question["answer_type"] == "multi" and folded(text) in book.words("unchosen")
