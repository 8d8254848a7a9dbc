"""The questionnaire as the codebook describes it: from answers by concept to the cells of a LimeSurvey export.

Belongs here: the way from (concept, item) to a column and from our code to the wave's answer code. Does not belong here: any answer.
Reading the same codebook as the warehouse means no column is ever typed twice.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.region import Region

Key = tuple[str, str]
Answers = Mapping[Key, str]

# The first concept of every page; a response with lastpage = 3 has cells up to the end of page 3.
PAGE_STARTS = (
    "LEGAL_NAME", "MAIN_WZ", "PROC", "SUP_INPUT_TEXT", "CUST_SECTOR_SHARE", "AUTO_REV_SHARE", "ELEC_MWH", "OPEN_POSITIONS",
    "TARIFF_EFFECT", "NEW_PRODUCT_3Y", "INT_WORKSHOP", "CONS_STORE", "CONTACT_NAME",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of the export."""

    source_column: str
    key: Key
    code_list: str
    page: int  # 0 for the base columns


@dataclass(frozen=True)
class Questionnaire:
    """Columns in order, and the wave's answer code for each of our codes."""

    columns: tuple[Column, ...]
    answer_codes: Mapping[tuple[str, str], str]

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
    with region.file(f"survey/codebook_{wave_id}.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    columns: list[Column] = []
    page = 0
    for row in rows:
        if page < len(PAGE_STARTS) and row["question_concept_id"] == PAGE_STARTS[page]:
            page += 1
        columns.append(
            Column(row["source_column"], (row["question_concept_id"], row["item_code"]), row["code_list"], page)
        )
    return Questionnaire(tuple(columns), _answer_codes(region.file(f"survey/codes_{wave_id}.csv")))


def _answer_codes(path: Path) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {(r["code_list"], r["value_code"]): r["answer_code"] for r in csv.DictReader(handle)}
