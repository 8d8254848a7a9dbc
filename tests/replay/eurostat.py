"""Eurostat's API as it behaves: two hosts by path, an inventory, two forms, promises instead of data, faults in JSON and SOAP.

Values are invented; bodies have the true shape. Data answers carry no ETag.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.replay.server import Reply, Request

MAIN = "/eurostat/api/dissemination"
COMEXT = "/eurostat/api/comext/dissemination"
NS = 'xmlns:m="urn:message" xmlns:s="urn:structure" xmlns:c="urn:common"'


@dataclass(frozen=True)
class Data:
    """A dataset: dimensions in key order, and cells ``(codes…, period, value, flag, conf_status)`` as text."""

    code: str
    dimensions: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    updated: str = "2026-10-05T23:00:00+0200"
    host: str = "main"

    @property
    def stamp(self) -> str:
        """LAST UPDATE of SDMX-CSV: local time without a zone."""
        date, time = self.updated[:10], self.updated[11:19]
        return f"{date[8:10]}/{date[5:7]}/{date[2:4]} {time}"

    def chosen(self, filters: dict[str, list[str]], first: str, last: str) -> list[tuple[str, ...]]:
        where = {self.dimensions.index(name): codes for name, codes in filters.items()}
        return [
            cell for cell in self.cells
            if all(cell[i] in codes for i, codes in where.items())
            and first <= cell[len(self.dimensions)][:4] <= last
        ]  # fmt: skip

    def csv(self, cells: list[tuple[str, ...]], code: str = "") -> bytes:
        """SDMX-CSV 1.0 with codes, lines ended as Eurostat ends them."""
        header = f"DATAFLOW,LAST UPDATE,{','.join(self.dimensions)},TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
        lines = [f"ESTAT:{(code or self.code).upper()}(1.0),{self.stamp},{','.join(cell)}" for cell in cells]
        return ("\r\n".join([header, *lines]) + "\r\n").encode()

    def json(self, cells: list[tuple[str, ...]], code: str = "") -> bytes:
        """JSON-stat 2.0: values and flags by flat position; a cell without either is left out."""
        names = [*self.dimensions, "time"]
        codes = [list(dict.fromkeys(cell[i] for cell in cells)) for i in range(len(names))]
        size = [len(c) for c in codes]
        value: dict[str, float] = {}
        status: dict[str, str] = {}
        for cell in cells:
            position = 0
            for i, n in enumerate(size):
                position = position * n + codes[i].index(cell[i])
            number, flag, conf = cell[len(names) :]
            if number:
                value[str(position)] = float(number)
            if flag or conf == "C":
                status[str(position)] = flag + ("c" if conf == "C" and "c" not in flag else "")
        dimension = {
            name: {
                "label": name,
                "category": {"index": {c: i for i, c in enumerate(found)}, "label": {c: c for c in found}},
            }
            for name, found in zip(names, codes, strict=True)
        }
        return json.dumps({
            "version": "2.0", "class": "dataset", "label": "Invented", "source": "ESTAT", "updated": self.updated,
            "value": value, "status": status, "id": names, "size": size, "dimension": dimension,
            "extension": {"lang": "EN", "id": (code or self.code).upper(), "agencyId": "ESTAT", "version": "1.0",
                          "annotation": [{"type": "OBS_COUNT", "title": str(len(cells))}]},
        }).encode()  # fmt: skip


@dataclass
class Eurostat:
    """Both hosts. Each switch is one behaviour of the protocol; numbers count down as they are used."""

    prefix: str = "/eurostat/api"
    datasets: dict[str, Data] = field(default_factory=dict)
    warnings: int = 0
    queue: list[str] = field(default_factory=list)
    not_yet: int = 0
    most_cells: int = 10**9
    too_big_as_fault: bool = False
    ignores_filters: bool = False
    answers_as: str = ""
    moves_on_while_asked: bool = False
    gzips: bool = False
    jobs: dict[str, tuple[list[str], bytes]] = field(default_factory=dict)

    def publish(self, data: Data) -> None:
        self.datasets[data.code.lower()] = data

    def answer(self, request: Request) -> Reply:
        host = "comext" if request.path.startswith(COMEXT + "/") else "main"
        parts = request.path.removeprefix(COMEXT if host == "comext" else MAIN).strip("/").split("/")
        query = parse_qs(urlsplit(request.target).query)
        if parts == ["files", "inventory"] and host == "main":
            return self._inventory()
        if parts[:3] == ["1.0", "async", "status"]:
            return self._status(parts[3])
        if parts[:3] == ["1.0", "async", "data"]:
            return self._collected(parts[3])
        code = parts[-2] if parts[:3] == ["sdmx", "2.1", "data"] and len(parts) == 5 else parts[-1]
        data = self.datasets.get(code.lower())
        is_sdmx = parts[0] == "sdmx"
        if data is None or data.host != host:
            return refusal(
                404,
                100,
                f"ERR_NOT_FOUND_4: {code.upper()} (DATA_FLOW:ALL,1.0) is not available for dissemination.",
                is_sdmx,
            )
        if parts[:2] == ["sdmx", "2.1"] and parts[2] in ("datastructure", "contentconstraint"):
            return structure(data) if parts[2] == "datastructure" else constraint(data)
        if is_sdmx:
            return self._sdmx(data, parts[4] if len(parts) == 5 else "", query)
        return self._statistics(data, query)

    def _inventory(self) -> Reply:
        """The list of the main host, in its ten columns."""
        header = ["Code", "Type", "Source dataset", "Last data change", "Last structural change", "Data download url (tsv)",
                  "Data download url (csv)", "Data download url (sdmx)", "Data structure download url", "Open in Data Browser url"]  # fmt: skip
        rows = [
            [data.code.upper(), "DATASET", "", data.updated, "2025-01-01T11:00:00+0100", *["https://example.org/x"] * 5]
            for data in self.datasets.values()
            if data.host == "main"
        ]
        lines = ["\t".join(cells) for cells in (header, *rows, ["OTHER", "DATASET", "", "never", *[""] * 6])]
        return Reply(("\n".join(lines) + "\n").encode(), content_type="text/tab-separated-values")

    def _statistics(self, data: Data, query: dict[str, list[str]]) -> Reply:
        if self.warnings > 0:
            self.warnings -= 1
            return Reply(json.dumps({"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."}}).encode())  # fmt: skip
        filters = {k: v for k, v in query.items() if k in data.dimensions}
        if strange := set(query) - set(data.dimensions) - {"format", "lang", "sinceTimePeriod", "untilTimePeriod"}:
            return refusal(400, 150, f"INVALID_QUERY_DIMENSION: {sorted(strange)[0]}", False)
        cells = data.chosen({} if self.ignores_filters else filters, query.get("sinceTimePeriod", ["0"])[0], "9999")
        if len(cells) > self.most_cells:
            return refusal(
                413, 0, f"EXTRACTION_TOO_BIG: estimated {len(cells)} rows, max authorised is {self.most_cells}", False
            )
        if not cells:
            return Reply(json.dumps({"version": "2.0", "class": "dataset", "updated": data.updated, "value": {}, "id": ["time"], "size": [0], "extension": {"id": data.code.upper()}}).encode())  # fmt: skip
        return Reply(data.json(cells, self.answers_as))

    def _sdmx(self, data: Data, key: str, query: dict[str, list[str]]) -> Reply:
        places = key.split(".") if key else [""] * len(data.dimensions)
        if len(places) != len(data.dimensions):
            return refusal(400, 140, f"the key has {len(places)} places, not {len(data.dimensions)}", True)
        filters = {name: place.split("+") for name, place in zip(data.dimensions, places, strict=True) if place}
        for name, codes in filters.items():
            if strange := set(codes) - {cell[data.dimensions.index(name)] for cell in data.cells}:
                return refusal(400, 150, f"INVALID_QUERY_DIMENSION_VALUE: {sorted(strange)[0]}", True)
        first, last = query.get("startPeriod", ["0"])[0], query.get("endPeriod", ["9999"])[0]
        cells = data.chosen({} if self.ignores_filters else filters, first, last)
        if len(cells) > self.most_cells:
            text = f"EXTRACTION_TOO_BIG: the requested extraction is too big, estimated {len(cells)} rows"
            return refusal(400 if self.too_big_as_fault else 413, 0, text, self.too_big_as_fault)
        if not cells:
            return refusal(404, 100, "NO_RECORDS_FOUND", True)
        if self.moves_on_while_asked:
            day = int(data.updated[8:10]) + 1
            self.publish(replace(data, updated=f"{data.updated[:8]}{day:02}{data.updated[10:]}"))
        body = data.csv(cells, self.answers_as)
        if self.queue:
            return self._queued(body)
        return Reply(body, content_type="application/vnd.sdmx.data+csv;version=1.0.0")

    def _queued(self, body: bytes) -> Reply:
        """A promise: the statuses up to AVAILABLE or EXPIRED belong to this order."""
        ends = next((i for i, s in enumerate(self.queue) if s in ("AVAILABLE", "EXPIRED", "LOST")), len(self.queue) - 1)
        statuses, self.queue = self.queue[: ends + 1], self.queue[ends + 1 :]
        job = f"98de05ea-540a-43d3-903b-{len(self.jobs):012}"
        self.jobs[job] = (statuses, body)
        url = "<url>https://elsewhere.example/never-followed</url>"
        return Reply(f'<?xml version="1.0"?><env:Envelope xmlns:env="urn:e"><env:Body><ns0:asyncResponse xmlns:ns0="urn:a"><queued><id>{job}</id><status>SUBMITTED</status>{url}</queued></ns0:asyncResponse></env:Body></env:Envelope>'.encode(), content_type="text/xml")  # fmt: skip

    def _status(self, job: str) -> Reply:
        statuses = self.jobs[job][0] if job in self.jobs else []
        if not statuses or statuses[0] == "LOST":
            return refusal(400, 0, "UNKNOWN_REQUEST", True)
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        return Reply(f'<env:Envelope xmlns:env="urn:e"><env:Body><ns1:response xmlns:ns1="urn:b"><ns1:status>{status}</ns1:status></ns1:response></env:Body></env:Envelope>'.encode(), content_type="text/xml")  # fmt: skip

    def _collected(self, job: str) -> Reply:
        if self.not_yet > 0:
            self.not_yet -= 1
            return refusal(400, 0, "DATA_NOT_YET_AVAILABLE", True)
        body = self.jobs[job][1]
        if self.gzips:
            import gzip

            body = gzip.compress(body)
        return Reply(body, content_type="application/vnd.sdmx.data+csv;version=1.0.0")


def refusal(status: int, number: int, label: str, as_fault: bool) -> Reply:
    """A reason why not, as the statistics API (JSON) or as SDMX (SOAP) says it."""
    if as_fault:
        return Reply(f'<?xml version="1.0"?><S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>{number or 500}</faultcode><faultstring>{label}</faultstring></S:Fault>'.encode(), status, "text/xml")  # fmt: skip
    facts: dict[str, Any] = {"status": status, "label": label} | ({"id": number} if number else {})
    return Reply(json.dumps({"error": [facts]}).encode(), status)


def structure(data: Data) -> Reply:
    """The data structure, its dimensions written in another order than their positions."""
    numbered = list(enumerate(data.dimensions, 1))
    lines = "".join(f'<s:Dimension id="{name}" urn="urn:x" position="{n}"/>' for n, name in reversed(numbered))
    used = "<s:Attribute id='OBS_FLAG'><s:AttributeRelationship><s:Dimension><Ref id='freq'/></s:Dimension></s:AttributeRelationship></s:Attribute>"
    time = f'<s:TimeDimension id="TIME_PERIOD" position="{len(numbered) + 1}"/>'
    return Reply(f'<?xml version="1.0"?><m:Structure {NS}><m:Structures><s:DataStructures><s:DataStructure id="{data.code.upper()}"><s:DimensionList>{lines}{time}</s:DimensionList>{used}</s:DataStructure></s:DataStructures></m:Structures></m:Structure>'.encode(), content_type="application/xml")  # fmt: skip


def constraint(data: Data) -> Reply:
    """The codes that occur, time included."""
    names = [*data.dimensions, "TIME_PERIOD"]
    values = "".join(
        f'<c:KeyValue id="{name}">' + "".join(f"<c:Value>{code}</c:Value>" for code in sorted({cell[i] for cell in data.cells})) + "</c:KeyValue>"
        for i, name in enumerate(names)
    )  # fmt: skip
    return Reply(f'<?xml version="1.0"?><m:Structure {NS}><m:Structures><s:Constraints><s:ContentConstraint><s:CubeRegion include="true">{values}</s:CubeRegion></s:ContentConstraint></s:Constraints></m:Structures></m:Structure>'.encode(), content_type="application/xml")  # fmt: skip


def prices(updated: str = "2026-10-05T23:00:00+0200", first: float = 0.1) -> Data:
    """Invented electricity prices of enterprises: half years, flags, a secret and an absent cell."""
    cells = []
    for number, (band, geo, year) in enumerate(
        itertools.product(("MWH20-499", "MWH500-1999"), ("DE", "EU27_2020", "FR"), range(2013, 2025))
    ):
        for half in ("S1", "S2"):
            cells.append(("S", "E7000", band, "KWH", "X_TAX", "EUR", geo, f"{year}-{half}", f"{first + number / 100:.4f}", "", ""))  # fmt: skip
    cells[4] = (*cells[4][:8], cells[4][8], "p", "")
    cells[5] = (*cells[5][:8], cells[5][8], "be", "")
    cells[6] = (*cells[6][:8], "", "", "C")
    cells[7] = (*cells[7][:8], "0", "", "")
    return Data("nrg_pc_205", ("freq", "siec", "nrg_cons", "unit", "tax", "currency", "geo"), tuple(cells), updated)


def flows() -> Data:
    """Invented FIGARO cells: areas in two dimensions, none of them named geo."""
    cells = [
        ("A", use, made, dest, "MIO_EUR", orig, str(year), f"{100 * i + year}", "", "")
        for i, (use, made, dest, orig, year) in enumerate(
            itertools.product(("C24", "C25"), ("C24", "C25"), ("DE", "FR"), ("DE", "CN"), range(2022, 2025))
        )
    ]
    return Data("naio_10_fcp_ii4", ("freq", "ind_use", "ind_ava", "c_dest", "unit", "c_orig"), tuple(cells))


def prodcom() -> Data:
    """Invented PRODCOM cells; they live on the Comext host."""
    cells = [
        ("A", reporter, product, indicator, str(year), "" if indicator == "PRODQNT" else f"{year * 10}", "", "C" if indicator == "PRODQNT" else "")
        for reporter, product, indicator, year in itertools.product(("DE", "FR"), ("25941130", "25941153"), ("PRODVAL", "PRODQNT", "PQNTFLAG"), (2023, 2024))
    ]  # fmt: skip
    return Data("DS-059358", ("freq", "reporter", "product", "indicators"), tuple(cells), host="comext")
