"""The forms of a survey file: as a tool writes it, and as it looks after a spreadsheet.

Belongs here: separators, encodings, styles of header, codes or words, joined choices, rows that are no responses. Does not belong
here: any answer. Every form here is one that the dock has to read without being told.
"""

from collections.abc import Sequence

from ingest.sample.questionnaire import Column, Questionnaire
from ingest.sample.survey import Response
from ingest.sample.writer import InboxWriter, delimited, zipped

MERGED = "PROC"
FOLDER = "limesurvey/results-survey-"
# What ends a table made in a spreadsheet.
EMPTY_COLUMNS = ["", ""]
UNCHOSEN = "Nein"
CHOSEN = "Ja"


def write_code_export(writer: InboxWriter, questionnaire: Questionnaire, responses: Sequence[Response]) -> None:
    """As LimeSurvey writes it: UTF-8 with BOM, semicolons, every cell quoted, question codes as headers."""
    header = [column.source_column for column in questionnaire.columns]
    rows = [questionnaire.cells(r.answers, r.last_page) for r in responses]
    text = delimited(header, rows, ";", quote_all=True)
    writer.write(f"{FOLDER}{questionnaire.book.wave_id}.csv", "\ufeff".encode() + text.encode("utf-8"), len(rows))


def write_packed_export(writer: InboxWriter, questionnaire: Questionnaire, responses: Sequence[Response]) -> None:
    """After a statistics program: commas, UTF-8 without a mark, brackets turned into underscores, packed."""
    header = _headers(questionnaire, "underscores")
    rows = [questionnaire.cells(r.answers, r.last_page) for r in responses]
    name = f"results-survey-{questionnaire.book.wave_id}"
    text = delimited(header, rows, ",", quote_all=True)
    writer.write(f"limesurvey/{name}.zip", zipped(f"{name}.csv", text.encode("utf-8")), len(rows))


def write_label_export(writer: InboxWriter, questionnaire: Questionnaire, responses: Sequence[Response]) -> None:
    """After a spreadsheet: words for codes, dots for brackets, Windows-1252, a second header, joined choices, a row of totals."""
    columns = questionnaire.columns
    joined = [i for i, c in enumerate(columns) if c.source_column.startswith(f"{MERGED}[")]
    rows = [_labelled(questionnaire, r, joined) for r in responses]
    headers = _headers(questionnaire, "dots")
    headers[joined[0]] = MERGED
    texts = [column.label_de for column in columns]
    texts[joined[0]] = columns[joined[0]].label_de.split(": ", 1)[0]
    heads = next(i for i, c in enumerate(columns) if c.key == ("HEADCOUNT", ""))
    total = [""] * len(columns)
    total[0], total[heads] = "Summe", str(sum(int(row[heads]) for row in rows if row[heads].isdigit()))
    kept = [i for i in range(len(columns)) if i not in joined[1:]]
    lines = [[row[i] for i in kept] + EMPTY_COLUMNS for row in (headers, texts, *rows, total)]
    text = delimited(lines[0], lines[1:], ";", quote_all=True)
    writer.write(f"{FOLDER}{questionnaire.book.wave_id}.csv", text.encode("cp1252"), len(rows))


def _headers(questionnaire: Questionnaire, style: str) -> list[str]:
    names = {column: header for header, column in questionnaire.book.names.by_style[style].items()}
    return [names[column.source_column] for column in questionnaire.columns]


def _labelled(questionnaire: Questionnaire, response: Response, joined: list[int]) -> list[str]:
    words = {(c["code_list"], c["answer_code"]): c["label_de"] for c in questionnaire.book.codes}
    columns = questionnaire.columns
    cells = questionnaire.cells(response.answers, response.last_page)
    said = [_word(c, cell, words, c.page <= response.last_page) for c, cell in zip(columns, cells, strict=True)]
    chosen = [columns[i].label_de.split(": ", 1)[1] for i in joined if cells[i] and columns[i].answer_type == "multi"]
    other = next((f"Sonstiges: {cells[i]}" for i in joined if cells[i] and columns[i].answer_type == "text"), "")
    # A spreadsheet joins with whatever its user typed.
    said[joined[0]] = " | ".join(filter(None, [", ".join(chosen[:2]), "; ".join(chosen[2:]), other]))
    return said


def _word(column: Column, cell: str, words: dict[tuple[str, str], str], is_reached: bool) -> str:
    if column.answer_type == "multi":
        return (CHOSEN if cell else UNCHOSEN) if is_reached else ""
    return words.get((column.code_list, cell), cell)
