"""Random streams. Belongs here: one independent, named stream per topic. Does not belong here: what is drawn from it.

Every module draws from its own stream, so a change in one file of the sample does not move the numbers of all others.
"""

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of this name: the same seed and name give the same numbers on every machine."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode("ascii"))]))
