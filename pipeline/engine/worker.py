"""What a worker does with a job: draw the network, solve it at every alpha, return rows."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipeline.config.sections import NetworkConfig
from pipeline.engine.deadline import deadline
from pipeline.engine.end_time import is_too_late
from pipeline.engine.licences import STAGES, Rest, Stages
from pipeline.network.draw import draw
from pipeline.results.rows import RunColumns, error_row, solved_row
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.stages import Unfinished
from solvers.start import Start

Solve = Callable[[Problem, Options, Start | None], Result]
"""A function that solves a problem, from what an earlier solve found, if there was one."""


@dataclass(frozen=True)
class SolveContext:
    """What all chunks of a run have in common; small, because it is sent with each of them.

    Parameters
    ----------
    network : NetworkConfig
        Parameters of the network generator.
    run_id : str
        Digest of what decides the numbers of a row.
    seed : int
        Root seed of all random numbers.
    options : Options
        How to solve.
    grace_s : float
        Seconds beyond its time limit after which an instance counts as hung.
    solve : callable
        Solves a problem; a function of a module, which a child process can import.
    end : float or None
        When the job of the run ends, in seconds since 1970, if that is known.
    in_stages : bool
        Whether to solve in two stages, by `stages` instead of `solve`.
    stages : Stages
        The functions of the two stages.
    """

    network: NetworkConfig
    run_id: str
    seed: int
    options: Options
    grace_s: float = 120.0
    solve: Solve = solve
    end: float | None = None
    in_stages: bool = False
    stages: Stages = STAGES

    @property
    def too_late(self) -> bool:
        """Whether an instance that begins now may not end before the job does."""
        return is_too_late(self.end, self.options.time_limit_s)

    @property
    def deadline_s(self) -> float:
        """Seconds that one instance may take."""
        return self.options.time_limit_s + self.grace_s

    @property
    def run_columns(self) -> RunColumns:
        """Columns that are the same in all rows."""
        options = self.options
        return RunColumns(self.run_id, self.seed, options.time_limit_s, options.threads)


def solve_job(context: SolveContext, job: Job, attempt: int = 1) -> Iterator[dict[str, Any]]:
    """Compute the rows of a job in this process, one by one, in one stage; see `solve_stage`."""
    for answer in solve_stage(replace(context, in_stages=False), job, attempt):
        if isinstance(answer, dict):
            yield answer


def solve_stage(
    context: SolveContext,
    job: Job,
    attempt: int = 1,
    deadline_s: float | None = None,
    rest: Rest | None = None,
) -> Iterator[dict[str, Any] | Unfinished]:
    """Compute the rows of a job, or one stage of them, one by one.

    An exception becomes an error row with its traceback, so a bad instance does not affect others.

    Parameters
    ----------
    context : SolveContext
        How to draw and solve.
    job : Job
        What to solve.
    attempt : int
        Number of the attempt, from 1; it is recorded in the rows and has no other effect.
    deadline_s : float, optional
        Seconds after which an instance counts as hung: then this process ends. Given only in a
        child process (`pipeline.engine.isolation`). There a `MemoryError` ends the process too,
        because a new process may have enough memory.
    rest : Rest, optional
        What the first stage left of the job, which then is one instance.

    Yields
    ------
    dict or Unfinished
        One per alpha, in the order of the job: a row, columns of `pipeline.results.schema.RESULTS`,
        or what the first stage leaves to the second. The last ones are missing if it is too late
        for them.
    """
    columns = context.run_columns
    if context.too_late:
        return
    try:
        with deadline(deadline_s):
            network = draw(job.network, context.network, context.seed)
    except Exception as error:
        _reraise_memory_error(error, deadline_s)
        trace = traceback.format_exc()
        yield from (error_row(columns, job, alpha, attempt, trace) for alpha in job.alphas)
        return
    for alpha in job.alphas:
        if context.too_late:
            return
        try:
            with deadline(deadline_s):
                result = _solve(context, network.problem(alpha), job.start(alpha), rest)
            if isinstance(result, Result):
                yield solved_row(columns, job, alpha, attempt, network, result)
            else:
                yield result
        except Exception as error:
            _reraise_memory_error(error, deadline_s)
            yield error_row(columns, job, alpha, attempt, traceback.format_exc())


def _solve(
    context: SolveContext, problem: Problem, start: Start | None, rest: Rest | None
) -> Result | Unfinished:
    if not context.in_stages:
        return context.solve(problem, context.options, start)
    if rest is None:
        return context.stages.begin(problem, context.options, start)
    return context.stages.finish(problem, context.options, start, rest)


def _reraise_memory_error(error: Exception, deadline_s: float | None) -> None:
    if isinstance(error, MemoryError) and deadline_s is not None:
        raise error
