"""A wave's codebook as DDI-Codebook 2.5, the form in which archives exchange questionnaires.

Belongs here: the elements of that standard, filled from the region's lists. Does not belong here: any answer (no frequencies are
written: they would be disclosure), or any fact of a wave. Contact questions are named like all others; nobody's data is in them.

Reference: DDI-Codebook 2.5, https://ddialliance.org/Specification/DDI-Codebook/2.5/ (namespace ``ddi:codebook:2_5``). Children stand
in the order the schema asks for: ``var`` holds labl, qstn, valrng, universe, txt, catgry, concept, varFormat, notes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent, tostring

from ingest.survey.book import NUMBER_TYPES, Book, load_book
from ingest.survey.breaks import FLAGS
from warehouse.region import Region

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "xml:lang"
FILE_ID = "F1"
# What the tool adds to every response and what is never taken over.
LEFT_OUT = ("meta",)
BASE_KEPT = ("RESPONSE_ID", "SUBMITTED_AT", "LAST_PAGE", "STARTED_AT")
MISSING_DE = {"no_answer": "Keine Antwort", "refused": "Antwort verweigert", "not_shown": "Nicht gezeigt"}


def ddi_codebook(region: Region, wave_id: str) -> str:
    """The document as text.

    Raises:
        BookError: the wave is not known or has no codebook.
    """
    book = load_book(region, wave_id)
    root = Element("codeBook", {"xmlns": NAMESPACE, "xmlns:xsi": XSI, "version": "2.5", XML_LANG: "de",
                                "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"})  # fmt: skip
    _study(SubElement(root, "stdyDscr"), region, book)
    file = SubElement(root, "fileDscr", ID=FILE_ID)
    _text(SubElement(file, "fileTxt"), "fileName", f"results-survey-{wave_id}.csv")
    data = SubElement(root, "dataDscr")
    asked = [q for q in book.questions if q["class_code"] not in LEFT_OUT or q["question_concept_id"] in BASE_KEPT]
    _groups(data, asked)
    flags = _flags(region, wave_id)
    for question in asked:
        _variable(data, question, book, flags)
    indent(ElementTree(root))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _study(study: Element, region: Region, book: Book) -> None:
    facts = book.facts
    citation = SubElement(study, "citation")
    title = SubElement(citation, "titlStmt")
    _text(title, "titl", str(facts.get("title_de") or f"Unternehmensbefragung {book.wave_id}"))
    _text(title, "IDNo", f"{region.region_code}-{book.wave_id}")
    version = SubElement(citation, "verStmt")
    _text(version, "version", str(facts.get("questionnaire_version") or book.wave_id))
    info = SubElement(SubElement(study, "stdyInfo"), "sumDscr")
    for event, name in (("start", "field_start"), ("end", "field_end")):
        if facts.get(name):
            _text(info, "collDate", str(facts[name]), date=str(facts[name]), event=event)
    _text(info, "nation", region.country_code, abbr=region.country_code)
    _text(info, "geogCover", region.label_de)


def _groups(data: Element, questions: list[dict[str, str]]) -> None:
    """Questions of several columns: the options of a multiple choice, the rows of a block."""
    members: dict[str, list[dict[str, str]]] = defaultdict(list)
    for q in questions:
        if q["item_code"]:
            members[q["question_concept_id"]].append(q)
    for concept, own in members.items():
        kind = "multipleResp" if all(q["answer_type"] == "multi" for q in own) else "grid"
        group = SubElement(
            data, "varGrp", ID=_id("G", concept), type=kind, var=" ".join(_id("V", q["source_column"]) for q in own)
        )
        _text(group, "labl", _shared_label(concept, own))
        _text(group, "concept", concept)


def _variable(data: Element, question: dict[str, str], book: Book, flags: dict[str, list[str]]) -> None:
    kind, unit = question["answer_type"], question["unit_code"]
    numeric = kind in NUMBER_TYPES
    var = SubElement(data, "var", ID=_id("V", question["source_column"]), name=question["source_column"], files=FILE_ID,
                     intrvl="contin" if numeric else "discrete")  # fmt: skip
    if unit:
        var.set("measUnit", unit)
    _text(var, "labl", question["label_de"])
    _text(SubElement(var, "qstn"), "qstnLit", question["question_de"] or question["label_de"])
    limits = {name: question[own] for own, name in (("low", "min"), ("high", "max")) if question[own]}
    if limits:
        SubElement(SubElement(var, "valrng"), "range", limits)
    if question["shown_if"]:
        _text(var, "universe", f"Gezeigt, wenn {question['shown_if']}")
    if unit and numeric and (stored := book.unit(unit)).factor != 1:
        _text(var, "txt", f"Gefragt in {unit}; gespeichert in {stored.code} (mal {stored.factor:f})")
    for code in (c for c in book.codes if c["code_list"] and c["code_list"] == question["code_list"]):
        _category(var, code["answer_code"], code.get("label_de") or code["value_code"], False)
    if question["class_code"] == "closed":
        for written, status in book.missing_written:
            _category(var, written, MISSING_DE[status], True)
    _text(var, "concept", question["question_concept_id"])
    SubElement(var, "varFormat", type="numeric" if numeric else "character")
    for note in flags.get(question["question_concept_id"], []):
        _text(var, "notes", note, type="break")


def _category(var: Element, value: str, label: str, is_missing: bool) -> None:
    category = SubElement(var, "catgry", missing="Y" if is_missing else "N")
    _text(category, "catValu", value)
    _text(category, "labl", label)


def _flags(region: Region, wave_id: str) -> dict[str, list[str]]:
    """Break notes by question."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in region.rows(FLAGS):
        if row["wave_id"] == wave_id:
            how = f"{row['comparable_code']} ({row['mapping']})" if row["mapping"] else row["comparable_code"]
            found[row["question_concept_id"]].append(
                f"{row['change_code']} seit Welle {row['wave_before']}: {row['note_de']}. Vergleichbar: {how}"
            )
    return found


def _shared_label(concept: str, questions: Iterable[dict[str, str]]) -> str:
    """What the labels of a group's columns share, before or behind the colon; the concept where they share neither."""
    parts = [q["label_de"].partition(": ") for q in questions]
    before, behind = {p[0] for p in parts}, {p[2] for p in parts}
    return next((next(iter(own)) for own in (before, behind) if len(own) == 1 and all(own)), concept)


def _id(kind: str, text: str) -> str:
    """A name XML takes for an identifier."""
    return f"{kind}_{re.sub(r'[^A-Za-z0-9_.-]', '_', text).strip('_')}"


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text
