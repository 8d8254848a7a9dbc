"""What becomes of the dirt in survey files, as a page written from the cases that are tested.

``python -m tests.unit.survey.page`` writes ``ingest/SURVEY.md``; a test fails when the page says something else.

Belongs here: writing the page. Does not belong here: any case (``cases``) or whether it holds (``test_dirt``).
"""

from __future__ import annotations

from tests.conftest import ROOT
from tests.unit.survey.cases import CASES, KINDS, Case

PAGE = ROOT / "ingest" / "SURVEY.md"
OPENING = """\
# What becomes of the dirt in survey files

Written by `python -m tests.unit.survey.page` from `tests/unit/survey/cases.py`; `test_dirt.py` holds every line. Names are
invented. Only `answered` counts in tables; everything with a finding stands on the review list
(`kettenwerk survey review`). Forms of whole files (four styles of header, codes or words, separators, encodings, two header
rows, totals, joined choices, workbooks), copied and second answers, and places are tests of their own in `test_dirt.py`.

| kind of dirt | wave | input | status | result | finding | proposal |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as it has to be."""
    return OPENING + "".join(_line(case) for case in sorted(CASES, key=lambda c: c.kind))


def _line(case: Case) -> str:
    result = "" if case.value is None else str(case.value).removeprefix("text: ")
    cells = [
        f"{case.kind} {KINDS[case.kind]}",
        case.wave,
        case.shown,
        case.status,
        result,
        case.finding or "",
        case.proposal or "",
    ]
    return (
        "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", "⏎").replace("\u00a0", "⍽") for c in cells) + " |\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
