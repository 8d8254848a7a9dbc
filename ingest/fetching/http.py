"""One polite client for every source: counted, patient, bounded, and silent about secrets.

Belongs here: sending a request until it is answered whole, and bringing a file down so that a break costs only what
was still missing. Does not belong here: what an answer means (connectors know their protocol).

A request is repeated on 429, 500, 502, 503, 504 and on a broken connection, with exponential backoff and jitter;
``Retry-After`` is obeyed up to the endpoint's ``max_wait_seconds``, beyond which the call ends with a clear message.
Redirects are followed only where no credentials travel. No body may be larger, or trickle in longer, than the endpoint
allows.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from ingest.contract import Endpoint
from ingest.errors import FetchError
from ingest.fetching.budget import Budget
from ingest.fetching.patience import REPEATED_STATUSES, Patience, alarm
from ingest.fetching.secrets import Secrets
from warehouse.steps import step

CHUNK_BYTES = 1 << 14
LARGEST_IN_MEMORY = 256 << 20
SHOWN_EVERY_SECONDS = 0.5
BROKEN = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
    requests.exceptions.ContentDecodingError,
)


@dataclass(frozen=True)
class Answer:
    """A whole answer: status, headers (lower case) and body."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_page(self) -> bool:
        """Whether this is an HTML page, whatever the status and the declared type say."""
        start = self.content[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html"))

    def json(self) -> Any:
        """The body as JSON; None when it is not."""
        try:
            return json.loads(self.content.decode("utf-8-sig"))
        except (UnicodeDecodeError, json.JSONDecodeError):
            return None


class Client:
    """The client of one endpoint; use it as a context.

    Args:
        source_id: for messages and for the names of secrets.
        name: the endpoint's name in the contract.
        endpoint: its facts; ``base_url`` is already the one to use.
        secrets: what must never be shown.
        budget: the requests it may send.
    """

    def __init__(self, source_id: str, name: str, endpoint: Endpoint, secrets: Secrets, budget: Budget) -> None:
        self.source_id = source_id
        self.name = name
        self.endpoint = endpoint
        self.secrets = secrets
        self.budget = budget
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc must not add credentials nobody declared
        self._session.proxies = {k: v for k in ("http", "https") if (v := os.environ.get(f"{k}_proxy"))}
        self._session.headers["User-Agent"] = f"kettenwerk/{version('kettenwerk')}"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self.budget.close()

    def url(self, path: str) -> str:
        """Address of ``path`` below the endpoint's base, unless it is one already."""
        return path if path.startswith(("http://", "https://")) else f"{self.endpoint.base_url.rstrip('/')}/{path}"

    def refuse(self, asked: str, problem: str, expected: str = "", todo: str = "", **more: Any) -> FetchError:
        """An error that names this endpoint, without secrets."""
        return FetchError(
            source=f"{self.source_id}/{self.name}",
            asked=self.secrets.scrub(asked),
            problem=self.secrets.scrub(problem),
            expected=expected,
            todo=todo or "call again later; nothing of it was stored",
            **more,
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """A whole answer to a GET (see :meth:`request`)."""
        return self.request("GET", path, params=params, **more)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """A whole answer to a POST (see :meth:`request`)."""
        return self.request("POST", path, data=data, **more)

    def request(self, method: str, path: str, accept: tuple[int, ...] = (), **more: Any) -> Answer:
        """A whole answer. 4xx is the caller's to read when listed in ``accept``, else an error.

        Raises:
            FetchError: no whole answer within the attempts and waits the endpoint allows.
        """
        url = self.url(path)
        patience = Patience(self.source_id, self.endpoint.max_wait_seconds, self.refuse)
        while True:
            try:
                with self._send(method, url, **more) as response:
                    if response.status_code not in REPEATED_STATUSES or response.status_code in accept:
                        body = b"".join(self._body(response, min(self.endpoint.max_bytes, LARGEST_IN_MEMORY)))
                        return self._accepted(_answer(url, response, body), accept)
                    patience.wait(method, url, response=response)
            except BROKEN as error:
                patience.wait(method, url, error=error)

    def download(self, path: str, to: Path, can_resume: bool = True, **more: Any) -> Answer:
        """Bring a body down into ``to``; the answer's ``content`` is its first kilobyte.

        What a broken attempt, or one that was killed, left in ``to`` is continued where the service gives the same
        bytes (``ETag`` or ``Last-Modified`` kept beside it in ``<to>.state``), else begun anew.
        """
        url = self.url(path)
        state = to.with_name(to.name + ".state")
        patience = Patience(self.source_id, self.endpoint.max_wait_seconds, self.refuse)
        while True:
            kept = _kept(to, state) if can_resume else None
            headers = {"Accept-Encoding": "identity"}
            if kept:
                headers |= {"Range": f"bytes={to.stat().st_size}-", "If-Range": kept}
            try:
                with self._send("GET", url, headers=headers, **more) as response:
                    if response.status_code in REPEATED_STATUSES:
                        patience.wait("GET", url, response=response)
                        continue
                    if not _continues(response, to):
                        to.unlink(missing_ok=True)
                        state.unlink(missing_ok=True)
                        patience.wait("GET", url, error=ValueError("the kept part does not fit"))
                        continue
                    self._accepted(_answer(url, response, b""), ())
                    self._receive(response, to, state)
                    with to.open("rb") as handle:
                        return _answer(url, response, handle.read(1024))
            except BROKEN as error:
                patience.wait("GET", url, error=error)

    def _receive(self, response: requests.Response, to: Path, state: Path) -> None:
        """Write a streamed body; a body shorter than announced is a broken connection."""
        resumed = response.status_code == 206
        if not resumed:
            validator = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
            to.unlink(missing_ok=True)
            state.write_text(validator if not validator.startswith("W/") else "", encoding="utf-8")
        done = to.stat().st_size if resumed else 0
        length = response.headers.get("Content-Length") or ""
        total = done + int(length) if length.isdecimal() else None
        shown = 0.0
        with to.open("ab") as handle:
            for chunk in self._body(response, self.endpoint.max_bytes - done):
                handle.write(chunk)
                done += len(chunk)
                if time.monotonic() - shown > SHOWN_EVERY_SECONDS:
                    shown = time.monotonic()
                    step("dock", "bytes", to.name, done=done, total=total)
        if total is not None and done < total:
            raise requests.exceptions.ConnectionError(f"the body ended after {done:,} of {total:,} bytes")
        state.unlink(missing_ok=True)

    def _body(self, response: requests.Response, most: int) -> Iterator[bytes]:
        """The body in pieces, of at most ``most`` bytes unpacked, within the time one body may take."""
        patience = self.endpoint.max_transfer_seconds
        is_late = threading.Event()
        count = 0
        with alarm(patience, response, is_late):
            try:
                for chunk in response.iter_content(CHUNK_BYTES):
                    count += len(chunk)
                    if count > most:
                        raise self.refuse(
                            response.url, f"the answer is larger than {most:,} bytes", "an answer of the usual size",
                            "look at the address in a browser; if it really has grown, raise max_bytes of the endpoint",
                        )  # fmt: skip
                    yield chunk
            except BROKEN:
                if not is_late.is_set():
                    raise
        if is_late.is_set():
            raise self.refuse(
                response.url, f"the answer was not whole after {patience:.0f} s", "a whole answer",
                "call again: a file goes on where it broke; if it stays, raise max_transfer_seconds of the endpoint",
                is_passing=True,
            )  # fmt: skip

    @contextmanager
    def _send(self, method: str, url: str, **more: Any) -> Iterator[requests.Response]:
        """One counted request; whatever the libraries cannot make sense of is refused without being quoted."""
        self.budget.take()
        has_secrets = bool(self.secrets.values)
        timeout = (10, self.endpoint.timeout_seconds)
        try:
            with self._session.request(
                method, url, timeout=timeout, allow_redirects=not has_secrets, stream=True, **more
            ) as response:
                if has_secrets and response.is_redirect:
                    raise self.refuse(
                        url,
                        f"the service sends us to {response.headers.get('Location')}",
                        "an answer at the configured address",
                        "check the address and set the new one; credentials are never sent on to another address",
                    )
                yield response
        except BROKEN:
            raise
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            # Such errors quote what was sent, so only their name is said.
            raise self.refuse(
                url, f"the exchange failed ({type(error).__name__})", "an answer in HTTP",
                "check the address (kettenwerk doctor shows it) and the credentials",
            ) from None  # fmt: skip

    def _accepted(self, answer: Answer, accept: tuple[int, ...]) -> Answer:
        if answer.status < 400 or answer.status in accept:
            return answer
        if answer.status in (401, 403):
            todo = f"check the credentials of {self.source_id} (kettenwerk doctor names the variables)"
        elif answer.status == 404:
            todo = "check whether the source renamed it, then its contract"
        else:
            todo = "call again later; if it stays, check the request against the source's documentation"
        said = " ".join(answer.content[:300].decode("utf-8", "replace").split())
        raise self.refuse(answer.url, f"HTTP {answer.status}{': ' + said if said else ''}", "HTTP 200", todo)


def _answer(url: str, response: requests.Response, content: bytes) -> Answer:
    return Answer(url, response.status_code, _lower(response.headers), content)


def _continues(response: requests.Response, to: Path) -> bool:
    """Whether an answer to "from here on" is a whole body, or begins at the very byte that was missing."""
    if response.status_code == 416:
        return False
    begins = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    kept = to.stat().st_size if to.exists() else 0
    return response.status_code != 206 or (begins is not None and int(begins[1]) == kept)


def _kept(to: Path, state: Path) -> str | None:
    """The validator of a part that can be continued."""
    if not to.exists() or not to.stat().st_size or not state.exists():
        return None
    return state.read_text(encoding="utf-8") or None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
