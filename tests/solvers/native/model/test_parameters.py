"""Every parameter of the search reaches the code, and no tuning constant is outside them."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import native
from solvers.native.model.parameters import (
    DEFAULTS,
    AscentParameters,
    DiveParameters,
    NeighbourhoodParameters,
    RootParameters,
    SearchParameters,
    TabuParameters,
    TreeParameters,
    validate,
)
from solvers.native.warm_up import warm_up
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

PACKAGE = Path(native.__file__).parent

Trace = list[tuple[int, int | None, float, float]]

PHASES = SearchParameters(
    root=RootParameters(rounds=2, tabu_steps=5, step_customers=100),
    tree=TreeParameters(short_tabu=1, long_tabu=1, tabu_interval=2),
    dive=DiveParameters(evaluations=30, tabu_searches=1, tabu_steps=20),
    neighbourhood=NeighbourhoodParameters(
        min_time_limit_s=0.0, dives=((2, 0.0), (3, 0.01)), max_failures=5, tree_slices=2
    ),
    slice_operations=2_000_000,
    many_free_sites=2,
    core_sites=2,
    few_pairs_slices=8,
)
"""Parameters with which a problem of a dozen sites goes through all phases of the search."""

TREE = PHASES._replace(many_free_sites=1000)
NEIGHBOURHOODS = PHASES._replace(
    root=PHASES.root._replace(rounds=1),
    neighbourhood=PHASES.neighbourhood._replace(max_failures=20, min_opened=4),
)

MAX_REPORTS = 60
"""Reports after which a search is stopped."""

CHANGES: dict[str, Any] = {
    "tabu.min_weight": 1.0,
    "tabu.descents": 1,
    "root.step_customers": 6,
    "root.first_evaluations": 1,
    "root.first_min_gain": 0.1,
    "root.evaluations": 1,
    "root.min_gain": 0.1,
    "tree.rounds": 1,
    "tree.min_fixed_share": 1.0,
    "tree.first_min_gain": 0.1,
    "tree.evaluations": 1,
    "tree.min_gain": 0.1,
    "tree.min_progress": 0.9,
    "tree.min_rise": 10.0,
    "tree.tabu_interval": 1,
    "tree.tabu_visits": 0,
    "tree.short_tabu": 50,
    "tree.node_operations": 1,
    "dive.min_gain": 0.1,
    "neighbourhood.min_time_limit_s": 1e9,
    "neighbourhood.time_share": 0.0,
    "neighbourhood.dive_share": 0.0,
    "neighbourhood.neighbourhood_share": 0.0,
    "neighbourhood.dives": ((3, 0.01),),
    "neighbourhood.max_rise_share": 0.0,
    "neighbourhood.divisors": (9,),
    "max_surplus": -1,
    "many_free_sites": 1000,
    "few_pairs": 0,
    "few_pairs_time_share": 0.0,
}
"""Values other than twice the default, or, for a share, half of it."""


def leaves(group: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of all parameters, with those of their groups."""
    for name, value in group._asdict().items():
        if hasattr(value, "_asdict"):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def replaced(parameters: SearchParameters, name: str, value: Any) -> SearchParameters:
    """Return the parameters with another value of one of them."""
    group, _, field = name.rpartition(".")
    if not group:
        return parameters._replace(**{field: value})
    return parameters._replace(**{group: getattr(parameters, group)._replace(**{field: value})})


def changed(parameters: SearchParameters, name: str) -> SearchParameters:
    """Return the parameters with one of them changed."""
    value: Any = parameters
    for part in name.split("."):
        value = getattr(value, part)
    other = value / 2 if isinstance(value, float) and value < 1 else 2 * value
    return validate(replaced(parameters, name, CHANGES.get(name, other)))


def trace(problem: Problem, parameters: SearchParameters) -> Trace:
    """Return all reports of a search without a time limit."""
    reports: Trace = []

    def report(*progress: Any) -> bool:
        reports.append(progress)
        return len(reports) == MAX_REPORTS

    native.search(problem, 0.0, 1e6, leave_few_pairs=True, parameters=parameters, report=report)
    return reports


@given(
    seed=st.integers(0, 20),
    base=st.sampled_from([DEFAULTS, PHASES, TREE, NEIGHBOURHOODS]),
    names=st.sets(st.sampled_from(sorted(leaves(DEFAULTS)))),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_any_parameters_give_the_same_optimum(
    network: Callable[..., Problem], seed: int, base: SearchParameters, names: set[str]
) -> None:
    """Whatever is changed, what the search proves is true."""
    warm_up()  # else the time limit would include the compilation
    problem = network(2, 8, 16, tightness=1.15, alpha=2.0, seed=seed)
    exact = native.search(problem, 0.0, 60)
    parameters = reduce(changed, sorted(names), base)
    outcome = native.search(problem, 0.0, 60, parameters=parameters)
    assert outcome.status is exact.status
    if exact.bound is not None:
        assert outcome.bound == pytest.approx(exact.bound, rel=1e-8)


@pytest.mark.slow
def test_each_parameter_changes_the_search(network: Callable[..., Problem]) -> None:
    """With another value, the course of a search on one of four problems is another one."""
    bases = [
        (network(3, 12, 62, tightness=1.3, alpha=2.0, seed=5), PHASES),
        (network(3, 12, 62, tightness=1.3, alpha=2.0, seed=5), TREE),
        (network(3, 12, 65, tightness=1.5, alpha=2.0, seed=3), PHASES),
        (network(3, 20, 40, tightness=2.0, alpha=2.0, seed=5), NEIGHBOURHOODS),
    ]
    first = [trace(problem, base) for problem, base in bases]
    without_effect = [
        name
        for name in leaves(DEFAULTS)
        if all(
            trace(problem, changed(base, name)) == before
            for (problem, base), before in zip(bases, first, strict=True)
        )
    ]
    assert without_effect == []


def test_a_parameter_of_solve_reaches_the_search(hard_problem: Problem) -> None:
    """With one round at the root, more nodes remain; both results are proven."""
    options = Options(solver="native", gap=1e-3)
    few = SearchParameters(root=RootParameters(rounds=1))
    results = [solve(hard_problem, options, parameters=each) for each in (few, SearchParameters())]
    assert [result.status for result in results] == ["optimal", "optimal"]
    assert results[0].nodes != results[1].nodes
    default = solve(hard_problem, options)
    assert (default.objective, default.bound) == (results[1].objective, results[1].bound)
    assert default.nodes == results[1].nodes


def test_parameters_without_a_search_are_refused(hard_problem: Problem) -> None:
    """A MIP solver alone would ignore them."""
    with pytest.raises(ValueError, match="parameters: expected solver auto or native, got"):
        solve(hard_problem, Options(solver="highs"), parameters=SearchParameters())


def test_whole_numbers_are_taken_as_floats() -> None:
    """The search is compiled for floats, and is not compiled anew for a whole number."""
    checked = validate(SearchParameters(ascent=AscentParameters(dilation=4)))
    assert type(checked.ascent.dilation) is float
    assert validate(DEFAULTS) == DEFAULTS


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (SearchParameters(tabu=TabuParameters(tenure_spread=0)), "parameters.tabu.tenure_spread: "),
        (SearchParameters(ascent=AscentParameters(dilation=float("nan"))), "ascent.dilation: "),
        (SearchParameters(tree=TreeParameters(rounds=cast(int, 1.5))), "got 1.5"),
        (SearchParameters(max_surplus=-2), "parameters.max_surplus: "),
        (SearchParameters(neighbourhood=NeighbourhoodParameters(dives=((0, 0.1),))), "dives.0.0: "),
        (SearchParameters(tabu=cast(TabuParameters, 7)), "parameters.tabu"),
    ],
)
def test_a_value_out_of_its_range_is_refused_by_name(
    parameters: SearchParameters, message: str
) -> None:
    """The message names the parameter and what was expected."""
    with pytest.raises(ValueError, match=re.escape(message)):
        validate(parameters)


CONSTANTS = {
    "ROUNDING, GAP_FACTOR, MIN_GAP, PRICE_ROUNDING, MIN_GAIN": "exactness",
    "MAX_WHOLE_COST, COST_MARGIN, FIXING_MARGIN": "exactness",
    "MAX_EXPANSIONS, MAX_CUTS, STEP_GROWTH, FIRST_STEP": "time of an exact bound",
    "SMALL_TABLE": "time of an exact optimum",
    "PRICE_TOLERANCE, LOSS_RESERVE, LOSS_GROWTH, MAX_GROWTHS": "time of an exact bound",
    "MAX_BYTES, FIRST_BYTES, MAX_CELLS, MAX_SURPLUS_CELLS, METRICS": "memory",
    "MAX_PAIRS, MAX_COVER_CELLS, MAX_METRIC_CELLS": "memory",
    "DEALT_NODES": "balance between threads",
    "SEED_STRIDE, UNASSIGNED, OPEN, CLOSED, FREE": "codes and numbering",
}
"""Module constants of the search that are numbers, and what they are for."""

TOLERANCES = {1e-10, 1e-12}
"""Fractions in functions of the search: below them, a difference is rounding."""


def test_no_tuning_constant_is_outside_the_parameters() -> None:
    """Constants of the search are those of exactness and memory, and codes."""
    constants, fractions = set(), set()
    for path in PACKAGE.rglob("*.py"):
        if path.stem in ("parameters", "warm_up"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and is_number(node.value):
                constants |= set(re.findall(r"\w+", ast.unparse(node.targets[0])))
        for function in filter(lambda node: isinstance(node, ast.FunctionDef), tree.body):
            fractions |= {number for number in numbers_in(function) if number % 1}
    assert constants == set(re.findall(r"\w+", ", ".join(CONSTANTS)))
    assert fractions == TOLERANCES


def numbers_in(node: ast.AST) -> set[float]:
    """Return the numbers that are written in a piece of code."""
    constants = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {value for value in constants if isinstance(value, int | float)}


def is_number(value: ast.expr) -> bool:
    """Return whether an expression consists of numbers only."""
    others = any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(value))
    return bool(numbers_in(value)) and not others
