"""Predicts how long a solve takes. It affects order and size of chunks, but never a row."""

from __future__ import annotations

TIME_FACTORS = {"native": 1.0, "collapsed": 10.0, "direct": 11.0}
"""Mean times relative to the native search's, with HiGHS; from `benchmarks.speed`."""


def predicted_s(allocation: tuple[int, int, int], scale: int, method: str = "native") -> float:
    """Predict the time to solve one instance, in seconds.

    A power law fitted to mean times of the native search on the paper's allocations: they grow
    with the number of customers (10: 0.002 s, 20 and 30: 0.01 to 0.02 s, 60: 0.7 s) and hardly with
    the number of sites.

    Parameters
    ----------
    allocation : tuple of int
        Sources, sites and customers at scale 1.
    scale : int
        Multiplier of the node counts.
    method : str
        ``native`` if our own search comes first, else the model: ``collapsed`` or ``direct``.
    """
    _, sites, customers = allocation
    return float(
        TIME_FACTORS[method] * 0.7 * (customers * scale / 60) ** 3.3 * (sites * scale / 15) ** 0.3
    )
