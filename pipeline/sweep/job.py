"""The work of a worker: networks, each with the buy-to-fly ratios at which it is solved."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.sweep.coordinate import NetworkCoordinate


class Job(NamedTuple):
    """One network and the ratios at which it is solved; its rows are committed together.

    Parameters
    ----------
    network : NetworkCoordinate
        Which network.
    alphas : tuple of float
        Buy-to-fly ratios that have no row yet.
    predicted_s : float
        Predicted seconds for all of them together.
    """

    network: NetworkCoordinate
    alphas: tuple[float, ...]
    predicted_s: float

    def split(self) -> tuple[Job, ...]:
        """Split into jobs of one instance each."""
        share_s = self.predicted_s / len(self.alphas)
        return tuple(Job(self.network, (alpha,), share_s) for alpha in self.alphas)

    def without_first(self, n: int) -> Job:
        """Return the job without its first n alphas."""
        share_s = self.predicted_s / max(1, len(self.alphas))
        alphas = self.alphas[n:]
        return Job(self.network, alphas, share_s * len(alphas))


Chunk = tuple[Job, ...]
"""Jobs that one worker computes in one task."""
