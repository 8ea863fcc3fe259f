"""Splits the pending work of a sweep into chunks of a few seconds of predicted time each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.config.sections import Config
from pipeline.sweep.grid import Sweep
from pipeline.sweep.job import Chunk, Job
from pipeline.sweep.predicted_time import predicted_s
from solvers.start import Start


class PendingWork:
    """The instances of one shard that have no row yet.

    Parameters
    ----------
    sweep : Sweep
        The whole grid.
    done : ndarray of bool, shape (networks, alphas)
        Which instances have a row in the table.
    config : Config
        Holds the shard, the chunk size, the allocations, the solver and its time limit.
    starts : callable, optional
        Takes the number of an instance; returns what an earlier solve of it found, or None.
    """

    def __init__(
        self,
        sweep: Sweep,
        done: NDArray[np.bool_],
        config: Config,
        starts: Callable[[int], Start | None] = lambda instance: None,
    ) -> None:
        self._sweep = sweep
        self._starts = starts
        self._config = config
        part, parts = config.shard_of
        # Every n-th network, so that each shard gets the same share of each group.
        in_shard = np.zeros(sweep.n_networks, dtype=bool)
        in_shard[part - 1 :: parts] = True
        self._missing = ~done & in_shard[:, None]
        self.n_instances_of_shard = int(in_shard.sum()) * len(sweep.alphas)
        self.n_instances = int(self._missing.sum())
        self.n_networks = int(self._missing.any(axis=1).sum())

    @property
    def predicted_s(self) -> float:
        """Predicted seconds to solve all missing instances one after the other."""
        per_group = self._missing.reshape(len(self._sweep.groups), -1).sum(axis=1)
        return sum(
            int(count) * self._instance_s(group)
            for group, count in zip(self._sweep.groups, per_group, strict=True)
        )

    @property
    def summary(self) -> str:
        """A text with the number of missing instances and the number of all instances."""
        part, parts = self._config.shard_of
        shard = "" if parts == 1 else f" of shard {part}/{parts}"
        return f"{self.n_instances} of {self.n_instances_of_shard} instances{shard} to solve"

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks lazily, with the jobs of the hardest group first."""
        pending: list[Job] = []
        work_s = 0.0
        for number in np.flatnonzero(self._missing.any(axis=1)):
            job = self._job(int(number))
            pending.append(job)
            work_s += job.predicted_s
            if work_s >= self._config.engine.chunk_s:
                yield tuple(pending)
                pending, work_s = [], 0.0
        if pending:
            yield tuple(pending)

    def _job(self, number: int) -> Job:
        network = self._sweep.network(number)
        alphas = tuple(
            alpha
            for alpha, missing in zip(self._sweep.alphas, self._missing[number], strict=True)
            if missing
        )
        instance_s = self._instance_s((network.allocation, network.scale))
        first = number * len(self._sweep.alphas)
        starts = (
            (alpha, start)
            for instance, alpha in enumerate(self._sweep.alphas, first)
            if alpha in alphas and (start := self._starts(instance)) is not None
        )
        return Job(network, alphas, instance_s * len(alphas), tuple(starts))

    def _instance_s(self, group: tuple[str, int]) -> float:
        allocation, scale = group
        counts, solver = self._config.network.allocations[allocation], self._config.solver
        return min(predicted_s(counts, scale, solver.method), solver.time_limit_s)
