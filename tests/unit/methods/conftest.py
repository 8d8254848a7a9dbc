"""Shared by the tests of the methods: the folder of real files, and a complete market-fit setting."""

import copy
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

REPOSITORY = Path(__file__).parents[3]

MARKET_FIT_SETTINGS: dict[str, Any] = {
    "weights": {
        "capability": 0.30,
        "demand": 0.25,
        "access": 0.15,
        "resilience": 0.10,
        "diversification": 0.20,
    },
    "part_weights": {
        "product_country": {
            "capability": {"product_proximity": 0.8, "competence_overlap": 0.2},
            "demand": {"import_value_eur": 0.5, "import_cagr_5y_pct": 0.3, "unit_value_eur_per_kg": 0.2},
            "access": {"is_single_market": 0.4, "home_export_value_eur": 0.4, "home_share": 0.2},
        },
        "industry_segment": {
            "demand": {
                "industry_export_value_eur": 0.4,
                "industry_export_cagr_5y_pct": 0.3,
                "industry_employees_count": 0.2,
                "industry_employment_change_5y_pct": 0.1,
            },
            "access": {"regional_employees_count": 0.5, "regional_location_quotient": 0.5},
        },
    },
    "level_points": {"own_core": 100, "own": 80, "planned": 20, "purchased": 0, "unknown": 60},
    "group_weights": {"process": 0.6, "material": 0.2, "certification": 0.2},
    "group_counts": {"process": 2, "material": 1, "certification": 1},
    "breakpoints": {
        "import_value_eur": [[1e6, 0], [1e7, 35], [1e8, 70], [1e9, 100]],
        "import_cagr_5y_pct": [[-10, 0], [0, 40], [5, 70], [15, 100]],
        "unit_value_eur_per_kg": [[1, 0], [5, 40], [20, 75], [100, 100]],
        "is_single_market": [[0, 30], [1, 100]],
        "home_export_value_eur": [[1e5, 0], [1e6, 40], [1e7, 75], [1e8, 100]],
        "home_share": [[0, 0], [0.05, 50], [0.2, 100]],
        "origin_hhi": [[0.05, 100], [0.15, 80], [0.25, 60], [0.4, 30], [0.8, 0]],
        "industry_export_value_eur": [[1e8, 0], [1e9, 40], [1e10, 100]],
        "industry_export_cagr_5y_pct": [[-10, 0], [0, 40], [5, 70], [15, 100]],
        "industry_employees_count": [[1e3, 0], [1e4, 50], [1e5, 100]],
        "industry_employment_change_5y_pct": [[-20, 0], [0, 50], [20, 100]],
        "regional_employees_count": [[10, 0], [100, 40], [1000, 100]],
        "regional_location_quotient": [[0, 0], [1, 50], [3, 100]],
        "destination_hhi": [[0.05, 100], [0.25, 60], [0.8, 0]],
        "automotive_target": [[0, 50], [100, 0]],
        "other_target": [[0, 50], [100, 100]],
    },
    "candidate_proximity_floor": 0.3,
    "candidate_overlap_floor": 40,
    "min_import_value_eur": 1_000_000,
    "automotive_prefixes": ["8708"],
    "automotive_wz_prefixes": ["29"],
    "home_country": "DE",
    "home_country_label_de": "Deutschland",
}


@pytest.fixture
def settings() -> dict[str, Any]:
    """The market-fit settings as a YAML file would give them; free to be changed."""
    return copy.deepcopy(MARKET_FIT_SETTINGS)


@pytest.fixture(scope="session")
def real_trade() -> Path:
    """The folder with the real HS4 table and the figures others computed from it."""
    given = os.environ.get("KETTENWERK_REAL_DATA")
    folder = (Path(given) if given else REPOSITORY.parent / "shared" / "data") / "trade"
    if not (folder / "hs4_2017_exports.parquet").is_file():
        pytest.skip(f"no real files in {folder}: set KETTENWERK_REAL_DATA to the folder that holds trade/")
    return folder


class Grid:
    """A value matrix with its codes, and lookups by code."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.locations = rows["reporter_iso"].unique().sort().to_list()
        self.products = rows["product_code"].unique().sort().to_list()
        self._row = {code: i for i, code in enumerate(self.locations)}
        self._column = {code: i for i, code in enumerate(self.products)}
        self.values = np.zeros((len(self.locations), len(self.products)))
        self.values[self.rows(rows["reporter_iso"]), self.columns(rows["product_code"])] = rows["export_value_usd"]

    def rows(self, codes: pl.Series) -> list[int]:
        return [self._row[code] for code in codes]

    def columns(self, codes: pl.Series) -> list[int]:
        return [self._column[code] for code in codes]


@pytest.fixture(scope="session")
def real_grid(real_trade: Path) -> Grid:
    """Exports of 224 reporters in 1,222 HS4 headings, 2017; NULL and absent are zeros there."""
    return Grid(pl.read_parquet(real_trade / "hs4_2017_exports.parquet").drop_nulls("export_value_usd"))
