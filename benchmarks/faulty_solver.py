"""A solver that crashes on one instance in a hundred and hangs on another one in a hundred."""

from __future__ import annotations

import hashlib
import os
import signal
import time

from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start

ONE_IN = 100


def solve_or_fail(problem: Problem, options: Options, start: Start | None = None) -> Result:
    """Solve a problem, or crash or hang; which of them depends only on the problem's data."""
    digest = hashlib.sha256(problem.outbound.tobytes() + str(problem.alpha).encode()).digest()
    number = int.from_bytes(digest[:8], "little") % ONE_IN
    if number == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 1:
        time.sleep(1e6)
    return solve(problem, options, start)
