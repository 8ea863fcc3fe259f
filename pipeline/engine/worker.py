"""What a worker does with a job: draw the network, solve it at every alpha, return rows."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.config.sections import NetworkConfig
from pipeline.engine.deadline import deadline
from pipeline.network.draw import draw
from pipeline.results.rows import error_row, solved_row
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve

Solve = Callable[[Problem, Options], Result]
"""What solves a problem."""


@dataclass(frozen=True)
class SolveContext:
    """What all chunks of a run have in common; small, and sent along with each of them.

    Parameters
    ----------
    network : NetworkConfig
        Parameters of the generator.
    seed : int
        Root of all random numbers.
    options : Options
        How to solve.
    grace_s : float
        Seconds beyond its time limit after which an instance counts as hung.
    solve : callable
        What solves a problem.
    """

    network: NetworkConfig
    seed: int
    options: Options
    grace_s: float = 120.0
    solve: Solve = solve

    @property
    def deadline_s(self) -> float:
        """Seconds that one instance may take."""
        return self.options.time_limit_s + self.grace_s


def solve_job(
    work: SolveContext, job: Job, attempt: int = 1, deadline_s: float | None = None
) -> Iterator[dict[str, Any]]:
    """Compute the rows of a job, one by one.

    An exception becomes an error row with its traceback: one bad instance never costs the others.

    Parameters
    ----------
    work : Work
        How.
    job : Job
        What.
    attempt : int
        Which try this is, from 1; it is recorded and changes nothing else.
    deadline_s : float, optional
        Given in a process apart. Seconds after which an instance counts as hung: then this process
        ends, as it does for want of memory, which the next one may have.

    Yields
    ------
    dict
        Columns of `pipeline.results.schema.RESULTS`; one row an alpha, in the order of the job.
    """
    try:
        with deadline(deadline_s):
            network = draw(job.network, work.network, work.seed)
    except Exception as failure:
        _raise_for_memory(failure, deadline_s)
        error = traceback.format_exc()
        yield from (error_row(job, alpha, attempt, error) for alpha in job.alphas)
        return
    for alpha in job.alphas:
        try:
            with deadline(deadline_s):
                result = work.solve(network.problem(alpha), work.options)
            yield solved_row(job, alpha, attempt, network, result)
        except Exception as failure:
            _raise_for_memory(failure, deadline_s)
            yield error_row(job, alpha, attempt, traceback.format_exc())


def _raise_for_memory(failure: Exception, deadline_s: float | None) -> None:
    if isinstance(failure, MemoryError) and deadline_s is not None:
        raise failure
