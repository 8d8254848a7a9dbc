"""Two records beside one another: a level of agreement per comparison. Everything but the name.

Belongs here: levels of legal form, extra words, place, street and identifiers, from normal forms. Does not: names
(``name_comparison``), or what a level weighs (``model``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from warehouse.methods.linkage.settings import LEVELS, MISSING, LinkageSettings

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
# Columns of prepared records that these comparisons read.
READ = (
    "joined_key", "form", "extra_key", "postcode", "town_key", "street_key", "house_key", "court_key",
    "register_type_key", "register_number_key", "lei_key", "vat_key",
)  # fmt: skip
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


def levels_beside_name(left: pl.DataFrame, right: pl.DataFrame, forms: U8) -> dict[str, U8]:
    """Level of each comparison but the name, for row i of ``left`` beside row i of ``right`` (prepared records)."""
    a = {c: left[c].to_numpy() for c in READ}
    b = {c: right[c].to_numpy() for c in READ}
    place = _place(a, b)
    return {
        "form": forms[a["form"], b["form"]],
        "extra": _extra(a, b),
        "place": place,
        "street": _street(a, b, place, left["street"], right["street"]),
        "register": _register(a, b),
        "lei": _same(a["lei_key"], b["lei_key"]),
        "vat": _same(a["vat_key"], b["vat_key"]),
    }


def _same(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> U8:
    return _chosen(len(a), ((a == 0) | (b == 0), MISSING), (a == b, 1))


def _extra(a: dict, b: dict) -> U8:
    x, y = a["extra_key"], b["extra_key"]
    unnamed = (a["joined_key"] == 0) | (b["joined_key"] == 0)
    return _chosen(len(x), (unnamed, MISSING), ((x == 0) & (y == 0), 2), (x == y, 3), ((x == 0) | (y == 0), 1))


def _place(a: dict, b: dict) -> U8:
    """Postcode and town as one comparison: they say nearly the same, and must not count twice."""
    p, q, s, t = a["postcode"], b["postcode"], a["town_key"], b["town_key"]
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


def _street(a: dict, b: dict, place: U8, left: pl.Series, right: pl.Series) -> U8:
    """Streets say something only within one place: every town has a Hauptstraße."""
    s, t = a["street_key"], b["street_key"]
    silent = (s == 0) | (t == 0) | (place < LEVELS["place"].index("town"))
    same, house = s == t, (a["house_key"] == b["house_key"]) & (a["house_key"] != 0)
    level = _chosen(len(s), (silent, MISSING), (same & house, 3), (same, 2))
    at = np.flatnonzero(level == 0)
    if len(at):
        near = cpdist(
            left.gather(at).to_list(), right.gather(at).to_list(), scorer=fuzz.ratio, score_cutoff=SIMILAR_STREET
        )
        level[at[near > 0]] = LEVELS["street"].index("similar")
    return level


def _register(a: dict, b: dict) -> U8:
    """Number, court and division. A number alone is weaker; the same number elsewhere or in the other division is another."""
    p, q = a["register_number_key"], b["register_number_key"]
    court, division = (a["court_key"], b["court_key"]), (a["register_type_key"], b["register_type_key"])
    against = [(x != 0) & (y != 0) & (x != y) for x, y in (court, division)]
    known = [(x != 0) & (y != 0) for x, y in (court, division)]
    return _chosen(
        len(p), ((p == 0) | (q == 0), MISSING), ((p != q) | against[0] | against[1], 0), (known[0], 2), (known[1] | ~known[1], 1)
    )  # fmt: skip
