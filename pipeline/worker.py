"""What a worker does with a chunk: draw each network, solve it at every alpha, return rows."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.config import NetworkConfig
from pipeline.job import Chunk, Job
from pipeline.network import draw
from pipeline.rows import error_row, solved_row
from pipeline.schema import RESULTS
from pipeline.watchdog import watched
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve

Solve = Callable[[Problem, Options], Result]
"""What solves a problem."""

Compute = Callable[[Iterator[Chunk]], Iterator[tuple[Chunk, pa.Table]]]
"""What an engine does: chunks in; each, or the parts it was split into, out with its rows."""


@dataclass(frozen=True)
class Work:
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


def solve_chunk(work: Work, chunk: Chunk) -> pa.Table:
    """Compute all rows of a chunk in this process.

    Parameters
    ----------
    work : Work
        How.
    chunk : Chunk
        What.

    Returns
    -------
    pyarrow.Table
        One row an instance, columns `pipeline.schema.RESULTS`.
    """
    rows = [row for job in chunk for row in solve_job(work, job)]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def lost_chunk(chunk: Chunk, attempt: int, error: str) -> pa.Table:
    """Make error rows for a chunk that no worker survived."""
    rows = [error_row(job, alpha, attempt, error) for job in chunk for alpha in job.alphas]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def solve_job(
    work: Work, job: Job, attempt: int = 1, deadline_s: float | None = None
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
        Seconds after which an instance counts as hung: then this process ends.

    Yields
    ------
    dict
        Columns of `pipeline.schema.RESULTS`; one row an alpha, in the order of the job.
    """
    try:
        with watched(deadline_s):
            network = draw(job.network, work.network, work.seed)
    except Exception:
        error = traceback.format_exc()
        yield from (error_row(job, alpha, attempt, error) for alpha in job.alphas)
        return
    for alpha in job.alphas:
        try:
            with watched(deadline_s):
                result = work.solve(network.problem(alpha), work.options)
            yield solved_row(job, alpha, attempt, network, result)
        except Exception:
            yield error_row(job, alpha, attempt, traceback.format_exc())
