"""Talking to a GENESIS service: POST with the account in headers, one request at a time, long tables as jobs.

An account is a name and a password, or a personal token of 32 letters and digits that stands in both; a token is sent
as the name, with an empty password, and cannot start jobs.

Belongs here: sending, what a code asks to do, waiting for jobs. Does not belong here: what to ask for (``genesis``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from time import sleep

from ingest.connectors.genesis.answers import (
    GOOD,
    JOB_MADE,
    KNOWN,
    NO_OBJECT,
    NO_TABLE,
    NOTHING_NEWER,
    SYSTEM_ERROR,
    TOO_LARGE,
    Reply,
    Said,
    said_in,
)
from ingest.connectors.genesis.options import Options
from ingest.errors import FetchError
from ingest.fetching.http import Client
from ingest.fetching.secrets import variable
from warehouse.steps import step

READ_STATUSES = (400, 401, 403, 404, 405)
TOKEN = re.compile(r"[0-9A-Za-z]{32}")
JOB_NAME = re.compile(r"(\S+_\d+)\s*$")
PATHS = {"flat": "data/tablefile", "cube": "data/cubefile"}
FORMATS = {"flat": "ffcsv", "cube": "csv"}
TODO = {
    NO_TABLE: "check the code, and whether this account may see the table; the tables stand in the endpoint's options",
    NO_OBJECT: "check the selection of regions and years in the endpoint's options",
    SYSTEM_ERROR: "call again later; if it stays, the table cannot be had with this selection",
}


class Session:
    """One account at one service."""

    def __init__(self, client: Client, options: Options) -> None:
        self.client = client
        self.options = options
        for name in client.endpoint.credentials:
            value = client.secrets[name]
            if value != value.strip() or not value.isprintable():
                raise client.refuse(
                    variable(client.source_id, name),
                    "the value holds a line break, or a space at its end",
                    "the bare value",
                    "set the variable anew",
                )
        user, password = (client.secrets[name] for name in client.endpoint.credentials)
        self.is_token = user == password and TOKEN.fullmatch(user) is not None
        self._headers = {
            "username": user.encode(),
            "password": b"" if self.is_token else password.encode(),
            # Without the charset, services read umlauts of the form as Latin-1.
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }

    def post(self, method: str, form: Mapping[str, str], asked: str) -> Reply:
        """A whole answer that is no page and no refused login; a system error (-1) is asked again, a few times.

        Raises:
            FetchError: none came.
        """
        body = dict(form) | {"language": self.options.language}
        reply = self._once(method, body, asked)
        for attempt in range(1, self.options.repeat_attempts):
            if reply.code != SYSTEM_ERROR:
                break
            step("dock", "system error", f"{asked}: asked {attempt} of {self.options.repeat_attempts} times")
            sleep(self.options.repeat_seconds)
            reply = self._once(method, body, asked)
        if reply.code == SYSTEM_ERROR:
            raise self.unexpected(reply, asked, f"an answer within {self.options.repeat_attempts} attempts")
        return reply

    def log_in(self) -> None:
        """Prove the account with the one request that is made for it; it also ends the account's forgotten requests."""
        reply = self.post("helloworld/logincheck", {}, "the login")
        if reply.said is None or not reply.said.body:
            raise self.unexpected(reply, "the login", "a message in JSON")
        if not re.search(self.options.login_ok, reply.said.text, re.IGNORECASE):
            raise self._no_login(reply)

    def file(self, form: Mapping[str, str], asked: str, is_job: bool = False) -> Reply:
        """The file of a table, by a job where it is too large for a dialogue; or the word that nothing is newer."""
        path = PATHS[self.options.content]
        whole = dict(form) | {"format": FORMATS[self.options.content], "quality": self.options.quality}
        if not is_job:
            reply = self.post(path, whole | {"job": "false"}, asked)
            if reply.code != TOO_LARGE:
                return self._due(reply, asked)
        if self.is_token:
            raise self.client.refuse(
                asked,
                "the table is too large to be brought at once, and a token cannot start a job",
                "an account with name and password, or smaller files",
                "set years_per_file (or fewer regions) for the table in the endpoint's options, or use name and password",
            )
        for _ in range(1 + self.options.job_restarts):
            reply = self._by_job(path, whole, asked)
            if reply is not None:
                return self._due(reply, asked)
        raise self.client.refuse(
            asked,
            f"the result of the job was gone when it should be brought ({1 + self.options.job_restarts} jobs)",
            "a result that stays until it is brought",
            "call again later; look at the account's results in a browser",
        )

    def unexpected(self, reply: Reply, asked: str, expected: str) -> FetchError:
        """An error that says what the service said and what to do about it."""
        came = str(reply.said) if reply.said else f"{len(reply.answer.content):,} bytes without a message came"
        if reply.code in GOOD:
            came += " came without a file"
        return self.client.refuse(asked, came, expected, TODO.get(reply.code if reply.code is not None else 0, ""))

    def _by_job(self, path: str, whole: Mapping[str, str], asked: str) -> Reply | None:
        """What a job brings; None where its result is gone."""
        made = self.post(path, dict(whole) | {"job": "true"}, asked)
        if made.code != JOB_MADE or made.said is None:
            return made
        found = JOB_NAME.search(made.said.text)
        if found is None:
            raise self.unexpected(made, asked, "a message that ends with the name of the job")
        job = found[1]
        self._wait_for(job, asked)
        options = self.options
        form = {"name": job, "area": options.result_area, "compress": options.compress, "format": whole["format"]}
        result = self.post("data/resultfile", form, asked)
        return None if result.code == NO_OBJECT else result

    def _wait_for(self, job: str, asked: str) -> None:
        options = self.options
        form = {"selection": job, "area": options.result_area, "pagelength": "1"}
        for look in range(options.poll_attempts):
            sleep(options.poll_seconds)
            reply = self.post("catalogue/results", form, asked)
            if reply.code in GOOD and reply.said and _lists(reply.said, job):
                return
            if reply.code not in (*GOOD, NO_OBJECT):
                raise self.unexpected(reply, asked, f"the state of job {job}")
            step("dock", "waiting", f"{asked}: job {job}, look {look + 1} of at most {options.poll_attempts}")
        raise self.client.refuse(
            asked,
            f"job {job} is not ready after {options.poll_attempts} looks, {options.poll_seconds:g} s apart",
            "a result within that time",
            "call again later, or allow more looks (poll_attempts in the endpoint's options)",
            is_passing=True,
        )

    def _due(self, reply: Reply, asked: str) -> Reply:
        if reply.said is None or reply.code == NOTHING_NEWER:
            return reply
        raise self.unexpected(reply, asked, "a file")

    def _once(self, method: str, body: Mapping[str, str], asked: str) -> Reply:
        answer = self.client.post(method, body, headers=self._headers, accept=READ_STATUSES)
        reply = Reply(answer, said_in(answer.content))
        self._check(reply, asked)
        return reply

    def _check(self, reply: Reply, asked: str) -> None:
        status = reply.answer.status
        if status in (401, 403) or (reply.said and self._is_login(reply.said)):
            raise self._no_login(reply)
        if reply.is_page:
            raise self.client.refuse(
                asked,
                f"an HTML page came (HTTP {status})",
                "a file, or a message in JSON",
                "check the address of the service in the contract: it may have moved, or be closed for maintenance",
            )
        if status >= 400 and reply.code is None:
            raise self.client.refuse(asked, f"HTTP {status}", "HTTP 200", "check the address of the service")

    def _is_login(self, said: Said) -> bool:
        if not said.body or said.code in KNOWN or re.search(self.options.login_ok, said.text, re.IGNORECASE):
            return False
        return said.code in self.options.login_codes or bool(
            re.search(self.options.login_texts, said.text, re.IGNORECASE)
        )

    def _no_login(self, reply: Reply) -> FetchError:
        names = " and ".join(variable(self.client.source_id, n) for n in self.client.endpoint.credentials)
        said = f": {reply.said}" if reply.said else ""
        return self.client.refuse(
            "the login",
            f"the service refuses the account (HTTP {reply.answer.status}){said}",
            "an account of this very service: each of the family has its own",
            f"check {names}; a token stands in both",
        )


def _lists(said: Said, job: str) -> bool:
    found = said.body.get("List")
    return isinstance(found, list) and any(isinstance(entry, dict) and entry.get("Code") == job for entry in found)
