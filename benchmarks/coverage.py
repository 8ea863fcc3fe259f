"""How often bootstrap intervals cover the truth, in simulated replications that share their draws.

usage: python -m benchmarks.coverage [key=value ...]

Each simulation draws R replications of a group of networks, whose values have a part in common in
each replication, and computes three intervals at 95 % from the same resamples of whole
replications: percentile, expanded percentile (the one that the report uses) and BCa. Prints how
many of 100 intervals contain the true value, with the standard error of the simulation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.special import ndtr, ndtri

from analysis.bootstrap import (
    LEVEL,
    Floats,
    Statistic,
    interval,
    pooled_quantile,
    resample_counts,
)
from benchmarks.arguments import key, run_benchmark
from pipeline.config.compose import compose
from pipeline.config.sections import validate

REPLICATIONS = (20, 100)
"""Replications of a study."""

TRUTH_REPLICATIONS = 20_000
"""Replications of the one large sample whose statistic counts as the truth."""

STRUCTURES = 11
"""Networks of an allocation in a group with one production cluster."""

Draw = Callable[[np.random.Generator, int], Floats]
"""Draws values, shape (R, networks), of R replications."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    simulations: int = key(2000, "simulated studies per line of the table")
    seed: int = key(1, "of the simulations")


ALL = slice(None)
FIRST, SECOND = slice(STRUCTURES), slice(STRUCTURES, 2 * STRUCTURES)
"""Columns of the networks of the first and the second allocation."""


@dataclass(frozen=True)
class Scenario:
    """How values are drawn, and the statistic whose intervals are judged.

    Attributes
    ----------
    title : str
        Printed.
    draw : Draw
        Draws the values.
    probability : float
        Of the quantile.
    groups : tuple of slice
        Columns whose quantile is the statistic; of two, the ratio of the first's to the second's.
    """

    title: str
    draw: Draw
    probability: float = 0.5
    groups: tuple[slice, ...] = (ALL,)

    def statistic(self, values: Floats) -> Statistic:
        """Return the statistic of one study, values of shape (R, networks)."""
        quantiles = [pooled_quantile(values[:, group], self.probability) for group in self.groups]
        if len(quantiles) == 1:
            return quantiles[0]
        return lambda counts: quantiles[0](counts) / quantiles[1](counts)

    def truth(self, values: Floats) -> float:
        """Return the value of the statistic in a sample that is too large for counts."""
        quantiles = [np.quantile(values[:, group], self.probability) for group in self.groups]
        return float(quantiles[0] if len(quantiles) == 1 else quantiles[0] / quantiles[1])


def shared_effect(effect: Callable[[np.random.Generator, int], Floats]) -> Draw:
    """Draw logarithms as kind of network + effect of the replication + effect of the network."""
    kinds = np.linspace(-0.5, 0.5, 7 * STRUCTURES)

    def draw(generator: np.random.Generator, replications: int) -> Floats:
        noise = 0.3 * generator.standard_normal((replications, len(kinds)))
        values: Floats = np.exp(kinds + effect(generator, replications)[:, None] + noise)
        return values

    return draw


def demand_effect(allocations: slice) -> Draw:
    """Draw total demand as the generator does, times an effect of the network.

    The customers of an allocation are the first ones of the replication's, so that the demands of
    all allocations move together, as in the networks of the sweep.
    """
    config = validate(compose("config", [])).network
    customers = [counts[2] for counts in config.allocations.values()][allocations]
    low, high = config.demand

    def draw(generator: np.random.Generator, replications: int) -> Floats:
        demand = generator.integers(low, high, size=(replications, max(customers)), endpoint=True)
        totals = demand.cumsum(axis=1)[:, np.array(customers) - 1]
        noise = np.exp(0.3 * generator.standard_normal((replications, totals.shape[1], STRUCTURES)))
        return np.reshape(totals[:, :, None] * noise, (replications, -1))

    return draw


def scenarios() -> list[Scenario]:
    """List what is simulated."""
    normal = shared_effect(lambda generator, r: 0.3 * generator.standard_normal(r))
    skewed = shared_effect(lambda generator, r: 0.3 * generator.exponential(size=r))
    return [
        Scenario("nothing shared, median", shared_effect(lambda _, r: np.zeros(r))),
        Scenario("normal effect, median", normal),
        Scenario("normal effect, 90 % quantile", normal, 0.9),
        Scenario("skewed effect, median", skewed),
        Scenario("demand, all allocations, median", demand_effect(slice(None))),
        Scenario("demand, 11 networks of A4, median", demand_effect(slice(3, 4))),
        Scenario("demand, A3 to A4, ratio", demand_effect(slice(2, 4)), 0.5, (FIRST, SECOND)),
    ]


def intervals(statistic: Statistic, replications: int) -> Iterator[tuple[float, float]]:
    """Yield the percentile, the expanded percentile and the BCa interval of one study."""
    resampled = statistic(resample_counts(replications))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    yield float(low), float(high)
    yield interval(resampled, replications)
    yield bca(statistic, resampled, replications)


def bca(statistic: Statistic, resampled: Floats, replications: int) -> tuple[float, float]:
    """Return the bias-corrected and accelerated interval (Efron 1987), by the jackknife."""
    value = statistic(np.ones((1, replications)))[0]
    # Half of the ties count as below, and neither tail is empty.
    below = ((resampled < value).mean() + (resampled <= value).mean()) / 2
    bias = ndtri(np.clip(below, 1 / len(resampled), 1 - 1 / len(resampled)))
    without_one = statistic(1 - np.eye(replications))
    influence = without_one.mean() - without_one
    scale = (influence**2).sum() ** 1.5
    acceleration = (influence**3).sum() / (6 * scale) if scale else 0.0
    z = bias + ndtri(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    low, high = np.quantile(resampled, ndtr(bias + z / (1 - acceleration * z)))
    return float(low), float(high)


def coverage(scenario: Scenario, replications: int, simulations: int, seed: int) -> Floats:
    """Return the share of simulations in which each of the three intervals covers, shape (3,)."""
    generator = np.random.default_rng([seed, replications])
    truth = scenario.truth(scenario.draw(generator, TRUTH_REPLICATIONS))
    covered = np.zeros(3)
    for _ in range(simulations):
        statistic = scenario.statistic(scenario.draw(generator, replications))
        covered += [low <= truth <= high for low, high in intervals(statistic, replications)]
    return covered / simulations


def main(arguments: Arguments) -> int:
    """Simulate every scenario and print the shares."""
    table = Table(
        *("values and statistic", "R", "percentile, %", "expanded percentile, %", "BCa, %"),
        title=f"Coverage of {LEVEL:.0%} intervals in {arguments.simulations:,} simulations",
    )
    for scenario in scenarios():
        for replications in REPLICATIONS:
            shares = coverage(scenario, replications, arguments.simulations, arguments.seed)
            errors = np.sqrt(shares * (1 - shares) / arguments.simulations)
            table.add_row(
                *(scenario.title, str(replications)),
                *(f"{100 * s:.1f} ± {100 * e:.1f}" for s, e in zip(shares, errors, strict=True)),
            )
            print(f"\r{scenario.title}, R = {replications}  ", end="", file=sys.stderr)
    print(file=sys.stderr)
    Console(width=110).print(table)
    return 0


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
