"""Guesses how long a solve takes: orders the work and sizes its chunks, never changes a row."""

from __future__ import annotations


def predicted_s(allocation: tuple[int, int, int], scale: int) -> float:
    """Predict the seconds of one instance.

    A power law through mean times of HiGHS on the collapsed model of the paper's allocations:
    they grow with the customers (10: below 0.1 s, 20: 0.2 to 0.6 s, 60: 12 to 25 s) and hardly
    with the sites.

    Parameters
    ----------
    allocation : tuple of int
        Sources, sites and customers at scale 1.
    scale : int
        Multiplier of the node counts.
    """
    _, sites, customers = allocation
    return float(0.6 * (customers * scale / 20) ** 3.5 * (sites * scale / 60) ** 0.5)
