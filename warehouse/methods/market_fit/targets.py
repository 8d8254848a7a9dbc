"""Everything about the targets that no company changes: figures, components, and what these might also have been.

Belongs here: what may be a target, the order of ties, components of demand, access and resilience. Does not: companies.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.arrays import FloatArray, IntArray
from warehouse.methods.market_fit.alternatives import ALTERNATIVE_COUNT, YEARS, Points, alternatives
from warehouse.methods.market_fit.components import input_points, target_components
from warehouse.methods.market_fit.config import MarketFitConfig
from warehouse.methods.market_fit.inputs import INDUSTRY, PRODUCT, TARGET_INPUTS

SHARED = ("demand", "access", "resilience")
KEYS = {PRODUCT: ["hs6_code", "country_iso2_code"], INDUSTRY: ["target_wz2008_code"]}
SIZE = {PRODUCT: "import_value_eur", INDUSTRY: "industry_employees_count"}
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Targets:
    """n targets of both routes in tie-break order.

    `components` is [3, n] (demand, access, resilience), `varied` the same for every alternative, [A, 3, n] in float32,
    because only ranks are read off it. `product` and `industry` point into `products` and `industries`, -1 for none.
    """

    table: pl.DataFrame
    components: FloatArray
    varied: npt.NDArray[np.float32]
    is_automotive: npt.NDArray[np.bool_]
    is_industry: npt.NDArray[np.bool_]
    product: IntArray
    industry: IntArray
    products: pl.Series
    industries: pl.Series


def prepare(markets: pl.DataFrame, industries: pl.DataFrame, config: MarketFitConfig) -> Targets:
    """The targets of both routes, product-country markets before industries, each route's bigger ones first."""
    routes = [_route(markets, PRODUCT, config), _route(industries, INDUSTRY, config)]
    table = pl.concat([part[0] for part in routes], how="diagonal_relaxed")
    products, wz = _codes(table, "hs6_code"), _codes(table, "target_wz2008_code")
    return Targets(
        table=table,
        components=np.concatenate([part[1] for part in routes], axis=1),
        varied=np.concatenate([part[2] for part in routes], axis=2),
        is_automotive=table["is_automotive_target"].to_numpy().astype(np.bool_),
        is_industry=(table["target_type_code"] == INDUSTRY).to_numpy().astype(np.bool_),
        product=_positions(table["hs6_code"], products),
        industry=_positions(table["target_wz2008_code"], wz),
        products=products,
        industries=wz,
    )


def _codes(table: pl.DataFrame, column: str) -> pl.Series:
    return table[column].drop_nulls().unique().sort()


def _positions(codes: pl.Series, known: pl.Series) -> IntArray:
    index = pl.DataFrame({"code": known}).with_row_index("position")
    joined = pl.DataFrame({"code": codes}).join(index, on="code", how="left", maintain_order="left")
    return joined["position"].cast(pl.Int64).fill_null(NOWHERE).to_numpy()


def _route(
    rows: pl.DataFrame, route: str, config: MarketFitConfig
) -> tuple[pl.DataFrame, FloatArray, npt.NDArray[np.float32]]:
    """Table, components and varied components of one route."""
    newest_year = rows["year"].max()
    usable = _finite(rows, route)
    newest = usable.filter(pl.col("year") == pl.lit(newest_year, dtype=pl.Int32)).pipe(_may_be_target, route, config).sort(
        SIZE[route], *KEYS[route], descending=[True, *[False] * len(KEYS[route])], nulls_last=True
    )  # fmt: skip
    points = input_points(newest, route, config)
    earlier: list[Points] = []
    if isinstance(newest_year, int):
        for year in range(newest_year - 1, newest_year - YEARS, -1):
            same = newest.select(KEYS[route]).join(
                usable.filter(pl.col("year") == year), on=KEYS[route], how="left", maintain_order="left"
            )
            earlier.append(input_points(same, route, config))
    varied = np.empty((ALTERNATIVE_COUNT, len(SHARED), newest.height), dtype=np.float32)
    for number, other in enumerate(alternatives(points, earlier, config.gap_quantile)):
        varied[number] = _stack(other, route, config)
    table = newest.with_columns(
        *(pl.Series(f"{name}_points", values).fill_nan(None) for name, values in points.items()),
        _automotive(route, config).alias("is_automotive_target"),
        pl.lit(route).alias("target_type_code"),
    )
    return table, _stack(points, route, config), varied


def _stack(points: Points, route: str, config: MarketFitConfig) -> FloatArray:
    found = target_components(points, route, config)
    return np.stack([found[name] for name in SHARED])


def _finite(rows: pl.DataFrame, route: str) -> pl.DataFrame:
    """Figures as numbers; what is not finite is missing."""
    figures = [name for names in TARGET_INPUTS[route].values() for name in names if name != "is_single_market"]
    number = pl.col(figures).cast(pl.Float64)
    return rows.with_columns(pl.when(number.is_finite()).then(number))


def _may_be_target(rows: pl.DataFrame, route: str, config: MarketFitConfig) -> pl.DataFrame:
    if route == INDUSTRY:
        return rows.filter(pl.col("target_wz2008_code").is_not_null())
    return rows.filter(
        pl.col("import_value_eur") >= config.min_import_value_eur,
        pl.col("country_iso2_code") != config.home_country,
        pl.col("hs6_code").is_not_null(),
    )


def _automotive(route: str, config: MarketFitConfig) -> pl.Expr:
    column = "hs6_code" if route == PRODUCT else "target_wz2008_code"
    prefixes = config.automotive_prefixes if route == PRODUCT else config.automotive_wz_prefixes
    return pl.any_horizontal(pl.lit(False), *(pl.col(column).str.starts_with(prefix) for prefix in prefixes))
