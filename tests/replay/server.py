"""The server itself: it takes requests, asks the service they are for, and breaks the answer when told to.

Belongs here: HTTP, ranges and the faults of a network. Does not belong here: what a source says (one module each).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

PAGE = b"<!DOCTYPE html>\n<html><head><title>Anmeldung</title></head><body>Bitte melden Sie sich an.</body></html>"
SLOW_SECONDS = 0.2


@dataclass(frozen=True)
class Request:
    """A request as it arrived. ``query`` and ``form`` hold the last value of each name; ``target`` is path and query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str = ""

    @property
    def form(self) -> dict[str, str]:
        return {k: v[-1] for k, v in parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True).items()}


@dataclass(frozen=True)
class Reply:
    """An answer before the network has its way with it. ``ranges`` allows a broken download to be continued."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = False


class Service(Protocol):
    """One source: answers what lies below its prefix."""

    prefix: str

    def answer(self, request: Request) -> Reply: ...


@dataclass
class Fault:
    """Something to go wrong ``times`` times, on paths that contain ``on``.

    ``429`` and ``503`` with Retry-After, ``reset`` in mid-body, ``slow`` body, ``hang`` (nothing comes for
    ``wait_seconds``), ``cut`` body (shorter than it should be, honestly announced), ``page`` (HTML with status 200),
    ``json_error`` (a JSON message with status 200).
    """

    name: str
    on: str = ""
    times: int = 1
    wait_seconds: float = 0
    after_requests: int = 0


class ReplayServer:
    """Starts on a free loopback port; ``seen`` lists every request."""

    def __init__(self, *services: Service) -> None:
        self.services = list(services)
        self.faults: list[Fault] = []
        self.seen: list[Request] = []
        self._lock = threading.Lock()
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                replay._handle(self)

            do_POST = do_HEAD = do_GET  # noqa: N815 (http.server finds methods by these names)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ReplayServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def fail(self, name: str, on: str = "", times: int = 1, wait_seconds: float = 0, after_requests: int = 0) -> None:
        """Let something go wrong (see :class:`Fault`)."""
        self.faults.append(Fault(name, on, times, wait_seconds, after_requests))

    def asked(self, on: str = "") -> list[Request]:
        """Requests whose path with query, as sent, contains ``on``."""
        return [r for r in self.seen if on in r.target]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        request = Request(
            handler.command,
            parts.path,
            {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()},
            {k.lower(): v for k, v in handler.headers.items()},
            handler.rfile.read(length),
            handler.path,
        )
        with self._lock:
            self.seen.append(request)
            fault = self._due(handler.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._send(handler, request, self._reply(request), fault)

    def _due(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.on in path and fault.times > 0:
                if fault.after_requests > 0:
                    fault.after_requests -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def _reply(self, request: Request) -> Reply:
        for service in self.services:
            if request.path.startswith(service.prefix):
                return service.answer(request)
        return Reply(b'{"error": "nobody lives here"}', 404)

    def _send(self, handler: BaseHTTPRequestHandler, request: Request, reply: Reply, fault: Fault | None) -> None:
        reply = _ranged(request, reply)
        name = fault.name if fault else ""
        wait = fault.wait_seconds if fault else 0
        if name in ("429", "503"):
            message = b'{"statusCode": %s, "message": "Rate limit is exceeded. Try again later."}' % name.encode()
            reply = Reply(message, int(name), headers={"Retry-After": f"{wait:.0f}"})
        elif name == "page":
            reply = Reply(PAGE, 200, "text/html; charset=utf-8")
        elif name == "json_error":
            reply = Reply(b'{"error": [{"status": 500, "label": "internal"}]}', 200)
        elif name == "cut":
            reply = replace(reply, body=reply.body[: max(len(reply.body) * 2 // 3, 1)])
        elif name == "hang":
            time.sleep(wait)
        handler.send_response(reply.status)
        handler.send_header("Content-Type", reply.content_type)
        handler.send_header("Content-Length", str(len(reply.body)))
        for key, value in reply.headers.items():
            handler.send_header(key, value)
        handler.end_headers()
        if request.method == "HEAD":
            return
        if name == "reset":
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            handler.wfile.flush()
            time.sleep(wait)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        for piece in _pieces(reply.body, 20 if name == "slow" else 1):
            handler.wfile.write(piece)
            if name == "slow":
                handler.wfile.flush()
                time.sleep(wait or SLOW_SECONDS)


def _ranged(request: Request, reply: Reply) -> Reply:
    """The rest of a body, where the service allows it and the client's part is of the same state."""
    asked = request.headers.get("range", "")
    if not reply.ranges or reply.status != 200 or not asked.startswith("bytes="):
        return reply
    if request.headers.get("if-range") not in (reply.headers.get("ETag"), reply.headers.get("Last-Modified")):
        return reply
    start = int(asked.removeprefix("bytes=").split("-")[0])
    if start >= len(reply.body):
        return Reply(b"", 416)
    headers = reply.headers | {"Content-Range": f"bytes {start}-{len(reply.body) - 1}/{len(reply.body)}"}
    return replace(reply, status=206, body=reply.body[start:], headers=headers)


def _pieces(body: bytes, count: int) -> Iterator[bytes]:
    size = max(-(-len(body) // count), 1)
    for start in range(0, len(body), size):
        yield body[start : start + size]


Answering = Callable[[Request], Reply]
