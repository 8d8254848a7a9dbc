"""Codes and register entries as they come out of spreadsheets: what is whole, and what a person has to look at.

Belongs here: the forms of WZ, HS, AGS, postcode, register number, LEI, date. Does not belong here: numbers (``numbers``)
or what a code means. A code that lost a zero or a dot is never completed silently: the likely code is a proposal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from stdnum import lei as lei_number
from stdnum.exceptions import ValidationError
from wz_code import WZ

from ingest.survey.numbers import SCIENTIFIC, Cell, as_day_month

REGISTER_KINDS = r"HRA|HRB|GnR|GsR|PR|VR"
REGISTER = re.compile(rf"(?:(?:{REGISTER_KINDS})\s*)?0*[0-9]{{1,6}}\s*[A-Z]{{0,3}}")
KIND_AND_NUMBER = re.compile(rf"({REGISTER_KINDS})\W*([0-9]{{1,6}})", re.I)
HS_LENGTHS = (2, 4, 6)
CN_LENGTH = 8
HS_LAST_CHAPTER, HS_EMPTY_CHAPTER = 97, 77
POSTCODE = re.compile(r"(?:D\s?-\s?)?([0-9]{5})")


@cache
def wz_codes(version: str) -> frozenset[str]:
    """Divisions, groups, classes and subclasses of a revision of WZ."""
    return frozenset(code for code in WZ(version=version).get_all_codes() if code[:1].isdigit())


def wz(text: str, version: str = "2008") -> Cell:
    """A WZ code. ``25.5`` is a group and what a spreadsheet leaves of the class ``25.50``: both are possible."""
    known = wz_codes(version)
    if day_month := as_day_month(text):
        likely = [f"{day_month[0]:02d}.{day_month[1]}", f"{day_month[0]:02d}.{day_month[1]}0"]
        return Cell("ambiguous", finding="spreadsheet_date", proposal=_choice(c for c in likely if c in known))
    if text in known:
        longer = text + "0"
        if re.fullmatch(r"[0-9]{2}\.[0-9]", text) and longer in known:
            return Cell("ambiguous", finding="wz_group_or_class", proposal=f"{text} | {longer}")
        return Cell("answered")
    body = re.sub(r"^(?:WZ|NACE)?\s*[A-U]?\s*", "", text, flags=re.I).replace(",", ".").replace(" ", "")
    likely = {body, _zero_before_dot(body), body + "0", _zero_before_dot(body) + "0", _dotted(body)}
    if SCIENTIFIC.fullmatch(text) or not any(c.isdigit() for c in body):
        return Cell("invalid", finding="code_unreadable")
    return Cell("ambiguous", finding="wz_damaged", proposal=_choice(c for c in likely if c in known)) if likely & known else Cell("invalid", finding="code_unreadable")  # fmt: skip


def _zero_before_dot(body: str) -> str:
    return "0" + body if re.match(r"[0-9](?:\.|$)", body) else body


def _dotted(body: str) -> str:
    return f"{body[:2]}.{body[2:]}" if body.isdigit() and len(body) in (3, 4) else body


def hs(text: str) -> Cell:
    """An HS code of two, four or six digits, or a CN code of eight; dots and blanks between pairs are spelling, an odd count is a lost zero."""
    if re.fullmatch(r"[0-9]{4}[. ][0-9]{2}", text):
        return _chaptered(text.replace(".", "").replace(" ", ""), spelled=True)
    if not text.isascii() or not text.isdigit():
        body = re.sub(r"[. ]", "", text)
        readable = body.isascii() and body.isdigit() and len(body) >= min(HS_LENGTHS)
        known = readable and len(body) in (*HS_LENGTHS, CN_LENGTH)
        return Cell("ambiguous", finding="hs_damaged", proposal=body[:6] if known else None) if readable or SCIENTIFIC.fullmatch(text) else Cell("invalid", finding="code_unreadable")  # fmt: skip
    if len(text) in (*HS_LENGTHS, CN_LENGTH):
        return _chaptered(text)
    if len(text) + 1 in (*HS_LENGTHS, CN_LENGTH):
        return Cell("ambiguous", finding="hs_lost_zero", proposal=("0" + text)[:6])
    return Cell("invalid", finding="code_unreadable")


def _chaptered(code: str, spelled: bool = False) -> Cell:
    chapter = int(code[:2])
    if not 1 <= chapter <= HS_LAST_CHAPTER or chapter == HS_EMPTY_CHAPTER:
        return Cell("invalid", finding="hs_no_such_chapter")
    return Cell("answered", code=code if spelled else None)


def ags(text: str) -> Cell:
    """A key of a municipality (8 digits), Kreis (5) or Land (2)."""
    if text.isascii() and text.isdigit() and len(text) in (2, 5, 8):
        return Cell("answered")
    if text.isascii() and text.isdigit() and len(text) in (4, 7):
        return Cell("ambiguous", finding="ags_lost_zero", proposal="0" + text)
    return Cell("invalid", finding="code_unreadable")


def postcode(text: str) -> Cell:
    """A German postcode, alone or before a town."""
    if match := POSTCODE.fullmatch(text):
        return Cell("answered", code=None if match[1] == text else match[1])
    if re.fullmatch(r"[0-9]{4}", text):
        return Cell("ambiguous", finding="postcode_lost_zero", proposal="0" + text)
    if match := re.fullmatch(r"([0-9]{5})\.0+", text):
        return Cell("ambiguous", finding="postcode_damaged", proposal=match[1])
    return Cell("invalid", finding="code_unreadable")


def register_number(text: str) -> Cell:
    """A number of the commercial register, with or without its kind before it."""
    both = {(kind.upper(), number) for kind, number in KIND_AND_NUMBER.findall(text)}
    if len(both) > 1:
        return Cell("ambiguous", finding="register_two_numbers", proposal=_choice(f"{k} {n}" for k, n in both))
    if REGISTER.fullmatch(text):
        return Cell("answered")
    if SCIENTIFIC.fullmatch(text):
        return Cell("ambiguous", finding="spreadsheet_power_of_ten")
    numbers = re.findall(r"(?<![0-9])[0-9]{1,6}(?![0-9])", text)
    if len(numbers) == 1 and not re.search(r"[0-9]{7}", text):
        return Cell("ambiguous", finding="register_not_plain", proposal=numbers[0])
    return Cell("ambiguous" if numbers else "invalid", finding="register_unreadable")


def lei(text: str) -> Cell:
    """A legal entity identifier with its check digits."""
    try:
        code = lei_number.validate(text)
    except ValidationError:
        return Cell("invalid", finding="lei_check_digits")
    return Cell("answered", code=None if code == text else code)


def day(text: str) -> Cell:
    """A date in ISO or German form; anything else has more than one reading or none."""
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00(?:\.0+)?)?", text):
        year, month, number = int(match[1]), int(match[2]), int(match[3])
    elif match := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text):
        year, month, number = int(match[3]), int(match[2]), int(match[1])
    else:
        return Cell("ambiguous" if any(c.isdigit() for c in text) else "invalid", finding="date_not_plain")
    try:
        found = date(year, month, number).isoformat()
    except ValueError:
        return Cell("invalid", finding="date_not_plain")
    return Cell("answered", code=None if found == text else found)


def _choice(codes: object) -> str | None:
    return " | ".join(sorted(set(codes))) or None  # pyright: ignore[reportArgumentType]


# By the codebook's unit of a text question.
FORMS: dict[str, Callable[[str], Cell]] = {
    "WZ2008": wz,
    "HS2017": hs,
    "HS2022": hs,
    "AGS": ags,
    "POSTCODE": postcode,
    "REGISTER": register_number,
    "ISO17442": lei,
}
