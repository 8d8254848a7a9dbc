# pyright: reportMissingImports=false  (the peers live in environments of their own)
"""The peers of the product space benchmark, each as its own documentation calls it, from the same rows to a long table.

``python product_space_side.py ecomplexity|econcomplex|economic_complexity EXPORTS OUT``. ``ecomplexity`` runs without its
check of log-supermodularity, which no other side makes. ``economic_complexity`` gives matrices: they are laid out long
here, column by column; it has no COI, and its COG is another form of it (opportunity gain).
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = {"loc": "location_code", "val": "value_usd"}


def ecomplexity(rows, steps):
    from ecomplexity import ecomplexity as run

    started = time.perf_counter()
    columns = {"time": "year", "prod": "product_code", **NAMES}
    table = run(rows.assign(year=2020), columns, check_logsupermodularity=False, verbose=False)
    steps["measures"] = time.perf_counter() - started
    return table


def econcomplex(rows, steps):
    from econcomplex.pipeline import compute_complexity

    started = time.perf_counter()
    table = compute_complexity(rows, {"act": "product_code", **NAMES})
    steps["measures"] = time.perf_counter() - started
    return table


def economic_complexity(rows, steps):
    import economic_complexity as ec

    started = time.perf_counter()
    table = rows.pivot(index="location_code", columns="product_code", values="value_usd")
    steps["rows to matrix"] += time.perf_counter() - started
    started = time.perf_counter()
    rca = ec.rca(table)
    eci, pci = ec.complexity(rca)
    phi = ec.proximity(rca)
    density = ec.relatedness(rca, proximities=phi)
    cog = ec.opportunity_gain(rca, pci=pci, proximities=phi)
    steps["measures"] = time.perf_counter() - started
    height, width = rca.shape
    return pd.DataFrame(
        {
            "location_code": np.repeat(rca.index.to_numpy(), width),
            "product_code": np.tile(rca.columns.to_numpy(), height),
            "value_usd": table.fillna(0).to_numpy().ravel(),
            "rca": rca.to_numpy().ravel(),
            "mcp": (rca >= 1).to_numpy().ravel(),
            "density": density.to_numpy().ravel(),
            "eci": np.repeat(eci.to_numpy(), width),
            "pci": np.tile(pci.to_numpy(), height),
            "cog": cog.to_numpy().ravel(),
        }
    )


SIDES = {"ecomplexity": ecomplexity, "econcomplex": econcomplex, "economic_complexity": economic_complexity}


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak():
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0"]
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(side, exports, out):
    __import__(side)
    import pyarrow.parquet

    before, started, steps = cpu(), time.perf_counter(), {}
    rows = pd.read_parquet(exports)
    steps["rows to matrix"] = time.perf_counter() - started
    table = SIDES[side](rows, steps)
    # The same compression as our side.
    table.to_parquet(out, compression="zstd", compression_level=1, index=False)
    assert pyarrow.parquet.read_metadata(out).num_rows
    now = time.perf_counter()
    steps["long table"] = now - started - steps["rows to matrix"] - steps["measures"]
    print(json.dumps({"seconds": now - started, "cpu": cpu() - before, "peak": peak(), "steps": steps}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
