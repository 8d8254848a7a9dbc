"""The ECB's data API: whole series as CSV, asked for only if they changed since the last time.

The API says when a series was modified (``Last-Modified``, sometimes ``ETag``) and answers 304 to who has it already.
The series are small, so a changed one comes whole; ``updatedAfter`` would give changes without the state they belong to.
Reference: European Central Bank, ECB Data Portal, help pages on the data API and its status codes.

Belongs here: asking and proof that the series asked for came. Does not belong here: what a rate is (``sources/ecb``).
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.http import Answer

NEEDED = ("KEY", "TIME_PERIOD", "OBS_VALUE")


@connector("ecb")
class Ecb(Connector):
    """One Ask per entry of ``series`` (name, flow, key, since); the partition is its name."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.series: dict[str, dict[str, Any]] = {str(s["name"]): s for s in context.options.get("series") or []}

    def asks(self, wanted: list[str]) -> list[Ask]:
        if unknown := [name for name in wanted if name not in self.series]:
            raise self.client.refuse(
                f"series {unknown[0]}", "the source's contract does not offer it", f"one of {', '.join(self.series)}",
                "choose an offered one, or add it to the contract",
            )  # fmt: skip
        return [self._ask(name) for name in self.series if not wanted or name in wanted]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        facts = self.series[ask.partition_key]
        headers = _conditions(known.cursor or "") if known and known.url == ask.url else {}
        answer = self.client.get(ask.url, headers=headers, accept=(400, 404))
        if answer.status == 304:
            return Fetched(ask.url, http_status=304, cursor=known.cursor if known else None, is_new=False)
        self._check(answer, str(facts["flow"]), str(facts["key"]))
        to.write_bytes(answer.content)
        return Fetched.of(answer, cursor=_state(answer))

    def _ask(self, name: str) -> Ask:
        facts = self.series[name]
        params = {"format": "csvdata"} | ({"startPeriod": str(facts["since"])} if facts.get("since") else {})
        # The whole question is in the address, so that a changed contract is never answered by "not modified".
        url = self.client.url(f"data/{facts['flow']}/{facts['key']}?{urlencode(params)}")
        return Ask(name, f"{str(facts['flow']).lower()}_{name}.csv", url, title=f"{facts['flow']}.{facts['key']}")

    def _check(self, answer: Answer, flow: str, key: str) -> None:
        """The whole table of the series asked for, nothing else."""
        asked = f"{flow}/{key}"
        start = answer.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:300].decode("utf-8", "replace")
        if answer.status == 404:
            raise self.client.refuse(
                asked, f"the service has no such series (HTTP 404{': ' + start if start else ''})", "at least one series",
                "check the key in the source's contract against the ECB Data Portal",
            )  # fmt: skip
        if answer.is_page or not start or start[0] in "{<" or answer.status >= 400:
            what = "an HTML page" if answer.is_page else f"HTTP {answer.status} with '{' '.join(start.split())[:160]}'"
            raise self.client.refuse(
                asked, f"{what} came", "the series as CSV", "check the key in the source's contract"
            )
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig", "replace"))))
        if missing := [name for name in NEEDED if name not in rows[0]]:
            raise self.client.refuse(
                asked, f"a table without {missing[0]} came (columns {', '.join(rows[0][:6])})", "KEY, TIME_PERIOD, OBS_VALUE, …",
                "look at the address in a browser; the service may have changed the format",
            )  # fmt: skip
        if len(rows) < 2:
            raise self.client.refuse(asked, "a table without rows came", "at least one rate", "check the key in the source's contract")  # fmt: skip
        if len(rows[-1]) != len(rows[0]):
            raise self.client.refuse(
                asked, f"the table ends in the middle of row {len(rows) - 1}", "a whole table", "call again"
            )
        wanted, column = _pattern(flow, key), rows[0].index("KEY")
        if strange := next((row[column] for row in rows[1:] if not wanted.fullmatch(row[column])), None):
            raise self.client.refuse(
                asked, f"series {strange} came", "only series of this key", "check whether the ECB renamed the flow or its dimensions",
                rule_id="LND-008",
            )  # fmt: skip


def _pattern(flow: str, key: str) -> re.Pattern[str]:
    """Names of series a key stands for: ``+`` separates alternatives, an empty place stands for every code."""
    places = ["(" + "|".join(map(re.escape, place.split("+"))) + ")" if place else r"[^.]+" for place in key.split(".")]
    return re.compile(r"\.".join([re.escape(flow), *places]))


def _state(answer: Answer) -> str | None:
    """What the service says of the state of a series; None when it says nothing."""
    facts = [f"{name}: {answer.headers[name]}" for name in ("etag", "last-modified") if answer.headers.get(name)]
    return "; ".join(facts) or None


def _conditions(state: str) -> dict[str, str]:
    """Headers that ask only for something newer than a state."""
    asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    facts = dict(fact.split(": ", 1) for fact in state.split("; ") if ": " in fact)
    return {asked[name]: value for name, value in facts.items() if name in asked}
