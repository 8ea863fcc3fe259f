"""The work of a worker: networks, each with the buy-to-fly ratios at which it is solved."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.start import Start


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
    starts : tuple of (float, Start)
        For alphas that were solved before: what was found then.
    """

    network: NetworkCoordinate
    alphas: tuple[float, ...]
    predicted_s: float
    starts: tuple[tuple[float, Start], ...] = ()

    def start(self, alpha: float) -> Start | None:
        """Return what is known from an earlier solve at an alpha."""
        return dict(self.starts).get(alpha)

    def split(self) -> tuple[Job, ...]:
        """Split into jobs of one instance each."""
        share_s = self.predicted_s / len(self.alphas)
        return tuple(self._replace(alphas=(alpha,), predicted_s=share_s) for alpha in self.alphas)

    def without_first(self, n: int) -> Job:
        """Return the job without its first n alphas."""
        share_s = self.predicted_s / max(1, len(self.alphas))
        alphas = self.alphas[n:]
        return self._replace(alphas=alphas, predicted_s=share_s * len(alphas))


Chunk = tuple[Job, ...]
"""Jobs that one worker computes in one task."""
