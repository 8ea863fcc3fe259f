"""What a worker does with a chunk: draw each network, solve it at every alpha, return rows."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.chunks import Chunk, Job
from pipeline.config import NetworkConfig
from pipeline.network import draw
from pipeline.rows import error_row, solved_row
from pipeline.schema import RESULTS
from solvers.options import Options
from solvers.solve import solve


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
    """

    network: NetworkConfig
    seed: int
    options: Options


def solve_chunk(work: Work, chunk: Chunk, attempt: int = 1) -> pa.Table:
    """Compute all rows of a chunk.

    An exception becomes an error row with its traceback: one bad instance never costs the others.

    Parameters
    ----------
    work : Work
        How.
    chunk : Chunk
        What.
    attempt : int
        Which try this is, from 1; it is recorded and changes nothing else.

    Returns
    -------
    pyarrow.Table
        One row an instance, columns `pipeline.schema.RESULTS`.
    """
    rows = [row for job in chunk for row in _solve_job(work, job, attempt)]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def lost_chunk(chunk: Chunk, attempt: int, error: str) -> pa.Table:
    """Make error rows for a chunk that no worker survived."""
    rows = [error_row(job, alpha, attempt, error) for job in chunk for alpha in job.alphas]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def _solve_job(work: Work, job: Job, attempt: int) -> Iterator[dict[str, Any]]:
    try:
        network = draw(job.network, work.network, work.seed)
    except Exception:
        error = traceback.format_exc()
        yield from (error_row(job, alpha, attempt, error) for alpha in job.alphas)
        return
    for alpha in job.alphas:
        try:
            result = solve(network.problem(alpha), work.options)
            yield solved_row(job, alpha, attempt, network, result)
        except Exception:
            yield error_row(job, alpha, attempt, traceback.format_exc())
