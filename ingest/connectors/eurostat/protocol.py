"""Eurostat's dissemination API: slices of datasets as JSON-stat (by name) or SDMX-CSV (by positional key), on two hosts.

The inventory says when a dataset changed last; data answers carry no ETag. Where a host offers no inventory, the answer
itself says its state and an unchanged one is not kept again. SDMX-CSV is asked for in SDMX 2.1, whose key order and
codes are read from the structure (``key``); an extraction that is too big is asked for in halves of its years
and kept as one file. A JSON-stat slice is never divided: it says that the other form can be.

Belongs here: what is asked for and proof that it came. Does not belong here: reasons (``messages``), waiting
(``asynchronous``) or reading values (``sources/eurostat``).
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.connectors.eurostat.asynchronous import Patience
from ingest.connectors.eurostat.key import Key, key_of
from ingest.connectors.eurostat.messages import Said
from ingest.connectors.eurostat.slice import Slice, slices_of
from ingest.connectors.eurostat.table import Part, check_json, check_part, merge
from ingest.errors import FetchError
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.http import Answer
from ingest.registry import sources

Years = tuple[int, int]
EARLIEST = 1990  # where neither the contract nor the dataset says when it begins


@connector("eurostat")
class Eurostat(Connector):
    """One Ask per slice of the endpoint's ``datasets``; the partition is the slice's name.

    Options: ``datasets`` (see :class:`Slice`), ``inventory`` (path; absent where the host has none), ``agency``,
    ``splits`` (how often a period is halved, 6), and those of :class:`Patience`.
    """

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.options = context.options
        self.today = context.today
        self.slices = slices_of(self.options.get("datasets") or [], context.region)
        self.patience = Patience(context.client)

    def asks(self, wanted: list[str]) -> list[Ask]:
        names = list(self.slices) if not wanted else [name for name in dict.fromkeys(wanted) if self._is_mine(name)]
        changed = self._inventory() if names and self.options.get("inventory") else None
        return [self._ask(self.slices[name], changed) for name in names]

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        one = self.slices[ask.partition_key]
        if one.form == "json":
            body, state, url, params = self._json(one)
        else:
            body, state, url, params = self._csv(one)
        cursor = ask.cursor or f"{state}; {one.query}"
        note = f"https://doi.org/10.2908/{one.code.upper()}, accessed {self.today:%Y-%m-%d}"
        is_new = ask.cursor is not None or known is None or known.cursor != cursor
        if is_new:
            to.write_bytes(body)
        return Fetched(url, params, 200, cursor=cursor, licence_note=note, is_new=is_new)

    def _is_mine(self, name: str) -> bool:
        """Whether this endpoint offers a partition; one that no endpoint of the source offers is refused."""
        if name in self.slices:
            return True
        others = sources()[self.client.source_id].fetch.values()
        offered = {str(d.get("name") or d["code"]).lower() for e in others for d in e.options.get("datasets") or []}
        if name in offered:
            return False
        raise self.client.refuse(
            f"dataset {name}", "the source's contract does not offer it", f"one of {', '.join(sorted(offered))}",
            "choose an offered one, or add it to the contract",
        )  # fmt: skip

    def _ask(self, one: Slice, changed: dict[str, datetime] | None) -> Ask:
        path = f"statistics/1.0/data/{one.code}" if one.form == "json" else f"sdmx/2.1/data/{one.code}"
        facts: dict[str, Any] = {"params": {"query": one.query}, "request_count": 1 if one.form == "json" else 3, "title": one.code}  # fmt: skip
        if changed is not None:
            if one.code.lower() not in changed:
                raise self._wrong_code(
                    f"inventory, dataset {one.code}", f"it does not list {one.code}", f"{one.code} among {len(changed):,} datasets"
                )  # fmt: skip
            vintage = changed[one.code.lower()].isoformat(timespec="seconds")
            facts |= {"vintage": vintage, "cursor": f"{vintage}; {one.query}"}
        return Ask(one.name, one.file_name, self.client.url(path), **facts)

    def _inventory(self) -> dict[str, datetime]:
        """Last change of every dataset of the host, UTC, by code in lower case."""
        answer = self.client.get(str(self.options["inventory"]), {"type": "data", "lang": "en"})
        text = answer.content.decode("utf-8-sig", "replace")
        rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
        header = {name.strip().lower(): name for name in rows[0] if name} if rows else {}
        code, date = header.get("code"), header.get("last data change")
        if answer.is_page or code is None or date is None:
            raise self.client.refuse(
                "inventory", f"{'an HTML page' if answer.is_page else 'a table with columns ' + repr(list(header)[:4])} came",
                "a table with the columns Code and Last data change", "look at the inventory in a browser; the service may have changed it",
            )  # fmt: skip
        if None in rows[-1].values():
            raise self.client.refuse("inventory", "it ends in the middle of a row", "a whole table", "call again")
        mine = {one.code.lower() for one in self.slices.values()}
        found: dict[str, datetime] = {}
        for row in rows:
            name = (row[code] or "").strip().lower()
            try:
                found[name] = datetime.fromisoformat((row[date] or "").strip()).astimezone(UTC)
            except ValueError:
                if name in mine:
                    raise self.client.refuse(
                        f"inventory, dataset {row[code]}", f"last data change '{row[date]}' came", "an ISO time",
                        "look at the inventory in a browser; the service may have changed it",
                    ) from None  # fmt: skip
        return found

    def _json(self, one: Slice) -> tuple[bytes, str, str, dict[str, Any]]:
        """A slice by names: bytes, the state they say, address and parameters."""
        path = f"statistics/1.0/data/{one.code}"
        params: dict[str, Any] = {"format": "JSON", "lang": "EN", **one.filters}
        if one.since:
            params["sinceTimePeriod"] = str(one.since)
        answer, said = self.patience.ask(path, params, one.name)
        if said.kind == "too_big":
            raise self.client.refuse(
                one.name, f"the extraction is too big ({said.text})", "a slice the service gives at once",
                "set 'format: csv' for it in the source's contract: that form is asked for in parts",
            )  # fmt: skip
        self._require_data(one, said, answer)
        state = check_json(self.client, one, answer)
        return answer.content, state, answer.url, params

    def _csv(self, one: Slice) -> tuple[bytes, str, str, dict[str, Any]]:
        """A slice by key, in as many parts as it needs: bytes, the state they say, address and parameters."""
        key = key_of(self.client, one.code, one.filters)
        # A key of dots alone would be read as a step up in the address; without filters there is none.
        path = f"sdmx/2.1/data/{one.code}" + (f"/{key.text}" if key.kept else "")
        first, last = key.years or (one.since or EARLIEST, self.today.year)
        years = (max(first, one.since or first), last)
        parts = self._parts(one, key, path, years, int(self.options.get("splits", 6)), is_whole=True)
        if not parts:
            raise self._nothing(one, "none of the parts holds an observation")
        body, state = merge(self.client, one, parts)
        params: dict[str, Any] = {"format": "SDMX-CSV", "key": key.text, "startPeriod": one.since, "parts": len(parts)}
        if key.left_out:
            params["codes_not_in_dataset"] = key.left_out
        return body, state, self.client.url(path), params

    def _parts(self, one: Slice, key: Key, path: str, years: Years, splits: int, is_whole: bool = False) -> list[Part]:
        """The years asked for at once, or in halves where that is too big; years without observations give none."""
        params = {"format": "SDMX-CSV", "compressed": "false"}
        if not is_whole:
            params |= {"startPeriod": str(years[0]), "endPeriod": str(years[1])}
        elif one.since:
            params["startPeriod"] = str(one.since)
        shown = one.name if is_whole else f"{one.name}, {years[0]} to {years[1]}"
        answer, said = self.patience.ask(path, params, shown)
        if said.kind == "nothing" and not is_whole:
            return []
        if said.kind != "too_big":
            self._require_data(one, said, answer)
            part = check_part(self.client, one, key, answer, shown, None if is_whole else years)
            return [part] if part.row_count else []
        if years[0] >= years[1] or splits <= 0:
            raise self.client.refuse(
                shown, f"the extraction is too big ({said.text or 'HTTP 413'}) and the period cannot be halved again",
                "a slice the service gives", "narrow its filters in the source's contract",
            )  # fmt: skip
        middle = (years[0] + years[1]) // 2
        first = self._parts(one, key, path, (years[0], middle), splits - 1)
        return first + self._parts(one, key, path, (middle + 1, years[1]), splits - 1)

    def _require_data(self, one: Slice, said: Said, answer: Answer) -> None:
        if said.kind == "nothing":
            raise self._nothing(one, said.text or f"HTTP {answer.status}")
        if said.kind == "unknown_dataset":
            raise self._wrong_code(
                one.name, said.text, f"dataset {one.code} on this host",
                "check whether it was renamed, and the host: DS- codes live on the Comext host only",
            )  # fmt: skip
        if said.kind != "data":
            raise self.client.refuse(
                one.name, f"{said.text} came", "the data of the slice",
                "check the filters in the source's contract against the dataset, then call again",
            )  # fmt: skip

    def _nothing(self, one: Slice, text: str) -> FetchError:
        return self.client.refuse(
            one.name, f"no observation fits ({text})", "at least one observation",
            "check the filters and 'since' in the source's contract",
        )  # fmt: skip

    def _wrong_code(self, asked: str, problem: str, expected: str, todo: str = "") -> FetchError:
        return self.client.refuse(
            asked,
            problem,
            expected,
            todo or "call again; if it stays, look whether the dataset was renamed and change the source's contract",
            rule_id="LND-008",
        )
