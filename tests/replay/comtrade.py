"""UN Comtrade as it behaves: an envelope with a count, totals beside the parts they add up, limits, quotas, a list."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.replay.server import Reply, Request

PRODUCTS = ("01", "02", "73", "84", "0101", "0102", "7318", "7320", "8413", "731815", "731816", "841350")
PARTNERS = {0: ("W00", "World"), 156: ("CHN", "China"), 842: ("USA", "USA"), 757: ("CHE", "Switzerland")}
REPORTERS = {276: ("DEU", "Germany"), 40: ("AUT", "Austria")}


def row(reporter: int, period: str, flow: str, partner: int, product: str, value: float, **more: Any) -> dict[str, Any]:
    """An invented record in the true shape (47 fields there, the telling ones here)."""
    iso, name = REPORTERS.get(reporter, ("XXX", "Elsewhere"))
    return {
        "typeCode": "C", "freqCode": "A", "refPeriodId": int(period) * 10_000 + 101, "refYear": int(period), "refMonth": 52,
        "period": period, "reporterCode": reporter, "reporterISO": iso, "reporterDesc": name, "flowCode": flow,
        "flowDesc": {"M": "Import", "X": "Export"}.get(flow, flow), "partnerCode": partner,
        "partnerISO": PARTNERS[partner][0], "partnerDesc": PARTNERS[partner][1], "partner2Code": 0, "partner2ISO": "W00",
        "classificationCode": "H6", "cmdCode": product, "cmdDesc": f"Product {product} (invented)", "aggrLevel": len(product),
        "customsCode": "C00", "motCode": 0, "qtyUnitCode": -1, "qty": None, "netWgt": None, "cifvalue": value,
        "fobvalue": None, "primaryValue": value, "isReported": True, "isAggregate": False,
    } | more  # fmt: skip


@dataclass
class Comtrade:
    """The service. ``rows`` is everything there is; ``most`` the limit per answer, whatever is asked for."""

    key: str = "schluessel-0815-comtrade"
    prefix: str = "/"
    rows: list[dict[str, Any]] = field(default_factory=list)
    released: dict[str, str] = field(default_factory=dict)
    most: int = 100_000
    quota_wait: int | None = None
    fixed: bytes | None = None
    products: tuple[str, ...] = PRODUCTS
    available: list[dict[str, Any]] | None = None
    queries: list[dict[str, str]] = field(default_factory=list)

    def publish(self, reporter: int, period: str, released: str, base: float = 100) -> None:
        """A year of a reporter, or a revised one in its place: totals, and the modes of transport they add up."""
        self.rows = [r for r in self.rows if (r["reporterCode"], r["period"]) != (reporter, period)]
        self.released[f"{reporter}-{period}"] = released
        for number, product in enumerate(PRODUCTS):
            for flow in ("M", "X"):
                for partner in PARTNERS:
                    value = (base + number) * (3 if partner == 0 else 1)
                    self.rows.append(row(reporter, period, flow, partner, product, value))
                    for mode in (1000, 2100):
                        self.rows.append(row(reporter, period, flow, partner, product, value / 2, motCode=mode))
                    self.rows.append(row(reporter, period, flow, partner, product, value, partner2Code=251))

    def answer(self, request: Request) -> Reply:
        if request.headers.get("ocp-apim-subscription-key") != self.key:
            message = b'{"statusCode": 401, "message": "Access denied due to invalid subscription key."}'
            return Reply(message, 401)
        if "/reference/" in request.path:
            headers = {"ETag": '"hs"', "Last-Modified": "Mon, 02 Feb 2026 00:00:00 GMT"}
            if request.headers.get("if-none-match") == '"hs"':
                return Reply(b"", 304, headers=headers)
            codes = [{"id": p, "text": f"{p} - invented"} for p in ("TOTAL", "AG2", *self.products)]
            return Reply(b"\xef\xbb\xbf" + json.dumps({"more": False, "results": codes}).encode(), headers=headers)
        if "getDa" in request.path:
            return self._envelope(self._available(request.query["reporterCode"].split(",")))
        self.queries.append(request.query)
        if self.quota_wait is not None:
            message = (
                b'{"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 08:12:33."}'
            )
            return Reply(message, 403, headers={"Retry-After": str(self.quota_wait)} if self.quota_wait else {})
        if self.fixed is not None:
            return Reply(self.fixed)
        most = min(self.most, int(request.query["maxRecords"]))
        return self._envelope([r for r in self.rows if self._fits(r, request.query)][:most])

    def _available(self, reporters: list[str]) -> list[dict[str, Any]]:
        if self.available is not None:
            return self.available
        known = [(*key.split("-"), date) for key, date in sorted(self.released.items())]
        return [
            {"reporterCode": int(r), "period": int(p), "totalRecords": 9, "lastReleased": d, "datasetChecksum": 17}
            for r, p, d in known
            if r in reporters
        ]

    def _fits(self, entry: dict[str, Any], query: dict[str, str]) -> bool:
        products = query["cmdCode"].split(",")
        levels = {int(p[2:]) for p in products if p.startswith("AG")}
        return (
            str(entry["reporterCode"]) == query["reporterCode"]
            and entry["period"] == query["period"]
            and entry["flowCode"] in query["flowCode"].split(",")
            and (entry["cmdCode"] in products or len(entry["cmdCode"]) in levels)
            and all(str(entry[n]) == query[n] for n in ("motCode", "customsCode", "partner2Code") if n in query)
        )

    def _envelope(self, rows: list[dict[str, Any]]) -> Reply:
        return Reply(json.dumps({"elapsedTime": "0.09 secs", "count": len(rows), "data": rows, "error": ""}).encode())
