"""Two records beside one another: a level of agreement per comparison. Everything but the name.

Belongs here: levels of legal form, extra words, place, street and identifiers, from normal forms. Does not: names
(``name_comparison``), or what a level weighs (``model``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from warehouse.methods.linkage.settings import LEVELS, MISSING, LinkageSettings

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Values = Mapping[str, npt.NDArray[Any]]
# What these comparisons read of each record of a pair.
READ = (
    "joined",
    "form",
    "extra",
    "postcode",
    "town",
    "street_key",
    "house",
    "court",
    "division",
    "number",
    "lei",
    "vat",
)
SIMILAR_STREET = 85.0


def form_table(settings: LinkageSettings) -> U8:
    """Level of every two legal forms, by code; row and column 0 (no form named) are MISSING."""
    codes = settings.form_codes
    table = np.full((len(codes) + 1, len(codes) + 1), LEVELS["form"].index("different"), dtype=np.uint8)
    for first, second in settings.related_forms:
        a, b = codes.index(first) + 1, codes.index(second) + 1
        table[a, b] = table[b, a] = LEVELS["form"].index("related")
    np.fill_diagonal(table, LEVELS["form"].index("same"))
    table[0, :] = table[:, 0] = MISSING
    return table


def _chosen(shape: int, *cases: tuple[Bools, int]) -> U8:
    """The first case that holds, else 0."""
    return (
        np.select([c for c, _ in cases], [np.uint8(v) for _, v in cases], default=np.uint8(0))
        if shape
        else np.zeros(0, np.uint8)
    )


def read(fields: Values, street_keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.integer]) -> Values:
    """What is compared of some rows."""
    found = {c: fields[c][rows] for c in READ if c != "street_key"}
    return {**found, "street": fields["street"][rows], "street_key": street_keys[fields["street"][rows]]}


def levels_beside_name(a: Values, b: Values, streets: tuple[pl.Series, pl.Series], forms: U8) -> dict[str, U8]:
    """Level of each comparison but the name, for value i of ``a`` beside value i of ``b`` (both from ``read``).

    ``streets``: the texts that ``street`` of each side counts."""
    place = _place(a, b)
    return {
        "form": forms[a["form"], b["form"]],
        "extra": _extra(a, b),
        "place": place,
        "street": _street(a, b, place, streets),
        "register": _register(a, b),
        "lei": _same(a["lei"], b["lei"]),
        "vat": _same(a["vat"], b["vat"]),
    }


def _same(a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]) -> U8:
    return _chosen(len(a), ((a == 0) | (b == 0), MISSING), (a == b, 1))


def _extra(a: Values, b: Values) -> U8:
    x, y = a["extra"], b["extra"]
    unnamed = (a["joined"] == 0) | (b["joined"] == 0)
    return _chosen(len(x), (unnamed, MISSING), ((x == 0) & (y == 0), 2), (x == y, 3), ((x == 0) | (y == 0), 1))


def _place(a: Values, b: Values) -> U8:
    """Postcode and town as one comparison: they say nearly the same, and must not count twice."""
    p, q, s, t = a["postcode"], b["postcode"], a["town"], b["town"]
    codes, towns = (p >= 0) & (q >= 0), (s != 0) & (t != 0)
    level = LEVELS["place"].index
    return _chosen(
        len(p),
        (~codes & ~towns, MISSING),
        (codes & (p == q) & towns & (s != t), level("postcode")),
        (codes & (p == q), level("postcode_town")),
        (towns & (s == t), level("town")),
        (codes & (p // 100 == q // 100), level("postcode_3")),
        (codes & (p // 1000 == q // 1000), level("postcode_2")),
    )


def _street(a: Values, b: Values, place: U8, streets: tuple[pl.Series, pl.Series]) -> U8:
    """Streets say something only within one place: every town has a Hauptstraße."""
    s, t = a["street_key"], b["street_key"]
    silent = (s == 0) | (t == 0) | (place < LEVELS["place"].index("town"))
    same, house = s == t, (a["house"] == b["house"]) & (a["house"] != 0)
    level = _chosen(len(s), (silent, MISSING), (same & house, 3), (same, 2))
    at = np.flatnonzero(level == 0)
    if len(at):
        texts = [known.gather(side["street"][at]).to_list() for known, side in zip(streets, (a, b), strict=True)]
        near = cpdist(*texts, scorer=fuzz.ratio, score_cutoff=SIMILAR_STREET)
        level[at[near > 0]] = LEVELS["street"].index("similar")
    return level


def _register(a: Values, b: Values) -> U8:
    """Number, court and division. A number alone is weaker; the same number elsewhere or in the other division is another."""
    p, q = a["number"], b["number"]
    court, division = (a["court"], b["court"]), (a["division"], b["division"])
    against = [(x != 0) & (y != 0) & (x != y) for x, y in (court, division)]
    known = [(x != 0) & (y != 0) for x, y in (court, division)]
    return _chosen(
        len(p), ((p == 0) | (q == 0), MISSING), ((p != q) | against[0] | against[1], 0), (known[0], 2), (known[1] | ~known[1], 1)
    )  # fmt: skip
