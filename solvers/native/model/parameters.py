"""Parameters that bound the memory of the search, for all its floors."""

METRICS = 32
"""Sets of open sites whose metric is remembered."""

MAX_CELLS = 100_000_000
"""Cells of the largest tables of doubles, 0.8 GB: larger problems are refused."""

MAX_SURPLUS_CELLS = 20_000_000
"""Cells of the tables of the joint programme, 0.16 GB: without it if they would be more."""
MAX_SURPLUS_T = 600
"""Tonnes of waste up to which the joint programme is worth its while: to share T tonnes out among
the sites takes T operations for each tonne that a site can waste; the site's knapsack as many for
each of its tonnes as it has customers."""

FIRST_BYTES = 200 * 2**20
"""Memory that a tree asks for at first; the system gives it as it is used."""
MAX_BYTES = 2**30
"""Memory at which a tree is full."""
