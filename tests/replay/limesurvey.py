"""LimeSurvey's RemoteControl 2 as it behaves: JSON-RPC with status 200 whatever happens, exports as Base64 in JSON."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.replay.server import Reply, Request

PATH = "/index.php/admin/remotecontrol"
BOM = "\ufeff"


def invented(number: int, changed: str = "", **answers: str) -> dict[str, str]:
    """A response nobody gave; its text answer holds quotes, a delimiter and a line break."""
    submitted = f"2026-02-{1 + number % 28:02d} 09:30:00"
    return {
        "id": str(number), "submitdate": submitted, "lastpage": "13", "startlanguage": "de", "seed": str(10_000 + number),
        "token": f"probe{number:06d}", "startdate": f"2026-02-{1 + number % 28:02d} 09:00:00",
        "datestamp": changed or submitted, "ipaddr": f"192.0.2.{number % 254 + 1}", "refurl": "https://example.invalid/umfrage",
        "LNAME": f"Probe {number} Märkische Schrauben GmbH (erfunden)", "LFORM": "A1", "HEADC": str(10 + number),
        "PTXT[SQ001]": 'Schrauben "M8";\nverzinkt',
    } | answers  # fmt: skip


@dataclass
class Survey:
    """A survey with its responses by id; ``columns`` are the codes of its headings."""

    columns: list[str]
    responses: dict[int, dict[str, str]] = field(default_factory=dict)
    has_dates: bool = True
    is_active: bool = True
    is_permitted: bool = True
    languages: tuple[str, ...] = ("de", "en")

    def answer(self, *numbers: int, **more: str) -> None:
        """Let companies answer, or change what they answered."""
        for number in numbers:
            self.responses[number] = invented(number, **more)

    def csv(self, fields: list[str] | None = None, first: int | None = None, last: int | None = None) -> bytes:
        """An export: BOM, semicolons, every cell quoted, ids ascending."""
        dated = [c for c in self.columns if self.has_dates or c not in ("startdate", "datestamp")]
        columns = [c for c in dated if fields is None or c in fields]
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(columns)
        for number in sorted(self.responses):
            if (first or 0) <= number <= (last or number):
                writer.writerow([self.responses[number].get(c, "") for c in columns])
        return (BOM + buffer.getvalue()).encode("utf-8")


@dataclass
class LimeSurvey:
    """The service. ``expires_after`` calls a key is no longer known; ``export`` may put anything in place of an export."""

    surveys: dict[int, Survey]
    user: str = "auswertung-konto"
    password: str = "Geheim-4711!"
    prefix: str = PATH
    is_off: bool = False
    expires_after: int | None = None
    export: Callable[[bytes], Any] | None = None
    status: dict[str, Any] = field(default_factory=dict)
    answered_id: int | None = None
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    issued: int = 0

    def answer(self, request: Request) -> Reply:
        if self.is_off:
            return Reply(b"")
        if request.method != "POST" or "json" not in request.headers.get("content-type", ""):
            return Reply(b"<html><body>RemoteControl</body></html>", content_type="text/html")
        asked = json.loads(request.body)
        self.calls.append((asked["method"], asked["params"]))
        result = self._result(asked["method"], asked["params"])
        number = asked["id"] if self.answered_id is None else self.answered_id
        return Reply(json.dumps({"id": number, "result": result, "error": None}).encode())

    def asked(self, method: str) -> list[list[Any]]:
        """Parameters of every call of a method, without the session key."""
        return [params[1:] for name, params in self.calls if name == method]

    def _result(self, method: str, params: list[Any]) -> Any:
        if method in self.status:
            return self.status[method]
        if method == "get_session_key":
            if params[:2] != [self.user, self.password]:
                return {"status": "Invalid user name or password"}
            self.issued += 1
            key = f"schluessel{self.issued:04d}"
            self.keys[key] = self.expires_after or 10**6
            return key
        if self.keys.get(params[0], 0) <= 0:
            return {"status": "Invalid session key"}
        self.keys[params[0]] -= 1
        if method == "release_session_key":
            del self.keys[params[0]]
            return "OK"
        survey = self.surveys.get(int(params[1]))
        if survey is None:
            return {"status": "Error: Invalid survey ID", "error_code": "ERR_INVALID_SURVEY"}
        if not survey.is_permitted:
            return {"status": "No permission", "error_code": "ERR_NO_PERMISSION"}
        if method == "get_survey_properties":
            facts = {"active": "Y" if survey.is_active else "N", "datestamp": "Y" if survey.has_dates else "N"}
            return {name: facts[name] for name in params[2]}
        return self._exported(survey, *params[2:])

    def _exported(self, survey: Survey, kind: str, language: str | None, completion: str, heading: str, length: str,
                  first: int | None, last: int | None, fields: list[str] | None, more: Any) -> Any:  # fmt: skip
        assert (kind, completion, heading, length) == ("csv", "all", "code", "short")
        if language is not None and language not in survey.languages:
            return {"status": "Language code not found for this survey."}
        if not survey.is_active:
            return {"status": "No Data, survey table does not exist.", "error_code": "ERR_NO_DATA"}
        if not survey.responses:
            return {"status": "No Data, could not get max id."}
        content = survey.csv(fields, first, last)
        if self.export is not None and fields is None:
            return self.export(content)
        return base64.b64encode(content).decode("ascii")
