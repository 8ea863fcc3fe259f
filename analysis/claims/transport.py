"""Claims on transport: z2, and the shares z3 (paper, 4.2.1 and 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.bootstrap import pooled_median, pooled_quantile
from analysis.claims.claim import Claim, OpenClaim, Sentence, above, at_least, below
from analysis.claims.statistics import (
    HIGHEST,
    LOWEST,
    difference,
    flag,
    median_percent,
    paper,
    share,
)
from analysis.paper import ALPHAS
from analysis.replicated import BY_CLUSTERS, EVERY, ONE, Study

TWO_CLUSTERS = (
    "A better buy-to-fly ratio, i.e. using AM, improves the performance indicators. That is, total "
    "costs z1 reduce, the average tkm per customer on the second stage of transport z2 reduce, and "
    "a shift of transport share towards the second stage z3 occurs."
)

Z2_FALLS = {
    "one": Sentence(
        "z2 falls",
        "4.2.1",
        "Concerning z2, an improvement of alpha will lead to lower transportation costs between "
        "production sites and customer locations on average per customer.",
    ),
    "two": Sentence("z2 falls", "4.2.2", TWO_CLUSTERS),
}

Z2_QUANTILE = Sentence(
    "z2, quantiles",
    "4.2.1, Fig. 6",
    "However, with the given data the quantiles always reach the median of the alpha = 20-case.",
)

Z2_NOT_ALWAYS = Sentence(
    "z2 not always",
    "4.2.1",
    "But different from the effects observed by means of z1, a lower alpha will not always reduce "
    "z2.",
)

Z3_SHIFTS = {
    "one": Sentence(
        "share shifts",
        "4.2.1",
        "With respect to z3, the proportion of transportation costs on the first stage and on the "
        "second stage shifts to the second stage.",
    ),
    "two": Sentence("share shifts", "4.2.2", TWO_CLUSTERS),
}

FIRST_STAGE = Sentence(
    "first stage falls",
    "4.2.1",
    "The reason for this is that the buy-to-fly ratio alpha leads to significantly stronger "
    "reduction in the required tkm on the first stage.",
)

THREE_TIMES = Sentence(
    "share three times",
    "4.2.1",
    "Especially for alpha = 2, the quantile range is very broad [...]. Compared to alpha = 20, the "
    "share of tkm for alpha = 2 on the second stage is over three times higher.",
)

TOTAL = Sentence(
    "total tkm falls",
    "5",
    "Therefore, the total tonne-kilometres as well as the required tonne-kilometres per customer "
    "decrease [...].",
)


def second_stage_falls(study: Study) -> Iterator[Claim]:
    """Decide whether z2 is lower at a lower alpha, in the median of each network's ratio."""
    for clusters, group in BY_CLUSTERS.items():
        part = study.complete(group)
        for alpha in ALPHAS[:-1]:
            yield OpenClaim(
                Z2_FALLS[clusters],
                f"{clusters}, alpha {alpha:g}",
                "median of each network's z2 in percent of its z2 at alpha 20",
                below(100),
                paper(6, clusters, alpha, "z2"),
            ).decide(part, median_percent(part, "z2", group, alpha), group)


def second_stage_quantile(study: Study) -> Iterator[Claim]:
    """Decide whether the upper quantile of z2 relative to alpha = 20 reaches 100 %."""
    part = study.complete(ONE)
    for alpha in ALPHAS[:-1]:
        yield OpenClaim(
            Z2_QUANTILE,
            f"alpha {alpha:g}",
            "90 % quantile of each network's z2 in percent of its z2 at alpha 20; to whole "
            "percent, as a figure can be read",
            at_least(99.5),
        ).decide(part, pooled_quantile(part.percent("z2", ONE, alpha), 0.9), ONE)


def second_stage_not_always(study: Study) -> Iterator[Claim]:
    """Decide whether in some networks z2 is higher at the lower alpha."""
    part = study.complete(ONE)
    low, high = (part.values("z2", ONE, alpha) for alpha in (LOWEST, HIGHEST))
    yield OpenClaim(
        Z2_NOT_ALWAYS,
        "alpha 2",
        "percent of networks whose z2 is higher at alpha 2 than at alpha 20",
        above(0),
    ).decide(part, share(flag(low > high, low, high)), ONE)


def second_stage_with_as_many_sites(study: Study) -> Iterator[Claim]:
    """Decide whether z2 is never higher at the lower alpha if as many sites are open."""
    part = study.complete(ONE)
    low, high = (part.values("z2", ONE, alpha) for alpha in (LOWEST, HIGHEST))
    as_many = part.values("z4", ONE, LOWEST) == part.values("z4", ONE, HIGHEST)
    # How much two solutions within their gaps may break the inequality; docs/claims.md, (3).
    slack_low, slack_high = (part.values("slack", ONE, alpha) for alpha in (LOWEST, HIGHEST))
    allowed = slack_low + LOWEST * (slack_low + slack_high) / (HIGHEST - LOWEST)
    customers = part.values("n_customers", ONE, LOWEST)
    not_higher = flag(low <= high + allowed / customers + 1e-9 * high, low, high, customers)
    yield OpenClaim(
        Z2_NOT_ALWAYS,
        "as many sites",
        "percent of the networks with as many open sites at alpha 2 as at 20 whose z2 is not "
        "higher at alpha 2",
        at_least(100),
        theorem=True,
    ).decide(part, share(np.where(as_many, not_higher, np.nan)), ONE)


def share_shifts(study: Study) -> Iterator[Claim]:
    """Decide whether the share of the second stage is larger at a lower alpha, in the median."""
    for clusters, group in BY_CLUSTERS.items():
        part = study.complete(group)
        yield OpenClaim(
            Z3_SHIFTS[clusters],
            f"{clusters}, alpha 2",
            "median of each network's second-stage share in percent of its share at alpha 20",
            above(100),
            paper(6, clusters, LOWEST, "z3_second"),
        ).decide(part, median_percent(part, "z3_second", group, LOWEST), group)


def share_three_times(study: Study) -> Iterator[Claim]:
    """Decide whether the second stage's share at alpha 2 is over three times that at 20."""
    part = study.complete(ONE)
    percent = part.percent("z3_second", ONE, LOWEST)
    yield OpenClaim(
        THREE_TIMES,
        "90 % quantile",
        "read of the upper range: 90 % quantile of each network's second-stage share in percent "
        "of its share at alpha 20",
        above(300),
    ).decide(part, pooled_quantile(percent, 0.9), ONE)
    yield OpenClaim(
        THREE_TIMES,
        "median",
        "read of the typical network: median instead of 90 % quantile",
        above(300),
        paper(6, "one", LOWEST, "z3_second"),
    ).decide(part, pooled_median(percent), ONE)


def first_stage_falls_more(study: Study) -> Iterator[Claim]:
    """Decide whether transport of the first stage falls more than that of the second."""
    part = study.complete(ONE)
    first, second = (median_percent(part, name, ONE, LOWEST) for name in ("first_tkm", "z2"))
    yield OpenClaim(
        FIRST_STAGE,
        "alpha 2",
        "medians of each network's tkm in percent of its tkm at alpha 20: first stage less second "
        "stage, in percentage points",
        below(0),
    ).decide(part, difference(first, second), ONE)


def total_transport_falls(study: Study) -> Iterator[Claim]:
    """Decide whether all tonne-kilometres together are fewer at a lower alpha."""
    part = study.complete(EVERY)
    yield OpenClaim(
        TOTAL,
        "alpha 2",
        "median of each network's tkm of both stages in percent of its tkm at alpha 20, "
        "all structures",
        below(100),
    ).decide(part, median_percent(part, "total_tkm", EVERY, LOWEST), EVERY)
