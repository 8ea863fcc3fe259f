"""One claim of the paper: what it says, the number that decides it, and the rule that decides."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan

import numpy as np

from analysis.bootstrap import Estimate, Statistic, estimate
from analysis.replicated import Group, Study

HOLDS = "holds"
FAILS = "does not hold"
DEPENDS = "depends"
FOLLOWS = "follows from the model"
CONTRADICTS = "contradicts the model"
UNDECIDED = "not decided"

VERDICTS = (HOLDS, FAILS, DEPENDS, FOLLOWS, CONTRADICTS, UNDECIDED)
"""All verdicts. `CONTRADICTS` means that rows break a theorem, so that they are wrong."""


@dataclass(frozen=True)
class Range:
    """The values for which a claim is true; its ends belong to it if it is closed.

    Attributes
    ----------
    low, high : float
        May be infinite.
    closed : bool
        Whether finite ends belong to the range.
    """

    low: float = -inf
    high: float = inf
    closed: bool = False

    def contains(self, value: float) -> bool:
        """Return whether the claim is true for a value."""
        if self.closed:
            return self.low <= value <= self.high
        return self.low < value < self.high

    def excludes(self, low: float, high: float) -> bool:
        """Return whether the claim is false for every value from `low` to `high`."""
        if self.closed:
            return high < self.low or low > self.high
        return high <= self.low or low >= self.high

    def __str__(self) -> str:
        if self.low > -inf and self.high < inf:
            if self.low == self.high:
                return f"= {self.low:g}"
            return f"{self.low:g} to {self.high:g}"
        sign, end = ("<", self.high) if self.high < inf else (">", self.low)
        if self.closed:
            sign = {"<": "≤", ">": "≥"}[sign]
        return f"{sign} {end:g}"


def below(end: float) -> Range:
    """Return all values < `end`."""
    return Range(high=end)


def above(end: float) -> Range:
    """Return all values > `end`."""
    return Range(low=end)


def at_least(end: float) -> Range:
    """Return all values >= `end`."""
    return Range(low=end, closed=True)


def within(low: float, high: float) -> Range:
    """Return all values from `low` to `high`, with both."""
    return Range(low, high, closed=True)


@dataclass(frozen=True)
class Sentence:
    """Where the paper claims something, and in which words.

    Attributes
    ----------
    key : str
        Short name, unique among the claims.
    section : str
        Section or table of the paper.
    text : str
        The sentence, quoted, with omissions marked.
    """

    key: str
    section: str
    text: str


@dataclass(frozen=True)
class Claim:
    """A claim with the verdict of a run's rows.

    Attributes
    ----------
    sentence : Sentence
        What the paper says.
    case : str
        Which of several numbers of this claim: alpha, groups.
    definition : str
        How the sentence is read: the statistic, with its unit.
    claimed : Range
        Values of the statistic for which the claim is true.
    paper : float or None
        The statistic from the paper's own tables; None if they do not have it.
    value, low, high, kind, replications
        Of the run, see `analysis.bootstrap.Estimate`; all nan if the run lacks rows.
    true_in : int
        In how many of the replications, each taken alone, the claim is true: how often a study with
        one draw comes to it.
    uncertified : int
        How many rows behind it are not proven optimal.
    verdict : str
        One of `VERDICTS`.
    """

    sentence: Sentence
    case: str
    definition: str
    claimed: Range
    paper: float | None
    value: float
    low: float
    high: float
    kind: str
    replications: int
    true_in: int
    uncertified: int
    verdict: str

    @property
    def paper_agrees(self) -> bool | None:
        """Whether the claim is true of the paper's own number; None if there is none."""
        return None if self.paper is None else self.claimed.contains(self.paper)


@dataclass(frozen=True)
class OpenClaim:
    """A claim before it is decided.

    Attributes
    ----------
    sentence, case, definition, claimed, paper
        As in `Claim`.
    theorem : bool
        Whether the claim is true in every network, whatever is drawn; docs/claims.md proves it.
    """

    sentence: Sentence
    case: str
    definition: str
    claimed: Range
    paper: float | None = None
    theorem: bool = False

    def decide(self, part: Study, statistic: Statistic, *groups: Group) -> Claim:
        """Decide by the interval of a statistic, or by its range over few replications.

        The claim holds if the interval lies wholly inside the claimed range, does not hold if it
        lies wholly outside, and else depends on the draw. Without an interval or a range, after
        one replication or none, it is not decided. A theorem needs no interval; its rows only show
        whether they keep it.

        Parameters
        ----------
        part : Study
            The complete replications of the groups.
        statistic : Statistic
            Of counts over these replications.
        groups : Group
            Groups behind the statistic.
        """
        found = estimate(statistic, part.n)
        singles = statistic(np.eye(part.n)) if part.n else np.zeros(0)
        return Claim(
            *(self.sentence, self.case, self.definition, self.claimed, self.paper),
            *(found.value, found.low, found.high, found.kind, part.n),
            *(int(sum(map(self.claimed.contains, singles))), part.uncertified(*groups)),
            verdict=self._verdict(found),
        )

    def _verdict(self, found: Estimate) -> str:
        if self.theorem:
            if isnan(found.value):
                return UNDECIDED
            return FOLLOWS if self.claimed.contains(found.value) else CONTRADICTS
        if isnan(found.low) or isnan(found.high):
            return UNDECIDED
        if self.claimed.contains(found.low) and self.claimed.contains(found.high):
            return HOLDS
        return FAILS if self.claimed.excludes(found.low, found.high) else DEPENDS
