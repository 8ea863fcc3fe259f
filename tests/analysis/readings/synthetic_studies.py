"""Rows of studies whose structures, demand and spread are known."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from analysis.readings.reading import select

Floats = NDArray[np.float64]

SEED = 11


def study(
    replications: int,
    spread: float = 0.3,
    noise: float = 0.05,
    seed: int = SEED,
    allocations: tuple[str, ...] = ALLOCATIONS,
) -> pl.DataFrame:
    """Draw rows of replications.

    Every structure has its own level of log z1, log z2 and logit z3 at each alpha: normal numbers
    with standard deviation `spread`, the same in all studies. Every allocation of a replication
    has its total demand, and z1 is in proportion to it. Every network adds normal `noise`.
    """
    levels = np.random.default_rng(SEED).normal(0, spread, (len(CLUSTERS), 3, len(ALPHAS)))
    generator = np.random.default_rng([seed, replications])
    rows = []
    for replication, (a, allocation) in itertools.product(
        range(replications), enumerate(allocations)
    ):
        demand = 1000 * np.exp(generator.normal(0, 0.2))
        errors = generator.normal(0, noise, (len(CLUSTERS), 3, len(ALPHAS)))
        for (number, label), (k, alpha) in itertools.product(
            enumerate(CLUSTERS), enumerate(ALPHAS)
        ):
            z1, z2, z3 = levels[number, :, k] + errors[number, :, k]
            share = 1 / (1 + np.exp(-z3))
            rows.append(
                {
                    "allocation": allocation,
                    "structure": label,
                    "replication": replication,
                    "scale": 1,
                    "alpha": alpha,
                    "status": "optimal",
                    "z1": 10 * (1 + a) * alpha**0.5 * demand * float(np.exp(z1)),
                    "z2": 1000 * float(np.exp(z2)),
                    "z3_first": share,
                    "z3_second": 1 - share,
                    "z4": 2,
                    "total_demand": round(demand),
                }
            )
    return select(pl.DataFrame(rows))
