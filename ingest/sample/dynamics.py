"""How the invented countries gain and lose products from year to year.

Belongs here: the yearly step of the invented world and its parameters. Does not belong here: where it starts (trade), files.

All of it is invented. Its form follows what is known of real trade: a country enters products close to what it already makes
far more often than others (Hidalgo et al. 2007), large countries and widely made products see more entries whatever is made
nearby, what is near is lost less often, and which of the likely entries happens is chance. With ``relatedness`` 0 the
same world runs without the first: there a back-test must not find it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sample.streams import stream

Array = NDArray[np.float64]
MADE = 0.0  # reach above which a country exports a product
# Reach after an entry, beside the country's mean of what it makes, and after an exit: mean and standard deviation.
LEARNT, LOST = (0.2, 0.3), (-0.5, 0.1)


@dataclass(frozen=True)
class Dynamics:
    """What moves entries and exits. Each of the first three is the logarithm of how much likelier one more standard deviation
    makes an entry.
    """

    relatedness: float = 2.0  # of the closeness of what the country makes
    size: float = 0.3  # of the country's log size
    popularity: float = 0.2  # of the number of countries that make the product
    entry_rate: float = 0.02  # share of the products not made that a country enters in a year, on average
    exit_rate: float = 0.01  # share of the products made that it loses
    noise: float = 0.04  # standard deviation of a year's change of reach without entry or exit
    width: float = 0.5  # complexity over which the closeness of products falls to a third
    across: float = 0.02  # closeness of products of different blocks, beside that within a block


def reach_by_year(
    start: Array, size: Array, complexity: Array, blocks: list[str], years: int, seed: int, rules: Dynamics
) -> Array:
    """Reach of every country in every product, [years, countries, products], beginning with `start`."""
    rng = stream(seed, "trade.dynamics")
    near = _closeness(complexity, blocks, rules)
    large = _standardised(np.log(size))[:, None]
    path = [start]
    for _ in range(years - 1):
        now = path[-1]
        made = now > MADE
        around = _standardised(made @ near / near.sum(axis=0))
        widely = _standardised(made.sum(axis=0).astype(np.float64))[None, :]
        entering = np.exp(rules.relatedness * around + rules.size * large + rules.popularity * widely)
        leaving = np.exp(-rules.relatedness * around)
        chance = np.where(
            made, rules.exit_rate * leaving / leaving[made].mean(), rules.entry_rate * entering / entering[~made].mean()
        )
        moves = rng.random(now.shape) < chance
        drifted = now + rng.normal(0.0, rules.noise, now.shape)
        # What is made stays made, and what is not stays so, unless there is an entry or an exit.
        stayed = np.where(made, np.maximum(drifted, MADE + 0.01), np.minimum(drifted, MADE))
        usual = np.where(made, now, 0.0).sum(axis=1) / np.maximum(made.sum(axis=1), 1)
        learnt = np.maximum(usual[:, None] + rng.normal(*LEARNT, now.shape), MADE + 0.01)
        moved = np.where(made, rng.normal(*LOST, now.shape), learnt)
        path.append(np.where(moves, moved, stayed))
    return np.stack(path)


def _closeness(complexity: Array, blocks: list[str], rules: Dynamics) -> Array:
    """Technical closeness of products: the same block and a like complexity; a product is no neighbour of itself."""
    block = np.array(blocks)
    same = np.where(block[:, None] == block[None, :], 1.0, rules.across)
    near = same * np.exp(-np.abs(complexity[:, None] - complexity[None, :]) / rules.width)
    np.fill_diagonal(near, 0.0)
    return near


def _standardised(values: Array) -> Array:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
