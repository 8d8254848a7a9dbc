"""The dirt of real survey files, planted into the later waves: every class that a delivery may hold without being refused.

Belongs here: which cell holds what, and what it has to become. Does not belong here: the form of a file (exports.py: separators,
encodings, headers, totals are dirt too, class 4), or reading any of it. Every entry is a truth of its own in sample_truths.json.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ingest.sample.companies import MARKER
from ingest.sample.questionnaire import Key, Questionnaire
from ingest.sample.survey import DUPLICATE_DELAY, Response
from ingest.sample.truths import DirtTruth
from ingest.sample.waves import numbered_after
from warehouse.region import Region

Made = dict[Key, str] | None
AMBIGUOUS, ANSWERED = "ambiguous", "answered"


@dataclass(frozen=True)
class Dirt:
    """Cells of one response; ``of`` is the answer looked at. ``made`` gives None where the company cannot carry it."""

    kind: int
    of: Key
    status: str
    finding: str
    made: Callable[[Response, Region], Made]
    number: float | Callable[[Response], float] | None = None
    code: str | None = None


def _says(key: Key, text: str) -> Callable[[Response, Region], Made]:
    return lambda response, region: {key: text}


def _number(text: str, status: str, finding: str = "", number: float | None = None, concept: str = "ELEC_MWH") -> Dirt:
    return Dirt(1, (concept, ""), status, finding, _says((concept, ""), text), number)


def _grouped(response: Response, region: Region) -> Made:
    """The company's own consumption as a German writes it, half a MWh more."""
    own = int(response.answers["ELEC_MWH", ""])
    return {("ELEC_MWH", ""): f"{own:,},5".replace(",", ".", 1)} if 1000 <= own < 1_000_000 else None


def _thousands(response: Response, region: Region) -> Made:
    own = int(response.answers["ELEC_MWH", ""])
    return {("ELEC_MWH", ""): f"{own / 1000:.3f} Tsd".replace(".", ",")} if own < 1000 else None


def _with_sign(response: Response, region: Region) -> Made:
    return {("ENERGY_COST_SHARE", ""): f"{response.answers['ENERGY_COST_SHARE', '']} %"}


def _own(concept: str, more: float = 0.0) -> Callable[[Response], float]:
    """The number a response gave before somebody wrote it otherwise."""
    return lambda response: float(response.answers[concept, ""].replace(",", ".")) + more


def _renamed(form: str) -> Callable[[Response, Region], Made]:
    return lambda response, region: {("LEGAL_NAME", ""): form.format(name=response.company.name)}


def _district(response: Response, region: Region) -> Made:
    place = response.company.place
    own = (r["district"] for r in region.rows("districts.csv") if r["ags"] == place.ags and r["district"].isalpha())
    district = next(own, None) if place.name.isalpha() else None
    return {("SITE_CITY", ""): f"{place.name}-{district}"} if district else None


def _elsewhere(response: Response, region: Region) -> Made:
    """A postcode of another municipality of the same Kreis."""
    place = response.company.place
    own = {p["postcode"] for p in region.postcodes if p["ags"] == place.ags}
    near = [p["postcode"] for p in region.postcodes if p["ags"][:5] == place.kreis_ags and p["postcode"] not in own]
    return {("SITE_POSTCODE", ""): near[0]} if near and place.ags else None


def _lost_zero(response: Response, region: Region) -> Made:
    ags = response.company.place.ags or ""
    return {("SITE_AGS", ""): ags[1:]} if ags.startswith("0") else None


def _partner_register(response: Response, region: Region) -> Made:
    return {("REG_TYPE", ""): "HRB"} if response.company.legal_form_code == "GMBH_CO_KG" else None


def _two_registers(response: Response, region: Region) -> Made:
    number = response.company.register_number
    return (
        {("REG_NO", ""): f"HRA {number} / HRB 9{number[1:]}"}
        if response.company.legal_form_code == "GMBH_CO_KG"
        else None
    )


def _shares(change: Callable[[dict[Key, int], Key], dict[Key, str]]) -> Callable[[Response, Region], Made]:
    """Shares of customers' industries that do not add up; the largest is the one that is wrong."""

    def made(response: Response, region: Region) -> Made:
        own = {k: int(v) for k, v in response.answers.items() if k[0] == "CUST_SECTOR_SHARE"}
        largest = max(own, key=lambda k: own[k])
        return change(own, largest) if sum(own.values()) == 100 and largest == ("CUST_SECTOR_SHARE", "AUTO") else None

    return made


def _of_one(own: dict[Key, int], largest: Key) -> dict[Key, str]:
    return {k: f"{v / 100:.2f}".replace(".", ",") if v else "0" for k, v in own.items()}


def _in_thousands(response: Response, region: Region) -> Made:
    return {("TURNOVER_EUR", ""): str(int(response.answers["TURNOVER_EUR", ""]) // 1000)}


AUTO = ("CUST_SECTOR_SHARE", "AUTO")
SECOND_WAVE = (
    Dirt(1, ("ELEC_MWH", ""), ANSWERED, "", _grouped, _own("ELEC_MWH", 0.5)), _number("1.234", AMBIGUOUS, "number_thousand_or_decimal"),
    _number("ca. 400", "approximate", "number_approximate"), _number("300-400", "range", "number_range"),
    _number("> 6", "range", "number_open_range", concept="OPEN_MONTHS"), _number("k.A.", "refused"), _number("?", "no_answer"),
    Dirt(1, ("ELEC_MWH", ""), ANSWERED, "", _thousands, _own("ELEC_MWH")),
    Dirt(1, ("ENERGY_COST_SHARE", ""), ANSWERED, "", _with_sign, _own("ENERGY_COST_SHARE")),
    Dirt(2, ("MAIN_WZ", ""), AMBIGUOUS, "wz_group_or_class", _says(("MAIN_WZ", ""), "25.5")),
    Dirt(2, ("ELEC_MWH", ""), AMBIGUOUS, "spreadsheet_date", _says(("ELEC_MWH", ""), "07. Mrz")),
    Dirt(2, ("REG_NO", ""), AMBIGUOUS, "spreadsheet_power_of_ten", _says(("REG_NO", ""), "9,0E+05")),
    Dirt(2, ("SITE_AGS", ""), AMBIGUOUS, "ags_lost_zero", _lost_zero),
    Dirt(2, ("PRODUCT_HS", "1"), ANSWERED, "", _says(("PRODUCT_HS", "1"), "7326.90"), code="732690"),
    Dirt(3, ("PRODUCT_TEXT", "1"), ANSWERED, "", _says(("PRODUCT_TEXT", "1"), f"FederbÃ¼gel {MARKER}")),
    Dirt(3, ("PRODUCT_TEXT", "1"), ANSWERED, "", _says(("PRODUCT_TEXT", "1"), f"Band\u00adstahl\u00a0{MARKER}")),
    Dirt(4, ("PRODUCT_TEXT", "1"), ANSWERED, "", _says(("PRODUCT_TEXT", "1"), f'Federn; "kalt",\ngewickelt {MARKER}')),
    Dirt(6, ("ICE_REV_SHARE", ""), "not_shown", "", lambda r, _: {("AUTO_REV_SHARE", ""): "0", ("ICE_REV_SHARE", ""): ""}),
    Dirt(7, AUTO, ANSWERED, "share_sum_off", _shares(lambda own, largest: {largest: str(own[largest] - 5)})),
    Dirt(7, AUTO, "invalid", "share_sum_far_off", _shares(lambda own, largest: {largest: str(own[largest] - 20)})),
    Dirt(7, AUTO, AMBIGUOUS, "share_of_one", _shares(_of_one)),
    Dirt(7, ("TURNOVER_EUR", ""), AMBIGUOUS, "turnover_factor_thousand", _in_thousands),
    Dirt(7, ("RND_SHARE", ""), ANSWERED, "", _says(("RND_SHARE", ""), "0,035"), number=3.5),
    Dirt(8, ("PROC", "hardening"), ANSWERED, "", _says(("PROC", "hardening"), "yes"), code="1"),
    Dirt(9, ("LEGAL_NAME", ""), ANSWERED, "name_former_name", _renamed("{name} (vormals Altwerk GmbH)")),
    Dirt(9, ("LEGAL_NAME", ""), ANSWERED, "name_insolvency", _renamed("{name} i.I.")),
    Dirt(9, ("LEGAL_NAME", ""), ANSWERED, "name_branch", _renamed("{name} Niederlassung Nord")),
    Dirt(9, ("REG_NO", ""), AMBIGUOUS, "register_of_general_partner", _partner_register),
    Dirt(9, ("REG_NO", ""), AMBIGUOUS, "register_two_numbers", _two_registers),
    Dirt(10, ("SITE_CITY", ""), ANSWERED, "place_district", _district),
    Dirt(10, ("SITE_POSTCODE", ""), ANSWERED, "place_does_not_fit", _elsewhere),
    Dirt(11, ("IDEA_TEXT", "1"), ANSWERED, "personal_data", _says(("IDEA_TEXT", "1"), f"Fragen Sie Herrn Mustermann {MARKER}, Tel. 0000 123456")),
    Dirt(11, ("IDEA_TEXT", "1"), ANSWERED, "", _says(("IDEA_TEXT", "1"), f"Schon wieder ein Fragebogen! {MARKER}")),
    Dirt(11, ("IDEA_TEXT", "1"), ANSWERED, "", _says(("IDEA_TEXT", "1"), f'=HYPERLINK("http://example.invalid") {MARKER}')),
    Dirt(12, ("CONS_TEXT_VERSION", ""), ANSWERED, "consent_text_unknown", _says(("CONS_TEXT_VERSION", ""), "2099-01")),
)  # fmt: skip
PULSE = (
    Dirt(3, ("LEGAL_NAME", ""), ANSWERED, "", lambda r, _: {("LEGAL_NAME", ""): unicodedata.normalize("NFD", r.company.name)}),
    Dirt(8, ("TARIFF_EFFECT", ""), ANSWERED, "", _says(("TARIFF_EFFECT", ""), "dont_know"), code="dont_know"),
    _number("12", ANSWERED, number=12.0, concept="OPEN_POSITIONS"), _number("> 3", "range", "number_open_range", concept="OPEN_POSITIONS"),
    Dirt(6, ("RELOCATION_PLAN", ""), "no_answer", "", _says(("RELOCATION_PLAN", ""), "")),
)  # fmt: skip
TESTS = ("Test", "asdf")
IDENTITY = (
    "LEGAL_NAME", "REG_COURT", "REG_TYPE", "REG_NO", "LEI", "SITE_POSTCODE", "SITE_CITY", "SITE_AGS", "CONTACT_NAME", "CONTACT_MAIL",
    "CONTACT_PHONE",
)  # fmt: skip


def soiled(
    responses: Sequence[Response], plan: Sequence[Dirt], questionnaire: Questionnaire, region: Region, apart: set[int]
) -> tuple[tuple[Response, ...], tuple[DirtTruth, ...]]:
    """The responses with every entry of the plan in one that can carry it, one entry each; complete ones only.

    Args:
        apart: numbers of companies that stay as they are.
    """
    wave = questionnaire.book.wave_id
    result = list(responses)
    free = [i for i, r in enumerate(result) if r.company.number not in apart and r.last_page == questionnaire.last_page]
    truths = []
    for dirt in plan:
        at, made = next(((i, m) for i in free if (m := dirt.made(result[i], region)) is not None), (None, None))
        if at is None or made is None:
            continue  # a region without municipalities has no districts
        free.remove(at)
        response = result[at]
        result[at] = replace(response, answers=questionnaire.own({**response.answers, **made}))
        delivered = result[at].answers.get(dirt.of, "")
        number = dirt.number(response) if callable(dirt.number) else dirt.number
        told = (delivered, dirt.status, dirt.finding, number, dirt.code)
        truths.append(DirtTruth(dirt.kind, wave, response.response_id, *dirt.of, *told))
    return tuple(result), tuple(truths)


def with_repeats(
    responses: Sequence[Response], wave: str, apart: set[int], full_page: int
) -> tuple[tuple[Response, ...], tuple[DirtTruth, ...]]:
    """Class 5: somebody tries the questionnaire, a company answers twice, one copies another's answers."""
    result = list(responses)
    plain = [r for r in result if r.company.number not in apart and r.last_page == full_page][-3:]
    number = max(r.response_id for r in result)
    truths = []
    for text in TESTS:
        number += 1
        test = numbered_after(plain[0], number, timedelta(minutes=5))
        nobody = {(c, ""): "" for c in ("REG_NO", "LEI", "CONTACT_NAME", "CONTACT_MAIL", "CONTACT_PHONE")} | {
            ("LEGAL_NAME", ""): text
        }
        result.append(replace(test, answers={**test.answers, **nobody}))
        truths.append(DirtTruth(5, wave, number, "LEGAL_NAME", "", text, ANSWERED, "test_answer"))
    number += 1
    result.append(numbered_after(plain[1], number, DUPLICATE_DELAY))
    truths.append(DirtTruth(5, wave, number, "", "", "", "", "register_twice"))
    number += 1
    result.append(_copied(plain[2], plain[1], number))
    truths.append(DirtTruth(5, wave, number, "", "", "", "", "answers_copied"))
    return tuple(result), tuple(truths)


def _copied(own: Response, other: Response, number: int) -> Response:
    """A response of one company with everything another one said of itself but its name, place and register entry."""
    kept = {k: v for k, v in own.answers.items() if k[0] in IDENTITY or k[0].startswith("CONS_")}
    return numbered_after(
        replace(other, company=own.company, answers={**other.answers, **kept}), number, DUPLICATE_DELAY
    )
