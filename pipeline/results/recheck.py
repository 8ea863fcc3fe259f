"""Rechecks a row of the results table: feasibility of its solution, and all its numbers.

The network is drawn again. Costs and indicators are computed from the network, the stored open
sites and the stored assignment, without what the solver reported. Only the bound cannot be computed
again; it must not exceed the cost. That an instance is infeasible is proven again by a solve, which
the caller supplies with a deadline. The cheapest flows need none: they are one small linear
program, the transportation problem.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.config.sections import Config
from pipeline.network.draw import DrawError, draw
from pipeline.network.network import Network
from pipeline.results.rows import indicators, network_columns
from pipeline.results.stored_solution import solution_of_row
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.certificate import CERTIFICATE_TOLERANCE
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Solution, cost, violations

SOLVED = (Status.OPTIMAL, Status.TIME_LIMIT)
"""The statuses of rows that hold a solution."""

SOLUTION = ("z1", "z2", "z4", "objective", "gap", "open_sites", "assignment")
"""Columns that a row has if, and only if, it holds a solution."""

_RUN = ("run_id", "seed")
_NETWORK = (
    *("n_sources", "n_sites", "n_customers"),
    *("total_demand", "total_capacity", "draw_attempt"),
)

COLUMNS = (*_RUN, *_NETWORK, *SOLUTION, "z3_first", "z3_second", "status", "bound")
"""Columns that are checked, besides the coordinate."""

TOLERANCE = 1e-9
"""Relative, and for fractions absolute, difference allowed between a stored and a computed number:
the rounding of two sums of the same terms."""

_CACHED_NETWORKS = 64
"""Size of the cache. Rows of one network are neighbours in the table, except for alphas that were
added later."""


SolveAgain = Callable[[NetworkCoordinate, float], Mapping[str, Any]]
"""A function that solves the instance of a network and an alpha, and returns its row."""


class Recheck:
    """Checks the rows of a run against its networks, which are drawn again when they are needed.

    Parameters
    ----------
    config : Config
        Of the run: its seed, its network parameters, and how it solves. Its gap is the one up to
        which the run calls a solution optimal.
    solve_again : callable
        Proves again that an instance is infeasible.
    """

    def __init__(self, config: Config, solve_again: SolveAgain) -> None:
        @functools.lru_cache(_CACHED_NETWORKS)
        def network(coordinate: NetworkCoordinate) -> Network:
            return draw(coordinate, config.network, config.seed)

        self._network = network
        self._gap = config.solver.gap
        self._run_columns = {"run_id": config.run_id, "seed": config.seed}
        self._solve_again = solve_again

    def faults(self, row: Mapping[str, Any]) -> list[str]:
        """List what is wrong with a row; empty if nothing is.

        Parameters
        ----------
        row : mapping
            The coordinate, and `COLUMNS`.
        """
        if row["status"] not in list(Status):
            return [f"status {row['status']!r} is none of {', '.join(Status)}"]
        faults = _differing(row, self._run_columns)
        if faults:
            return faults
        solved = row["status"] in SOLVED
        wrong = [name for name in SOLUTION if (row[name] is None) == solved]
        if wrong:
            preposition = "without" if solved else "with"
            return [f"status {row['status']} {preposition} {', '.join(wrong)}"]
        if not solved and row["status"] != Status.INFEASIBLE:
            return []
        names = NetworkCoordinate._fields
        try:
            coordinate = NetworkCoordinate(*(row[name] for name in names))
            network = self._network(coordinate)
            problem = network.problem(row["alpha"])
        except (DrawError, KeyError, ValueError) as error:
            return [f"no such instance: {error}"]
        faults = _differing(row, network_columns(network))
        if faults:
            return faults
        if row["status"] == Status.INFEASIBLE:
            return self._not_infeasible(coordinate, row["alpha"])
        solution = solution_of_row(problem, row)
        if isinstance(solution, str):
            return [solution]
        return violations(problem, solution) or self._wrong_numbers(problem, solution, row)

    def _not_infeasible(self, network: NetworkCoordinate, alpha: float) -> list[str]:
        """Prove again that an instance has no solution; empty if that is proven."""
        row = self._solve_again(network, alpha)
        if row["status"] == Status.INFEASIBLE:
            return []
        if row["objective"] is not None:
            return [f"status infeasible, but there is a solution of cost {row['objective']!r}"]
        return [f"status infeasible is not proven again: {row['error'] or row['status']}"]

    def _wrong_numbers(
        self, problem: Problem, solution: Solution, row: Mapping[str, Any]
    ) -> list[str]:
        """Compare the numbers of a row with those computed from its solution."""
        faults = []
        cheapest = cost(problem, solution)
        bound = math.nan if row["bound"] is None else row["bound"]
        if not 0 <= bound <= cheapest.total * (1 + CERTIFICATE_TOLERANCE):
            faults.append(f"bound {row['bound']} above the cost {cheapest.total!r} of a solution")
        if row["status"] == Status.OPTIMAL and not row["gap"] <= self._gap + CERTIFICATE_TOLERANCE:
            faults.append(f"called optimal with a gap of {row['gap']}")
        status = Status(row["status"])
        result = Result(status, "", "", "", 1, solution=solution, cost=cheapest, bound=bound)
        expected = indicators(result, problem.n_customers)
        for name, value in (expected | {"objective": result.objective, "gap": result.gap}).items():
            if not _is_close(row[name], value):
                faults.append(f"{name} {row[name]}, computed again {value}")
        return faults


def _differing(row: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """List the columns of a row that differ from what they must be."""
    return [
        f"{name} {row[name]!r}, expected {value!r}"
        for name, value in expected.items()
        if row[name] != value
    ]


def _is_close(stored: float | None, computed: float | None) -> bool:
    if stored is None or computed is None:
        return stored is computed
    return math.isclose(stored, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
