"""Limits of the memory of the search.

Together the limits allow about 5 GB for one thread: tables of the bound 1.6 GB, pairs 0.8 GB, the
node queue 1 GB and its multipliers, and as much again for that of large neighbourhood search. Every
further thread of the tree needs the tables of the bound and of the pairs anew.
"""

METRICS = 32
"""Most ascent metrics that are kept, one per set of open sites; a power of two."""
MAX_METRIC_CELLS = 30_000_000
"""Most cells of the stored metrics, 0.24 GB: with more customers, fewer metrics are stored."""

MAX_CELLS = 100_000_000
"""Most cells of the knapsack tables and of one metric, 0.8 GB: larger problems are refused."""

MAX_PAIRS = 10_000_000
"""Most pairs of site and customer: more are refused. The arrays of a pair take 80 bytes."""

MAX_COVER_CELLS = 50_000_000
"""Most cells of the tables of the min-knapsack, 0.4 GB: it counts in larger units otherwise."""

MAX_SURPLUS_CELLS = 3_000_000
"""Most cells of the tables of the surplus-capacity bound, 24 MB; without it if there are more.

Larger tables are no longer in the cache of a core and take most of the time of a node: with four
times the nodes of the paper, the search proves more in a minute without this bound."""

FIRST_BYTES = 200 * 2**20
"""Memory of the node queue at first; the operating system allocates pages on first use."""
MAX_BYTES = 2**30
"""Most memory of the node queue; when it is reached, the search ends."""


def cover_unit(sites: int, total_demand: int, largest_capacity: int) -> int:
    """Return the least unit g, tonnes, with which both tables of the min-knapsack fit."""
    cells = (sites + 1) * (2 * total_demand + largest_capacity)
    return max(1, -(-cells // MAX_COVER_CELLS))


def stored_metrics(customers: int) -> int:
    """Return how many metrics of K x K cells are stored, a power of two."""
    fitting = MAX_METRIC_CELLS // customers**2
    return min(METRICS, 1 << max(0, fitting.bit_length() - 1))
