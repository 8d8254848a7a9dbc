"""The questionnaire as the codebook describes it: from answers by concept to the cells of a LimeSurvey export.

Belongs here: the way from (concept, item) to a column and from our code to the wave's answer code. Does not belong here: any answer,
or the form of a file (exports.py). Reading the same codebook as the warehouse means no column is ever typed twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ingest.survey.book import Book, load_book
from warehouse.region import Region

Key = tuple[str, str]
Answers = Mapping[Key, str]


@dataclass(frozen=True)
class Column:
    """One column of the export."""

    source_column: str
    key: Key
    code_list: str
    page: int  # 0 for the base columns
    answer_type: str
    label_de: str


@dataclass(frozen=True)
class Questionnaire:
    """Columns in order, and the wave's answer code for each of our codes."""

    book: Book
    columns: tuple[Column, ...]
    answer_codes: Mapping[tuple[str, str], str]

    @cached_property
    def last_page(self) -> int:
        """The page a complete response ends on."""
        return max(column.page for column in self.columns)

    def own(self, answers: Answers) -> dict[Key, str]:
        """The answers this wave asks for."""
        asked = {column.key for column in self.columns}
        return {key: value for key, value in answers.items() if key in asked}

    def cells(self, answers: Answers, last_page: int) -> list[str]:
        """The cells of one response; what lies behind the last page reached stays empty."""
        unknown = set(answers) - {c.key for c in self.columns}
        if unknown:
            raise ValueError(
                f"answers to {sorted(unknown)[0]} have no column in the codebook: expected (concept, item) of the codebook"
            )
        return [
            self._cell(column, answers.get(column.key, "")) if column.page <= last_page else ""
            for column in self.columns
        ]

    def _cell(self, column: Column, value: str) -> str:
        if not value or not column.code_list:
            return value
        try:
            return self.answer_codes[column.code_list, value]
        except KeyError:
            raise ValueError(
                f"code {value!r} of {column.key} is not in code list {column.code_list}: add it to the codes file"
            ) from None


def load_questionnaire(region: Region, wave_id: str) -> Questionnaire:
    """The codebook and code lists of a wave, the region's own where it has them."""
    book = load_book(region, wave_id)
    columns = tuple(
        Column(
            q["source_column"], (q["question_concept_id"], q["item_code"]), q["code_list"], int(q["page"] or 0),
            q["answer_type"], q["label_de"],
        )
        for q in book.questions
    )  # fmt: skip
    codes = {(c["code_list"], c["value_code"]): c["answer_code"] for c in book.codes}
    return Questionnaire(book, columns, codes)
