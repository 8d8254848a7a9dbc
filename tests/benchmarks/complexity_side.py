"""Our sides of the product space benchmark, and the limit: three products of matrices and nothing else.

``python -m tests.benchmarks.complexity_side float64|fast|limit64|limit32 EXPORTS OUT``: reads the rows of exports,
computes every measure and writes the long table; a limit reads the rows and multiplies matrices of their shape.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks.sides import report, timed
from warehouse.methods.exporter_matrix import exporter_matrix
from warehouse.methods.product_space import Precision, compute, to_long


def ours(precision: Precision, exports: Path, out: Path) -> dict[str, Any]:
    """From rows to rows."""
    steps: dict[str, float] = {}
    with timed(steps, "rows to matrix"):
        made = exporter_matrix(pl.read_parquet(exports))
    with timed(steps, "measures"):
        space = compute(made.values, precision=precision)
    with timed(steps, "long table"):
        to_long(space, made.locations, made.products).write_parquet(out, compression_level=1)
    return {"steps": steps}


def limit(dtype: type, exports: Path) -> None:
    """The three products the measures cannot do without, into memory that is there already; the second time counts."""
    locations, products = (pl.read_parquet(exports)[name].n_unique() for name in ("location_code", "product_code"))
    random = np.random.default_rng(1)
    m, phi = (random.random(shape).astype(dtype) for shape in ((locations, products), (products, products)))
    wide, square = np.empty_like(m), np.empty_like(phi)

    def work() -> None:
        np.matmul(m.T, m, out=square)
        np.matmul(m, phi, out=wide)
        np.matmul(m, phi, out=wide)

    work()
    report(work)


def main(side: str, exports: Path, out: Path) -> None:
    if side == "limit64" or side == "limit32":
        limit(np.float64 if side == "limit64" else np.float32, exports)
    elif side == "float64" or side == "fast":
        report(lambda: ours(side, exports, out))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
