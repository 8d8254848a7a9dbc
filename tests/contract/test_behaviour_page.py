"""The page of behaviours says what the connectors' tests say, no more and no less."""

from __future__ import annotations

import re

from tests.connectors.behaviour import PAGE, names_in_tests


def test_the_page_is_up_to_date() -> None:
    rows = [
        re.split(r" \| ", line.strip("| \n"))
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    said = {f"{row[0]}: {row[-1]}" for row in rows if row[0] != "source"}
    assert said == names_in_tests(), "call: python -m tests.connectors.behaviour"
