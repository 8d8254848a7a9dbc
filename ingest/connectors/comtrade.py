"""UN Comtrade API v1: what was released when tells what is new; an answer that meets the limit is asked for in parts.

Reference: UN Comtrade developer portal (``data/v1/get``, ``data/v1/getDa``, reference lists). The key travels in the
header ``Ocp-Apim-Subscription-Key``. The terms permit no redistribution, therefore the endpoint is off by default.

One file is one reporter and period: a single answer as it came, several as a JSON list, each byte for byte. Belongs
here: availability, splitting, quotas. Does not belong here: which rows are totals (``sources/comtrade``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.http import Answer
from ingest.fetching.question import asked
from ingest.fetching.secrets import variable
from warehouse.steps import step

PLACE = "C/A/HS"  # goods, annual, the Harmonized System as reported: what the reader takes
KEY_HEADER = "Ocp-Apim-Subscription-Key"
LEVEL = re.compile(r"AG(?P<digits>[246])")


@dataclass(frozen=True)
class Query:
    """What is asked for in one request; both lists may be halved."""

    flows: tuple[str, ...]
    products: tuple[str, ...]


@connector("comtrade")
class Comtrade(Connector):
    """Partitions are ``<reporter>-<period>``; of each reporter the newest ``watched`` periods are offered."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.options = context.options
        self.reporters = [str(code) for code in self.options.get("reporters") or []]
        self.flows = tuple(map(str, self.options.get("flows") or ["M", "X"]))
        self.products = tuple(map(str, self.options.get("products") or ["AG2"]))
        self.most = int(self.options.get("max_records", 100_000))
        self.per_request = int(self.options.get("products_per_request", 400))
        self.max_requests = int(self.options.get("max_requests", 60))
        self._codes: dict[int, tuple[str, ...]] = {}

    def asks(self, wanted: list[str]) -> list[Ask]:
        if not self.reporters:
            return []
        params = {"reporterCode": ",".join(self.reporters)}
        rows, _ = self._asked("availability", f"data/v1/getDa/{PLACE}", params)
        offered: dict[str, Ask] = {}
        for number, row in enumerate(rows, 1):
            reporter, period = str(row.get("reporterCode", "")), str(row.get("period", ""))
            if not (reporter.isdigit() and period.isdigit()):
                raise self.client.refuse(
                    f"availability, row {number}", "it names no reporter and period", "reporterCode and period"
                )
            if reporter in self.reporters:
                offered[f"{reporter}-{period}"] = self._ask(reporter, period, row)
        wanted = [key for w in wanted for key in (self._of_year(w, offered) or [w])]
        if unknown := [w for w in wanted if w not in offered]:
            raise self.client.refuse(
                unknown[0],
                "no such reporter and period is available",
                f"one of {', '.join(sorted(offered)[-12:]) or 'none'}",
                "choose an offered partition, or add the reporter to the endpoint's options",
            )
        return [offered[key] for key in sorted(set(wanted) or self._newest(offered))]

    def offers(self, partition_key: str) -> bool:
        return partition_key.split("-")[0] in self.reporters

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        due = [Query(self.flows, self.products)]
        answers: list[bytes] = []
        row_count = request_count = 0
        while due:
            if request_count >= self.max_requests:
                raise self.client.refuse(
                    ask.title,
                    f"{request_count} requests did not suffice",
                    f"at most {self.max_requests}",
                    "ask for fewer products, or raise max_requests in the endpoint's options",
                )
            query = due.pop(0)
            request_count += 1
            rows, answer = self._asked(ask.title, f"data/v1/get/{PLACE}", self._params(ask, query))
            if len(rows) >= self.most:
                due[:0] = self._parts(ask, query)
                continue
            answers.append(self.client.secrets.scrub_bytes(answer.content))
            row_count += len(rows)
        if not row_count:
            raise self.client.refuse(
                ask.title,
                "no rows came although the period is available",
                "rows",
                "check products and flows in options",
            )
        to.write_bytes(answers[0] if len(answers) == 1 else b"[" + b",\n".join(answers) + b"]")
        return Fetched(url=ask.url, params=dict(ask.params) | {"requests": request_count}, http_status=200)

    def _of_year(self, wanted: str, offered: dict[str, Ask]) -> list[str]:
        """A bare year means every reporter's."""
        return [key for key in offered if key.endswith(f"-{wanted}")] if "-" not in wanted else []

    def _newest(self, offered: dict[str, Ask]) -> set[str]:
        newest: set[str] = set()
        for reporter in self.reporters:
            own = sorted(key for key in offered if key.split("-")[0] == reporter)
            newest |= set(own[-self.client.endpoint.watched :])
        return newest

    def _ask(self, reporter: str, period: str, row: dict[str, Any]) -> Ask:
        said = [str(row[name]) for name in self.options.get("cursor_fields") or [] if row.get(name) is not None]
        name = f"comtrade-{PLACE.replace('/', '-')}-{reporter}-{period}.json"
        url = self.client.url(f"data/v1/get/{PLACE}")
        params = {"reporterCode": reporter, "period": period, "flows": self.flows, "products": self.products}
        question = {"url": url, "params": self.options.get("params") or {}, **params}
        title = f"reporter {reporter}, period {period}"
        vintage = str(row.get(self.options.get("vintage_field", "lastReleased")) or "") or None
        cursor = asked(" ".join(said) or None, question)
        return Ask(f"{reporter}-{period}", name, url, params, cursor=cursor, vintage=vintage, title=title)

    def _params(self, ask: Ask, query: Query) -> dict[str, Any]:
        return {
            "reporterCode": ask.params["reporterCode"],
            "period": ask.params["period"],
            "flowCode": ",".join(query.flows),
            "cmdCode": ",".join(query.products),
            "maxRecords": self.most,
            **(self.options.get("params") or {}),
        }

    def _parts(self, ask: Ask, query: Query) -> list[Query]:
        """The query in smaller ones: by flow, then by product, a level of products by its codes."""
        step("dock", "split", f"{self.client.source_id}: {ask.title}: the answer met the limit, asking in parts")
        if len(query.flows) > 1:
            return [replace(query, flows=(flow,)) for flow in query.flows]
        products: tuple[str, ...] = query.products
        if len(products) == 1 and (level := LEVEL.fullmatch(products[0])):
            products = self._codes_of(int(level["digits"]))
            size = min(self.per_request, -(-len(products) // 2))
        elif len(products) > 1:
            size = -(-len(products) // 2)
        else:
            raise self.client.refuse(
                ask.title,
                f"product {','.join(products)} and flow {','.join(query.flows)} alone meet the limit of {self.most:,} rows",
                "fewer rows",
                "name partnerCode in the endpoint's params, or raise max_records to what the key permits",
            )
        return [replace(query, products=products[i : i + size]) for i in range(0, len(products), size)]

    def _codes_of(self, digits: int) -> tuple[str, ...]:
        """All codes of a level, from the service's own list."""
        if digits not in self._codes:
            path = str(self.options.get("reference", "files/v1/app/reference/HS.json"))
            document = self.client.get(path, headers=self._headers()).json()
            entries = document.get("results") if isinstance(document, dict) else None
            ids = [str(e.get("id", "")) for e in entries or [] if isinstance(e, dict)]
            self._codes[digits] = tuple(sorted({i for i in ids if i.isdigit() and len(i) == digits}))
            if len(self._codes[digits]) < 2:
                raise self.client.refuse(path, f"it lists no codes of {digits} digits", "results with ids")
        return self._codes[digits]

    def _headers(self) -> dict[str, str]:
        if self.client.secrets.missing(["key"]):
            name = variable(self.client.source_id, "key")
            raise self.client.refuse(
                "subscription key", "it is not set", "a key of the UN Comtrade portal", f"set {name}"
            )
        return {KEY_HEADER: self.client.secrets["key"]}

    def _asked(self, asked: str, path: str, params: dict[str, Any]) -> tuple[list[dict[str, Any]], Answer]:
        """Rows of an answer whose envelope says that nothing is wrong."""
        answer = self.client.get(path, params, headers=self._headers(), accept=(401, 403))
        document = answer.json()
        if answer.status in (401, 403):
            raise self._barred(asked, answer, document)
        is_envelope = isinstance(document, dict) and isinstance(document.get("data"), list)
        if isinstance(document, dict) and document.get("error"):
            raise self.client.refuse(asked, f"the service says: {document['error']}", "rows")
        if not is_envelope or not all(isinstance(row, dict) for row in document["data"]):
            kind = "an HTML page came" if answer.is_page else "something else than an answer with rows came"
            raise self.client.refuse(asked, kind, "count, data and error", "call again later")
        count = document.get("count", len(document["data"]))
        if count != len(document["data"]):
            raise self.client.refuse(asked, f"count says {count}, {len(document['data'])} rows came", "all rows")
        return document["data"], answer

    def _barred(self, asked: str, answer: Answer, document: Any) -> Exception:
        said = str(document.get("message", "")) if isinstance(document, dict) else ""
        wait = answer.headers.get("retry-after")
        if answer.status == 403 and (wait or "quota" in said.lower()):
            todo = f"call again in {wait} s" if wait else "call again tomorrow"
            return self.client.refuse(
                asked, f"the quota of calls is used up: {said or 'HTTP 403'}", "an answer",
                f"{todo}; what was fetched so far is kept", is_passing=True,
            )  # fmt: skip
        return self.client.refuse(
            asked, f"HTTP {answer.status}: {said}", "an answer", "check the subscription key (kettenwerk doctor)"
        )
