# pyright: reportMissingImports=false  (the peer lives in an environment of its own)
"""What economic-complexity (the OEC's package) says about one matrix, in an environment of its own with an older pandas.

``python economic_complexity_side.py WORK``: reads and writes as ``complexity_side.py`` does, into ``economic_complexity/``.
"""

import sys
import warnings
from pathlib import Path

import economic_complexity as oec
import pandas as pd


def main(work: Path) -> None:
    folder = work / "economic_complexity"
    folder.mkdir(exist_ok=True)

    def keep(name: str, figure: pd.DataFrame | pd.Series) -> None:
        frame = (figure.to_frame("value") if isinstance(figure, pd.Series) else figure).copy()
        frame.columns = frame.columns.astype(str)
        frame.index.name = "label"
        frame.reset_index().to_parquet(folder / f"{name}.parquet")

    values = pd.read_parquet(work / "values.parquet")
    locations = pd.read_parquet(work / "locations.parquet").set_index("location")
    world_pci = pd.read_parquet(work / "products.parquet").set_index("product")["pci"]
    mat = values.pivot(index="location", columns="product", values="value").fillna(0.0)
    warnings.simplefilter("ignore")
    index = oec.rca(mat)
    keep("rca", index)
    eci, pci = oec.complexity(index)
    keep("eci", eci)
    keep("pci", pci)
    keep("subnational_eci", oec.complexity_subnational(index, world_pci)[0])
    keep("subnational_eci_z", oec.complexity_subnational(index, world_pci, standardize=True)[0])
    keep("proximity_max", oec.proximity(index))
    keep("proximity_sqrt", oec.proximity(index, procedure="sqrt"))
    keep("relatedness", oec.relatedness(index))
    keep("distance", oec.distance(index))
    keep("relative_relatedness", oec.relative_relatedness(index))
    keep("opportunity_gain", oec.opportunity_gain(index, pci=world_pci.loc[index.columns]))
    keep("pgi", oec.pgi(mat, index, locations[["gini"]])["pgi"])
    keep("peii", oec.peii(mat, index, locations[["income"]])["peii"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
