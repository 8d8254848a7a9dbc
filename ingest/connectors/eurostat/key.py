"""The positional key of SDMX 2.1: which dimension stands where, and which codes a dataset has.

SDMX 2.1 ignores filters by name and refuses a whole question for one code the dataset does not have; so the order comes
from the data structure (asked for without a version, which gives the current one) and the codes from the content
constraint. Both are read each time a dataset is due: the order of several datasets is not documented.

Belongs here: structure messages. Does not belong here: asking for data (``eurostat``).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from ingest.connectors.eurostat.asynchronous import READ_HERE
from ingest.connectors.eurostat.messages import local, read, tree
from ingest.errors import FetchError
from ingest.fetching.http import Client

Filters = dict[str, list[str]]


@dataclass(frozen=True)
class Key:
    """A key ``A.MIO_EUR..DE`` with what it keeps per dimension, what it left out, and the years there are."""

    text: str
    kept: Filters
    left_out: Filters = field(default_factory=dict)
    years: tuple[int, int] | None = None


def key_of(client: Client, code: str, filters: Filters) -> Key:
    """Read a dataset's structure and put the filters into their places.

    Raises:
        FetchError: no structure came, or the dataset has no such dimension or none of the codes asked for.
    """
    dimensions = _dimensions(client, code)
    codes = _codes(client, code)
    asked = {name.lower(): values for name, values in filters.items()}
    for name in asked:
        if name not in dimensions:
            raise client.refuse(
                f"{code}, filter '{name}'", "the dataset has no such dimension", f"one of {', '.join(dimensions)}",
                "correct the filter in the source's contract",
            )  # fmt: skip
    kept: Filters = {}
    left_out: Filters = {}
    for name, values in asked.items():
        there = codes.get(name)
        kept[name] = [v for v in values if there is None or v in there]
        if missing := [v for v in values if v not in kept[name]]:
            left_out[name] = missing
        if not kept[name]:
            raise client.refuse(
                f"{code}, filter '{name}'", f"the dataset has none of {', '.join(values)}",
                f"codes such as {', '.join(sorted(there or [])[:5])}", "correct the filter in the source's contract",
            )  # fmt: skip
    years = [int(p[:4]) for p in codes.get("time_period", []) if p[:4].isdigit()]
    text = ".".join("+".join(kept.get(name, [])) for name in dimensions)
    return Key(text, kept, left_out, (min(years), max(years)) if years else None)


def _dimensions(client: Client, code: str) -> list[str]:
    """Names of the dimensions in the order of the key; time is none of them."""
    root = _structure(client, "datastructure", code)
    found = [e for e in root.iter() if local(e) == "Dimension" and e.get("id")]
    found.sort(key=_position)  # stable, so that an absent position keeps the written order
    if not found:
        raise _strange(client, "datastructure", code, "a structure without dimensions")
    return list(dict.fromkeys(str(e.get("id")).lower() for e in found))


def _position(dimension: ET.Element) -> int:
    given = dimension.get("position") or ""
    return int(given) if given.isdigit() else 0


def _codes(client: Client, code: str) -> dict[str, set[str]]:
    """Codes that occur, per dimension and ``time_period``."""
    root = _structure(client, "contentconstraint", code)
    values = {
        str(e.get("id")).lower(): {(v.text or "").strip() for v in e.iter() if local(v) == "Value"}
        for e in root.iter()
        if local(e) == "KeyValue" and e.get("id")
    }
    if not values:
        raise _strange(client, "contentconstraint", code, "a constraint without codes")
    return {name: found for name, found in values.items() if found}


def _structure(client: Client, kind: str, code: str) -> ET.Element:
    agency = client.endpoint.options.get("agency", "ESTAT")
    answer = client.get(f"sdmx/2.1/{kind}/{agency}/{code}", accept=READ_HERE)
    root = tree(answer.content.lstrip())
    if root is None or local(root) != "Structure":
        raise _strange(client, kind, code, read(answer).text or "no XML")
    return root


def _strange(client: Client, kind: str, code: str, problem: str) -> FetchError:
    return client.refuse(
        f"{kind} of {code}", f"{problem} came", "an SDMX structure message",
        "check whether the dataset was renamed and whether it lives on this host (DS- codes live on the Comext host)",
    )  # fmt: skip
