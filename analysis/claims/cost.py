"""Claims on the total cost z1 (paper, 4.2.1): most of them are theorems."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from analysis.bootstrap import pooled_quantile
from analysis.claims.claim import Claim, OpenClaim, Sentence, at_least, below
from analysis.claims.statistics import HIGHEST, flag, share
from analysis.paper import ALPHAS
from analysis.replicated import BY_CLUSTERS, ONE, Study

FALLS = Sentence(
    "cost falls",
    "4.2.1",
    "Looking at the median z1, the total costs decrease in all cases with an improved (i.e. lower) "
    "buy-to-fly ratio.",
)

QUANTILE = Sentence(
    "cost, quantiles",
    "4.2.1, Fig. 6",
    "In addition, even the quantiles are always below the median value for alpha = 20.",
)

EIGHTY_PERCENT = Sentence(
    "cost falls in 80 %",
    "4.2.1",
    "We conclude that in 80 % of all compared instances an improved buy-to-fly ratio [...] will "
    "reduce total costs of the network.",
)


def cost_falls(study: Study) -> Iterator[Claim]:
    """Decide whether a lower alpha never costs more: V(alpha) is non-decreasing."""
    for name, group in BY_CLUSTERS.items():
        part = study.complete(group)
        falls = []
        for low, high in combinations(ALPHAS, 2):
            cost, other = part.values("z1", group, low), part.values("z1", group, high)
            # What is proven of an optimum is its bound; the cost may be higher by the slack.
            falls.append(flag(cost - part.values("slack", group, low) < other, cost, other))
        yield OpenClaim(
            FALLS,
            name,
            "percent of the pairs of alphas of a network in which z1 is lower at the lower alpha",
            at_least(100),
            theorem=True,
        ).decide(part, share(np.concatenate(falls, axis=1)), group)


def cost_quantile(study: Study) -> Iterator[Claim]:
    """Decide whether the 90 % quantile of z1 relative to alpha = 20 is below 100 %."""
    part = study.complete(ONE)
    for alpha in ALPHAS[:-1]:
        yield OpenClaim(
            QUANTILE,
            f"alpha {alpha:g}",
            "90 % quantile of each network's z1 in percent of its z1 at alpha 20",
            below(100),
            theorem=True,
        ).decide(part, pooled_quantile(part.percent("z1", ONE, alpha), 0.9), ONE)


def cost_falls_in_80_percent(study: Study) -> Iterator[Claim]:
    """Decide whether at least 80 % of the instances cost less than at alpha = 20; all do."""
    part = study.complete(ONE)
    base = part.values("z1", ONE, HIGHEST)
    falls = []
    for alpha in ALPHAS[:-1]:
        cost = part.values("z1", ONE, alpha)
        falls.append(flag(cost - part.values("slack", ONE, alpha) < base, cost, base))
    yield OpenClaim(
        EIGHTY_PERCENT,
        "alphas 2, 5, 10",
        "percent of instances with a lower z1 than the same network at alpha 20; the theorem "
        "says 100, the paper reads 80 from the quantiles of its Figure 6",
        at_least(80),
        paper=80,
        theorem=True,
    ).decide(part, share(np.concatenate(falls, axis=1)), ONE)
