"""GENESIS: one protocol for the databases of Destatis, of the statistical offices together and of the Länder.

Reference: Statistisches Bundesamt, Anwenderdokumentation Webservice/API, version 5.0 (2025), and answers recorded in
2026. Every answer has HTTP status 200; a message says in its own code what came of the request.

A look costs one request for the login and one per table (``metadata/table``); a file costs one more, a large one the
requests of a job. What was fetched before is only brought again where the service has something newer (``stand``), and
only kept where the CSV in the ZIP differs: the ZIP itself carries the second it was made.

Belongs here: planning and bringing. Does not belong here: sending (``session``), proving what came
(``answers``), what the contract lists (``options``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from ingest.connectors.genesis.answers import (
    ADJUSTED,
    GOOD,
    NO_OBJECT,
    NO_TABLE,
    NOTHING_NEWER,
    AnswerError,
    Delivered,
    Reply,
    cube_of,
    flat_of,
)
from ingest.connectors.genesis.options import (
    SUFFIXES,
    Facts,
    Slice,
    is_recheck,
    is_selection,
    options_of,
    slices_of,
    stamp,
    state_of,
)
from ingest.connectors.genesis.session import PATHS, Session
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from warehouse.steps import step

DESCRIBED_BY = {"flat": "metadata/table", "cube": "metadata/cube"}
PROOFS = {"flat": flat_of, "cube": cube_of}
# A job is three requests at least: its order, a look at it, its result.
DIALOGUE_REQUESTS, JOB_REQUESTS = 1, 3
# Offices stamp a table some time before they show it, and their clock is not ours.
MARGIN = timedelta(days=1)


@connector("genesis")
class Genesis(Connector):
    """Partitions are ``<table>[_<regions>][_<years>]``; a table's code alone asks for all of its files."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.region = context.region
        self.today = context.today
        self.options = options_of(context)
        self.session = Session(self.client, self.options)
        self.is_recheck = is_recheck(self.options, self.today)
        self._facts: dict[str, Facts] = {}
        self._states: dict[str, str] = {}

    def asks(self, wanted: list[str]) -> list[Ask]:
        offered = {wish.table: wish for wish in self.options.tables}
        for name in wanted:
            if name.split("_")[0] not in offered:
                raise self._not_offered(name, list(offered))
        chosen = [w for t, w in offered.items() if not wanted or any(name.split("_")[0] == t for name in wanted)]
        if not chosen:
            return []
        self.session.log_in()
        asks: dict[str, Ask] = {}
        for wish in chosen:
            facts = self._described(wish.table)
            for number, one in enumerate(slices_of(wish, self.options, self.region, facts, self.today)):
                asks[one.partition_key] = self._ask(one, facts, is_first=number == 0)
        for name in wanted:
            if not any(_is_of(key, name) for key in asks):
                raise self._not_offered(name, list(asks))
        due = [a for key, a in asks.items() if not wanted or any(_is_of(key, name) for name in wanted)]
        # A table that cannot be described will fail; asked for last, it keeps no other from coming.
        return sorted(due, key=lambda ask: ask.params["name"] not in self._facts)

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        last = to.parents[2] / to.name  # fetched/<source>/.partial/<endpoint>/<file> becomes fetched/<source>/<file>
        form = {key: str(value) for key, value in ask.params.items()}
        is_job = form.pop("is_job", "") == "yes"
        state = self._states.get(ask.partition_key)
        if known and is_selection(known.cursor, self._question(form)):
            form["stand"] = (datetime.fromisoformat(known.retrieved_at) - MARGIN).strftime("%d.%m.%Y %H:%M")
        reply = self.session.file(form, ask.partition_key, is_job)
        facts = self._facts.get(form["name"], Facts())
        params = form | ({"noted": facts.noted} if facts.noted else {})
        if reply.code == NOTHING_NEWER:
            if "stand" not in form:
                raise self.session.unexpected(reply, ask.partition_key, "a file: nothing was fetched before")
            return Fetched(url=ask.url, params=params, http_status=reply.answer.status, cursor=state, is_new=False)
        came = self._proven(reply, form["name"], ask.partition_key)
        before = self._before(last, form["name"]) if known else None
        if before and before.sha256 == came.sha256:
            return Fetched.of(reply.answer, params=params, cursor=state, is_new=False)
        self._keeps_periods(before, came, form, ask.partition_key)
        to.write_bytes(came.content)
        return Fetched.of(reply.answer, params=params, cursor=state, licence_note=facts.copyright or None)

    def _described(self, table: str) -> Facts | None:
        """What the service says of a table; None where it has none of that code or shows none to this account."""
        form = {"name": table, "area": self.options.area}
        reply = self.session.post(DESCRIBED_BY[self.options.content], form, f"description of {table}")
        if reply.code in (NO_TABLE, NO_OBJECT):
            return None
        found = reply.said.body.get("Object") if reply.said and reply.code in GOOD else None
        if not isinstance(found, dict) or not found.get("Updated"):
            raise self.session.unexpected(reply, f"description of {table}", "an Object with Updated and Time")
        time = found.get("Time")
        first, last = (str(time.get(name) or "") for name in ("From", "To")) if isinstance(time, dict) else ("", "")
        noted = str(reply.said) if reply.said and reply.code == ADJUSTED else ""
        if noted:
            step("dock", "adjusted", f"{table}: {noted}")
        licence = " ".join(str(reply.said.body.get("Copyright") or "").split()) if reply.said else ""
        self._facts[table] = Facts(stamp(str(found["Updated"])), first, last, licence, noted)
        return self._facts[table]

    def _ask(self, one: Slice, facts: Facts | None, is_first: bool) -> Ask:
        content = self.options.content
        if facts:
            self._states[one.partition_key] = state_of(facts, self._question(one.form))
        return Ask(
            one.partition_key,
            one.partition_key + SUFFIXES[content],
            self.client.url(PATHS[content]),
            params=one.form | ({"is_job": "yes"} if one.wish.is_job else {}),
            cursor=None if self.is_recheck else self._states.get(one.partition_key),
            request_count=(JOB_REQUESTS if one.wish.is_job else DIALOGUE_REQUESTS) + is_first,
            title=one.wish.title,
        )

    def _question(self, form: dict[str, str]) -> dict[str, str]:
        """What decides what a file holds: the selection, the service, its language and whether quality marks come."""
        options = self.options
        url = self.client.url(PATHS[options.content])
        return form | {"url": url, "language": options.language, "quality": options.quality}

    def _proven(self, reply: Reply, code: str, asked: str) -> Delivered:
        try:
            came = PROOFS[self.options.content](reply.answer.content, code)
        except AnswerError as wrong:
            raise self.client.refuse(asked, wrong.problem, wrong.expected, wrong.todo) from wrong
        if self.options.content == "cube" and self.client.secrets.scrub_bytes(came.content) != came.content:
            raise self.client.refuse(asked, "the cube names the account among its data", "data without the account")
        return came

    def _before(self, last: Path, code: str) -> Delivered | None:
        """What the last fetch brought; a file that somebody spoiled counts as none."""
        try:
            return PROOFS[self.options.content](last.read_bytes(), code)
        except AnswerError:
            return None

    def _keeps_periods(self, before: Delivered | None, came: Delivered, form: dict[str, str], asked: str) -> None:
        """Refuse a file that lost periods although its first year is fixed: most likely the years were not heard."""
        gone = before.periods - came.periods if before and form["startyear"] else set[str]()
        # German dates end with the year, all others begin with it; years no longer asked for may go.
        lost = sorted(p for p in gone if form["startyear"] <= p.split(".")[-1][:4] <= form["endyear"])
        if lost:
            raise self.client.refuse(
                asked,
                f"{len(lost)} periods that the last fetch held are missing, the first is {lost[0]}",
                f"everything from {form['startyear']} on",
                "look at the table in a browser; if the publisher took them back, remove the fetched file and call again",
            )

    def _not_offered(self, name: str, offered: list[str]) -> Exception:
        return self.client.refuse(
            name,
            "the contract lists no such table for this endpoint",
            f"one of: {', '.join(offered) or 'none'}",
            "choose a listed one, or list it in the endpoint's options",
        )


def _is_of(partition_key: str, name: str) -> bool:
    return partition_key == name or partition_key.startswith(name + "_")
