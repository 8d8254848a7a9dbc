"""VIES: the VAT numbers of the user's own list, one by one and slowly, one file of answers a day.

Reference: European Commission, VIES REST interface, ``POST check-vat-number``. A failure may come with status 200, 400
or 500 as ``errorWrappers``, or as ``userError`` beside ``valid: false``: then nothing was said of the number.

Numbers come from ``inbox/vies/numbers*.csv`` and from nowhere else. One whose answer is settled is not asked again for
``recheck_days``; one that nobody could answer is asked again at the next call. What came is readable by its owner only.

Belongs here: which numbers are due, asking them, and when to stop. Does not belong here: what an answer means
(``sources/vies``).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.errors import FetchError
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.sources.vies import BUSY, REFUSED, SERVICE_WIDE, ListError, Verdict, listed_numbers, moment, verdict
from warehouse.privacy import sealed
from warehouse.steps import step

PATH = "check-vat-number"
# The service says why it failed with these; the client repeats a 500 that says nothing.
TELLING = (400, 500)


@dataclass
class Round:
    """One call's answers: ``lines`` to keep by number, and how many numbers are ``left`` for the next call, by reason."""

    lines: dict[str, bytes] = field(default_factory=dict)
    settled: int = 0
    left: Counter[str] = field(default_factory=Counter)
    needs_a_person: bool = False

    @property
    def why_left(self) -> str:
        return ", ".join(f"{reason} ({count})" for reason, count in sorted(self.left.items()))


@connector("vies")
class Vies(Connector):
    """A day is a partition; only today can be asked for."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.lineage = context.lineage
        self.today: date = context.today.date()
        self.now = context.today.isoformat(timespec="seconds")
        options = context.options
        self.recheck_days = int(options.get("recheck_days", 90))
        self.most = int(options.get("most_per_call", 200))
        self.troubles = int(options.get("troubles_per_state", 3))
        self.busy_repeats = int(options.get("busy_repeats", 2))
        self.busy_wait = float(options.get("busy_wait_seconds", 5))
        requester = options.get("requester") or {}
        self.requester = {"requesterMemberStateCode": requester["member_state_code"], "requesterNumber": requester["number"]} if requester else {}  # fmt: skip

    def asks(self, wanted: list[str]) -> list[Ask]:
        day = self.today.isoformat()
        if unknown := [w for w in wanted if w != day]:
            raise self.client.refuse(unknown[0], "only today's state can be asked for", day, f"ask for {day}")
        due = self._due()
        if not due:
            return []
        count = min(len(due), self.most)
        url = self.client.url(PATH)
        return [Ask(day, f"checks-{day}.jsonl", url, {"numbers": count}, request_count=count, title=f"{count} numbers")]

    def offers(self, partition_key: str) -> bool:
        return True  # every day's answers stay in force until the number is checked again

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        due = self._due()
        found = self._round(due[: self.most])
        if len(due) > self.most:
            found.left[f"more than {self.most} a call"] += len(due) - self.most
        if not found.settled:
            raise self.client.refuse(
                ask.title, f"none was answered: {found.why_left}", "an answer for at least one number",
                "see the service's page; it may not want to be asked by this address or requester" if found.needs_a_person
                else "call again later; the service or a member state does not answer, which says nothing of the numbers",
                is_passing=not found.needs_a_person,
            )  # fmt: skip
        if found.left:
            step("dock", "left", f"{self.client.source_id}: left for the next call: {found.why_left}")
        lines = {entry["vat_number"]: _packed(entry) for name, entry in self._kept() if name == ask.file_name}
        sealed.write_private(to, b"".join(line + b"\n" for line in (lines | found.lines).values()))
        return Fetched(url=ask.url, params={**ask.params, "settled": found.settled}, http_status=200)

    def _due(self) -> list[str]:
        """Listed numbers without a settled answer of the last days, in the order of the lists."""
        if self.lineage is None:
            return []
        listed: dict[str, None] = {}
        paths = sorted((self.lineage.inbox / "vies").glob("numbers*.csv"))
        for path in paths:
            try:
                listed |= dict.fromkeys(number for _, number in listed_numbers(path.read_bytes()))
            except ListError as error:
                row = f", data row {error.row}" if error.row else ""
                raise self.client.refuse(
                    f"{path.name}{row}", error.problem, error.expected, "correct the list"
                ) from error
        settled = self._settled()
        due = [number for number in listed if number not in settled]
        if not due:
            said = f"{len(listed)} numbers are listed, each answered within {self.recheck_days} days" if paths else "no list lies in inbox/vies/numbers*.csv"  # fmt: skip
            step("dock", "left", f"{self.client.source_id}: nothing to ask: {said}")
        return due

    def _settled(self) -> set[str]:
        """Numbers whose answer still holds, from the files of earlier days."""
        since = self.today - timedelta(days=self.recheck_days)
        settled: set[str] = set()
        for _, entry in self._kept():
            asked, found = moment(entry.get("asked_at")), verdict(entry.get("answer"))
            if asked and found and found.is_settled and asked.date() > since:
                settled.add(entry["vat_number"])
        return settled

    def _kept(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every answer that lies here, with the name of its file; a line that is none is its reader's to refuse."""
        assert self.lineage is not None
        for folder in (self.lineage.inbox / "vies", self.lineage.fetched / "vies"):
            for path in sorted(folder.glob("checks-*.jsonl*")):
                is_sealed = path.suffix == sealed.SUFFIX
                content = sealed.read(self.lineage, path) if is_sealed else path.read_bytes()
                for line in content.splitlines():
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(entry, dict) and isinstance(entry.get("vat_number"), str):
                        yield sealed.plain_name(path), entry

    def _round(self, due: list[str]) -> Round:
        """Ask the numbers in order; a member state in trouble is left, a service in trouble ends the round."""
        done, troubles = Round(), Counter[str]()
        for place, number in enumerate(due):
            state = number[:2]
            if troubles[state] >= self.troubles:
                done.left[f"member state {state} does not answer"] += 1
                continue
            try:
                answer, found = self._check(number)
            except FetchError as error:
                if not (error.is_passing and done.settled):
                    raise
                done.left["the service broke off"] += len(due) - place
                return done
            done.lines[number] = _packed({"vat_number": number, "asked_at": self.now, "answer": answer})
            done.settled += found.is_settled
            if found.is_settled:
                troubles[state] = 0
                continue
            code = found.error_code or ""
            troubles[state] += 1
            done.left[f"{state} {code}"] += 1
            if code in SERVICE_WIDE | REFUSED:
                done.needs_a_person = code in REFUSED
                if place + 1 < len(due):
                    done.left[f"not asked after {code}"] += len(due) - place - 1
                return done
        return done

    def _check(self, number: str) -> tuple[dict[str, Any], Verdict]:
        """The answer about one number, proved to be about it; a busy one is asked again a few times."""
        answer, found = self._ask(number)
        for _ in range(self.busy_repeats):
            if found.error_code not in BUSY:
                break
            time.sleep(self.busy_wait)
            answer, found = self._ask(number)
        if found.state_code in ("valid", "invalid"):
            about = f"{answer.get('countryCode')}{answer.get('vatNumber')}"
            if about != number or moment(answer.get("requestDate")) is None:
                raise self.client.refuse(
                    _shown(number), "the answer is about another number or has no date",
                    "the number that was asked, and requestDate",
                )  # fmt: skip
        return answer, found

    def _ask(self, number: str) -> tuple[dict[str, Any], Verdict]:
        body = {"countryCode": number[:2], "vatNumber": number[2:], **self.requester}
        answer = self.client.request("POST", PATH, accept=TELLING, json=body)
        found = verdict(answer.json())
        if answer.status == 500 and found is None:
            answer = self.client.request("POST", PATH, json=body)
            found = verdict(answer.json())
        if found is None:
            kind = "an HTML page came" if answer.is_page else "something else than an answer came"
            raise self.client.refuse(
                _shown(number), f"{kind} (HTTP {answer.status})", "'valid' as true or false, or an error code"
            )
        return answer.json(), found


def _packed(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode()


def _shown(number: str) -> str:
    """A number as a message may say it: enough to find it in one's own list."""
    return f"the number {number[:4]}…{number[-2:]}"
