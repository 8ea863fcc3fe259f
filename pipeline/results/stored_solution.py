"""A stored row with all that belongs to it: its network, sites, assignment and flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.config.errors import UserError
from pipeline.config.folder import Folder
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.results import provenance
from pipeline.results.schema import describe_coordinate
from pipeline.results.table import read_results
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.problem import Problem
from solvers.solution import Cost, Solution, cost
from solvers.transportation import cheapest_flow


@dataclass(frozen=True, eq=False)
class StoredSolution:
    """The solution of a row of the results table.

    Parameters
    ----------
    network : Network
        The network, drawn again.
    problem : Problem
        Of the network at the row's alpha.
    solution : Solution
        Open sites and assignment of the row, with the cheapest flows from the sources.
    cost : Cost
        The three sums of objective (1), computed from the data, tkm.
    status : str
        Of the row: ``optimal`` or ``time_limit``.
    title : str
        The coordinate of the row in words.

    Examples
    --------
    >>> import sitesweep as ss
    >>> ss.load_solution(folder, "A6", "C3", alpha=2)
    StoredSolution(A6 C3 replication 0 scale 1 alpha 2: optimal, z1 = 20,427 tkm, Solution(...))
    """

    network: Network
    problem: Problem
    solution: Solution
    cost: Cost
    status: str
    title: str

    def __repr__(self) -> str:
        return (
            f"StoredSolution({self.title}: {self.status}, z1 = {self.cost.total:,.0f} tkm, "
            f"{self.solution!r})"
        )

    def map_svg(self) -> str:
        """Return a map with open sites and transports as SVG, for a file."""
        # Imported here, because matplotlib takes time and memory.
        from pipeline.plotting.network_map import draw_map
        from pipeline.plotting.style import inline_svg, to_svg

        return inline_svg(to_svg(draw_map(self.network, [(self.title, self.solution)])), self.title)

    def _repr_html_(self) -> str:
        return f"{self.map_svg()}<p>{self!r}</p>"


def load_solution(
    run: Folder,
    allocation: str,
    structure: str,
    alpha: float,
    replication: int = 0,
    scale: int = 1,
) -> StoredSolution:
    """Load the solution of one instance of a run.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    allocation, structure, alpha, replication, scale
        The coordinate of the instance.

    Returns
    -------
    StoredSolution

    Raises
    ------
    UserError
        The folder holds no run, the instance has no row, or the row has no solution.

    Examples
    --------
    >>> import sitesweep as ss
    >>> ss.load_solution(folder, "A6", "C3", alpha=20).cost.fixed
    5000.0
    """
    network_coordinate = NetworkCoordinate(allocation, structure, replication, scale)
    coordinate = {**network_coordinate._asdict(), "alpha": alpha}
    same = pl.all_horizontal(pl.col(key) == value for key, value in coordinate.items())
    rows = read_results(run).filter(same).collect(engine="in-memory")
    title = describe_coordinate(coordinate)
    if rows.is_empty():
        raise UserError(f"{run} has no row of {title}")
    row = rows.row(0, named=True)
    if row["assignment"] is None:
        raise UserError(f"{run}: the row of {title} has no solution, its status is {row['status']}")
    (network,) = draw_networks(run, [network_coordinate])
    problem = network.problem(alpha)
    solution = solution_of_row(problem, row)
    if isinstance(solution, str):
        raise UserError(f"{run}: the row of {title} is damaged: {solution}")
    found = cost(problem, solution)
    return StoredSolution(network, problem, solution, found, row["status"], title)


def draw_networks(
    run: Folder, coordinates: Iterable[tuple[str, str, int, int]]
) -> Iterator[Network]:
    """Draw networks of a run again, in the order of their coordinates; about 0.6 ms each.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    coordinates : iterable of tuple
        Allocation, structure, replication and scale of each network.

    Raises
    ------
    UserError
        The folder holds no run.
    """
    config = validate(provenance.read(run)["configuration"])
    for coordinate in coordinates:
        yield draw(NetworkCoordinate(*coordinate), config.network, config.seed)


def solution_of_row(problem: Problem, row: Mapping[str, Any]) -> Solution | str:
    """Return the solution of a row with the cheapest flows, or why there is none.

    Parameters
    ----------
    problem : Problem
        Of the row's instance.
    row : mapping
        With the columns ``open_sites`` and ``assignment``.
    """
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
