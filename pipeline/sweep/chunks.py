"""Splits the pending work of a sweep into chunks of a few seconds of predicted time each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.config.sections import Config
from pipeline.sweep.grid import Sweep
from pipeline.sweep.job import Chunk, Job
from pipeline.sweep.time_model import TimeModel
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
    times : TimeModel, optional
        Predicts the time of a solve; the rough prediction if left out.
    """

    def __init__(
        self,
        sweep: Sweep,
        done: NDArray[np.bool_],
        config: Config,
        starts: Callable[[int], Start | None] = lambda instance: None,
        times: TimeModel | None = None,
    ) -> None:
        self._sweep = sweep
        self._starts = starts
        self._config = config
        self._times = times or TimeModel(config)
        part, parts = config.shard_of
        # Every n-th network, so that each shard gets the same share of each group.
        in_shard = np.zeros(sweep.n_networks, dtype=bool)
        in_shard[part - 1 :: parts] = True
        self._missing = ~done & in_shard[:, None]
        self.n_instances_of_shard = int(in_shard.sum()) * len(sweep.alphas)
        self.n_instances = int(self._missing.sum())
        self.n_networks = int(self._missing.any(axis=1).sum())

    @cached_property
    def _seconds(self) -> NDArray[np.float64]:
        """Predicted seconds of each solve, shape (groups, structures, alphas)."""
        return self._times.seconds(self._sweep)

    @property
    def predicted_s(self) -> float:
        """Predicted seconds to solve all missing instances one after the other."""
        groups, structures, alphas = self._seconds.shape
        missing = self._missing.reshape(groups, -1, structures, alphas).sum(axis=1)
        return float((missing * self._seconds).sum())

    @property
    def n_learnt_rows(self) -> int:
        """Number of rows that the prediction has learnt from."""
        return self._times.n_rows

    @property
    def summary(self) -> str:
        """A text with the number of missing instances and the number of all instances."""
        part, parts = self._config.shard_of
        shard = "" if parts == 1 else f" of shard {part}/{parts}"
        return f"{self.n_instances:,} of {self.n_instances_of_shard:,} instances{shard} to solve"

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
        missing = self._missing[number]
        alphas = tuple(
            alpha
            for alpha, is_missing in zip(self._sweep.alphas, missing, strict=True)
            if is_missing
        )
        group, rest = divmod(number, self._sweep.replications * self._seconds.shape[1])
        seconds = self._seconds[group, rest % self._seconds.shape[1]]
        first = number * len(self._sweep.alphas)
        starts = (
            (alpha, start)
            for instance, alpha in enumerate(self._sweep.alphas, first)
            if alpha in alphas and (start := self._starts(instance)) is not None
        )
        return Job(network, alphas, float(seconds[missing].sum()), tuple(starts))
