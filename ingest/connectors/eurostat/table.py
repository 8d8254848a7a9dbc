"""Proof that a table is the one asked for: its dataset, its codes, its years, its last row; and parts made one.

Belongs here: looking at whole answers before they are kept. Does not belong here: values (``sources/eurostat``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from ingest.connectors.eurostat.key import Key
from ingest.connectors.eurostat.slice import Slice
from ingest.fetching.http import Answer, Client

DATAFLOW = re.compile(r"[\w.-]+:([\w-]+)\([\d.]+\)")
NEEDED = ("DATAFLOW", "LAST UPDATE", "TIME_PERIOD", "OBS_VALUE")


@dataclass(frozen=True)
class Part:
    """A table of some years: its bytes as they came, its rows, and when the dataset was updated as it says."""

    content: bytes
    row_count: int
    updated: str

    @property
    def lines(self) -> tuple[bytes, bytes]:
        """Header and rows, without a line end behind the last."""
        header, _, rows = _bare(self.content).partition(b"\n")
        return header.rstrip(b"\r"), rows


def check_part(client: Client, one: Slice, key: Key, answer: Answer, shown: str, years: tuple[int, int] | None) -> Part:
    """A whole SDMX-CSV of this dataset with the codes and years asked for.

    Raises:
        FetchError: anything else came.
    """
    content = _bare(answer.content)
    header = content.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r").split(",")
    if missing := [name for name in NEEDED if name not in header]:
        raise client.refuse(
            shown, f"a table without {missing[0]} came (columns {', '.join(header[:6])})", "SDMX-CSV",
            "look at the address in a browser; the service may have changed the format",
        )  # fmt: skip
    last = content.rsplit(b"\n", 1)[-1]
    if last.count(b",") != len(header) - 1:
        raise client.refuse(
            shown, f"the table ends in the middle of a row ('{last[-40:].decode('utf-8', 'replace').strip()}')", "a whole table", "call again"
        )  # fmt: skip
    try:
        table = pl.read_csv(content, infer_schema=False).rename(lambda name: name.strip())
    except pl.exceptions.PolarsError as error:
        raise client.refuse(shown, f"the table cannot be read ({str(error).splitlines()[0]})", "SDMX-CSV") from None
    for flow in table["DATAFLOW"].unique().to_list():
        match = DATAFLOW.fullmatch(str(flow))
        _same_code(client, one, shown, match[1] if match else flow)
    lower = {name.lower(): name for name in table.columns}
    for name, codes in key.kept.items():
        _only(client, shown, name, set(table[lower[name]].unique()) if name in lower else {"no such column"}, codes)
    if years is not None:
        found = {str(p)[:4] for p in table["TIME_PERIOD"].unique()}
        _only(client, shown, "TIME_PERIOD", found, [str(y) for y in range(years[0], years[1] + 1)])
    updated = " and ".join(sorted(str(v) for v in table["LAST UPDATE"].unique()))
    return Part(answer.content, table.height, updated)


def check_json(client: Client, one: Slice, answer: Answer) -> str:
    """The state a JSON-stat dataset says it is in, after a look whether it is the one asked for.

    Raises:
        FetchError: another dataset, other codes, or no value at all (a wrong code is answered so).
    """
    document = answer.json()
    extension = document.get("extension") or {}
    _same_code(client, one, one.name, extension.get("id") or extension.get("datasetId"))
    if not document.get("value"):
        raise client.refuse(
            one.name, "the dataset came without a single value", "at least one observation",
            "check the filters and 'since' in the source's contract; a wrong code is answered with an empty dataset",
        )  # fmt: skip
    dimensions = {str(name).lower(): facts for name, facts in (document.get("dimension") or {}).items()}
    for name, codes in one.filters.items():
        category = (dimensions.get(name.lower()) or {}).get("category") or {}
        _only(
            client, one.name, name, set(category.get("index") or category.get("label") or ["no such dimension"]), codes
        )
    return str(document.get("updated"))


def merge(client: Client, one: Slice, parts: list[Part]) -> tuple[bytes, str]:
    """Parts below one header; all must tell of one state of the dataset. A slice in one part stays as it came."""
    if len(parts) == 1:
        return parts[0].content, parts[0].updated
    if len({part.updated for part in parts}) > 1 or len({part.lines[0] for part in parts}) > 1:
        states = " / ".join(sorted({part.updated for part in parts}))
        raise client.refuse(
            one.name, f"the dataset changed while it was asked for in parts ({states})", "parts of one state",
            "call again", is_passing=True,
        )  # fmt: skip
    return b"\n".join([parts[0].lines[0], *(part.lines[1] for part in parts)]) + b"\n", parts[0].updated


def _bare(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")


def _same_code(client: Client, one: Slice, shown: str, came: object) -> None:
    if str(came).upper() == one.code.upper():
        return
    raise client.refuse(
        shown, f"the answer says it is dataset {came}", f"dataset {one.code.upper()}",
        "check whether the dataset was renamed, then change the source's contract", rule_id="LND-008",
    )  # fmt: skip


def _only(client: Client, shown: str, name: str, came: set[str], asked: list[str]) -> None:
    if strange := sorted(str(code) for code in came - set(asked)):
        raise client.refuse(
            shown, f"{name} {', '.join(strange[:3])} came", f"only {', '.join(asked[:8])}",
            "the service did not keep to the filter; call again, and if it stays, narrow it in another dimension",
        )  # fmt: skip
