"""Claims that compare groups of networks: allocations, structures, one and two clusters.

Groups share demand and capacity in each replication, so every comparison is paired: both sides are
computed from the same resample.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.bootstrap import Floats, Statistic, pooled_median
from analysis.claims.claim import Claim, OpenClaim, Sentence, below, within
from analysis.claims.statistics import (
    LOWEST,
    difference,
    mean,
    mean_of,
    median_percent,
    paper,
    paper_percent,
    percent_of_medians,
    subtract,
)
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from analysis.replicated import ONE, STRUCTURES_OF, TWO, Group, Study
from pipeline.config.structures import Placement, structures

SAME_REGION = Sentence(
    "same region",
    "4.2.1",
    "If production sites and customers are located in the same region of the grid, AM, "
    "respectively a lower alpha, results in high cost reductions. This is the case for clusters "
    "C8 and C9.",
)

Z2_DROPS = Sentence(
    "z2 of C8 and C9",
    "4.2.1",
    "By applying a lower alpha especially, the average transport costs per customer on the second "
    "stage of the supply network drop at least 17 up to 30 percent.",
)

NEARBY = Sentence(
    "two types nearby",
    "4.2.1",
    "Furthermore, the effect of AM is large, if the clusters of two types of nodes are located "
    "nearby at the same geographical area.",
)

MANY_SITES = Sentence(
    "many sites to choose",
    "4.2.1",
    "The biggest improvements by using AM production arise if the number of possible production "
    "sites to chose from is high.",
)

MORE_SITES = {"A1": "A3", "A2": "A7", "A4": "A6"}
"""Allocation -> the one with as many customers and fewer sites."""

TWO_LOWER = Sentence(
    "two clusters cheaper",
    "4.2.2",
    "Compared to grids with one production cluster the total cost z1 is significantly lower.",
)

SAME_LEVEL = Sentence(
    "z2 on the same level",
    "4.2.2",
    "The other performance indicators z2, z3, and z4 are approximately on the same level.",
)

PROFIT_MORE = Sentence(
    "two clusters gain",
    "4.2.2, Table 6",
    "[...] networks with two production clusters profit stronger from the introduction of AM than "
    "one production cluster grids.",
)

LOWEST_OF_ALL = Sentence(
    "C10, C23, C25 lowest",
    "4.2.2",
    "Looking at the two production clusters grids C23, C25 and the one production cluster grids "
    "C10, the performance indicators have the lowest, i.e. the best values.",
)

BEST = ("C10", "C23", "C25")


def same_region(study: Study) -> Iterator[Claim]:
    """Decide whether costs fall more in C8 and C9 than in the other structures with one cluster."""
    yield _fall_more(study, SAME_REGION, "C8, C9", ("C8", "C9"), "the other structures")


def two_types_nearby(study: Study) -> Iterator[Claim]:
    """Decide whether costs fall more where two kinds of nodes cluster in one region."""
    placements = {label: structures()[label] for label in STRUCTURES_OF["one"]}
    clustered = {label: each for label, each in placements.items() if each is not None}
    near = tuple(label for label, placement in clustered.items() if share_a_region(placement))
    separate = tuple(label for label in clustered if label not in near)
    yield _fall_more(
        study,
        NEARBY,
        "regions shared",
        near,
        f"those with three regions, {', '.join(separate)}",
        separate,
    )


def share_a_region(placement: Placement) -> bool:
    """Return whether two kinds of nodes cluster in the same region."""
    regions = [placement.source, placement.customer, *placement.production]
    return len(set(regions)) < len(regions)


def _fall_more(
    study: Study,
    sentence: Sentence,
    case: str,
    labels: tuple[str, ...],
    other_name: str,
    others: tuple[str, ...] = (),
) -> Claim:
    """Compare how far z1 falls in two sets of structures with one cluster."""
    others = others or tuple(label for label in STRUCTURES_OF["one"] if label not in labels)
    part = study.complete(ONE)

    def ours(some: tuple[str, ...]) -> Statistic:
        return mean_of(
            [percent_of_medians(part, "z1", Group(ALLOCATIONS, (c,)), LOWEST) for c in some]
        )

    def printed(some: tuple[str, ...]) -> float | None:
        return mean([paper_percent(3, label, "z1", LOWEST) for label in some])

    return OpenClaim(
        sentence,
        case,
        "median z1 at alpha 2 in percent of that at alpha 20, mean over the structures: "
        f"{', '.join(labels)} less {other_name}, in percentage points",
        below(0),
        subtract(printed(labels), printed(others)),
    ).decide(part, difference(ours(labels), ours(others)), ONE)


def second_stage_drops(study: Study) -> Iterator[Claim]:
    """Decide whether z2 drops by 17 to 30 % in C8 and C9; between which alphas is not said."""
    for low, high in ((LOWEST, ALPHAS[1]), (LOWEST, ALPHAS[-1])):
        for label in ("C8", "C9"):
            group = Group(ALLOCATIONS, (label,))
            part = study.complete(group)
            percent = percent_of_medians(part, "z2", group, low, high)
            yield OpenClaim(
                Z2_DROPS,
                f"{label}, alpha {high:g} to {low:g}",
                "by how many percent the median z2 is lower at the lower alpha; 17 and 30 as "
                "whole numbers, rounded or cut off",
                within(16.5, 31),
                subtract(100, paper_percent(3, label, "z2", low, high)),
            ).decide(part, _drop(percent), group)


def _drop(percent: Statistic) -> Statistic:
    return lambda counts: 100 - percent(counts)


def many_sites(study: Study) -> Iterator[Claim]:
    """Decide whether z1 and z2 fall more with more sites, for as many customers."""
    for indicator in ("z1", "z2"):
        for many, few in MORE_SITES.items():
            groups = [Group((label,), STRUCTURES_OF["one"]) for label in (many, few)]
            part = study.complete(*groups)
            ours = [percent_of_medians(part, indicator, group, LOWEST) for group in groups]
            printed = [paper_percent(3, label, indicator, LOWEST) for label in (many, few)]
            yield OpenClaim(
                MANY_SITES,
                f"{indicator}, {many} and {few}",
                f"median {indicator} at alpha 2 in percent of that at alpha 20: the allocation "
                "with more sites less the one with fewer sites and as many customers, in "
                "percentage points",
                below(0),
                subtract(*printed),
            ).decide(part, difference(*ours), *groups)


def two_clusters_cost_less(study: Study) -> Iterator[Claim]:
    """Decide whether the median z1 with two production clusters is below that with one."""
    part = study.complete(ONE, TWO)
    for alpha in ALPHAS:
        yield OpenClaim(
            TWO_LOWER,
            f"alpha {alpha:g}",
            "median z1 with two clusters in percent of that with one",
            below(100),
            _printed_two_in_percent_of_one("z1", alpha),
        ).decide(part, _two_in_percent_of_one(part, "z1", alpha), ONE, TWO)


def same_level(study: Study) -> Iterator[Claim]:
    """Decide whether z2 with two clusters is within 10 % of that with one."""
    part = study.complete(ONE, TWO)
    for alpha in ALPHAS:
        yield OpenClaim(
            SAME_LEVEL,
            f"alpha {alpha:g}",
            "median z2 with two clusters in percent of that with one; approximately is read as "
            "within 10 percent",
            within(90, 110),
            _printed_two_in_percent_of_one("z2", alpha),
        ).decide(part, _two_in_percent_of_one(part, "z2", alpha), ONE, TWO)


def _two_in_percent_of_one(part: Study, indicator: str, alpha: float) -> Statistic:
    one, two = (pooled_median(part.values(indicator, group, alpha)) for group in (ONE, TWO))
    return lambda counts: 100 * two(counts) / one(counts)


def _printed_two_in_percent_of_one(indicator: str, alpha: float) -> float | None:
    one, two = paper(2, "one", alpha, indicator), paper(5, "two", alpha, indicator)
    return None if one is None or two is None else 100 * two / one


def two_clusters_profit_more(study: Study) -> Iterator[Claim]:
    """Decide whether z1 and z2 fall more with two production clusters than with one."""
    part = study.complete(ONE, TWO)
    for indicator, alphas in {"z1": ALPHAS[:-1], "z2": ALPHAS[:-2]}.items():
        for alpha in alphas:
            ours = [median_percent(part, indicator, group, alpha) for group in (TWO, ONE)]
            printed = [paper(6, group, alpha, indicator) for group in ("two", "one")]
            yield OpenClaim(
                PROFIT_MORE,
                f"{indicator}, alpha {alpha:g}",
                f"median of each network's {indicator} in percent of its {indicator} at alpha 20: "
                "two clusters less one, in percentage points",
                below(0),
                subtract(*printed),
            ).decide(part, difference(*ours), ONE, TWO)


def lowest_structures(study: Study) -> Iterator[Claim]:
    """Decide whether C10, C23 and C25 have the lowest z1 and z2 for their number of clusters."""
    for label in BEST:
        clusters = CLUSTERS[label]
        table, group = (3, ONE) if clusters == "one" else (4, TWO)
        part = study.complete(group)
        others = [each for each in STRUCTURES_OF[clusters] if each not in BEST]
        for indicator in ("z1", "z2"):
            yield OpenClaim(
                LOWEST_OF_ALL,
                f"{label}, {indicator}",
                f"median {indicator} in percent of the lowest median of the other structures with "
                "as many clusters, without these three; largest over the alphas",
                below(100),
                _printed_percent_of_lowest(table, indicator, label, others),
            ).decide(part, _percent_of_lowest(part, indicator, label, others), group)


def _percent_of_lowest(part: Study, indicator: str, label: str, others: list[str]) -> Statistic:
    def medians(structure: str) -> list[Statistic]:
        group = Group(ALLOCATIONS, (structure,))
        return [pooled_median(part.values(indicator, group, alpha)) for alpha in ALPHAS]

    own, rest = medians(label), [medians(other) for other in others]

    def statistic(counts: Floats) -> Floats:
        lowest = [
            np.min([other[number](counts) for other in rest], axis=0)
            for number in range(len(ALPHAS))
        ]
        percent = [100 * o(counts) / low for o, low in zip(own, lowest, strict=True)]
        largest: Floats = np.max(percent, axis=0)
        return largest

    return statistic


def _printed_percent_of_lowest(
    table: int, indicator: str, label: str, others: list[str]
) -> float | None:
    percent = []
    for alpha in ALPHAS:
        own, *rest = (paper(table, each, alpha, indicator) for each in (label, *others))
        known = [number for number in rest if number is not None]
        if own is None or len(known) < len(rest):
            return None
        percent.append(100 * own / min(known))
    return max(percent)
