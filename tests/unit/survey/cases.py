"""The kinds of dirt real files hold, each with the answer and the finding it has to give; the page SURVEY.md is written from them.

Belongs here: inputs and expected results. Does not belong here: how they are run (``test_dirt``, ``page``). Names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = {
    1: "German numbers", 2: "Spreadsheet damage", 3: "Encodings", 4: "Tables", 5: "Duplicates and tests", 6: "Partials", 7: "Wholes and units",
    8: "Changed codes", 9: "Identity", 10: "Places", 11: "Free text", 12: "Consent",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Answers of one response of a wave; ``of``: the answer looked at; expected status, number, code and finding."""

    kind: int
    given: dict[str, str]
    of: tuple[str, str]
    status: str | None
    value: float | str | None = None
    finding: str | None = None
    proposal: str | None = None
    wave: str = "2027"
    note: str = field(default="")

    @property
    def shown(self) -> str:
        """The input as the page shows it."""
        return self.note or "; ".join(f"{k} = `{v}`" for k, v in self.given.items())


def _number(
    text: str, status: str, value: float | None = None, finding: str | None = None, proposal: str | None = None
) -> Case:
    return Case(1, {"ELECMWH": text}, ("ELEC_MWH", ""), status, value, finding, proposal)


HALF = "number_thousand_or_decimal"
CASES = [
    _number("1.234,5", "answered", 1234.5), _number("1.234", "ambiguous", None, HALF, "1234 | 1.234"), _number("1,234", "ambiguous", None, HALF, "1234 | 1.234"),
    _number("ca. 40", "approximate", None, "number_approximate", "40"), _number("30-40", "range", None, "number_range", "35"),
    _number("> 50", "range", None, "number_open_range"), _number("k.A.", "refused"), _number("-", "no_answer"), _number("?", "no_answer"),
    _number("1,2 Mio", "answered", 1_200_000), _number("0,8 Mrd", "answered", 800_000_000), _number("1.234.567", "answered", 1_234_567),
    _number("1'234", "answered", 1234), _number("1\u00a0234", "answered", 1234), _number("1200 kWh", "answered", 1.2), _number("viel", "invalid", None, "number_unreadable"),
    Case(1, {"ENCOST": "12,5 %"}, ("ENERGY_COST_SHARE", ""), "answered", 12.5),
    Case(1, {"HEADC": "12,5"}, ("HEADCOUNT", ""), "ambiguous", None, "number_not_whole"),
    Case(1, {"ELECEND": "31.12.2027"}, ("ELEC_CONTRACT_END", ""), "answered", "2027-12-31"),
    Case(1, {"ELECEND": "12/27"}, ("ELEC_CONTRACT_END", ""), "ambiguous", None, "date_not_plain"),
    Case(2, {"WZ": "25.5"}, ("MAIN_WZ", ""), "ambiguous", None, "wz_group_or_class", "25.5 | 25.50"),
    Case(2, {"WZ": "07. Mrz"}, ("MAIN_WZ", ""), "ambiguous", None, "spreadsheet_date"),
    Case(2, {"ELECMWH": "07. Mrz"}, ("ELEC_MWH", ""), "ambiguous", None, "spreadsheet_date", "7.3"),
    Case(2, {"WZ": "2550"}, ("MAIN_WZ", ""), "ambiguous", None, "wz_damaged", "25.50"),
    Case(2, {"AGS": "5962024"}, ("SITE_AGS", ""), "ambiguous", None, "ags_lost_zero", "05962024"),
    Case(2, {"PHS[SQ001]": "713"}, ("PRODUCT_HS", "1"), "ambiguous", None, "hs_lost_zero", "0713"),
    Case(2, {"PHS[SQ001]": "7320.20"}, ("PRODUCT_HS", "1"), "answered", "732020"),
    Case(2, {"RNO": "1,2E+05"}, ("REG_NO", ""), "ambiguous", None, "spreadsheet_power_of_ten"),
    Case(2, {"RNO": "HRB1234"}, ("REG_NO", ""), "answered"), Case(2, {"RNO": "B 1234"}, ("REG_NO", ""), "ambiguous", None, "register_not_plain", "1234"),
    Case(2, {"RNO": "1234 (Musterstadt)"}, ("REG_NO", ""), "ambiguous", None, "register_not_plain", "1234"),
    Case(3, {"LNAME": "MÃ¤rker GmbH (erfunden)"}, ("LEGAL_NAME", ""), "answered", "text: Märker GmbH (erfunden)", "encoded_twice"),
    Case(3, {"LNAME": "Mu\u0308ller GmbH (erfunden)"}, ("LEGAL_NAME", ""), "answered", "text: Müller GmbH (erfunden)", note="LNAME with u + U+0308"),
    Case(3, {"LNAME": "Walz\u00adwerk\u00a0X (erfunden)"}, ("LEGAL_NAME", ""), "answered", "text: Walzwerk X (erfunden)", note="LNAME with soft hyphen and non-breaking space"),
    Case(4, {"PTXT[SQ001]": 'Federn; "kalt",\ngewickelt'}, ("PRODUCT_TEXT", "1"), "answered", 'text: Federn; "kalt",\ngewickelt', note="separators, quotes and a line break inside a text"),
    Case(5, {"LNAME": "Test"}, ("LEGAL_NAME", ""), "answered", None, "test_answer", note="LNAME = `Test`: the response does not count until somebody decides"),
    Case(5, {"LNAME": "asdf"}, ("LEGAL_NAME", ""), "answered", None, "test_answer"),
    Case(6, {"submitdate": "", "lastpage": "2"}, ("EXPORT_SHARE", ""), "partial"),
    Case(6, {"GRP": "N"}, ("GROUP_HEADCOUNT_BAND", ""), "not_shown"), Case(6, {"GRP": "Y"}, ("GROUP_HEADCOUNT_BAND", ""), "no_answer"),
    Case(7, {"CUSTSEC[SQ001]": "60", "CUSTSEC[SQ002]": "35"}, ("CUST_SECTOR_SHARE", "AUTO"), "answered", 60, "share_sum_off", "sum 95"),
    Case(7, {"CUSTSEC[SQ001]": "60", "CUSTSEC[SQ002]": "50"}, ("CUST_SECTOR_SHARE", "AUTO"), "answered", 60, "share_sum_off", "sum 110"),
    Case(7, {"CUSTSEC[SQ001]": "60", "CUSTSEC[SQ002]": "60"}, ("CUST_SECTOR_SHARE", "AUTO"), "invalid", None, "share_sum_far_off"),
    Case(7, {"CUSTSEC[SQ001]": "0,6", "CUSTSEC[SQ002]": "0,4"}, ("CUST_SECTOR_SHARE", "AUTO"), "ambiguous", None, "share_of_one", "60"),
    Case(7, {"RNDSH": "0,035"}, ("RND_SHARE", ""), "answered", 3.5, note="RNDSH = `0,035`, a share of 1 in wave 2027"),
    Case(7, {"RNDSH": "3,5"}, ("RND_SHARE", ""), "answered", 3.5, wave="2026", note="RNDSH = `3,5`, percent in wave 2026"),
    Case(7, {"HEADC": "50", "TURNEUR": "9000"}, ("TURNOVER_EUR", ""), "ambiguous", None, "turnover_factor_thousand", "9000000"),
    Case(7, {"HEADC": "50", "TURNEUR": "9.000.000"}, ("TURNOVER_EUR", ""), "answered", 9_000_000),
    Case(8, {"TARIFF": "A1"}, ("TARIFF_EFFECT", ""), "answered", "none", wave="2026"), Case(8, {"TARIFF": "A1"}, ("TARIFF_EFFECT", ""), "answered", "dont_know"),
    Case(8, {"PROC[SQ018]": "Y", "PROC[SQ019]": "Y"}, ("PROC", "hardening"), "answered", "1"),
    Case(8, {"HEATT": "A3"}, ("HEAT_TEMP_BAND", ""), "answered", "100-250"), Case(8, {"HEATT": "A3"}, ("HEAT_TEMP_BAND", ""), "answered", "100-400", wave="2026"),
    Case(8, {"OWNDEV": "Y"}, ("OWN_DEV", ""), "answered", "1"),
    Case(9, {"LFORM": "A2", "RTYPE": "A1", "RNO": "1234"}, ("REG_NO", ""), "ambiguous", None, "register_of_general_partner"),
    Case(9, {"RNO": "HRA 12 / HRB 345"}, ("REG_NO", ""), "ambiguous", None, "register_two_numbers", "HRA 12 | HRB 345"),
    Case(9, {"LNAME": "Probe GmbH (vormals Alt GmbH, erfunden)"}, ("LEGAL_NAME", ""), "answered", None, "name_former_name"),
    Case(9, {"LNAME": "Probe GmbH i.I. (erfunden)"}, ("LEGAL_NAME", ""), "answered", None, "name_insolvency"),
    Case(9, {"LNAME": "Probe AG Niederlassung Nord (erfunden)"}, ("LEGAL_NAME", ""), "answered", None, "name_branch"),
    Case(11, {"IDEATXT[SQ001]": "fragen Sie Herrn Mustermann (erfunden), Tel. 0000 123456"}, ("IDEA_TEXT", "1"), "answered", None, "personal_data", note="free text that names a person and a telephone"),
    Case(11, {"IDEATXT[SQ001]": "=HYPERLINK(\"http://x.invalid\")"}, ("IDEA_TEXT", "1"), "answered", None, note="free text that is a formula: kept as text"),
    Case(12, {"CONSVER": "2099-01"}, ("CONS_TEXT_VERSION", ""), "answered", None, "consent_text_unknown"),
    Case(12, {"CONSVER": "2027-03"}, ("CONS_TEXT_VERSION", ""), "answered", None, "consent_text_out_of_time", note="a text of March in a response of February"),
]  # fmt: skip
