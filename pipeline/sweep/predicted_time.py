"""Guesses how long a solve takes: orders the work and sizes its chunks, never changes a row."""

from __future__ import annotations

SLOWER = {"native": 1.0, "collapsed": 10.0, "direct": 80.0}
"""Method -> how many times the native search's time HiGHS takes, as `benchmarks.speed` has it."""


def predicted_s(allocation: tuple[int, int, int], scale: int, method: str = "native") -> float:
    """Predict the seconds of one instance.

    A power law through mean times of the native search on the paper's allocations: they grow with
    the customers (10: 0.002 s, 20 and 30: 0.02 s, 60: 0.4 to 1 s) and hardly with the sites.

    Parameters
    ----------
    allocation : tuple of int
        Sources, sites and customers at scale 1.
    scale : int
        Multiplier of the node counts.
    method : str
        As in `solvers.options.Options`.
    """
    _, sites, customers = allocation
    return float(
        SLOWER[method] * 0.7 * (customers * scale / 60) ** 3.3 * (sites * scale / 15) ** 0.3
    )
