"""A number as a respondent wrote it: its value where it has one reading, else what it could be and why.

Belongs here: how numbers are written. Does not belong here: what a number may be (bounds), or whether it is plausible
beside others (``plausible``). Nothing is guessed: ``1.234`` is a thousand or a decimal, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ingest.survey.text import folded

DIGITS_MOST = 15
BIG = r"[1-9][0-9]{0,2}"
GERMAN = re.compile(rf"{BIG}(?:\.[0-9]{{3}})+,[0-9]+")
ENGLISH = re.compile(rf"{BIG}(?:,[0-9]{{3}})+\.[0-9]+")
GROUPED = re.compile(rf"{BIG}(?:(?:\.[0-9]{{3}}){{2,}}|(?:,[0-9]{{3}}){{2,}})")
SPACED = re.compile(rf"{BIG}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)(?:[.,][0-9]+)?")
EITHER = re.compile(rf"{BIG}[.,][0-9]{{3}}")
DECIMAL = re.compile(r"[0-9]+|(?:0|[1-9][0-9]*)[.,][0-9]+")
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,2}")
AMOUNT = re.compile(
    r"(?P<before>[^0-9+\-.,]*)(?P<number>[+-]?[0-9.,](?:[0-9.,' ]*[0-9])?)(?:,[-–]{1,2})?(?P<after>[^0-9]*)"
)
APPROXIMATE = re.compile(
    r"(?:ca|circa|etwa|rund|ungef(?:ä|ae)hr|gesch(?:ä|ae)tzt|approx|about|~|≈)\.?\s*(.+)", re.I | re.S
)
ABOVE = re.compile(r"(?:>=?|≥|(?:ü|ue)ber|mehr als|mindestens|mind\.?|min\.?|ab)\s*(.+)", re.I | re.S)
BELOW = re.compile(r"(?:<=?|≤|unter|weniger als|h(?:ö|oe)chstens|maximal|max\.?|bis zu|bis)\s*(.+)", re.I | re.S)
RANGE = re.compile(r"(?:zwischen\s+|von\s+)?(.*?[0-9].*?)\s*(?:-|–|—|\bbis\b|\bund\b)\s*([0-9].*)", re.I | re.S)
MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mrz mar maerz", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dez dec"), 1
    )
    for name in names.split()
}
DAY_MONTH = re.compile(r"([0-9]{1,2})[. \-]*\s*([a-z]{3,5})\.?")
MONTH_DAY = re.compile(r"([a-z]{3,5})\.?[ \-]*([0-9]{1,2})")
ZEROS = re.compile(r"0[0-9]+[.,][0-9]+")
DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.(?:[0-9]{2}|[0-9]{4})?|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T].*)?")


@dataclass(frozen=True)
class Cell:
    """What a cell says. ``status``: ``answered_status_code`` of the answer; ``value`` only where it is ``answered``;
    ``low``/``high`` the ends of a stated range; ``code`` the text it stands for; ``finding`` why a person should look;
    ``proposal`` what it probably means, in the unit of the warehouse.
    """

    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    code: str | None = None
    finding: str | None = None
    proposal: str | None = None


@dataclass(frozen=True)
class Unit:
    """How a question's numbers are stored: ``factor`` from what was asked, and words that may stand beside a number."""

    code: str | None = None
    factor: Decimal = Decimal(1)
    words: Mapping[str, Decimal] | None = None


def read_number(text: str, unit: Unit, whole: bool = False) -> Cell:
    """One cell as a number in ``unit``. ``whole``: the question counts, so a fraction is no answer to it."""
    text = text.replace("−", "-").replace("’", "'").strip()
    readings = _amount(text, unit)
    if readings is not None and len(readings) == 1:
        value = readings[0]
        if whole and value != value.to_integral_value():
            return Cell("ambiguous", finding="number_not_whole")
        return Cell("answered", float(value))
    if readings:
        return Cell(
            "ambiguous", finding="number_thousand_or_decimal", proposal=" | ".join(filter(None, map(_shown, readings)))
        )
    return _worded(text, unit) or _damaged(text, unit) or Cell("invalid", finding="number_unreadable")


def _worded(text: str, unit: Unit) -> Cell | None:
    """About, above, below, between: what was said is kept as such."""
    if match := APPROXIMATE.fullmatch(text):
        value = _one(match[1], unit)
        return Cell("approximate", finding="number_approximate", proposal=_shown(value)) if value is not None else None
    if match := ABOVE.fullmatch(text) or re.fullmatch(r"(.+?)\s*\+", text):
        value = _one(match[1], unit)
        return Cell("range", low=float(value), finding="number_open_range") if value is not None else None
    if match := BELOW.fullmatch(text):
        value = _one(match[1], unit)
        return Cell("range", high=float(value), finding="number_open_range") if value is not None else None
    if match := RANGE.fullmatch(text):
        low, high = _one(match[1], unit), _one(match[2], unit)
        # '5 bis 10 %': the unit stands once, behind the second.
        if low is None and high is not None:
            low = _one(match[1] + " " + re.sub(r"^[0-9.,' ]+", "", match[2]), unit)
        if low is not None and high is not None and low < high:
            return Cell(
                "range", low=float(low), high=float(high), finding="number_range", proposal=_shown((low + high) / 2)
            )
    return None


def _damaged(text: str, unit: Unit) -> Cell | None:
    """What a spreadsheet made of a number: a date, or powers of ten."""
    if SCIENTIFIC.fullmatch(text):
        value = Decimal(text.replace(",", ".")) * unit.factor
        return Cell("ambiguous", finding="spreadsheet_power_of_ten", proposal=_shown(value))
    if day_month := as_day_month(text):
        value = Decimal(f"{day_month[0]}.{day_month[1]}") * unit.factor
        return Cell("ambiguous", finding="spreadsheet_date", proposal=_shown(value))
    if DATE.fullmatch(text) or ZEROS.fullmatch(text):
        return Cell("ambiguous", finding="spreadsheet_date")
    return None


def as_day_month(text: str) -> tuple[int, int] | None:
    """``07. Mrz`` as (7, 3), the two numbers somebody typed with a point between them."""
    plain = folded(text)
    if (match := DAY_MONTH.fullmatch(plain)) and match[2] in MONTHS:
        return int(match[1]), MONTHS[match[2]]
    if (match := MONTH_DAY.fullmatch(plain)) and match[1] in MONTHS:
        return MONTHS[match[1]], int(match[2])
    if (match := DATE.fullmatch(text)) and match[1] and int(match[2]) <= len(set(MONTHS.values())):
        return int(match[1]), int(match[2])
    return None


def _one(text: str, unit: Unit) -> Decimal | None:
    readings = _amount(text.strip(), unit)
    return readings[0] if readings and len(readings) == 1 else None


def _amount(text: str, unit: Unit) -> list[Decimal] | None:
    """Readings of a number with the words around it; None where it is no such thing."""
    match = AMOUNT.fullmatch(text)
    if match is None:
        return None
    factor, scaled = unit.factor, 0
    words = [word.casefold().rstrip(".") for word in (*match["before"].split(), *match["after"].split())]
    for word in words:
        scale = (unit.words or {}).get(word)
        if scale is None:
            return None
        factor *= scale
        scaled += scale != 1
    if scaled > 1 or len(set(words)) < len(words):
        return None
    has_no_cents = re.search(r",[-–]{1,2}", text) is not None
    readings = _written(match["number"], has_no_cents)
    return [reading * factor for reading in readings] if readings else None


def _written(text: str, is_grouped: bool) -> list[Decimal]:
    """Every reading of digits and separators."""
    sign = Decimal(-1 if text.startswith("-") else 1)
    body = text.lstrip("+-") if text[:1] in "+-" and text[1:2] not in ("+", "-") else text
    if sum(c.isdigit() for c in body) > DIGITS_MOST:
        return []
    if GERMAN.fullmatch(body):
        found = [body.replace(".", "").replace(",", ".")]
    elif ENGLISH.fullmatch(body):
        found = [body.replace(",", "")]
    elif GROUPED.fullmatch(body) or (is_grouped and EITHER.fullmatch(body)):
        found = [re.sub("[.,]", "", body)]
    elif SPACED.fullmatch(body):
        found = [re.sub("[ ']", "", body).replace(",", ".")]
    elif EITHER.fullmatch(body):
        found = [re.sub("[.,]", "", body), body.replace(",", ".")]
    elif DECIMAL.fullmatch(body):
        found = [body.replace(",", ".")]
    else:
        return []
    return [sign * Decimal(f) for f in found]


def _shown(value: Decimal | None) -> str | None:
    """A number as the review list shows it: without an exponent, a point before decimals."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
