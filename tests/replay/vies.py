"""VIES as it behaves: one number a request, verdicts, and failures that come with status 200, 400 or 500."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.replay.server import Reply, Request

NO_WORD = "---"


@dataclass
class Vies:
    """The service. What is not in ``traders`` is invalid.

    ``errors`` gives a number, a member state or ``*`` an error code: so many times, as ``errorWrappers`` with
    ``status``, or as ``userError`` where ``is_user_error``. ``answers`` gives a number any body at all.
    """

    prefix: str = "/check-vat-number"
    traders: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: dict[str, tuple[str, int]] = field(default_factory=dict)
    status: int = 200
    is_user_error: bool = False
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def answer(self, request: Request) -> Reply:
        if request.method != "POST" or "application/json" not in request.headers.get("content-type", ""):
            return Reply(b"<html><body>VIES on-the-web</body></html>", 200, "text/html")
        body = json.loads(request.body)
        number = body["countryCode"] + body["vatNumber"]
        self.asked[number] += 1
        if number in self.answers:
            status, content = self.answers[number]
            return Reply(content, status)
        code = self._error(number)
        if code and not self.is_user_error:
            return Reply(json.dumps({"actionSucceed": False, "errorWrappers": [{"error": code}]}).encode(), self.status)
        return Reply(json.dumps(self._verdict(body, number, code)).encode())

    def _error(self, number: str) -> str | None:
        for name in (number, number[:2], "*"):
            code, times = self.errors.get(name, ("", 0))
            if times:
                self.errors[name] = (code, times - 1)
                return code
        return None

    def _verdict(self, body: dict[str, str], number: str, code: str | None) -> dict[str, Any]:
        is_valid = number in self.traders and code is None
        name, address = self.traders[number] if is_valid else (NO_WORD, NO_WORD)
        consultation = f"WAPIAAAA{number}" if body.get("requesterNumber") else ""
        said = {
            "countryCode": body["countryCode"], "vatNumber": body["vatNumber"], "requestDate": "2026-03-01T10:00:00.123Z",
            "valid": is_valid, "requestIdentifier": consultation, "name": name, "address": address,
            "traderName": NO_WORD, "traderNameMatch": "NOT_PROCESSED",
        }  # fmt: skip
        return said | ({"userError": code} if code else {})
