"""Parameters of the search: how much work it does where. No value of them makes a result wrong.

Bounds, incumbents and proofs hold with any values; time, nodes and which of several solutions
within the gap is found depend on them. The defaults are those of all results that the project
writes. Constants on which the correctness of a result depends (margins for rounding, the least gap)
and limits of memory are not among them.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Growth = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Decay = Annotated[float, Field(gt=0, le=1)]


class AscentParameters(NamedTuple):
    """Parameters of the subgradient ascent.

    Attributes
    ----------
    dilation : float
        Factor by which space is dilated across the ridge in each round.
    step_growth, step_decay : float
        Factors of the step length: with every second step along one direction; after a single step.
    initial_step : float
        First step length with a fresh metric, as a fraction of the mean multiplier per tonne.
    polyak : float
        First step length with a stored metric, as a fraction of Polyak's (cutoff - L) / |B' g|.
    """

    dilation: Growth = 3.0
    step_growth: Growth = 1.2
    step_decay: Decay = 0.9
    initial_step: Positive = 0.1
    polyak: Positive = 0.3


class TabuParameters(NamedTuple):
    """Parameters of the local search.

    Attributes
    ----------
    swap_sample : int
        Most customers whose swaps are evaluated in each step.
    tenure, tenure_spread : int
        A move back is tabu for ``tenure`` to ``tenure + tenure_spread - 1`` steps.
    streak : int
        Successive feasible, or infeasible, steps after which the penalty weight changes.
    weight_decrease, weight_increase : float
        Factors by which the penalty weight falls and rises.
    min_weight : float
        The penalty weight does not fall below this fraction of its first value.
    descents, descent_weight_increase : int, float
        Most descents of `exchange_pairs` from one assignment; factor of the weight between them.
    """

    swap_sample: PositiveInt = 60
    tenure: NonNegativeInt = 5
    tenure_spread: PositiveInt = 10
    streak: PositiveInt = 3
    weight_decrease: Decay = 0.9
    weight_increase: Growth = 1.1
    min_weight: Share = 1e-3
    descents: PositiveInt = 4
    descent_weight_increase: Growth = 4.0


class RootParameters(NamedTuple):
    """Parameters of the root node.

    Attributes
    ----------
    rounds : int
        Rounds of subgradient ascent, tabu search and variable fixing.
    tabu_steps : int
        Steps of the tabu search in the first round; the second has twice as many, and so on.
    first_evaluations, evaluations : int
        Most evaluations of the bound in the ascent of the first round, and of each later round, as
        multiples of the number of customers K.
    step_customers : int
        With more customers, the very first step is longer in proportion to their number.
    first_min_gain, min_gain, first_window, window : float, int
        The ascent of the first round, or of a later one, ends if ``window`` rounds of it gain less
        than the fraction ``min_gain`` of the bound.
    """

    rounds: PositiveInt = 4
    tabu_steps: NonNegativeInt = 50
    step_customers: PositiveInt = 60
    first_evaluations: PositiveInt = 4
    first_min_gain: NonNegative = 1e-4
    first_window: PositiveInt = 20
    evaluations: PositiveInt = 5
    min_gain: NonNegative = 1e-6
    window: PositiveInt = 30


class TreeParameters(NamedTuple):
    """Parameters of a node of the tree.

    Attributes
    ----------
    rounds : int
        Most rounds of subgradient ascent and variable fixing in one node.
    min_fixed_share : float
        Another round follows only if at least this fraction of the pairs, or a site, was fixed.
    first_evaluations, evaluations_per_customer, first_min_gain : int, int, float
        Limits of the ascent at the first visit of a set of open sites: ``first_evaluations``, and
        ``evaluations_per_customer`` times K more; it ends if K rounds gain less than the fraction
        ``first_min_gain`` of the bound.
    evaluations, min_gain, window, min_progress : int, float, int, float
        Limits of an ascent with a stored metric: it ends after so many evaluations, or if
        ``window`` rounds gain less than the fraction ``min_gain`` of the bound, or less than the
        fraction ``min_progress`` of the distance to the cutoff: branching is then cheaper.
    min_rise : float
        A rise of the bound by branching counts as at least this fraction of the bound: differences
        between smaller rises say little about the bounds of the children after their own ascents.
    tabu_interval : int
        Number of nodes from one tabu search to the next.
    tabu_visits : int
        Number of first visits of each set of open sites with a tabu search.
    short_tabu, long_tabu : int
        Steps of a tabu search, as multiples of K: while sites are free, and after that.
    node_operations : int
        Most elementary operations in one node, in one round of a dive, and in one tabu search.
    """

    rounds: PositiveInt = 5
    min_fixed_share: Share = 0.1
    first_evaluations: PositiveInt = 100
    evaluations_per_customer: NonNegativeInt = 6
    first_min_gain: NonNegative = 1e-7
    evaluations: PositiveInt = 40
    min_gain: NonNegative = 1e-6
    window: PositiveInt = 10
    min_progress: Share = 0.1
    min_rise: Positive = 5e-3
    tabu_interval: PositiveInt = 100
    tabu_visits: NonNegativeInt = 1
    short_tabu: NonNegativeInt = 5
    long_tabu: NonNegativeInt = 10
    node_operations: PositiveInt = 1_000_000_000


class DiveParameters(NamedTuple):
    """Parameters of a dive.

    Attributes
    ----------
    evaluations, min_gain, window : int, float, int
        Limits of the ascent between two rounds: it ends after so many evaluations of the bound, or
        if ``window`` rounds of it gain less than the fraction ``min_gain`` of the bound.
    tabu_searches, tabu_steps : int
        Number of tabu searches on the fixed set of sites, each with its own seed; steps of each.
    """

    evaluations: PositiveInt = 100
    min_gain: NonNegative = 1e-5
    window: PositiveInt = 20
    tabu_searches: NonNegativeInt = 4
    tabu_steps: NonNegativeInt = 2500


class NeighbourhoodParameters(NamedTuple):
    """Parameters of the large neighbourhood search.

    Attributes
    ----------
    min_time_limit_s : float
        Shortest time limit, s, with dives, which may take seconds between two readings of the
        clock.
    time_share : float
        Fraction of the time left after the root that large neighbourhood search may use.
    dives : tuple of (int, float)
        Divisor and reserve of each dive from the root; with hundreds of sites one takes some
        seconds.
    dive_share, neighbourhood_share : float
        Fractions of its time after which no dive from the root, or in a neighbourhood, begins.
    min_opened, opened_spread : int
        ``min_opened`` to ``min_opened + opened_spread - 1`` open sites around a customer are freed.
    max_rise_share : float
        A site closed in the best set may be freed only if its forced-open bound exceeds the bound
        by at most this fraction of the distance from the bound to the cutoff.
    divisors : tuple of int
        Divisors of the dives in neighbourhoods, drawn at random.
    max_failures : int
        Successive dives in neighbourhoods without an improvement after which the search ends.
    tree_slices : int
        Slices of branch and bound on the best set.
    """

    min_time_limit_s: NonNegative = 10.0
    time_share: Share = 0.75
    dives: tuple[tuple[PositiveInt, Share], ...] = (
        (4, 0.01),
        (2, 0.01),
        (4, 0.0),
        (4, 0.005),
        (6, 0.01),
        (3, 0.005),
        (9, 0.0),
    )
    dive_share: Share = 0.5
    neighbourhood_share: Share = 0.85
    min_opened: PositiveInt = 2
    opened_spread: PositiveInt = 5
    max_rise_share: Share = 0.4
    divisors: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (2, 3, 4, 6)
    max_failures: NonNegativeInt = 60
    tree_slices: NonNegativeInt = 12


class SearchParameters(NamedTuple):
    """Parameters of the search, in groups by the part of the search that reads them.

    ``SearchParameters(tabu=TabuParameters(tenure=8))`` changes one of them.

    Attributes
    ----------
    ascent, tabu, root, tree, dive, neighbourhood
        Parameters of the parts of the search.
    slice_operations : int
        Elementary operations between two readings of the clock, and two calls of a callback: some
        tenths of a second.
    tree_slice_factor : int
        Slices in the tree have this many times the evaluations of those at the root. In the tree,
        the profitable customers of most sites fit together, and such a site needs no knapsack
        table: an evaluation takes fewer operations than `operations_per_evaluation` estimates.
    max_surplus : int
        Largest surplus T, tonnes, for which the surplus-capacity bound is computed; -1: never. To
        distribute T tonnes over the sites takes T operations for each tonne that a site may leave
        unused; the knapsack of a site takes as many operations per tonne of capacity as it has
        customers.
    many_free_sites : int
        With more free sites than this after the root, branching on single sites is too slow: large
        neighbourhood search and a partition of the root come first.
    core_sites : int
        Free sites of the first node of the partition.
    few_pairs : int
        Number of remaining pairs up to which a MIP solver does the rest well.
    few_pairs_time_share : float
        Fraction of the time limit that the search may use if few pairs remain after its root node.
        If many remain, a MIP solver does no better than the search, and the search goes on.
    few_pairs_slices : int
        Slices in the tree after which a problem with few pairs is left to a MIP solver: about a
        minute. The limit is in operations, not in seconds, so that the speed of the machine does
        not decide which solver proves a result, and with it the last digits of the result.

    Examples
    --------
    >>> import sitesweep as ss
    >>> problem = ss.draw_network("A6", "C3").problem(alpha=5)
    >>> no_surplus_bound = ss.SearchParameters(max_surplus=-1)
    >>> ss.solve(problem, ss.Options("native"), parameters=no_surplus_bound)
    Result(optimal, z1 = 27,607, ...)
    """

    ascent: AscentParameters = AscentParameters()
    tabu: TabuParameters = TabuParameters()
    root: RootParameters = RootParameters()
    tree: TreeParameters = TreeParameters()
    dive: DiveParameters = DiveParameters()
    neighbourhood: NeighbourhoodParameters = NeighbourhoodParameters()
    slice_operations: PositiveInt = 200_000_000
    tree_slice_factor: PositiveInt = 5
    max_surplus: Annotated[int, Field(ge=-1)] = 600
    many_free_sites: NonNegativeInt = 20
    core_sites: PositiveInt = 40
    few_pairs: NonNegativeInt = 3000
    few_pairs_time_share: Share = 0.5
    few_pairs_slices: NonNegativeInt = 240


DEFAULTS = SearchParameters()

_ADAPTER = TypeAdapter(SearchParameters)


def validate(parameters: SearchParameters) -> SearchParameters:
    """Return the parameters with a float wherever the type is float.

    The search is compiled for these types: an int in place of a float would compile it anew.

    Raises
    ------
    ValueError
        A value has another type, or is out of its range.
    """
    try:
        return _ADAPTER.validate_python(parameters)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"parameters.{name}: {first['msg']}, got {first['input']!r}") from None
