"""A solver that one instance in a hundred crashes, and one in a hundred hangs."""

from __future__ import annotations

import hashlib
import os
import signal
import time

from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve

HUNDRED = 100


def poison(problem: Problem, options: Options) -> Result:
    """Solve a problem, unless its digest has it crash or hang."""
    digest = hashlib.sha256(problem.outbound.tobytes() + str(problem.alpha).encode()).digest()
    number = int.from_bytes(digest[:8], "little") % HUNDRED
    if number == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 1:
        time.sleep(1e6)
    return solve(problem, options)
