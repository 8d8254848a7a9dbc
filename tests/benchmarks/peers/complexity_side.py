# pyright: reportMissingImports=false  (the peers live in an environment of their own)
"""What ecomplexity and econcomplex say about one matrix, in an environment of their own, one Parquet file per figure.

``python complexity_side.py WORK [RUN ...]``: reads ``values.parquet`` (location, product, value), ``locations.parquet`` (location,
population, income, gini) and ``products.parquet`` (product, pci), writes ``ecomplexity/<figure>.parquet`` and
``econcomplex/<figure>.parquet``: labels in the first column, then one column per product, or one named ``value``. RUNs
of ecomplexity are base, half, asymmetric, continuous, rpop, rpop_continuous and manual; all of them unless named.
"""

import contextlib
import io
import sys
import warnings
from pathlib import Path

import econcomplex as ec
import pandas as pd
from ecomplexity import ecomplexity, proximity

COLUMNS = {"time": "year", "loc": "location", "prod": "product", "val": "value"}
CELLS = ("rca", "rpop", "mcp", "density", "cog")
OF_PRODUCT = ("ubiquity", "pci")


class Figures:
    """One folder of figures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def keep(self, name: str, figure: pd.DataFrame | pd.Series) -> None:
        """Write one figure, labels first."""
        frame = figure.to_frame("value") if isinstance(figure, pd.Series) else figure
        frame = frame.copy()
        frame.columns = frame.columns.astype(str)
        frame.index.name = "label"
        frame.reset_index().to_parquet(self.folder / f"{name}.parquet")


def of_ecomplexity(figures: Figures, values: pd.DataFrame, locations: pd.DataFrame, runs: list[str]) -> None:
    """Every option of ``ecomplexity`` and ``proximity`` that gives another figure."""
    data, people = values.assign(year=2000), locations.assign(year=2000)[["year", "location", "population"]]
    outlook = ("density", "coi", "cog")
    of_presence = ("mcp", "eci", "pci", *outlook)
    settings = {
        "base": ({}, ("rca", "diversity", "ubiquity", *of_presence)),
        "half": ({"rca_mcp_threshold": 0.5}, of_presence),
        "asymmetric": ({"asymmetric": True}, outlook),
        "continuous": ({"continuous": True}, outlook),
        "rpop": ({"presence_test": "rpop", "pop": people}, ("rpop", *of_presence)),
        "rpop_continuous": ({"presence_test": "rpop", "pop": people, "continuous": True}, outlook),
    }
    for name, (setting, wanted) in settings.items():
        if runs and name not in runs:
            continue
        found = ecomplexity(data, COLUMNS, check_logsupermodularity=False, verbose=False, **setting)
        for column in wanted:
            if column in CELLS:
                figure = found.pivot(index="location", columns="product", values=column)
            else:
                figure = found.groupby("product" if column in OF_PRODUCT else "location")[column].first()
            figures.keep(f"{name}_{column}", figure)
        if name == "base" and (not runs or "manual" in runs):
            made = found[["year", "location", "product", "mcp"]].rename(columns={"mcp": "value"})
            manual = ecomplexity(made, COLUMNS, presence_test="manual", check_logsupermodularity=False, verbose=False)
            figures.keep("manual_eci", manual.groupby("location")["eci"].first())
            figures.keep("manual_pci", manual.groupby("product")["pci"].first())
    forms = {
        "symmetric": {}, "asymmetric": {"asymmetric": True}, "continuous": {"continuous": True},
        "rpop_continuous": {"continuous": True, "presence_test": "rpop", "pop": people},
    }  # fmt: skip
    for name, form in forms.items():
        pairs = proximity(data, COLUMNS, **form)
        figures.keep(f"proximity_{name}", pairs.pivot(index="product_1", columns="product_2", values="proximity"))


def of_econcomplex(figures: Figures, mat: pd.DataFrame, locations: pd.DataFrame, world_pci: pd.Series) -> None:
    """Every figure of ``econcomplex`` that the project has too."""
    people, income, gini = (locations.set_index("location")[c].loc[mat.index] for c in ("population", "income", "gini"))
    keep = figures.keep
    keep("rca", ec.rca(mat))
    keep("location_quotient", ec.location_quotient(mat))
    keep("rpop", ec.rpop(mat, people))
    for test in ("rca", "rpop", "both"):
        keep(f"mcp_{test}", ec.mcp(mat, presence_test=test, pop=people))
    keep("diversity", ec.diversity(mat))
    keep("ubiquity", ec.ubiquity(mat))
    core = ec.trim_core(mat, dmin=12, umin=9)
    keep("core_rows", pd.Series(mat.index.isin(core.index).astype(float), index=mat.index))
    keep("core_columns", pd.Series(mat.columns.isin(core.columns).astype(float), index=mat.columns))
    eci, pci = ec.eci_pci(mat)
    keep("eci", eci)
    keep("pci", pci)
    keep("reflections_eci", ec.method_of_reflections(mat, iterations=6, tol=None)[0])
    keep("reflections_pci", ec.method_of_reflections(mat, iterations=6, tol=None)[1])
    keep("mor_regions", ec.mor_regions(mat, steps=6))
    keep("mor_activities", ec.mor_activities(mat, steps=6))
    for name, setting in {
        "fitness": {},
        "fitness_extreme": {"extremality": 2.0},
        "fitness_log": {"log_fitness": True},
    }.items():
        of_location, of_product = ec.fitness_complexity(mat, **setting)
        keep(name, of_location)
        keep(f"{name}_complexity", of_product)
    keep("subnational_eci", ec.subnational_eci(mat, world_pci)[0])
    keep("subnational_eci_raw", ec.subnational_eci(mat, world_pci, standardize=False)[0])
    for method in ("max", "sqrt", "min"):
        both = ec.proximity(mat, method=method)
        keep(f"proximity_{method}", both["product"])
        keep(f"proximity_location_{method}", both["location"])
    keep("proximity_correlation", ec.correlation_proximity(mat))
    keep("proximity_cosine", ec.cosine_proximity(mat))
    keep("density", ec.relatedness_density(mat))
    keep("density_sqrt", ec.relatedness_density(mat, proximity_method="sqrt"))
    keep("density_internal", ec.relatedness_density_internal(mat))
    keep("density_external", ec.relatedness_density_external(mat))
    keep("distance", ec.distance(mat))
    keep("relative_relatedness", ec.relative_relatedness(mat))
    keep("prody", ec.prody(mat, income))
    keep("expy", ec.expy(mat, income))
    keep("pgi", ec.pgi(mat, gini))
    keep("peii", ec.peii(mat, income))
    keep("coi", ec.coi(mat, world_pci))
    keep("cog", ec.cog(mat, world_pci))


def main(work: Path, runs: list[str]) -> None:
    values = pd.read_parquet(work / "values.parquet")
    locations = pd.read_parquet(work / "locations.parquet")
    mat = values.pivot(index="location", columns="product", values="value").fillna(0.0)
    world_pci = pd.read_parquet(work / "products.parquet").set_index("product")["pci"].loc[mat.columns]
    # Both print and warn as they go; what they say is no figure.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        of_ecomplexity(Figures(work / "ecomplexity"), values, locations, runs)
        of_econcomplex(Figures(work / "econcomplex"), mat, locations, world_pci)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
