"""Files of true size: a Comext month, a BACI year and a register extract, invented, in their native formats.

Belongs here: large files in the layout of the sources, drawn column by column, for benchmarks. Does not belong here:
the sample region (its files carry planted truths; these carry none).
"""

import bz2
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sample.comext import COLUMNS, CURRENCY_PER_EUR, SECTIONS
from ingest.sample.streams import stream

MEMBERS = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
           "NL", "PL", "PT", "RO", "SE", "SI", "SK"]  # fmt: skip
BACI_COUNTRIES, BACI_PRODUCTS = 230, 5_400
YEAR_ROWS = 11_000_000
NO_QUANTITY_SHARE = 0.02
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PARTNER_COUNT = 245
# As many eight-digit codes and rows as a published month has.
PRODUCT_COUNT = 13_245
MONTH_ROWS = 4_900_000
SUPPRESSED_SHARE = 0.005
UNITS = ("NO_SU", "NAR", "MTK", "LTR", "PRS", "MTQ", "CTM", "GRM")
ROWS_AT_A_TIME = 500_000
REGISTER_LINES = 5_000_000
LINES_AT_A_TIME = 50_000
# One entry; what stands between two § is a column.
ENTRY = (
    '{"all_attributes": {"_registerArt": "§kind§", "_registerNummer": "§number§", "registered_office": "§place§"}, '
    '"company_number": "§court§_§kind§§number§", "current_status": "§status§", "jurisdiction_code": "de", '
    '"name": "Musterhandel §number§ (erfunden) GmbH", "officers": [{"name": "Max Mustermann-§number§", "position": '
    '"Geschäftsführer", "type": "person"}], "registered_address": "Musterstraße §house§, §postcode§ §place§.", '
    '"retrieved_at": "2018-11-09T18:03:03Z"}'
)


def write_month(path: Path, period: str, rows: int = MONTH_ROWS, seed: int = 1) -> None:
    """One month in Comext's 18 columns, in the published order (reporter, partner, product, flow)."""
    rng = stream(seed, "bulk.month")
    products = _products(rng)
    partners = _partners()
    size = len(MEMBERS) * len(partners) * products.height * 2
    if rows > size // 2:
        raise ValueError(f"a month has at most {size // 2:,} rows")
    keys = np.unique(_keys(rng, int(rows * 1.1) + 100, len(partners), products.height))
    while len(keys) < rows:
        keys = np.unique(np.concatenate([keys, _keys(rng, rows - len(keys) + 100, len(partners), products.height)]))
    keys = np.sort(rng.permutation(keys)[:rows])
    with path.open("wb") as handle:
        handle.write((",".join(COLUMNS) + "\n").encode())
        for start in range(0, rows, ROWS_AT_A_TIME):
            part = _rows(rng, keys[start : start + ROWS_AT_A_TIME], partners, products, period)
            part.write_csv(handle, include_header=False)


def write_year(path: Path, year: int, rows: int = YEAR_ROWS, seed: int = 1) -> None:
    """One year of BACI in its six columns, sorted by exporter, importer and product; quantities may be padded ``NA``."""
    rng = stream(seed, "bulk.year")
    if rows > BACI_COUNTRIES**2 * BACI_PRODUCTS // 4:
        raise ValueError(f"a year has at most {BACI_COUNTRIES**2 * BACI_PRODUCTS // 4:,} rows")
    products = pl.Series(np.sort(rng.permutation(970_000)[:BACI_PRODUCTS] + 10_000)).cast(pl.String).str.zfill(6)
    space = BACI_COUNTRIES**2 * BACI_PRODUCTS
    keys = np.unique(rng.integers(0, space, int(rows * 1.1) + 100))
    while len(keys) < rows:
        keys = np.unique(np.concatenate([keys, rng.integers(0, space, rows)]))
    keys = np.sort(rng.permutation(keys)[:rows])
    with path.open("wb") as handle:
        handle.write(b"t,i,j,k,v,q\n")
        for start in range(0, rows, ROWS_AT_A_TIME):
            key = keys[start : start + ROWS_AT_A_TIME]
            value = np.round(rng.lognormal(3.0, 2.8, len(key)) + 0.001, 3)
            mass = pl.Series(np.round(value / rng.lognormal(1.0, 1.2, len(key)), 3)).cast(pl.String)
            hidden = pl.Series(rng.random(len(key)) < NO_QUANTITY_SHARE)
            part = pl.DataFrame(
                {
                    "t": np.full(len(key), year),
                    "i": key // (BACI_COUNTRIES * BACI_PRODUCTS) + 4,
                    "j": key // BACI_PRODUCTS % BACI_COUNTRIES + 4,
                    "k": products[key % BACI_PRODUCTS],
                    "v": value,
                    "q": pl.select(pl.when(hidden).then(pl.lit("           NA")).otherwise(mass)).to_series(),
                }
            )
            part.write_csv(handle, include_header=False)


def _partners() -> list[str]:
    others = [a + b for a in LETTERS for b in LETTERS if a + b not in MEMBERS]
    return MEMBERS + others[:: max(1, len(others) // (PARTNER_COUNT - len(MEMBERS)))][: PARTNER_COUNT - len(MEMBERS)]


def _keys(rng: np.random.Generator, count: int, partners: int, products: int) -> np.ndarray:
    """Which trade there is: large members, few partners and some products have most of it."""
    reporter = (len(MEMBERS) * rng.random(count) ** 1.3).astype(np.int64)
    partner = (partners * rng.random(count) ** 2.2).astype(np.int64)
    product = (products * rng.random(count) ** 1.2).astype(np.int64)
    return ((reporter * partners + partner) * products + product) * 2 + rng.integers(0, 2, count)


def _products(rng: np.random.Generator) -> pl.DataFrame:
    """One row per eight-digit code with what belongs to it; some are suppressed to their chapter."""
    chapters = np.array([c for c in range(1, 98) if c != 77])
    drawn = chapters[rng.integers(0, len(chapters), PRODUCT_COUNT * 2)] * 1_000_000 + rng.integers(
        10_000, 999_999, PRODUCT_COUNT * 2
    )
    codes = np.sort(rng.permutation(np.unique(drawn))[:PRODUCT_COUNT])
    section = np.array([next(s for last, s in SECTIONS if c <= last) for c in codes // 1_000_000])
    hidden = pl.Series(rng.random(PRODUCT_COUNT) < SUPPRESSED_SHARE)
    code = pl.col("PRODUCT_NC")

    def digits(low: int, high: int) -> pl.Series:
        return pl.Series(rng.integers(low, high, PRODUCT_COUNT)).cast(pl.String)

    frame = pl.DataFrame(
        {
            "PRODUCT_NC": pl.Series(codes).cast(pl.String).str.zfill(8),
            "PRODUCT_SITC": digits(10_000, 98_000), "PRODUCT_CPA21": digits(1_000, 3_300),
            "PRODUCT_CPA22": digits(1_000, 3_300), "PRODUCT_BEC": digits(100, 800), "PRODUCT_BEC5": digits(111_000, 800_000),
            "PRODUCT_SECTION": pl.Series(section).cast(pl.String).str.zfill(2),
            "SUPPL_UNIT": pl.Series(np.array(UNITS)[np.minimum(rng.geometric(0.6, PRODUCT_COUNT) - 1, len(UNITS) - 1)]),
        }
    )  # fmt: skip
    suppressed = [
        (code.str.head(2) + "XXXXXX").alias("PRODUCT_NC"),
        (pl.col("PRODUCT_SITC").str.head(3) + "XX").alias("PRODUCT_SITC"),
        *(pl.lit("XXXX").alias(c) for c in ("PRODUCT_CPA21", "PRODUCT_CPA22")),
    ]
    return frame.with_columns(pl.when(hidden).then(s).otherwise(pl.col(s.meta.output_name())) for s in suppressed)


def _rows(
    rng: np.random.Generator, keys: np.ndarray, partners: list[str], products: pl.DataFrame, period: str
) -> pl.DataFrame:
    count = len(keys)
    flow, rest = keys % 2 + 1, keys // 2
    product, rest = rest % products.height, rest // products.height
    partner, reporter = rest % len(partners), rest // len(partners)
    inside = partner < len(MEMBERS)
    value = np.ceil(rng.lognormal(8.5, 2.8, count)).astype(np.int64)
    rate = np.array([CURRENCY_PER_EUR.get(m, 1.0) for m in MEMBERS])[reporter]
    with_unit = (products["SUPPL_UNIT"] != "NO_SU").to_numpy()[product]
    frame = products[product].with_columns(
        REPORTER=pl.Series(MEMBERS)[reporter],
        PARTNER=pl.Series(partners)[partner],
        TRADE_TYPE=pl.Series(np.where(inside, "I", "E")),
        FLOW=pl.Series(flow),
        STAT_PROCEDURE=pl.Series(np.where(inside, 1, rng.choice([1, 2, 3], count, p=[0.97, 0.02, 0.01]))),
        PERIOD=pl.lit(period),
        VALUE_EUR=pl.Series(value),
        VALUE_NAC=pl.Series(np.round(value * rate).astype(np.int64)),
        QUANTITY_KG=pl.Series(np.floor(value / rng.lognormal(2.0, 1.2, count)).astype(np.int64)),
        QUANTITY_SUPPL_UNIT=pl.Series(np.where(with_unit, value // 50, 0)),
    )
    return frame.select(COLUMNS)


def write_register(path: Path, lines: int = REGISTER_LINES, seed: int = 1) -> None:
    """A register extract in JSON lines with invented officers; packed when the name ends in ``.bz2``.

    Packed blocks are appended to each other: several bz2 streams in one file are one valid file.
    """
    rng = stream(seed, "bulk.register")
    starts = range(0, lines, LINES_AT_A_TIME)
    blocks = (_entries(rng, start, min(start + LINES_AT_A_TIME, lines)) for start in starts)
    with path.open("wb") as handle, ThreadPoolExecutor(2) as pool:
        while few := list(islice(blocks, 4)):
            handle.writelines(pool.map(lambda b: bz2.compress(b, 1), few) if path.suffix == ".bz2" else few)


def _entries(rng: np.random.Generator, start: int, end: int) -> bytes:
    """Entries number ``start`` to ``end``; each number and with it each ``company_number`` occurs once."""
    count = end - start
    number = pl.int_range(start, end, eager=True)
    kind = pl.Series(np.array(["HRB", "HRA", "VR", "GnR"])[rng.choice(4, count, p=[0.6, 0.2, 0.18, 0.02])])
    frame = pl.DataFrame(
        {
            "number": number.cast(pl.String),
            "court": pl.Series(np.array([f"{c}{n}" for c in "DKRFGMNPUY" for n in range(1101, 1116)])[number.to_numpy() % 150]),
            "kind": kind,
            "house": pl.Series(rng.integers(1, 200, count)).cast(pl.String),
            "postcode": pl.Series(rng.integers(1_067, 99_998, count)).cast(pl.String).str.zfill(5),
            "status": pl.Series(np.where(rng.random(count) < 0.3, "removed", "currently registered")),
            "place": "Musterort " + (number % 997).cast(pl.String),
        }
    )  # fmt: skip
    pieces = [pl.col(piece) if piece in frame.columns else pl.lit(piece) for piece in ENTRY.split("§")]
    return ("\n".join(frame.select(pl.concat_str(pieces)).to_series()) + "\n").encode()
