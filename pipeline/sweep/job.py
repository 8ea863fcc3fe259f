"""What is given to a worker: networks, and the ratios at which to solve each of them."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.sweep.coordinate import NetworkCoordinate


class Job(NamedTuple):
    """One network and the ratios at which it is to be solved: the unit that is committed.

    Parameters
    ----------
    network : NetworkCoordinate
        Which network.
    alphas : tuple of float
        Buy-to-fly ratios that have no row yet.
    predicted_s : float
        Expected seconds for all of them.
    """

    network: NetworkCoordinate
    alphas: tuple[float, ...]
    predicted_s: float

    def single(self) -> tuple[Job, ...]:
        """Split into jobs of one instance each."""
        share_s = self.predicted_s / len(self.alphas)
        return tuple(Job(self.network, (alpha,), share_s) for alpha in self.alphas)

    def after(self, n: int) -> Job:
        """Leave the first n alphas out."""
        share_s = self.predicted_s / max(1, len(self.alphas))
        left = self.alphas[n:]
        return Job(self.network, left, share_s * len(left))


Chunk = tuple[Job, ...]
"""Jobs that one worker computes in one go."""
