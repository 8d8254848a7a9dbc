"""The row hash is what its definition says, whatever the batches, and differs where rows differ."""

from __future__ import annotations

import hashlib
import random
import string
import struct

import numpy as np
import polars as pl
import pytest

from ingest.bulk.profile import Profile, Seen
from ingest.checks import Rule, rules_of
from ingest.contract import Column

K1, K2, ALL = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 2**64 - 1
COLUMNS = [Column(name="a"), Column(name="b"), Column(name="x", type="float"), Column(name="n", type="int")]


def word(value: str | float | int | None) -> int:
    """One value's word, written down from the definition and nothing else."""
    if value is None:
        return ALL
    if isinstance(value, int | float):
        return struct.unpack("<Q", struct.pack("<d", float(value) + 0.0))[0]
    raw = value.encode()
    if len(raw) <= 12:
        padded = raw.ljust(12, b"\0")
        a, b = len(raw) + (int.from_bytes(padded[:4], "little") << 32), int.from_bytes(padded[4:], "little")
    else:
        digest = hashlib.blake2b(raw, digest_size=16).digest()
        a, b = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    y = b * K2 & ALL
    return a ^ y ^ (y >> 29)


def defined(row: tuple[str | float | int | None, ...]) -> int:
    h = 0
    for value in row:
        h = ((h ^ word(value)) * K1) & ALL
        h ^= h >> 32
    h = h * K2 & ALL
    return h ^ (h >> 29)


def hashes(frame: pl.DataFrame, batch: int) -> list[int]:
    profile = Profile(COLUMNS, [])
    parts = [profile.add(part.get_columns()) for part in frame.iter_slices(batch)]
    return pl.concat(parts).to_list()


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    rng = random.Random(7)
    letters = string.ascii_letters + "äöüß€𝄞"
    text = [None, *("".join(rng.choices(letters, k=rng.randrange(1, 20))) for _ in range(60))]
    short = [None, "DE", "7318", "73181", "39XXXXXX", "twelve bytes", "thirteen byte"]
    return pl.DataFrame(
        [
            (rng.choice(text), rng.choice(short), rng.choice([None, 0.0, -0.0, 1.5, -7e300, rng.random()]), rng.choice([None, 0, -3, 10**9]))
            for _ in range(2_000)
        ],
        schema={c.name: c.dtype for c in COLUMNS},
        orient="row",
    )  # fmt: skip


def test_it_is_what_the_definition_says(rows: pl.DataFrame) -> None:
    assert hashes(rows, 10_000) == [defined(row) for row in rows.rows()]


@pytest.mark.parametrize("batch", [1, 3, 64, 999])
def test_it_does_not_depend_on_the_batches(rows: pl.DataFrame, batch: int) -> None:
    assert hashes(rows.head(300), batch) == hashes(rows.head(300), 10_000)


def test_different_rows_have_different_hashes(rows: pl.DataFrame) -> None:
    distinct = rows.with_columns(pl.col("x") + 0.0).unique()
    assert len(set(hashes(distinct, 10_000))) == distinct.height


def test_neighbouring_codes_and_numbers_do_not_collide() -> None:
    """Values differ in one or two places only, as they do in a delivery; all bits of the hash take part."""
    codes = pl.DataFrame({"a": [f"{i:08d}" for i in range(40_000)]})
    frame = codes.with_columns(pl.lit("X").alias("b"), pl.lit(1.0).alias("x"), pl.lit(1).alias("n"))
    numbers = frame.with_columns(pl.lit("1").alias("a"), pl.int_range(pl.len()).cast(pl.Float64).alias("x"))
    found = np.array(hashes(frame, 50_000) + hashes(numbers, 50_000), dtype=np.uint64)
    assert len(np.unique(found)) == 80_000
    for low in (0, 32):
        half = len(np.unique((found >> np.uint64(low)) & np.uint64(2**32 - 1)))
        assert half > 79_970, "even half of the bits nearly never meet: 80,000 of 2^32 should meet about once"


def test_where_a_value_stands_matters() -> None:
    frame = pl.DataFrame({"a": ["1", "2"], "b": ["2", "1"], "x": [0.0, 0.0], "n": [0, 0]})
    first, second = hashes(frame, 10)
    assert first != second


@pytest.mark.parametrize("count", [200, 300_000])
def test_each_value_is_judged_at_least_once(count: int) -> None:
    """Also when there are more values than places to remember them."""
    values = np.random.default_rng(1).integers(1, 2**63, count, dtype=np.uint64)
    seen, spare = Seen(), np.empty(count, np.uint64)
    judged = set()
    for part in np.array_split(values, 7):
        judged |= set(part[seen.new(part, spare[: len(part)])].tolist())
    assert judged == set(values.tolist())
    again = seen.new(values[:150], spare[:150])
    assert count > 200 or len(again) == 0


@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize("bad", [None, "de", "DEU", "Ä", "a text of more than twelve bytes"])
def test_a_single_bad_value_is_noticed_wherever_it_stands(is_sorted: bool, bad: str | None) -> None:
    column = Column(name="a", required=True, pattern="[A-Z]{2}")
    codes = [x + y for x in string.ascii_uppercase for y in string.ascii_uppercase] * 40
    codes = sorted(codes) if is_sorted else random.Random(3).sample(codes, len(codes))
    for place in (0, 13_000, len(codes)):
        profile = Profile([column], rules_of(column))
        frame = pl.DataFrame({"a": [*codes[:place], bad, *codes[place:]]}, schema={"a": pl.String})
        for part in frame.iter_slices(5_000):
            profile.add(part.get_columns())
        assert profile.broken
    good = Profile([column], rules_of(column))
    good.add([pl.Series("a", codes)])
    assert not good.broken


@pytest.mark.parametrize("bad", [-1.0, 11.0, float("nan"), float("inf"), float("-inf"), None])
def test_a_single_bad_number_is_noticed(bad: float | None) -> None:
    column = Column(name="x", type="float", required=True, min=0, max=10)
    profile = Profile([column], rules_of(column))
    for values in ([1.0, 2.0], [3.0, bad, 4.0], [0.0, 10.0]):
        profile.add([pl.Series("x", values, dtype=pl.Float64)])
    assert profile.broken


def test_double_encoding_is_noticed_in_a_column_without_other_rules() -> None:
    column = Column(name="a")
    rules: list[Rule] = rules_of(column)
    for text, is_broken in (("Märkisch", False), ("MÃ¤rkisch", True), ("Ein langer Name, MÃ¤rkischer Kreis", True)):
        profile = Profile([column], rules)
        profile.add([pl.Series("a", ["x", text, "y"])])
        assert profile.broken is is_broken
