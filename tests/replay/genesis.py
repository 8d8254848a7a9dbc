"""A GENESIS service as it behaves: POST only, the account in headers, HTTP 200 whatever it says, long tables as jobs.

The bodies are invented in the true shape: a ZIP with one CSV whose name carries the second it was made, UTF-8 with a
byte-order mark, semicolons, decimal comma. Faults of the protocol are switches of :class:`Genesis`.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from urllib.parse import parse_qs

from tests.replay.server import PAGE, Reply, Request

MASK = "*" * 20
BOM = b"\xef\xbb\xbf"
HEADER = ["statistics_code", "statistics_label", "time_code", "time_label", "time"]
FOOTER = ["value", "value_unit", "value_variable_code", "value_variable_label"]
TOO_LARGE = (
    "Die Tabelle ist zu gross, um im Dialog abgerufen zu werden. Bitte nutzen sie den Webservice mit dem Parameter "
    "job=true (REST) um eine Verarbeitung im Hintergrund zu starten."
)
JOB_MADE = "Der Bearbeitungsauftrag wurde erstellt. Die Tabelle kann in Kürze als Ergebnis mit folgendem Namen abgerufen werden: "
LOGGED_IN = "Sie wurden erfolgreich an- und abgemeldet!"
NO_LOGIN = "Ein Fehler ist aufgetreten. (Bitte überprüfen Sie Ihre Zugangsdaten.)"


@dataclass(frozen=True)
class Cell:
    """One published cell; ``place`` is variable, key and label of its region, ``dims`` are the other dimensions."""

    time: str
    place: tuple[str, str, str]
    value: str
    dims: tuple[tuple[str, str, str, str], ...] = ()
    indicator: tuple[str, str, str] = ("Anzahl", "ERW032", "Sozialversicherungspfl. Beschäftigte (Arbeitsort)")
    quality: str | None = None


@dataclass
class Table:
    """A table. ``changed`` is when its data changed (``stand`` is held against it), ``updated`` what it says of itself."""

    cells: list[Cell] = field(default_factory=list)
    changed: datetime = datetime(2025, 9, 8, 9, 8, 56)
    updated: str = "08.09.2025 09:08:56h"
    first: str = "30.06.2008"
    last: str = "30.06.2024"
    is_large: bool = False
    packed: bytes | None = None
    described: bytes | None = None


def flat(cells: Iterable[Cell], statistic: str = "13111") -> str:
    """The flat CSV of today, without the byte-order mark."""
    cells = list(cells)
    width = max((1 + len(c.dims) for c in cells), default=1)
    parts = ("code", "label", "attribute_code", "attribute_label")
    header = HEADER + [f"{n}_variable_{part}" for n in range(1, width + 1) for part in parts] + FOOTER
    with_quality = any(c.quality is not None for c in cells)
    lines = [";".join(header + ["value_q"] * with_quality)]
    for c in cells:
        kind = ("STAG", "Stichtag") if "-" in c.time else ("JAHR", "Jahr")
        place = (c.place[0], "Kreise und kreisfreie Städte", c.place[1], c.place[2])
        dims = [text for group in (place, *c.dims) for text in group]
        row = [statistic, "Beschäftigte", *kind, c.time, *dims, c.value, *c.indicator]
        lines.append(";".join(row + [c.quality or ""] * with_quality))
    return "\n".join(lines) + "\n"


def packed(name: str, member: bytes) -> bytes:
    """A ZIP with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return buffer.getvalue()


@dataclass
class Genesis:
    """One service. ``accounts`` are name and password; a token is an account with an empty password.

    Switches: ``system_errors`` (so many -1 of a method), ``polls`` (so many 104 before a job is ready), ``expired`` (so
    many results are gone), ``script`` (answers of a method in their order, before its own), ``latin1`` (``csv`` or ``json`` come in Latin-1, labelled UTF-8), ``adjusted`` (descriptions
    say 22), ``ignores_years``, ``statuses`` (HTTP status of a method) and ``bodies`` (what a method says instead).
    """

    prefix: str = "/"
    accounts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    cubes: dict[str, bytes] = field(default_factory=dict)
    system_errors: dict[str, int] = field(default_factory=dict)
    polls: int = 2
    expired: int = 0
    latin1: set[str] = field(default_factory=set)
    adjusted: bool = False
    ignores_years: bool = False
    statuses: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    script: dict[str, list[bytes]] = field(default_factory=dict)
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    jobs: dict[str, tuple[dict[str, str], int]] = field(default_factory=dict)
    clock: int = 1_773_175_000_000

    def answer(self, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(PAGE, 200, "text/html; charset=utf-8")
        method = "/".join(request.path.rstrip("/").split("/")[-2:])
        form = _form(request)
        self.forms.append((method, form))
        if self.script.get(method):
            return Reply(self.script[method].pop(0))
        if method in self.bodies:
            return Reply(self.bodies[method], self.statuses.get(method, 200))
        if method == "helloworld/whoami":
            return Reply(json.dumps({"User-Agent": request.headers.get("user-agent"), "User-IP": "0.0.0.0"}).encode())
        if not self._knows(request):
            return self._no_login(method)
        if self.system_errors.get(method, 0) > 0:
            self.system_errors[method] -= 1
            return self._say(method, form, -1, "Es ist ein Systemfehler aufgetreten.", "Fehler")
        answers = {
            "helloworld/logincheck": self._logincheck,
            "metadata/table": self._metadata,
            "metadata/cube": self._metadata,
            "data/tablefile": self._tablefile,
            "data/cubefile": self._cubefile,
            "catalogue/results": self._results,
            "data/resultfile": self._resultfile,
        }
        return answers[method](method, form, request)

    def methods(self) -> list[str]:
        """Methods in the order they were asked for."""
        return [method for method, _ in self.forms]

    def last(self, method: str) -> dict[str, str]:
        """The form a method was last asked with."""
        return [form for asked, form in self.forms if asked == method][-1]

    def _knows(self, request: Request) -> bool:
        name, password = (
            request.headers.get(h, "").encode("latin-1").decode("utf-8") for h in ("username", "password")
        )
        return self.accounts.get(name) == password

    def _no_login(self, method: str) -> Reply:
        if method == "helloworld/logincheck":
            return Reply(json.dumps({"Status": NO_LOGIN, "Username": MASK}, ensure_ascii=False).encode())
        return self._say(method, {}, 15, NO_LOGIN, "Fehler")

    def _say(self, method: str, form: dict[str, str], code: int, text: str, kind: str = "Information", **more: object) -> Reply:  # fmt: skip
        service, name = method.split("/")
        body = {
            "Ident": {"Service": service, "Method": name},
            "Status": {"Code": code, "Content": text, "Type": kind},
            "Parameter": {"username": MASK, "password": MASK, **form},
            **(more or {"Object": None}),
            "Copyright": "© Statistische Ämter des Bundes und der Länder,\nDeutschland, 2026.",
        }
        encoding = "latin-1" if "json" in self.latin1 else "utf-8"
        content = json.dumps(body, ensure_ascii=False).encode(encoding)
        return Reply(content, self.statuses.get(method, 200), "application/json;charset=UTF-8")

    def _logincheck(self, method: str, form: dict[str, str], request: Request) -> Reply:
        body = {"Status": LOGGED_IN, "Username": request.headers["username"]}
        return Reply(json.dumps(body, ensure_ascii=False).encode(), content_type="application/json;charset=UTF-8")

    def _metadata(self, method: str, form: dict[str, str], request: Request) -> Reply:
        table = self.tables.get(form["name"])
        if table is None and form["name"] not in self.cubes:
            return self._say(method, form, 104, "Es gibt keine Objekte zum angegebenen Selektionskriterium")
        table = table or Table()
        if table.described is not None:
            return Reply(table.described, content_type="application/json;charset=UTF-8")
        found = {
            "Code": form["name"], "Content": "Beschäftigte:\nKreise", "Time": {"From": table.first, "To": table.last},
            "Valid": "false", "Structure": {"Head": {"Code": form["name"][:5], "Updated": "see parent"}},
            "Updated": table.updated,
        }  # fmt: skip
        code, text = (22, "Der Parameter area wurde angepasst.") if self.adjusted else (0, "erfolgreich")
        return self._say(method, form, code, text, "Warnung" if self.adjusted else "Information", Object=found)

    def _tablefile(self, method: str, form: dict[str, str], request: Request) -> Reply:
        table = self.tables.get(form["name"])
        if table is None:
            return self._say(method, form, 90, "Die angeforderte Tabelle ist nicht vorhanden.", "Fehler")
        if form.get("stand") and table.changed <= datetime.strptime(form["stand"], "%d.%m.%Y %H:%M"):
            return self._say(method, form, 50, "Es liegen keine neueren Daten vor.")
        if form["job"] == "true":
            name = f"{form['name']}_{175879554 + len(self.jobs)}"
            self.jobs[name] = (form, self.polls)
            return self._say(method, form, 99, JOB_MADE + name)
        if table.is_large:
            return self._say(method, form, 98, TOO_LARGE, "Fehler")
        return self._zip(method, form, table, "de_flat")

    def _results(self, method: str, form: dict[str, str], request: Request) -> Reply:
        job, left = self.jobs.get(form["selection"], ({}, 1))
        if left:
            self.jobs[form["selection"]] = (job, left - 1)
            return self._say(method, form, 104, "Es gibt keine Objekte zum angegebenen Selektionskriterium", List=None)
        found = [{"Code": form["selection"], "Content": "Beschäftigte", "Values": "1980160"}]
        return self._say(method, form, 0, "erfolgreich", List=found)

    def _resultfile(self, method: str, form: dict[str, str], request: Request) -> Reply:
        if self.expired > 0 or form["name"] not in self.jobs:
            self.expired -= 1
            return self._say(method, form, 104, "Es gibt keine Objekte zum angegebenen Selektionskriterium")
        job = self.jobs[form["name"]][0]
        return self._zip(method, job, self.tables[job["name"]], "flat")

    def _cubefile(self, method: str, form: dict[str, str], request: Request) -> Reply:
        if form["name"] not in self.cubes:
            return self._say(method, form, 90, "Der angeforderte Datenquader ist nicht vorhanden.", "Fehler")
        who = request.headers["username"].encode("latin-1")
        comment = b"* Der Benutzer " + who + b" der Benutzergruppe " + who + b"-GRUPPE hat am 18.02.2026 um 20:52:23 diesen Export angestossen.\n"  # fmt: skip
        return Reply(comment + self.cubes[form["name"]], content_type="text/csv")

    def _zip(self, method: str, form: dict[str, str], table: Table, kind: str) -> Reply:
        self.clock += 1_000
        if table.packed is not None:
            content = table.packed
        else:
            cells = [c for c in table.cells if _is_wanted(c, form, self.ignores_years)]
            if not cells:
                return self._say(method, form, 104, "Es gibt keine Objekte zum angegebenen Selektionskriterium")
            text = flat(cells)
            member = text.encode("latin-1") if "csv" in self.latin1 else BOM + text.encode()
            content = packed(f"{form['name']}_{self.clock}_{kind}.csv", member)
        headers = {"Content-Disposition": f"attachment; filename={form['name']}_{self.clock}_{kind}.zip"}
        return Reply(content, content_type="application/zip", headers=headers)


def _form(request: Request) -> dict[str, str]:
    """The form as the service reads it: without a charset its umlauts are taken for Latin-1."""
    is_utf8 = "charset=utf-8" in request.headers.get("content-type", "").lower()
    found = parse_qs(request.body.decode("latin-1"), keep_blank_values=True, encoding="utf-8" if is_utf8 else "latin-1")
    return {name: values[-1] for name, values in found.items()}


def _is_wanted(cell: Cell, form: dict[str, str], ignores_years: bool) -> bool:
    variable, keys = form.get("regionalvariable", ""), [k for k in form.get("regionalkey", "").split(",") if k]
    year, first, last = cell.time[:4], form.get("startyear", ""), form.get("endyear", "")
    if variable and (cell.place[0] != variable or (keys and not any(fnmatch(cell.place[1], k) for k in keys))):
        return False
    if not first or ignores_years:
        return year == "2024"
    return first <= year <= (last or "9999")
