"""The ECB's data API as it behaves: CSV with many attributes, 304 for who has the series already, 404 without any."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.replay.server import Reply, Request

HEADER = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_CONF,OBS_PRE_BREAK,OBS_COM,"
    "TIME_FORMAT,BREAKS,COLLECTION,COMPILING_ORG,DISS_ORG,DOM_SER_IDS,PUBL_ECB,PUBL_MU,PUBL_PUBLIC,UNIT_INDEX_BASE,"
    "COMPILATION,COVERAGE,DECIMALS,NAT_TITLE,SOURCE_AGENCY,SOURCE_PUB,TITLE,TITLE_COMPL,UNIT,UNIT_MULT"
)


def row(currency: str, period: str, value: str, frequency: str = "A", **other: str) -> str:
    """A line in the true layout; ``other`` replaces single columns."""
    facts = dict.fromkeys(HEADER.split(","), "") | {
        "FREQ": frequency, "CURRENCY": currency, "CURRENCY_DENOM": "EUR", "EXR_TYPE": "SP00", "EXR_SUFFIX": "A",
        "TIME_PERIOD": period, "OBS_VALUE": value, "OBS_STATUS": "A", "OBS_CONF": "F", "TIME_FORMAT": "P1Y",
        "COLLECTION": "A", "DECIMALS": "4", "SOURCE_AGENCY": "4F0", "TITLE": f"{currency}/Euro",
        "TITLE_COMPL": f'"ECB reference exchange rate, {currency}/Euro, 2:15 pm (C.E.T.)"', "UNIT": currency, "UNIT_MULT": "0",
        "KEY": f"EXR.{frequency}.{currency}.EUR.SP00.A",
    } | other  # fmt: skip
    return ",".join(facts.values())


def table(*rows: str) -> bytes:
    """A whole answer."""
    return ("\r\n".join([HEADER, *rows]) + "\r\n").encode()


@dataclass
class Ecb:
    """The data resource. ``publish`` puts rates there and moves the date of the last change."""

    prefix: str = "/data"
    has_validators: bool = True
    answers_with: str | None = None
    rates: dict[tuple[str, str, str], str] = field(default_factory=dict)
    modified: str = "Thu, 02 Jan 2025 15:00:00 GMT"

    def publish(self, frequency: str, currency: str, period: str, value: str, modified: str | None = None) -> None:
        self.rates[frequency, currency, period] = value
        self.modified = modified or self.modified

    def answer(self, request: Request) -> Reply:
        key = request.path.rsplit("/", 1)[-1].split(".")
        if request.query.get("format") != "csvdata" or len(key) != 5:
            return Reply(b"<html><body>Not acceptable</body></html>", 406, "text/html")
        fits = re.compile(".".join(f"({place.replace('+', '|')})" if place else "[A-Z]{3}" for place in key[:2]))
        since = request.query.get("startPeriod", "")
        rows = [
            row(c, p, v, f) for (f, c, p), v in sorted(self.rates.items()) if fits.fullmatch(f"{f}.{c}") and p >= since
        ]
        if not rows:
            return Reply(b"No results found.", 404, "text/plain")
        state = {"ETag": f'"{abs(hash(self.modified))}"', "Last-Modified": self.modified} if self.has_validators else {}
        if state and request.headers.get("if-modified-since") == self.modified:
            return Reply(b"", 304, headers=state)
        if self.answers_with is not None:
            rows = [self.answers_with]
        return Reply(table(*rows), content_type="application/vnd.sdmx.data+csv;version=1.0.0", headers=state)
