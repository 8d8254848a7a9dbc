"""The matrices both sides compute from, and the figures a peer wrote, back in the order of the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from warehouse.methods.arrays import FloatArray
from warehouse.methods.complexity import Complexity, complexity
from warehouse.methods.product_space import ProductSpace, compute
from warehouse.methods.proximity_forms import co_presence_proximity, continuous_proximity
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.specialisation import presence, rca, rpop


@dataclass(frozen=True, eq=False)
class Matrix:
    """One year of values with what else the figures need, and the steps that many of them share."""

    values: FloatArray
    locations: list[str]
    products: list[str]
    population: FloatArray
    income: FloatArray
    gini: FloatArray
    pci: FloatArray

    def write(self, work: Path) -> None:
        """Hand the matrix to the peers: every cell a row, codes ascending."""
        height, width = self.values.shape
        location, product = pl.Series(self.locations), pl.Series(self.products)
        pl.DataFrame(
            {
                "location": location.gather(np.repeat(np.arange(height), width)),
                "product": product.gather(np.tile(np.arange(width), height)),
                "value": self.values.ravel(),
            }
        ).write_parquet(work / "values.parquet")
        facts = {"population": self.population, "income": self.income, "gini": self.gini}
        pl.DataFrame({"location": location, **facts}).write_parquet(work / "locations.parquet")
        pl.DataFrame({"product": product, "pci": self.pci}).write_parquet(work / "products.parquet")

    def read(self, file: Path) -> FloatArray:
        """One figure of a peer: [C], [P], [C,P], [P,P] or [C,C], whatever order it was written in."""
        frame = pl.read_parquet(file)
        of_locations = frame["label"][0] in set(self.locations)
        rows = pl.DataFrame({"label": self.locations if of_locations else self.products})
        frame = rows.join(frame, on="label", how="left", maintain_order="left")
        if frame.columns[1:] == ["value"]:
            return frame["value"].cast(pl.Float64).to_numpy()
        columns = self.locations if frame.columns[1] in set(self.locations) else self.products
        return frame.select(pl.col(columns).cast(pl.Float64)).to_numpy()

    @cached_property
    def space(self) -> ProductSpace:
        """What the marts are made of."""
        return compute(self.values)

    @cached_property
    def rca(self) -> FloatArray:
        return rca(self.values)

    @cached_property
    def rpop(self) -> FloatArray:
        return rpop(self.values, self.population)

    @cached_property
    def made(self) -> FloatArray:
        return presence(self.rca)

    @cached_property
    def made_rpop(self) -> FloatArray:
        return presence(self.rpop)

    @cached_property
    def phi(self) -> FloatArray:
        return proximity(self.made)

    @cached_property
    def phi0(self) -> FloatArray:
        """Without the diagonal, as the OEC and econcomplex have it."""
        return proximity(self.made, diag=0.0)

    @cached_property
    def phi_given(self) -> FloatArray:
        return co_presence_proximity(self.made, "given")

    @cached_property
    def phi_continuous(self) -> FloatArray:
        return continuous_proximity(self.rca)

    @cached_property
    def density(self) -> FloatArray:
        return density(self.made, self.phi)

    @cached_property
    def density0(self) -> FloatArray:
        return compute(self.values, diag=0.0).density

    @cached_property
    def found(self) -> Complexity:
        return complexity(self.made)

    @cached_property
    def found_rpop(self) -> Complexity:
        return complexity(self.made_rpop)


def invented(height: int = 40, width: int = 60, seed: int = 7) -> Matrix:
    """An invented world: able locations make much and rare things, others little and common ones."""
    random = np.random.default_rng(seed)
    ability, difficulty = random.random(height), random.random(width)
    made = random.random((height, width)) < 1 / (1 + np.exp(-7 * (ability[:, None] - difficulty[None, :] + 0.1)))
    made[ability.argmax()], made[:, difficulty.argmin()] = True, True
    size = np.exp(2 * random.random(height))[:, None] * np.exp(2 * random.random(width))[None, :]
    values = np.where(made, size * np.exp(3 * random.random((height, width))), 0.0)
    return Matrix(
        values, [f"L{i:03}" for i in range(height)], [f"{i:04}" for i in range(width)], *_facts(values, random)
    )


def real(values: FloatArray, locations: list[str], products: list[str]) -> Matrix:
    """Real exports with invented heads, incomes and a PCI of the matrix itself."""
    return Matrix(values, locations, products, *_facts(values, np.random.default_rng(1)))


def _facts(values: FloatArray, random: np.random.Generator) -> tuple[FloatArray, ...]:
    height, width = values.shape
    population = values.sum(axis=1) * np.exp(random.random(height))
    return population, 1000 * np.exp(4 * random.random(height)), random.random(height), 4 * random.random(width) - 2
