"""Compares the solvers with the enumeration of all assignments, on random problems of odd shapes.

usage: python -m benchmarks.enumeration [key=value ...]

The ways to solve are the native search with HiGHS behind it, and the collapsed and the direct model
by HiGHS. Each result is compared with the exact optimum. A result is wrong if it contradicts the
optimum by its status, its cost or its bound, or if its status is error. It is unproven if it
contradicts nothing but does not prove its answer. It hangs if it overruns the time limit by 5 s.
All these are printed with the number of the problem. Exit code 1 if a result is wrong or hangs.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from multiprocessing.connection import Connection

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import key, run_benchmark
from benchmarks.exact import enumerate_optimum
from benchmarks.odd_problems import draw_odd_problem
from solvers import native
from solvers.certificate import CERTIFICATE_TOLERANCE
from solvers.formulations import collapsed
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solve import solve

METHODS = ("native", "collapsed", "direct")
GAP = 1e-4
OVERRUN_S = 5.0
"""Seconds beyond the time limit after which a solve hangs; its process is then ended."""
ROUNDING = 1e-9
"""Relative rounding of the cost of a solution, which may use flows that are not whole."""
AGREES, UNPROVEN, HANGS = "agrees", "unproven", "hangs"


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    problems: int = key(1000, "number of problems")
    seed: int = key(0, "seed of the problems", least=0)
    first: int = key(0, "number of the first problem", least=0)
    method: tuple[str, ...] = key(METHODS, "ways to solve", choices=METHODS)
    limit: float = key(10.0, "time limit of each solve in seconds")


def main(arguments: Arguments) -> int:
    """Solve, compare and print; return 1 if a result is wrong or hangs."""
    console = Console(width=116)
    verdicts: dict[str, Counter[str]] = {method: Counter() for method in arguments.method}
    longest_s = dict.fromkeys(arguments.method, 0.0)
    worker = Worker(arguments.limit)
    for turn in range(arguments.problems):
        number = arguments.first + turn
        optimum = enumerate_optimum(draw_odd_problem(arguments.seed, number))
        for method in arguments.method:
            result, seconds = worker.solve(arguments.seed, number, method)
            verdict = HANGS if result is None else judge(result, optimum, GAP)
            kind = verdict.partition(":")[0]
            verdicts[method][kind] += 1
            longest_s[method] = max(longest_s[method], seconds)
            if kind != AGREES:
                console.print(f"{method}, problem {number}: {verdict}", highlight=False)
        print(f"\r{turn + 1}/{arguments.problems}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    worker.close()
    kinds = (AGREES, "wrong", HANGS, UNPROVEN)
    table = Table("method", *kinds, "longest, s", title=f"{arguments.problems} problems")
    for method, counts in verdicts.items():
        table.add_row(method, *(str(counts[kind]) for kind in kinds), f"{longest_s[method]:.1f}")
    console.print(table)
    return int(any(counts["wrong"] or counts[HANGS] for counts in verdicts.values()))


def judge(result: Result, optimum: Fraction | None, gap: float) -> str:
    """Compare a result with the exact optimum.

    Parameters
    ----------
    result : Result
        Of a solve.
    optimum : Fraction or None
        Of `enumerate_optimum`; None if the problem is infeasible.
    gap : float
        Relative gap that the solve was asked for.

    Returns
    -------
    str
        ``agrees``, ``unproven: ...`` or ``wrong: ...``.
    """
    exact = None if optimum is None else float(optimum)
    found = f"{result.status}, cost {result.objective}, bound {result.bound}"
    reason = "; ".join(filter(None, [result.fallback_reason, result.error]))
    text = f"{found}, optimum {exact}" + (f" ({reason})" if reason else "")
    objective, bound = result.objective, result.bound
    if exact is None:
        contradicts = objective is not None
        proven = result.status is Status.INFEASIBLE
    else:
        allowed = exact * (1 + CERTIFICATE_TOLERANCE) + ROUNDING
        contradicts = (
            result.status is Status.INFEASIBLE
            or (bound is not None and bound > allowed)
            or (objective is not None and objective < exact * (1 - ROUNDING) - ROUNDING)
            or (result.status is Status.OPTIMAL and (objective or 0.0) * (1 - gap) > allowed)
        )
        proven = result.status is Status.OPTIMAL
    if contradicts or result.status is Status.ERROR:
        return f"wrong: {text}"
    return AGREES if proven else f"{UNPROVEN}: {text}"


class Worker:
    """A child process that solves problems; it is replaced if it hangs."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._limit_s, child_end), daemon=True)
        self._process.start()
        self._pipe.recv()  # once it has compiled and loaded its code

    def solve(self, seed: int, number: int, method: str) -> tuple[Result | None, float]:
        """Solve the problem with a number; return the result, None if it hung, and the seconds."""
        begin = time.monotonic()
        self._pipe.send((seed, number, method))
        result: Result | None = None
        if self._pipe.poll(self._limit_s + OVERRUN_S):
            result = self._pipe.recv()
        else:
            self._process.kill()
            self._start()
        return result, time.monotonic() - begin

    def close(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def _serve(limit_s: float, pipe: Connection) -> None:
    """Solve the problems received from the pipe."""
    native.warm_up()
    pipe.send("ready")
    while (request := pipe.recv()) is not None:
        seed, number, method = request
        problem = draw_odd_problem(seed, number)
        pipe.send(solve(problem, options_for(method, problem, limit_s)))


def options_for(method: str, problem: Problem, limit_s: float) -> Options:
    """Return the options of a method; the collapsed model only where it is exact."""
    if method == "native":
        return Options("native", gap=GAP, time_limit_s=limit_s)
    is_exact = collapsed.why_inexact(problem) is None
    return Options("highs", method if is_exact else "direct", GAP, limit_s)


if __name__ == "__main__":
    # Through the module's name, not as __main__, so that the result's class is the same in both.
    from benchmarks import enumeration

    run_benchmark(enumeration.main, enumeration.Arguments, __doc__)
