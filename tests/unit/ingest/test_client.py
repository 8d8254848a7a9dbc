"""The polite client: bounded in every direction, and plain about answers nobody could have expected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ingest.contract import Endpoint
from ingest.errors import FetchError
from ingest.fetching.budget import Budget
from ingest.fetching.http import Client
from ingest.fetching.secrets import Secrets
from tests.replay.server import ReplayServer, Reply, Request

TOKEN = "very-secret-token"
BODY = bytes(range(256)) * 400


@dataclass
class Any200:
    """Answers everything with what the test put there, one reply after the other, the last one for ever."""

    replies: list[Reply] = field(default_factory=list)
    prefix: str = "/"

    def answer(self, request: Request) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@dataclass
class Desk:
    client: Client
    server: ReplayServer
    service: Any200
    folder: Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    monkeypatch.setenv("KETTENWERK_BACKOFF_SECONDS", "0.01")
    with ExitStack() as stack:

        def start(*replies: Reply, secret: str = "", **facts: Any) -> Desk:
            service = Any200(list(replies))
            server = stack.enter_context(ReplayServer(service))
            endpoint = Endpoint.model_validate(
                {"connector": "x", "dataset": "x", "base_url": server.url, "limits": {"second": 1000}, **facts}
            )
            budget = Budget(tmp_path / "requests.sqlite", "x_y", endpoint.limits, 5)
            secrets = Secrets("x", {"token": secret} if secret else {})
            client = stack.enter_context(Client("x", "y", endpoint, secrets, budget))
            return Desk(client, server, service, tmp_path)

        yield start


@pytest.mark.parametrize("said", ["soon", "", "-5", "Tue, 10 Foo 2026 00:00:00 GMT", "1e400"])
def test_a_retry_after_that_says_no_time_is_as_good_as_none(desk: Callable[..., Desk], said: str) -> None:
    d = desk(Reply(b"busy", 429, headers={"Retry-After": said}), Reply(b"fine"))
    assert d.client.get("a").content == b"fine"
    assert len(d.server.seen) == 2


def test_redirects_that_never_end_are_one_clear_error(desk: Callable[..., Desk]) -> None:
    d = desk(Reply(b"", 302, headers={"Location": "/again"}))
    with pytest.raises(FetchError, match=r"x/y: .*the exchange failed \(TooManyRedirects\)"):
        d.client.get("a")


def test_what_a_library_quotes_is_not_repeated(desk: Callable[..., Desk]) -> None:
    """The library's error holds the header as it was; ours names the kind of error only, and so does its chain."""
    d = desk(Reply(b"fine"), secret=TOKEN)
    with pytest.raises(FetchError, match="InvalidHeader") as caught:
        d.client.get("a", headers={"Authorization": f"Token {TOKEN}\r\nmore"})
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert d.server.seen == []


def test_an_address_that_is_none_is_one_clear_error(desk: Callable[..., Desk]) -> None:
    d = desk(Reply(b"fine"))
    with pytest.raises(FetchError, match=r"exchange failed \(\w+\).*kettenwerk doctor"):
        d.client.get("http://[::1/a")


def test_an_answer_larger_than_the_endpoint_allows_is_refused(desk: Callable[..., Desk]) -> None:
    d = desk(Reply(BODY), max_bytes=50_000)
    with pytest.raises(FetchError, match=r"larger than 50,000 bytes.*max_bytes"):
        d.client.get("a")
    with pytest.raises(FetchError, match=r"larger than 50,000 bytes"):
        d.client.download("a", d.folder / "file")
    assert (d.folder / "file").stat().st_size < 100_000


@pytest.mark.parametrize("way", ["whole", "file"])
def test_a_body_that_trickles_is_ended(desk: Callable[..., Desk], way: str) -> None:
    """Every piece comes within the read timeout; the whole would take 20 s."""
    d = desk(Reply(BODY), max_transfer_seconds=0.5)
    d.server.fail("slow", wait_seconds=1)
    began = time.monotonic()
    with pytest.raises(FetchError, match=r"not whole after 0 s|not whole after 1 s") as caught:
        d.client.get("a") if way == "whole" else d.client.download("a", d.folder / "file")
    assert time.monotonic() - began < 5
    assert caught.value.is_passing


@pytest.mark.parametrize("said", [None, "bytes 0-102399/102400", "bytes 5-", "parts"])
def test_a_part_is_only_continued_at_its_end(desk: Callable[..., Desk], said: str | None) -> None:
    """A 206 that begins elsewhere would be glued together wrong; it is thrown away and the file comes whole."""
    whole = Reply(BODY, headers={"ETag": '"1"'})
    headers = {"ETag": '"1"'} | ({"Content-Range": said} if said else {})
    d = desk(whole, replace(whole, status=206, body=BODY[1000:], headers=headers), whole)
    d.server.fail("reset")
    d.client.download("a", d.folder / "file")
    assert (d.folder / "file").read_bytes() == BODY
    assert len(d.server.seen) == 3
