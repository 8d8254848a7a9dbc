"""The Comext bulk file of one month: 18 columns, eight-digit codes, both flows.

Belongs here: how the modelled trade of a year looks in Comext's layout. Does not belong here: the trade model. The columns for SITC,
CPA 2.2 and BEC Rev. 5 hold zeros of the right length: the sample has no facts for them and uses none.
"""

import io

import numpy as np
import polars as pl

from ingest.sample.streams import stream
from ingest.sample.tables import Cn8, cn8_codes, countries
from ingest.sample.writer import InboxWriter

PERIOD = 202408
YEAR = 2024
REPORTERS = ("DE", "AT", "FR", "IT", "NL", "PL")
# National currency per euro of reporters outside the euro area (rounded, for the shape of the column only).
CURRENCY_PER_EUR = {"PL": 4.3}
EUR_PER_USD = 0.92
# Pseudo partners of Eurostat: stores and provisions, countries not specified; inside and outside the EU.
PSEUDO_PARTNERS = (("QR", "I"), ("QS", "E"), ("QV", "I"), ("QW", "E"))
SUPPRESSED_CHAPTERS = ("39", "72", "73", "76", "84", "85")
SECTIONS = ((5, 1), (14, 2), (15, 3), (24, 4), (27, 5), (38, 6), (40, 7), (43, 8), (46, 9), (49, 10), (63, 11), (67, 12), (70, 13),
            (71, 14), (83, 15), (85, 16), (89, 17), (92, 18), (93, 19), (96, 20), (99, 21))  # fmt: skip
COLUMNS = (
    "REPORTER", "PARTNER", "TRADE_TYPE", "PRODUCT_NC", "PRODUCT_SITC", "PRODUCT_CPA21", "PRODUCT_CPA22", "PRODUCT_BEC", "PRODUCT_BEC5",
    "PRODUCT_SECTION", "FLOW", "STAT_PROCEDURE", "SUPPL_UNIT", "PERIOD", "VALUE_EUR", "VALUE_NAC", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT",
)  # fmt: skip


def write_comext(writer: InboxWriter, flows: pl.DataFrame, seed: int) -> None:
    """One month of the reporters, with suppressed detail and pseudo partners."""
    year = flows.filter(pl.col("year") == YEAR)
    exports = year.filter(pl.col("exporter").is_in(REPORTERS)).rename({"exporter": "REPORTER", "importer": "PARTNER"})
    imports = year.filter(pl.col("importer").is_in(REPORTERS)).rename({"importer": "REPORTER", "exporter": "PARTNER"})
    columns = ["REPORTER", "PARTNER", "product", "value_kusd", "tonnes"]
    both = pl.concat([exports.select(columns).with_columns(FLOW=2), imports.select(columns).with_columns(FLOW=1)])
    table = pl.concat([_leaves(both, seed), _suppressed(seed)]).with_columns(_national_value())
    table = table.select(COLUMNS).sort("REPORTER", "PARTNER", "PRODUCT_NC", "FLOW", "STAT_PROCEDURE", "PRODUCT_CPA21")
    buffer = io.BytesIO()
    table.write_csv(buffer)
    writer.write(f"comext/full_v2_{PERIOD}.dat", buffer.getvalue(), table.height)


def _section(product: str) -> str:
    chapter = int(product[:2])
    return f"{next(section for last, section in SECTIONS if chapter <= last):02d}"


def _code_table(codes: tuple[Cn8, ...]) -> pl.DataFrame:
    count: dict[str, int] = {}
    for code in codes:
        count[code.product_code] = count.get(code.product_code, 0) + 1
    return pl.DataFrame(
        {
            "product": [c.product_code for c in codes],
            "PRODUCT_NC": [c.code for c in codes],
            "PRODUCT_CPA21": [c.cpa21_code for c in codes],
            "PRODUCT_BEC": [c.bec_code for c in codes],
            "PRODUCT_SECTION": [_section(c.product_code) for c in codes],
            "split": [1.0 / count[c.product_code] for c in codes],
        }
    )


def _leaves(both: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A twelfth of the year, split over the eight-digit codes of each product, some of it under inward or outward processing."""
    rng = stream(seed, "comext.leaves")
    members = [n.iso2 for n in countries() if n.is_eu27]
    rows = both.join(_code_table(cn8_codes()), on="product", how="inner", maintain_order="left_right")
    season = pl.Series(np.exp(rng.normal(0.0, 0.15, rows.height)))
    procedure = pl.Series(rng.choice([1, 2, 3], rows.height, p=[0.97, 0.02, 0.01]))
    value = pl.col("value_kusd") * 1000.0 * EUR_PER_USD / 12.0 * pl.col("split") * season
    mass = (pl.col("tonnes") * 1000.0 / 12.0 * pl.col("split") * season).ceil()
    no_mass = pl.col("tonnes").is_null()
    inside = pl.col("PARTNER").is_in(members)
    return (
        rows.with_columns(
            VALUE_EUR=value.round(0).cast(pl.Int64),
            QUANTITY_KG=mass.fill_null(0.0).cast(pl.Int64),
            TRADE_TYPE=pl.when(inside).then(pl.lit("I")).otherwise(pl.lit("E")),
            # Processing under customs control exists only at the outer border.
            STAT_PROCEDURE=pl.when(inside).then(1).otherwise(procedure).cast(pl.Int32),
            **_constants(),
        )
        .with_columns(
            # Goods without mass are counted in pieces.
            SUPPL_UNIT=pl.when(no_mass).then(pl.lit("NAR")).otherwise(pl.col("SUPPL_UNIT")),
            QUANTITY_SUPPL_UNIT=pl.when(no_mass)
            .then((pl.col("VALUE_EUR") / 50).ceil().cast(pl.Int64))
            .otherwise(pl.col("QUANTITY_SUPPL_UNIT")),
        )
        .select(_COMMON)
    )


_COMMON = [c for c in COLUMNS if c != "VALUE_NAC"]


def _constants() -> dict[str, pl.Expr]:
    return {
        "PRODUCT_SITC": pl.lit("00000"),
        "PRODUCT_CPA22": pl.lit("0000"),
        "PRODUCT_BEC5": pl.lit("000000"),
        "SUPPL_UNIT": pl.lit("NO_SU"),
        "PERIOD": pl.lit(PERIOD, dtype=pl.Int32),
        "QUANTITY_SUPPL_UNIT": pl.lit(0, dtype=pl.Int64),
    }


def _suppressed(seed: int) -> pl.DataFrame:
    """Rows with X fillers: value that exists at chapter or heading level only, partly with pseudo partners."""
    rng = stream(seed, "comext.suppressed")
    partners = (*PSEUDO_PARTNERS, ("US", "E"), ("CH", "E"), ("BE", "I"))
    rows: list[dict[str, str | int]] = []
    for reporter in REPORTERS:
        for chapter in SUPPRESSED_CHAPTERS:
            for partner, trade_type in partners:
                for flow in (1, 2):
                    value = int(rng.integers(1_000, 400_000))
                    rows.append(
                        {
                            "REPORTER": reporter, "PARTNER": partner, "TRADE_TYPE": trade_type, "PRODUCT_NC": f"{chapter}XXXXXX",
                            "PRODUCT_CPA21": "XXXX", "PRODUCT_BEC": "XXX", "PRODUCT_SECTION": _section(chapter), "FLOW": flow,
                            "STAT_PROCEDURE": 1, "VALUE_EUR": value, "QUANTITY_KG": int(value / rng.uniform(2, 20)),
                        }
                    )  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides={"FLOW": pl.Int32, "STAT_PROCEDURE": pl.Int32})
    return frame.with_columns(**_constants()).select(_COMMON)


def _national_value() -> pl.Expr:
    rate = pl.col("REPORTER").replace_strict(CURRENCY_PER_EUR, default=1.0, return_dtype=pl.Float64)
    return (pl.col("VALUE_EUR") * rate).round(0).cast(pl.Int64).alias("VALUE_NAC")
