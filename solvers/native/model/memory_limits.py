"""Limits of the memory of the search."""

METRICS = 32
"""Number of ascent metrics that are kept, one per set of open sites; a power of two."""

MAX_CELLS = 100_000_000
"""Most cells of the tables of doubles, 0.8 GB: larger problems are refused."""

MAX_SURPLUS_CELLS = 20_000_000
"""Most cells of the tables of the surplus-capacity bound, 0.16 GB; without it if there are more."""

FIRST_BYTES = 200 * 2**20
"""Memory of the node queue at first; the operating system allocates pages on first use."""
MAX_BYTES = 2**30
"""Most memory of the node queue; when it is reached, the search ends."""
