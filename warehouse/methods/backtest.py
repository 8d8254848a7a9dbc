"""The back-test of relatedness: does what was known in year t foretell which products a location makes by year t + h?

Belongs here: cases and outcomes, what each model knows, and the rows of meta.backtest. Does not: fitting and the measures of a
forecast (backtest_forecast), relatedness itself, and the choice of source, edition and product level, which the model makes.

A case is a location and a product it does not make: RCA below 0.5 in t and, where that year is known, in t - 1. It entered when
RCA is at least 1 in t + h and, where known, in t + h - 1. The gap between the two limits is that of Hidalgo et al. (2007), who
call products of RCA < 0.5 in 1990 and > 1 in 1995 transitions; the second year on each side keeps one odd year, or a figure
near the limit, from being an entry (Bahar, Hausmann and Hidalgo 2014 ask for years before and after as well). A location or
product without any trade in one of these years is unknown, not absent, and gives no case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray, MethodInputError
from warehouse.methods.backtest_forecast import auc, calibration_error, crossed, fitted, precision_at
from warehouse.methods.backtest_models import MODELS
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.specialisation import presence, rca

METHOD_VERSION = "2026.1"
OUTPUT_SCHEMA = pl.Schema(
    {
        "train_until_year": pl.Int32(),
        "test_until_year": pl.Int32(),
        "model_code": pl.String(),
        "auc": pl.Float64(),
        "precision_at_20": pl.Float64(),
        "calibration_error": pl.Float64(),
        "case_count": pl.Int64(),
    }
)
CELL = ("year", "location_code", "product_code")
KIND = ("source_id", "classification_code", "product_level")
LEAST_DENSITY = 1e-4  # stands for none (and for a product without any proximity), so that its logarithm is a number
WINDOW = ("train_until_year", "test_until_year")


@dataclass(frozen=True)
class BacktestConfig:
    """The conventions of one back-test; the defaults are those of the method card."""

    horizon_years: int = 5
    absent_below: float = 0.5  # RCA of a product not made
    present_from: float = 1.0  # RCA of a product made
    top: int = 20  # candidates per location that precision looks at
    bins: int = 10  # bins of equal count for the calibration error
    folds: int = 5  # groups of locations where no earlier window can train the models


DEFAULT = BacktestConfig()


@dataclass(frozen=True, eq=False)
class Cases:
    """Locations and products absent in t: what was known of them then, and whether they entered."""

    location: IntArray
    product: IntArray
    features: dict[str, FloatArray]
    entered: BoolArray

    def matrix(self, names: Iterable[str]) -> FloatArray:
        """Features as cases x names."""
        return np.column_stack([self.features[name] for name in names])

    @property
    def is_mixed(self) -> bool:
        """Whether some entered and some did not: without both nothing can be learnt or judged."""
        return bool(self.entered.any() and not self.entered.all())


class Panel:
    """Exports of several years over one set of locations and products."""

    def __init__(self, exports: pl.DataFrame) -> None:
        missing = [c for c in (*CELL, "value_usd") if c not in exports.columns]
        if missing:
            raise MethodInputError(f"columns {', '.join(missing)} are missing", where="exports",
                                   expected=", ".join((*CELL, "value_usd")))  # fmt: skip
        if exports.select(CELL).is_duplicated().any():
            raise MethodInputError("several rows share one year, location and product", where="exports",
                                   expected="one row each", todo="choose one edition and product level")  # fmt: skip
        locations = exports["location_code"].cast(pl.String).unique().sort()
        products = exports["product_code"].cast(pl.String).unique().sort()
        self.shape = (len(locations), len(products))
        self.years = tuple(exports["year"].unique().sort().to_list())
        self._rows = {
            int(year): (
                _position(part["location_code"], locations),
                _position(part["product_code"], products),
                part["value_usd"].to_numpy(),
            )
            for (year,), part in exports.group_by("year")
        }
        self.index = lru_cache(maxsize=4)(self._index)

    def values(self, year: int) -> FloatArray:
        """Exports of one year, locations x products; a cell without a row is zero."""
        row, column, value = self._rows[year]
        matrix = np.zeros(self.shape)
        matrix[row, column] = value
        return matrix

    def _index(self, year: int) -> FloatArray:
        """RCA of one year; NaN for a location or a product without any trade in it."""
        return rca(self.values(year))


def _position(codes: pl.Series, known: pl.Series) -> IntArray:
    return known.search_sorted(codes.cast(pl.String)).to_numpy().astype(np.int64)


def windows(years: Iterable[int], horizon_years: int) -> list[tuple[int, int]]:
    """(t, t + horizon) for every t of which both years are there."""
    known = sorted(set(years))
    return [(year, year + horizon_years) for year in known if year + horizon_years in known]


def cases(panel: Panel, start: int, end: int, config: BacktestConfig) -> Cases:
    """Every case of one window with its outcome. What is known of it comes from the years up to `start` alone."""
    now = panel.index(start)
    absent, known = now < config.absent_below, ~np.isnan(panel.index(end))
    entered = panel.index(end) >= config.present_from
    if start - 1 in panel.years:
        absent = absent & (panel.index(start - 1) < config.absent_below)
    if end - 1 in panel.years and end - 1 > start:
        known = known & ~np.isnan(panel.index(end - 1))
        entered = entered & (panel.index(end - 1) >= config.present_from)
    row, column = np.nonzero(absent & known)
    features = {name: grid[row, column] for name, grid in known_in(panel, start).items()}
    return Cases(row, column, features, entered[row, column])


def known_in(panel: Panel, year: int) -> dict[str, FloatArray]:
    """What is known in a year of every location and product: logarithms, as densities and amounts span orders of magnitude."""
    made = presence(panel.index(year))
    values = panel.values(year)
    near = density(made, proximity(made))
    size, demand = values.sum(axis=1), values.sum(axis=0)
    grids = {
        "relatedness": np.log(np.fmax(near, LEAST_DENSITY)),
        "ubiquity": np.log1p(made.sum(axis=0, dtype=np.float64))[None, :],
        "location_size": np.log(np.maximum(size, 1.0))[:, None],
        "demand": np.log(np.maximum(demand, 1.0))[None, :],
    }
    return {name: np.broadcast_to(grid, panel.shape) for name, grid in grids.items()}


def forecast(train: Cases | None, test: Cases, features: tuple[str, ...], folds: int) -> FloatArray:
    """Probability of entry of every case of `test`.

    The weights come from `train`, a window that was over when `test` began. Without one (None, or nothing in it entered) each
    group of locations gets the weights of the other groups in the same window: no case is ever used to foretell itself.
    """
    wanted = test.matrix(features)
    if train is not None and train.is_mixed:
        return fitted(train.matrix(features), train.entered, wanted)
    return crossed(wanted, test.entered, test.location, folds)


def backtest(exports: pl.DataFrame, config: BacktestConfig = DEFAULT) -> pl.DataFrame:
    """Every model on every window, in the columns of meta.backtest without the version; empty where no window is whole.

    Args:
        exports: year, location_code, product_code, value_usd; one edition, one product level, a location with any row in a year
            reported that year whole.
        config: the conventions.

    Raises:
        MethodInputError: a column is missing or a cell is there twice.
    """
    panel = Panel(exports)
    # A window's cases train the models of the window that begins where it ends: each is made once.
    made: dict[int, Cases] = {}
    rows: list[tuple[object, ...]] = []
    for start, end in windows(panel.years, config.horizon_years):
        made[start] = test = cases(panel, start, end, config)
        if test.is_mixed:
            train = made.get(start - config.horizon_years)
            rows += [
                (start, end, model, *judged(forecast(train, test, features, config.folds), test, config))
                for model, features in MODELS.items()
            ]
    return pl.DataFrame(rows, schema=OUTPUT_SCHEMA, orient="row")


def judged(chance: FloatArray, test: Cases, config: BacktestConfig) -> tuple[float, float, float, int]:
    """AUC, precision at the top, calibration error and number of cases of one forecast."""
    return (
        auc(chance, test.entered),
        precision_at(chance, test.entered, test.location, config.top),
        calibration_error(chance, test.entered, config.bins),
        len(test.entered),
    )


def backtest_editions(exports: pl.DataFrame, config: BacktestConfig = DEFAULT) -> pl.DataFrame:
    """`backtest` of exports of several sources, editions and product levels: columns source_id, classification_code and
    product_level beside those of `backtest`.

    Codes of two editions are never compared, so each is tested by itself. A window that several cover is told once: by the finest
    level, then by the newest edition, which is how the score chooses its products too.
    """
    kinds = exports.select(KIND).unique().sort("product_level", "classification_code", "source_id", descending=True)
    found = OUTPUT_SCHEMA.to_frame()
    for kind in kinds.iter_rows(named=True):
        part = backtest(exports.filter(pl.col(name) == value for name, value in kind.items()), config)
        found = pl.concat([found, part.join(found, on=WINDOW, how="anti")])
    return found.sort(*WINDOW, "model_code")
