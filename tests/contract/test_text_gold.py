"""The gold set of free text stays what it was written as, and the dictionary was not copied from its test part."""

from __future__ import annotations

import pytest

from tests import gold
from warehouse.methods.text_coding.normal import fold, stem, words
from warehouse.region import Region
from warehouse.text_dictionary import coder_of


def plain(text: str) -> str:
    return " ".join(stem(fold(word)) for word in words(text))


def test_the_parts_follow_from_the_texts() -> None:
    rows = gold.rows()
    assert len(rows) >= 400
    assert [r["text"] for r in rows if gold.part_of(r["text"]) != r["part"]] == []


def test_no_alias_is_a_text_of_the_test_part(region: Region) -> None:
    official = {plain(w) for row in region.rows("text/labels.csv") for w in words(row["label_de"])}
    unseen = {plain(row["text"]) for row in gold.rows("test")} - official
    aliases = {plain(row["alias"].lstrip("*")) for row in region.rows("text/aliases.csv")}
    assert aliases & unseen == set()


@pytest.mark.parametrize("part", ["develop", "test"])
def test_srv_017_automatic_codes_are_right(region: Region, part: str, capsys: pytest.CaptureFixture[str]) -> None:
    tally, wrong = gold.judge(coder_of(region).code, gold.rows(part))
    with capsys.disabled():
        print(f"\n{part}: precision {tally.precision:.3f}, recall {tally.recall:.3f}, review {tally.review_share:.3f}")
    assert tally.precision >= 0.95, [(row["text"], coding.code) for row, coding in wrong]
    assert tally.review_share <= 0.20
    assert tally.recall >= 0.5
