"""The invented world trade behind the BACI and Comext files.

Belongs here: the model (nested capabilities, blocks, planted demand, planted dependencies). Does not belong here: file formats.

A country makes a product when its capability, its strength in the product's block and a lasting chance add up to more than the
product's complexity. That gives the nested pattern complexity indices look for. From year to year it gains and loses products
(``dynamics``): partly near what it already makes, partly by size and popularity, mostly by chance, so that a back-test of relatedness
has something to find and something to miss.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sample.dynamics import Dynamics, reach_by_year
from ingest.sample.streams import stream
from ingest.sample.tables import countries, headings, products
from ingest.sample.truths import DEPENDENCY_PLANS, FIT_PLANS, TRADE_YEARS, FitPlan

Array = NDArray[np.float64]

WORLD_TRADE_KUSD = 480_000_000.0
PLANTED_DEMAND_KUSD = 5_000_000.0  # imports of the planted target in the last year
PLANTED_GROWTH = 1.25
MARKET_MAX_KUSD = 2_000_000.0  # imports of one product by one country, beside the planted ones
MARKET_GROWTH_MAX = 1.07  # of the same from one year to the next
DESTINATIONS_MAX = 5
HOME_COUNTRY = "DE"
BLOCK_STRENGTH = 1.1  # what a strong block adds to a country's reach in the first year
DYNAMICS = Dynamics()


@dataclass(frozen=True)
class World:
    """Parameters of the model as arrays: countries x products."""

    reach: Array  # years x countries x products: how far a country masters a product, nothing is exported up to 0
    size: Array  # countries
    product_size: Array  # products


def trade_flows(seed: int, rules: Dynamics = DYNAMICS) -> pl.DataFrame:
    """All flows: year, exporter and importer (ISO2), product, value in thousand USD and mass in tonnes (NULL where not known)."""
    world = _world(seed, rules)
    destinations = _destinations(world, seed)
    growth = stream(seed, "trade.growth").normal(0.025, 0.015, len(countries()))
    frames: list[pl.DataFrame] = []
    demand = None
    for year in TRADE_YEARS:
        frame, demand = _year(world, destinations, growth, year, seed, demand)
        frames.append(frame)
    flows = _without_dependency_products(pl.concat(frames))
    return (
        pl.concat([flows, _planted_dependencies()])
        .pipe(_with_mass, seed)
        .sort("year", "exporter", "importer", "product")
    )


def _world(seed: int, rules: Dynamics) -> World:
    rng = stream(seed, "trade.world")
    nations = countries()
    heads = [headings()[p[:4]] for p in products()]
    position = {p: n for n, p in enumerate(products())}
    chance = rng.normal(0.0, 1.0, (len(nations), len(heads)))
    complexity = np.array([h.complexity for h in heads]) + rng.normal(0, 0.03, len(heads))
    strong = np.array([[h.block in n.strong_blocks for h in heads] for n in nations], dtype=np.float64)
    product_size = np.exp(rng.normal(0.0, 0.5, len(heads)))
    home = [n.iso2 for n in nations].index(HOME_COUNTRY)
    for plan in FIT_PLANS:
        chance[home, position[plan.company_product]] = 2.0
        # The target needs what the company's product needs: whoever makes one makes the other.
        source, target = position[plan.company_product], position[plan.target_product]
        chance[:, target], complexity[target], strong[:, target] = (
            chance[:, source],
            complexity[source],
            strong[:, source],
        )
    capability = np.array([n.capability for n in nations])
    start = 3.4 * (capability[:, None] - complexity[None, :]) + 0.55 * chance + 0.25 + BLOCK_STRENGTH * strong
    size = np.array([n.size for n in nations])
    reach = reach_by_year(start, size, complexity, [h.block for h in heads], len(TRADE_YEARS), seed, rules)
    for plan in FIT_PLANS:
        # What is planted stands still: whoever makes the company's product makes the target, in every year.
        source = position[plan.company_product]
        reach[:, :, source] = reach[:, :, position[plan.target_product]] = start[:, source]
    return World(reach, size, product_size)


def _exports(world: World, year: int) -> Array:
    """Exports by country and product before the choice of destinations, in shares of world trade."""
    reach = world.reach[year - TRADE_YEARS[0]]
    volume = world.size[:, None] * world.product_size[None, :] * np.exp(1.1 * np.clip(reach, 0.0, 2.5))
    return np.where(reach > 0.0, volume, 0.0)


def _destinations(world: World, seed: int) -> Array:
    """Weight of every importer for every exporter and product: zero for most, the same ones in all years."""
    rng = stream(seed, "trade.destinations")
    nations = countries()
    member = np.array([n.is_eu27 for n in nations])
    pull = np.log(world.size)[None, :] * 0.8 + np.where(member[:, None] & member[None, :], 0.7, 0.0)
    np.fill_diagonal(pull, -np.inf)
    taste = rng.normal(0.0, 0.5, (len(nations), len(products())))
    luck = rng.gumbel(0.0, 0.6, (len(nations), len(products()), len(nations)))
    key = pull[:, None, :] + taste.T[None, :, :] + luck
    last = _exports(world, TRADE_YEARS[-1])
    rank = last.ravel().argsort().argsort().reshape(last.shape) / last.size
    count = (1 + np.floor(DESTINATIONS_MAX * (np.clip(rank - 0.4, 0.0, None) / 0.6) ** 2.2)).astype(int)
    order = np.argsort(np.argsort(-key, axis=2), axis=2)
    weight = np.where(order < count[:, :, None], np.exp(pull[:, None, :] + taste.T[None, :, :]), 0.0)
    return weight / weight.sum(axis=2, keepdims=True)


def _year(
    world: World, destinations: Array, growth: Array, year: int, seed: int, before: Array | None
) -> tuple[pl.DataFrame, Array]:
    """Flows of one year, and what every country imported of every product, for the next year to grow from."""
    rng = stream(seed, f"trade.{year}")
    exports = _exports(world, year)
    age = year - TRADE_YEARS[0]
    value = exports[:, :, None] * destinations * np.exp(growth * age)[None, None, :]
    value *= WORLD_TRADE_KUSD * 1.02**age / value.sum()
    value = _within_demand(value, before)
    demand = value.sum(axis=0)
    for plan in FIT_PLANS:
        _plant_demand(value, exports, plan, year)
    exporter, product, importer = np.nonzero(value)
    amounts = np.round(value[exporter, product, importer] * np.exp(rng.normal(0.0, 0.06, exporter.size)), 3)
    codes = np.array([n.iso2 for n in countries()])
    frame = pl.DataFrame(
        {
            "year": np.full(exporter.size, year, dtype=np.int32),
            "exporter": codes[exporter],
            "importer": codes[importer],
            "product": np.array(products())[product],
            "value_kusd": amounts,
        }
    )
    return frame.filter(pl.col("value_kusd") >= 1.0), demand


def _within_demand(value: Array, before: Array | None) -> Array:
    """No market is as large as the planted ones, and who enters one takes most of his share from others: it hardly grows."""
    wanted = value.sum(axis=0)
    allowed = np.full_like(wanted, MARKET_MAX_KUSD)
    if before is not None:
        allowed = np.where(before > 0.0, np.minimum(allowed, MARKET_GROWTH_MAX * before), allowed)
    return value * np.minimum(1.0, np.divide(allowed, wanted, out=np.ones_like(wanted), where=wanted > 0.0))


def _plant_demand(value: Array, exports: Array, plan: FitPlan, year: int) -> None:
    """Large, growing imports of the target from many origins: each exporter gains in proportion to its exports."""
    product = products().index(plan.target_product)
    importer = [n.iso2 for n in countries()].index(plan.target_country)
    share = exports[:, product].copy()
    share[importer] = 0.0
    demand = PLANTED_DEMAND_KUSD / PLANTED_GROWTH ** (TRADE_YEARS[-1] - year)
    value[:, product, importer] = demand * share / share.sum()


def _without_dependency_products(flows: pl.DataFrame) -> pl.DataFrame:
    """Drop the modelled flows of the planted products wherever the EU takes part: only the planned ones shall count."""
    planned = [plan.product for plan in DEPENDENCY_PLANS]
    members = [n.iso2 for n in countries() if n.is_eu27]
    touches = pl.col("exporter").is_in(members) | pl.col("importer").is_in(members)
    return flows.filter(~(pl.col("product").is_in(planned) & touches))


def _planted_dependencies() -> pl.DataFrame:
    rows = [
        (year, flow.exporter, flow.importer, plan.product, float(flow.value_kusd))
        for plan in DEPENDENCY_PLANS
        for flow in plan.flows
        for year in TRADE_YEARS
    ]
    schema = {
        "year": pl.Int32,
        "exporter": pl.String,
        "importer": pl.String,
        "product": pl.String,
        "value_kusd": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_mass(flows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Mass from value and a price per kilogram that is higher for more capable exporters; one row in a hundred has none."""
    rng = stream(seed, "trade.mass")
    price = pl.DataFrame(
        {"product": products(), "usd_per_kg": [headings()[p[:4]].price_usd_per_kg for p in products()]}
    ).with_columns(usd_per_kg=pl.col("usd_per_kg") * pl.Series(np.exp(rng.normal(0.0, 0.15, len(products())))))
    quality = pl.DataFrame(
        {
            "exporter": [n.iso2 for n in countries()],
            "quality": [0.6 + 0.6 * n.capability for n in countries()],
        }
    )
    noise = pl.Series(np.exp(rng.normal(0.0, 0.1, flows.height)))
    known = pl.Series(rng.random(flows.height) >= 0.01)
    tonnes = (pl.col("value_kusd") / (pl.col("usd_per_kg") * pl.col("quality") * noise)).round(3)
    joined = flows.join(price, on="product", how="left", maintain_order="left").join(
        quality, on="exporter", how="left", maintain_order="left"
    )
    return joined.with_columns(tonnes=pl.when(known).then(tonnes)).drop("usd_per_kg", "quality")
