"""Random problems of odd shapes: every method finds the exact optimum, and proves it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.enumeration import AGREES, GAP, METHODS, judge, options_for
from benchmarks.exact import enumerate_optimum
from benchmarks.odd_problems import draw_odd_problem
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solve import solve

SEED = 2
FAST, MORE = range(40), range(40, 400)
"""Numbers of the problems in the fast tests and in the slow one."""


@pytest.mark.parametrize("method", METHODS)
def test_every_method_proves_the_exact_optimum_of_odd_problems(method: str) -> None:
    """No answer is wrong, and none is left unproven."""
    assert_agreement(method, FAST)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_every_method_proves_the_exact_optimum_of_many_odd_problems(method: str) -> None:
    """The same law for more problems."""
    assert_agreement(method, MORE)


def assert_agreement(method: str, numbers: range) -> None:
    """Compare a method with enumeration on the problems of these numbers."""
    for number in numbers:
        problem = draw_odd_problem(SEED, number)
        result = solve(problem, options_for(method, problem, limit_s=30.0))
        assert judge(result, enumerate_optimum(problem), GAP) == AGREES, number


@given(problem=st.from_type(Problem))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_exact_optimum_is_that_of_another_enumeration(
    problem: Problem, brute_force: Callable[[Problem], float | None]
) -> None:
    """Fractions and shortest paths find what floats and a linear program find."""
    exact, other = enumerate_optimum(problem), brute_force(problem)
    assert (exact is None) == (other is None)
    if exact is not None:
        assert float(exact) == pytest.approx(other, rel=1e-9, abs=1e-9)


UNLIMITED = 99_999_999

UNSCALED: dict[str, dict[str, Any]] = {
    "site of 1e9 opened": {
        "inbound": [[0, 0]],
        "outbound": np.full((2, 2), 66_000),
        "demand": [4_830, 4_828],
        "capacity": [28_380, 19_792],
        "fixed_cost": [1, 1e9],
        "supply": [UNLIMITED],
        "alpha": 0.001,
    },
    "optimum a hundredth": {
        "inbound": [[44.75, 1e9]],
        "outbound": np.zeros((8, 2)),
        "demand": [7] * 8,
        "capacity": [56, UNLIMITED],
        "fixed_cost": [75_399, 141_987],
        "supply": [UNLIMITED],
        "alpha": 0.001,
    },
    "called optimal": {
        "inbound": [[7, 99, 5.5, 14.75], [90.75, 100, 73, 5.25], [22.5, 38, 65, 35]],
        "outbound": [
            [953_299_152, 694_084_492, 729_359_296, 715_067_594],
            [67_430_021, 263_381_222, 772_300_057, 505_885_017],
            [412_263_912, 852_636_891, 617_029_505, 100_780_006],
            [811_037_069, 808_811_453, 353_854_668, 546_926_574],
        ],
        "demand": [312_923_451, 257_442_735, 394_830_762, 692_871_823],
        "capacity": [577_732_374, 1_518_492_146, 207_533_064, 833_698_483],
        "fixed_cost": [5, 149_758, 144_021_821, 1],
        "supply": [588_591_008.25, 569_389_536, 1_628_530_972.25],
        "alpha": 1.37,
    },
    "called optimal with a gap": {
        "inbound": [[4_697, 247_794_130, 13_815.5], [163.5, 126_430_033, 79_452.75]],
        "outbound": [[422_825_204, 28_081, 112_386]],
        "demand": [601_610_768],
        "capacity": [601_610_768, 1e12, UNLIMITED],
        "fixed_cost": [398_238, 5_687, 1_639_963],
        "supply": [358_762_602, 1_145_264_318],
        "alpha": 2.5,
    },
    "called infeasible": {
        "inbound": [[1.25, 8_127_581], [671_362.5, 0.001], [15_038_239.5, 248.5]],
        "outbound": [[51, 16.75], [85, 42], [71.25, 42.75]],
        "demand": [5_204, 3_185, 8_781],
        "capacity": [18_887, 4_691],
        "fixed_cost": [2, 67_361],
        "supply": [8_204_249_117, 4_648_295_730, 11_979_874_582],
        "alpha": 1e6,
    },
    "time limit overrun": {
        "inbound": [[84.25, 50, 1e9], [67.25, 43, 58.5], [10.5, 72.75, 52.5]],
        "outbound": [[66_000, 66_000, 66_000]],
        "demand": [387_192_097],
        "capacity": [307_425_639, 445_992_942, 464_572_341],
        "fixed_cost": [200_027_531, 105_492_324, 539_650_847],
        "supply": [UNLIMITED, 3_322_356_376, 4_413_612_604],
        "alpha": 20,
    },
    "coefficient refused": {
        "inbound": [[1, 2]],
        "outbound": [[1, 2]],
        "demand": [5],
        "capacity": [9, 9],
        "fixed_cost": [1, 1],
        "supply": [1e16],
        "alpha": 2,
    },
}
"""Problems that HiGHS solves wrongly as (1)-(11) stand, and how."""


@pytest.mark.parametrize("name", UNSCALED)
def test_direct_model_is_solved_where_its_plain_coefficients_mislead(name: str) -> None:
    """The scaled program has the exact optimum."""
    problem = Problem(**UNSCALED[name])
    result = solve(problem, Options("highs", "direct", GAP, 30.0))
    assert result.fallback_reason is None
    assert judge(result, enumerate_optimum(problem), GAP) == AGREES


def test_costly_site_stays_closed() -> None:
    """One site serves both customers at 66,000 a tonne: 9,658 x 66,000 + 1."""
    result = solve(Problem(**UNSCALED["site of 1e9 opened"]), Options("highs", "direct", 0.0))
    assert (result.status, result.objective) == (Status.OPTIMAL, 637_428_001)
