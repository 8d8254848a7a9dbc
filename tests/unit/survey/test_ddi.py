"""The codebook as DDI: its elements in the schema's order, every question and code of the wave, and nothing of an answer."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from typer.testing import CliRunner

from ingest.survey.book import BookError, load_book
from ingest.survey.ddi import NAMESPACE, ddi_codebook
from orchestration.cli import app
from warehouse.region import Region

# DDI-Codebook 2.5, codebook.xsd: children in the order of the schema, with those that must be there; '*' may repeat.
ORDER = {
    "codeBook": ("docDscr*", "stdyDscr*", "fileDscr*", "dataDscr*", "otherMat*"),
    "stdyDscr": ("citation*", "stdyInfo*", "method*", "dataAccs*", "othrStdyMat*", "notes*"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt*", "verStmt*", "biblCit*", "holdings*", "notes*"),
    "titlStmt": ("titl", "subTitl*", "altTitl*", "parTitl*", "IDNo*"),
    "verStmt": ("version", "verResp*", "notes*"),
    "stdyInfo": ("studyBudget*", "subject*", "abstract*", "sumDscr*", "qualityStatement*", "notes*", "exPostEvaluation*"),
    "sumDscr": ("timePrd*", "collDate*", "nation*", "geogCover*", "geogUnit*", "geoBndBox*", "boundPoly*", "anlyUnit*", "universe*", "dataKind*"),
    "fileDscr": ("fileTxt*", "locMap", "notes*"),
    "fileTxt": ("fileName*", "fileCitation", "fileCont*"),
    "dataDscr": ("varGrp*", "nCubeGrp*", "var*", "nCube*", "notes*"),
    "varGrp": ("labl*", "txt*", "concept*", "defntn*", "universe*", "notes*"),
    "var": ("location*", "labl*", "imputation*", "security*", "embargo*", "respUnit*", "anlysUnit*", "qstn*", "valrng*", "invalrng*", "undocCod*",
            "universe*", "TotlResp", "sumStat*", "txt*", "stdCatgry*", "catgryGrp*", "catgry*", "codInstr*", "verStmt*", "concept*", "derivation*",
            "varFormat", "geoMap*", "catLevel*", "notes*"),
    "qstn": ("preQTxt*", "qstnLit*", "postQTxt*", "forward*", "backward*", "ivuInstr*"),
    "valrng": ("item*", "range*", "key*", "notes*"),
    "catgry": ("catValu", "labl*", "txt*", "catStat*", "mrow"),
}  # fmt: skip
NEEDED = {"codeBook": {"stdyDscr"}, "stdyDscr": {"citation"}, "citation": {"titlStmt"}, "titlStmt": {"titl"}}
ATTRIBUTES = {
    "var": {"ID", "name", "files", "intrvl", "measUnit"}, "varGrp": {"ID", "type", "var"}, "catgry": {"missing"},
    "collDate": {"date", "event"}, "nation": {"abbr"}, "range": {"min", "max"}, "varFormat": {"type"}, "notes": {"type"}, "fileDscr": {"ID"},
}  # fmt: skip
XML = "{http://www.w3.org/XML/1998/namespace}"


def _name(element: Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def _check(element: Element) -> None:
    name, children = _name(element), [_name(child) for child in element]
    allowed = ORDER.get(name, ())
    names = [entry.rstrip("*") for entry in allowed]
    assert set(children) <= set(names), (name, children)
    places = [names.index(child) for child in children]
    assert places == sorted(places), f"{name}: {children}"
    assert all(children.count(entry) <= 1 for entry in allowed if not entry.endswith("*"))
    assert NEEDED.get(name, set()) <= set(children)
    if name != "codeBook":
        assert set(element.attrib) <= ATTRIBUTES.get(name, set()), (name, element.attrib)
    for child in element:
        _check(child)


@pytest.mark.parametrize("wave", ["2026", "2026p", "2027"])
def test_the_document_is_built_as_the_schema_asks(region: Region, wave: str) -> None:
    root = fromstring(ddi_codebook(region, wave))
    assert root.tag == f"{{{NAMESPACE}}}codeBook" and root.get("version") == "2.5" and root.get(f"{XML}lang") == "de"
    _check(root)
    ids = [e.get("ID") for e in root.iter() if e.get("ID")]
    assert len(ids) == len(set(ids))
    references = [r for group in root.iter(f"{{{NAMESPACE}}}varGrp") for r in str(group.get("var")).split()]
    assert set(references) <= set(ids)
    assert {v.get("intrvl") for v in root.iter(f"{{{NAMESPACE}}}var")} <= {"contin", "discrete"}


def test_every_question_code_unit_and_change_is_there(region: Region) -> None:
    book = load_book(region, "2027")
    root = fromstring(ddi_codebook(region, "2027"))
    space = {"d": NAMESPACE}
    variables = {v.get("name"): v for v in root.iterfind("d:dataDscr/d:var", space)}
    assert set(variables) >= {q["source_column"] for q in book.questions if q["class_code"] != "meta"}
    assert "token" not in variables and "ipaddr" not in variables
    for q in book.questions:
        own = {
            c["answer_code"]: c["label_de"] for c in book.codes if q["code_list"] and c["code_list"] == q["code_list"]
        }
        if q["source_column"] in variables:
            said = variables[q["source_column"]].iterfind("d:catgry[@missing='N']", space)
            assert {c.findtext("d:catValu", None, space): c.findtext("d:labl", None, space) for c in said} == own
    heads, research = variables["HEADC"], variables["RNDSH"]
    assert heads.get("measUnit") == "persons" and heads.get("intrvl") == "contin"
    assert heads.find("d:valrng/d:range", space).attrib == {"min": "0", "max": "20000"}  # pyright: ignore[reportOptionalMemberAccess]
    assert "mal 100" in str(research.findtext("d:txt", None, space))
    assert "unit seit Welle 2026" in str(research.findtext("d:notes[@type='break']", None, space))
    assert heads.find("d:notes", space) is None
    groups = {
        g.findtext("d:concept", None, space): g.findtext("d:labl", None, space)
        for g in root.iter(f"{{{NAMESPACE}}}varGrp")
    }
    assert (
        groups["PROC"] == "Verfahren" and groups["PRODUCT_HS"] == "HS-Code" and groups["CUST_COUNTRY"] == "CUST_COUNTRY"
    )
    missing = {c.findtext("d:catValu", None, space) for c in heads.iterfind("d:catgry[@missing='Y']", space)}
    assert {"-", "k.A"} <= missing
    assert "AUTO_REV_SHARE>0" in str(variables["ICEREV"].findtext("d:universe", None, space))


def test_the_command_writes_it_and_names_an_unknown_wave(region: Region, tmp_path: Path) -> None:
    target = tmp_path / "out" / "codebook.xml"
    done = CliRunner().invoke(app, ["survey", "codebook", "--wave", "2027", "--output", str(target)])
    assert done.exit_code == 0 and "Written" in done.output
    assert fromstring(target.read_text(encoding="utf-8")).get("version") == "2.5"
    with pytest.raises(BookError, match="wave '1999' is not known"):
        ddi_codebook(region, "1999")
