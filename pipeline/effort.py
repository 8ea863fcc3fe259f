"""Guesses how long a solve takes: orders the work and sizes its chunks, never changes a row."""

from __future__ import annotations


def predicted_s(allocation: tuple[int, int, int], scale: int) -> float:
    """Predict the seconds of one instance.

    A power law through mean times of the native search on the paper's allocations: they grow with
    the customers (10: 0.002 s, 20 and 30: 0.02 s, 60: 0.4 to 1 s) and hardly with the sites.

    Parameters
    ----------
    allocation : tuple of int
        Sources, sites and customers at scale 1.
    scale : int
        Multiplier of the node counts.
    """
    _, sites, customers = allocation
    return float(0.7 * (customers * scale / 60) ** 3.3 * (sites * scale / 15) ** 0.3)
