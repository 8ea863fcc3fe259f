"""Tables whose claims are known: in one every claim is true, in another every claim is false.

Every value is a level of the structure times a factor of alpha, structure and allocation, so that
each median can be worked out by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.claims import build_study
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from analysis.replicated import Study

FEW_SITES = ("A3", "A6", "A7")
OPEN_SITES = {"A1": 9, "A2": 3, "A3": 9, "A4": 1, "A5": 3, "A6": 1, "A7": 3}
BEST = ("C10", "C23", "C25")
APART = ("C1", "C2", "C6")
SAME_REGION = ("C8", "C9")
REPLICATIONS = 2


@dataclass(frozen=True)
class Pattern:
    """The factors of a table; those of z1, z2 and z3 are for the alphas 2, 5, 10, 20."""

    z1_level: tuple[float, float, float, float]  # one: best, others; two: best, others
    z1: tuple[float, float, float, float]
    z1_same_region: float
    z1_apart: float
    z1_few_sites: float
    z1_two: float
    z2_level: tuple[float, float, float, float]
    z2_one: tuple[float, float, float, float]
    z2_two: tuple[float, float, float, float]
    z2_few_sites: float
    z3_second: tuple[float, float, float, float]
    z2_rises_in: tuple[str, ...] = ()  # z2 is 1.1 times as high below alpha 20, with a site less
    sites_double: bool = False  # below alpha 20, except in C11
    assigned: tuple[int, int] = (1, 0)  # site of the customer below alpha 20, and at alpha 20
    sets: tuple[tuple[int, ...], tuple[int, ...]] = ((1,), (0,))  # the same for the open sites


TRUE = Pattern(
    z1_level=(20, 100, 20, 40),
    z1=(0.4, 0.5, 0.7, 1),
    z1_same_region=0.5,
    z1_apart=1.2,
    z1_few_sites=1.1,
    z1_two=0.75,
    z2_level=(50, 100, 50, 100),
    z2_one=(0.75, 0.95, 0.98, 1),
    z2_two=(0.70, 0.90, 0.97, 1),
    z2_few_sites=1.01,
    z3_second=(0.7, 0.5, 0.4, 0.2),
    z2_rises_in=("C1", "C11"),
)
"""Every claim of the paper is true."""

FALSE = Pattern(
    z1_level=(200, 100, 400, 200),
    z1=(1.5, 1.4, 1.3, 1),
    z1_same_region=2,
    z1_apart=0.9,
    z1_few_sites=0.9,
    z1_two=1.2,
    z2_level=(200, 100, 400, 200),
    z2_one=(1.2, 1.1, 1.05, 1),
    z2_two=(1.5, 1.3, 1.2, 1),
    z2_few_sites=0.99,
    z3_second=(0.2, 0.2, 0.2, 0.4),
    sites_double=True,
    sets=((0, 1), (0, 1)),
)
"""Every claim is false, but for those that say that z2 does not always fall."""


@dataclass(frozen=True)
class TwoSites:
    """A network with one customer, and with sites 30 and 10 km from it."""

    sites: np.ndarray
    customers: np.ndarray
    demand: np.ndarray


FAR_SITE_FIRST = TwoSites(
    np.array([[30.0, 0], [10, 0]]), np.array([[0.0, 0]]), np.array([5], dtype=np.int64)
)
NEAR_SITE_FIRST = TwoSites(
    np.array([[10.0, 0], [30, 0]]), np.array([[0.0, 0]]), np.array([5], dtype=np.int64)
)


def synthetic_study(pattern: Pattern) -> Study:
    """Build the study of a pattern: all 700 instances in two replications."""
    network = NEAR_SITE_FIRST if pattern.sites_double else FAR_SITE_FIRST

    def draw(coordinates: Iterable[tuple[str, str, int, int]]) -> Iterator[TwoSites]:
        return (network for _ in coordinates)

    return build_study(synthetic_rows(pattern), draw)


def synthetic_rows(pattern: Pattern) -> pl.DataFrame:
    """Make the rows of a pattern, in a random order."""
    rows = [
        _row(pattern, allocation, structure, replication, number)
        for allocation in ALLOCATIONS
        for structure in CLUSTERS
        for replication in range(REPLICATIONS)
        for number in range(len(ALPHAS))
    ]
    shuffled = np.random.default_rng(3).permutation(len(rows))
    return pl.DataFrame([rows[i] for i in shuffled])


def _row(
    pattern: Pattern, allocation: str, structure: str, replication: int, number: int
) -> dict[str, object]:
    alpha, lower = ALPHAS[number], number < len(ALPHAS) - 1
    is_two = CLUSTERS[structure] == "two"
    level = 2 * is_two + (structure not in BEST)
    z1 = pattern.z1_level[level] * pattern.z1[number]
    z2 = pattern.z2_level[level] * (pattern.z2_two if is_two else pattern.z2_one)[number]
    z4 = OPEN_SITES[allocation]
    if lower:
        z1 *= pattern.z1_two if is_two else 1
        z1 *= pattern.z1_same_region if structure in SAME_REGION else 1
        z1 *= pattern.z1_apart if structure in APART else 1
        z1 *= pattern.z1_few_sites if allocation in FEW_SITES else 1
        z2 *= pattern.z2_few_sites if allocation in FEW_SITES else 1
        z4 *= 2 if pattern.sites_double and structure != "C11" else 1
    if structure in pattern.z2_rises_in:
        z2 = pattern.z2_level[level] * (1.1 if lower else 1)
        z4 += 0 if lower else 1
    return {
        "allocation": allocation,
        "structure": structure,
        "replication": replication,
        "scale": 1,
        "alpha": alpha,
        "z1": z1,
        "z2": z2,
        "z3_first": 1 - pattern.z3_second[number],
        "z3_second": pattern.z3_second[number],
        "z4": z4,
        "status": "optimal",
        "objective": z1,
        "bound": z1,
        "n_customers": 1,
        "open_sites": list(pattern.sets[0 if lower else 1]),
        "assignment": [pattern.assigned[0 if lower else 1]],
    }
