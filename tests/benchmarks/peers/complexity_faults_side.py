# pyright: reportMissingImports=false  (the peers live in environments of their own)
"""What the peers answer where a matrix has something empty, torn apart or unknown in it.

``python complexity_faults_side.py WORK [names | under SITE]``, in either peer environment: reads the ``*.parquet`` tables of WORK (location,
product, value), prints one JSON object, a list of numbers (null for NaN) per question; with
``names`` a list of the public functions instead, with ``under SITE`` what the package in SITE says under this pandas.
"""

import contextlib
import importlib
import importlib.util
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

LIMIT = 1.5


def listed(figure: pd.DataFrame | pd.Series | np.ndarray) -> list[float | None]:
    """Numbers in order, null for NaN."""
    return [None if np.isnan(x) else float(x) for x in np.asarray(figure, dtype=float).ravel()]


def of_complexity(tables: dict[str, pd.DataFrame]) -> dict[str, list[float | None]]:
    """Questions to ecomplexity and econcomplex."""
    import econcomplex as ec
    from ecomplexity import ecomplexity

    said: dict[str, list[float | None]] = {}
    columns = {"time": "year", "loc": "location", "prod": "product", "val": "value"}

    def ask(table: str, **setting: object) -> pd.DataFrame:
        data = tables[table].assign(year=2000)
        return ecomplexity(data, columns, check_logsupermodularity=False, verbose=False, **setting)

    for table in ("one_product", "one_location", "two_products", "two_locations"):
        found = ask(table, rca_mcp_threshold=LIMIT)
        said[f"{table}_eci"] = listed(found.groupby("location")["eci"].first())
        said[f"{table}_pci"] = listed(found.groupby("product")["pci"].first())
        said[f"{table}_coi"] = listed(found.groupby("location")["coi"].first())
    knn = ask("plain", knn=10, continuous=True)
    said["knn"] = listed(knn.pivot(index="location", columns="product", values="density"))
    people = tables["plain"].groupby("location", as_index=False)["value"].sum().assign(year=2000)
    both = ask("plain", presence_test="both", pop=people[["year", "location", "value"]])
    said["both"] = sorted({float(x) for x in both["mcp"]})
    tables["gap"] = tables["plain"].assign(value=tables["plain"]["value"].where(tables["plain"].index != 0))
    gap = ask("gap", continuous=True)
    said["gap"] = listed(gap["density"])
    torn = tables["torn"].pivot(index="location", columns="product", values="value")
    said["torn"] = listed(ec.eci_pci(torn, use_rca=False)[0])
    turned = tables["turned"].pivot(index="location", columns="product", values="value")
    eci, pci = ec.eci_pci(turned, use_rca=False)
    means = (turned.to_numpy() * pci.to_numpy()).sum(axis=1) / turned.to_numpy().sum(axis=1)
    said["turned"] = [float(np.corrcoef(eci, means)[0, 1])]
    said["turned_pci"] = listed(pci)
    lazy = np.array([[5.0, 1.0], [1.0, 5.0], [0.0, 0.0]])
    said["nothing_made"] = listed(ec.subnational_eci(lazy, np.array([1.0, 2.0]), standardize=False)[0])
    return said


def of_economic_complexity(tables: dict[str, pd.DataFrame]) -> dict[str, list[float | None]]:
    """The same questions to economic-complexity."""
    import economic_complexity as oec

    said: dict[str, list[float | None]] = {}
    for table in ("one_product", "one_location"):
        mat = tables[table].pivot(index="location", columns="product", values="value")
        eci, pci = oec.complexity(oec.rca(mat), cutoff=LIMIT)
        said[f"{table}_eci"], said[f"{table}_pci"] = listed(eci), listed(pci)
        said[f"{table}_relatedness"] = listed(oec.relatedness(oec.rca(mat), cutoff=LIMIT))
    torn = tables["torn"].pivot(index="location", columns="product", values="value")
    said["torn"] = listed(oec.complexity(torn)[0])
    return said


def names() -> list[str]:
    """Public functions of the package that lists them."""
    module = "econcomplex" if importlib.util.find_spec("econcomplex") else "economic_complexity"
    return sorted(importlib.import_module(module).__all__)


def under_this_pandas(site: str) -> str:
    """What economic-complexity of another environment's packages says to ``proximity`` under the pandas of this one."""
    sys.path.append(site)
    import economic_complexity as oec

    try:
        oec.proximity(pd.DataFrame([[2.0, 0.5], [0.5, 2.0]]))
    except ValueError as error:
        return f"pandas {pd.__version__}: {error}"
    return f"pandas {pd.__version__}: fine"


def main(work: Path) -> None:
    tables = {file.stem: pd.read_parquet(file) for file in work.glob("*.parquet")}
    ask = of_complexity if importlib.util.find_spec("ecomplexity") else of_economic_complexity
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        said = ask(tables)
    print(json.dumps(said))


if __name__ == "__main__":
    if sys.argv[2:] == ["names"]:
        print(json.dumps(names()))
    elif sys.argv[2:3] == ["under"]:
        print(under_this_pandas(sys.argv[3]))
    else:
        main(Path(sys.argv[1]))
