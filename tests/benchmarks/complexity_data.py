"""Invented exports for the benchmark of the product space, and every measure of them by plain float64 matrices.

Belongs here: the generator (fixed seed, able locations make more) and the reference, which uses nothing of
``warehouse``. Does not belong here: what is measured.
"""

from __future__ import annotations

import numpy as np
import polars as pl

SEED = 2017


def invent(locations: int, products: int) -> pl.DataFrame:
    """Exports above zero as rows in no order; locations and products are numbers, no country or product is meant."""
    random = np.random.default_rng(SEED)
    skill, difficulty = np.linspace(-1.2, 1.6, locations)[:, None], random.normal(0, 1, products)[None, :]
    able = 1 / (1 + np.exp(-2.5 * (skill - difficulty)))
    size = random.normal(8, 1.5, products)[None, :] + random.normal(4, 1.5, locations)[:, None]
    value = np.exp(random.normal(0, 1.5, (locations, products)) + 1.5 * able + size)
    row, column = np.nonzero(random.random((locations, products)) < np.clip(able + 0.15, 0, 1))
    location = pl.Series([f"L{i:03}" for i in range(locations)])
    product = pl.Series([f"{37 * i:06}" for i in range(products)])
    frame = pl.DataFrame(
        {"location_code": location.gather(row), "product_code": product.gather(column), "value_usd": value[row, column]}
    )
    return frame.sample(fraction=1, shuffle=True, seed=SEED)


def matrix(exports: pl.DataFrame) -> np.ndarray:
    """values[C,P] in the order of the codes."""
    row, column = (exports[name].rank("dense").to_numpy() - 1 for name in ("location_code", "product_code"))
    values = np.zeros((row.max() + 1, column.max() + 1))
    values[row, column] = exports["value_usd"].to_numpy()
    return values


def reference(values: np.ndarray, diag: float = 1.0) -> dict[str, np.ndarray]:
    """Every measure by its definition on whole matrices of float64, in the Atlas form; no empty row or column."""
    rca = (values / values.sum(1, keepdims=True)) / (values.sum(0, keepdims=True) / values.sum())
    m = (rca >= 1).astype(np.float64)
    diversity, ubiquity = m.sum(1), m.sum(0)
    phi = (m.T @ m) / np.maximum.outer(ubiquity, ubiquity)
    np.fill_diagonal(phi, diag)
    density = (m @ phi) / phi.sum(0)
    eigenvalues, vectors = np.linalg.eig((m / diversity[:, None]) @ (m / ubiquity).T)
    second = np.real(vectors[:, np.argsort(np.real(eigenvalues))[-2]])
    pci = (m.T @ second) / ubiquity
    eci = (m @ pci) / diversity
    sign = np.sign(np.corrcoef(eci, diversity)[0, 1])
    eci, pci = sign * eci, sign * pci
    coi = ((1 - m) * density) @ pci
    cog = (1 - m) * (((1 - m) * (pci / phi.sum(0))) @ phi) / eci.std()
    return {
        "rca": rca,
        "density": density,
        "eci": np.repeat(((eci - eci.mean()) / eci.std())[:, None], m.shape[1], axis=1),
        "pci": np.repeat(((pci - eci.mean()) / eci.std())[None, :], m.shape[0], axis=0),
        "complexity_outlook_index": np.repeat(((coi - coi.mean()) / coi.std())[:, None], m.shape[1], axis=1),
        "complexity_outlook_gain": cog,
    }
