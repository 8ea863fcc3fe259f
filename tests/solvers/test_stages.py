"""A solve in two stages gives the result of a solve in one, also if a process lies between them."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from solvers import stages
from solvers.backends import gurobi
from solvers.backends.select import describe, release_licences
from solvers.native.model.parameters import RootParameters, SearchParameters
from solvers.native_then_mip import Unproven
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solve import solve

Network = Callable[..., Problem]

SHORT_SEARCH = SearchParameters(root=RootParameters(rounds=1), few_pairs_time_share=0)
"""So little time and so few rounds for the search that a MIP solver gets the rest."""


@pytest.fixture
def problem(network: Network) -> Problem:
    """A problem of 8 sites and 20 customers that the search does not prove at its root node."""
    return network(3, 8, 20, tightness=1.15, alpha=2.0, seed=0)


def digits(result: Result) -> tuple[object, ...]:
    """Return what does not depend on time."""
    return result.status, result.method, result.solver, result.cost, result.bound, result.nodes


@pytest.mark.parametrize(
    ("solver", "model"),
    [("native", "collapsed"), ("mip", "collapsed"), ("mip", "direct"), ("highs", "direct")],
)
def test_two_stages_give_the_result_of_one(problem: Problem, solver: str, model: str) -> None:
    """What lies between them can be pickled, as it is sent from one worker to another."""
    options = Options(solver=solver, model=model)
    parameters = SHORT_SEARCH if options.searches else None
    begun = stages.begin(problem, options, parameters=parameters)
    assert not isinstance(begun, Result)
    finished = stages.finish(problem, options, pickle.loads(pickle.dumps(begun)))
    assert digits(finished) == digits(solve(problem, options, parameters=parameters))


def test_a_solve_that_the_search_finishes_has_one_stage(network: Network) -> None:
    """The first stage then returns the result."""
    begun = stages.begin(network(2, 3, 6, tightness=2.0, alpha=2.0, seed=0), Options("native"))
    assert isinstance(begun, Result)


@pytest.mark.parametrize("solver", ["auto", "mip"])
def test_a_second_stage_without_gurobi_takes_highs_and_says_why(
    problem: Problem, solver: str
) -> None:
    """The reason is the first one of the result."""
    options = Options(solver=solver)
    parameters = SHORT_SEARCH if options.searches else None
    begun = stages.begin(problem, options, parameters=parameters)
    assert isinstance(begun, Unproven) == options.searches
    assert not isinstance(begun, Result)
    result = stages.finish(problem, options, begun, without_gurobi="no licence is free")
    assert result.solver == "highs"
    assert result.fallback_reason == "no licence is free"


def test_no_environment_stays_open_where_it_is_released(problem: Problem) -> None:
    """A description leaves none, and a process that solved one after the other none either."""
    describe("mip")
    assert gurobi.environment.cache_info().currsize == 0
    for _ in range(2):
        assert solve(problem, Options("gurobi")).status is Status.OPTIMAL
        assert gurobi.environment.cache_info().currsize == 1
        release_licences()
        assert gurobi.environment.cache_info().currsize == 0
