"""Holds a row of the results table against its network: its solution, and its numbers.

The network is drawn again, and everything is computed from it and from the stored sites and
assignment; what the solver said of them counts for nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.config.sections import NetworkConfig
from pipeline.network.draw import DrawError, draw
from pipeline.network.network import Network
from pipeline.results.rows import indicators
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.certificate import CERTIFICATE_TOLERANCE
from solvers.formulations import direct
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Cost, Solution, cost, violations
from solvers.transportation import cheapest_flow

SOLVED = (Status.OPTIMAL, Status.TIME_LIMIT)
"""The statuses of rows that hold a solution."""

SOLUTION = ("z1", "z2", "z4", "objective", "gap", "open_sites", "assignment")
"""Columns that a row has if, and only if, it holds a solution."""

COLUMNS = (*SOLUTION, "z3_first", "z3_second", "status", "bound", "method", "draw_attempt")
"""What is read of a row, besides its coordinate."""

SAME = 1e-9
"""Relative, and for fractions absolute, difference of two sums of the same numbers."""

_NETWORKS_KEPT = 64
"""Rows of one network stand together in the table, but for ratios that were added later."""


class Recheck:
    """The networks of a run, drawn again as rows ask for them.

    Parameters
    ----------
    seed : int
        Root of the run's random numbers.
    parameters : NetworkConfig
        Those of the run's generator.
    gap : float
        Relative gap at which the run called a solution optimal.
    """

    def __init__(self, seed: int, parameters: NetworkConfig, gap: float) -> None:
        @functools.lru_cache(_NETWORKS_KEPT)
        def network(coordinate: NetworkCoordinate) -> Network:
            return draw(coordinate, parameters, seed)

        self._network = network
        self._gap = gap

    def faults(self, row: Mapping[str, Any]) -> list[str]:
        """Say what is wrong with a row; empty if nothing is.

        Parameters
        ----------
        row : mapping
            The coordinate, and `COLUMNS`.
        """
        if row["status"] not in list(Status):
            return [f"status {row['status']!r} is none"]
        solved = row["status"] in SOLVED
        wrong = [name for name in SOLUTION if (row[name] is None) == solved]
        if wrong or not solved:
            said = "without" if solved else "with"
            return [f"status {row['status']} {said} {', '.join(wrong)}"] if wrong else []
        names = NetworkCoordinate._fields
        try:
            network = self._network(NetworkCoordinate(*(row[name] for name in names)))
            problem = network.problem(row["alpha"])
        except (DrawError, KeyError, ValueError) as error:
            return [f"no such instance: {error}"]
        if row["draw_attempt"] != network.draw_attempt:
            return [f"draw_attempt {row['draw_attempt']}, drawn again {network.draw_attempt}"]
        solution = _solution(problem, row)
        if isinstance(solution, str):
            return [solution]
        return violations(problem, solution) or self._numbers(problem, solution, row)

    def _numbers(self, problem: Problem, solution: Solution, row: Mapping[str, Any]) -> list[str]:
        """Compare what a row says of its solution with what the solution is."""
        found = []
        least = cost(problem, solution)
        bound = math.nan if row["bound"] is None else row["bound"]
        if not 0 <= bound <= least.total * (1 + CERTIFICATE_TOLERANCE):
            found.append(f"bound {row['bound']} above the cost {least.total!r} of a solution")
        if row["status"] == Status.OPTIMAL and not row["gap"] <= self._gap + CERTIFICATE_TOLERANCE:
            found.append(f"called optimal with a gap of {row['gap']}")
        priced = _own_flows(least, row["z1"]) if flows_unknown(row) else least
        status, method = Status(row["status"]), row["method"]
        result = Result(status, method, "", "", 1, solution=solution, cost=priced, bound=bound)
        expected = indicators(result, problem.n_customers)
        for name, value in (expected | {"objective": result.objective, "gap": result.gap}).items():
            if not _same(row[name], value):
                found.append(f"{name} {row[name]}, computed again {value}")
        return found


def flows_unknown(row: Mapping[str, Any]) -> bool:
    """Whether a row's own flows cannot be told from its sites and assignment.

    The table does not store flows. All methods but the direct model take the cheapest; that one
    stops within its gap, maybe with others.
    """
    return bool(row["method"] == direct.NAME)


def _own_flows(least: Cost, z1: float) -> Cost:
    """Cost with the first stage that a row's z1 leaves for it; never less than the cheapest."""
    first = z1 - least.second - least.fixed
    return least if first < least.first else Cost(first, least.second, least.fixed)


def _solution(problem: Problem, row: Mapping[str, Any]) -> Solution | str:
    """Make the solution of a row, with the cheapest flows; or say why there is none."""
    sites = row["open_sites"]
    ascending = all(site is not None for site in sites) and sites == sorted(set(sites))
    if not (ascending and all(0 <= site < problem.n_sites for site in sites)):
        return f"open_sites: not ascending numbers below {problem.n_sites}"
    customers = [-1 if site is None else site for site in row["assignment"]]
    if len(customers) != problem.n_customers:
        return f"assignment: {len(customers)} customers of {problem.n_customers}"
    assignment = np.array(customers)
    if (assignment < 0).any() or (assignment >= problem.n_sites).any():
        return "(2): a customer is assigned to no site"
    flow = cheapest_flow(problem, assignment)
    if flow is None:
        return "(5), (6): the sources cannot supply the sites"
    is_open = np.isin(np.arange(problem.n_sites), sites)
    return Solution(is_open=is_open, assignment=assignment, flow=flow)


def _same(stored: float | None, computed: float | None) -> bool:
    if stored is None or computed is None:
        return stored is computed
    return math.isclose(stored, computed, rel_tol=SAME, abs_tol=SAME)
