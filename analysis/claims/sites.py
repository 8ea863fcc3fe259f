"""Claims on the open sites: their number z4, which they are, and where (paper, 4.2.1 and 5)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.bootstrap import Statistic, pooled_mean, pooled_median
from analysis.claims.claim import Claim, OpenClaim, Sentence, above, below, within
from analysis.claims.statistics import HIGHEST, LOWEST, flag, median_percent, paper, share
from analysis.paper import ALLOCATIONS, ALPHAS
from analysis.replicated import BY_CLUSTERS, EVERY, ONE, STRUCTURES_OF, Group, Study

SAME_REGION = Group(ALLOCATIONS, ("C8", "C9"))

FEWER = Sentence(
    "fewer sites",
    "4.2.1",
    "The number of open production sites z4 is slightly reduced using a better alpha.",
)

STEADY = {
    "one": Sentence(
        "sites steady", "4.2.1", "[...] the number of production sites used is relatively steady."
    ),
    "two": Sentence(
        "sites steady",
        "4.2.2",
        "The number of required production sites z4 remains unchanged.",
    ),
}

RARELY = Sentence(
    "changes rarely",
    "4.2.1",
    "However, the number of production sites changes rarely.",
)

OTHER_SITES = Sentence(
    "other sites open",
    "4.2.1",
    "However, when applying a better buy-to-fly ratio in the network, other possible production "
    "sites are opened and therefore the structure changes.",
)

CLOSER = Sentence(
    "sites move closer",
    "5",
    "Our experiments confirm in general that production sites will be located closer to the "
    "customers.",
)

CLOSER_IN_REGION = Sentence(
    "sites move closer",
    "4.2.1",
    "We conclude that even though the production sites and customers are already clustered in the "
    "same region the production sites move closer to the customers with a lower alpha.",
)

NINE = Sentence(
    "nine open",
    "4.2.1",
    "To fulfil the demand of the customers, 9 production sites have to be opened.",
)

ONE_OPEN = Sentence("one open", "Table 3", "z4 of A4 and A6: about one open site.")

DISTANCES = {
    "centre_km": "from the centre of production to the centre of demand",
    "haul_km": "that a tonne travels from site to customer",
}
"""Column of `analysis.site_positions.add_distances` -> what it is the distance of."""


def fewer_sites(study: Study) -> Iterator[Claim]:
    """Decide whether, on average, fewer sites are open at the lower alpha."""
    part = study.complete(ONE)
    change = part.values("z4", ONE, LOWEST) - part.values("z4", ONE, HIGHEST)
    yield OpenClaim(
        FEWER,
        "mean",
        "mean over networks of the open sites at alpha 2 less those at alpha 20; the medians of "
        "the paper's Tables 2 and 6 do not change",
        below(0),
    ).decide(part, pooled_mean(change), ONE)


def sites_steady(study: Study) -> Iterator[Claim]:
    """Decide whether the median change of the number of open sites is zero."""
    for clusters, group in BY_CLUSTERS.items():
        part = study.complete(group)
        yield OpenClaim(
            STEADY[clusters],
            f"{clusters}, alpha 2",
            "median of each network's open sites in percent of those at alpha 20",
            within(100, 100),
            paper(6, clusters, LOWEST, "z4"),
        ).decide(part, median_percent(part, "z4", group, LOWEST), group)


def number_changes_rarely(study: Study) -> Iterator[Claim]:
    """Decide whether in fewer than half of the networks the number of open sites changes."""
    part = study.complete(ONE)
    low, high = (part.values("z4", ONE, alpha) for alpha in (LOWEST, HIGHEST))
    yield OpenClaim(
        RARELY,
        "alpha 2",
        "percent of networks with another number of open sites at alpha 2 than at 20; rarely is "
        "read as less than half",
        below(50),
    ).decide(part, share(flag(low != high, low, high)), ONE)


def other_sites_open(study: Study) -> Iterator[Claim]:
    """Decide whether other sites are open in most networks, also where as many are open."""
    part = study.complete(ONE)
    other = part.values("other_set", ONE, LOWEST)
    yield OpenClaim(
        OTHER_SITES,
        "all networks",
        "percent of networks whose set of open sites differs between alpha 2 and 20; the claim is "
        "read as more than half",
        above(50),
    ).decide(part, share(other), ONE)
    as_many = part.values("z4", ONE, LOWEST) == part.values("z4", ONE, HIGHEST)
    yield OpenClaim(
        OTHER_SITES,
        "as many sites",
        "the same, of the networks with as many open sites at both alphas",
        above(50),
    ).decide(part, share(np.where(as_many, other, np.nan)), ONE)


def sites_closer(study: Study) -> Iterator[Claim]:
    """Decide whether production is nearer to the customers at the lower alpha, in the median."""
    cases = {"all": (CLOSER, EVERY), "C8, C9": (CLOSER_IN_REGION, SAME_REGION)}
    for case, (sentence, group) in cases.items():
        part = study.complete(group)
        for column, what in DISTANCES.items():
            yield OpenClaim(
                sentence,
                f"{case}: {column.removesuffix('_km')}",
                f"median over networks of the distance {what}: at alpha 20 less at alpha 2, in km",
                above(0),
            ).decide(part, _approach(part, column, group), group)


def _approach(part: Study, column: str, group: Group) -> Statistic:
    """Return the statistic: median decrease of a distance from alpha 20 to alpha 2."""
    return pooled_median(part.values(column, group, HIGHEST) - part.values(column, group, LOWEST))


def open_sites_of_allocations(study: Study) -> Iterator[Claim]:
    """Decide whether nine sites are open in A1 and A3, one in A4 and A6."""
    for sentence, claimed, labels in ((NINE, 9, ("A1", "A3")), (ONE_OPEN, 1, ("A4", "A6"))):
        for label in labels:
            group = Group((label,), STRUCTURES_OF["one"])
            part = study.complete(group)
            open_sites = np.concatenate([part.values("z4", group, a) for a in ALPHAS], axis=1)
            printed = [paper(3, label, alpha, "z4") for alpha in ALPHAS]
            yield OpenClaim(
                sentence,
                label,
                "median of the open sites over all networks and alphas; of the paper, the median "
                "of its four medians",
                within(claimed, claimed),
                float(np.median([number for number in printed if number is not None])),
            ).decide(part, pooled_median(open_sites), group)
