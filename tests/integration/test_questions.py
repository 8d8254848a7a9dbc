"""The questions of analysts and advisers run as they stand against the file of their audience, and find rows in the sample."""

from __future__ import annotations

import re

import duckdb
import pytest

from tests.conftest import ROOT
from tests.integration.conftest import Works

HEAD = re.compile(r"^-- (Q\d\d) \| (\w+) \| (.*)$", re.MULTILINE)


def questions() -> list[tuple[str, str, str]]:
    text = (ROOT / "tests" / "fixtures" / "questions.sql").read_text("utf-8")
    heads = list(HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [(head[1], head[2], text[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def parameters(published: Works) -> dict[str, object]:
    """The company with the most targets outside the car industry, and the newest year of each mart a question reads."""
    [(company, version)] = published.ask(
        "SELECT company_id, score_version FROM marts.mart_market_fit WHERE coalesce(target_wz2008_code, '') NOT LIKE '29%' "
        "GROUP BY ALL ORDER BY count(*) DESC, company_id LIMIT 1",
        "advisory",
    )
    [(trade_year,)] = published.ask("SELECT max(year) FROM marts.mart_market_analysis")
    [(people_year,)] = published.ask("SELECT max(year) FROM marts.mart_region_industry_profile")
    return {"company_id": company, "score_version": version, "year": {"Q01": trade_year, "Q06": people_year}}


@pytest.mark.parametrize(
    ("question", "who", "statement"), questions(), ids=lambda v: v if re.fullmatch(r"Q\d\d", v) else ""
)
def test_a_question_is_answered(published: Works, question: str, who: str, statement: str) -> None:
    audience = {"analyst": "analyst", "adviser": "advisory"}[who]
    given = parameters(published)
    given["year"] = given["year"].get(question)  # pyright: ignore[reportAttributeAccessIssue]
    named = {name: value for name, value in given.items() if f"${name}" in statement}
    with duckdb.connect(str(published.lineage.current.resolve() / f"{audience}.duckdb"), read_only=True) as connection:
        assert connection.execute(statement, named).fetchall(), question
