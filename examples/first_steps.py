# %% [markdown]
# # First steps
#
# Draw a network, find the cheapest sites for it, look at a map, run a sweep, and read its table.

# %%
from pathlib import Path

import polars as pl

import sitesweep as ss

# %% [markdown]
# ## One network
#
# `A1` says how many sources, sites and customers there are, `C3` where they cluster. Calls with the
# same labels and the same seed draw the same network.

# %%
network = ss.draw_network("A1", "C3")
network

# %% [markdown]
# ## The cheapest sites
#
# `alpha` is the buy-to-fly ratio: tonnes of raw material for a tonne of product. Conventional
# manufacturing needs much (20), additive manufacturing little (2).

# %%
additive = ss.solve(network.problem(alpha=2))
conventional = ss.solve(network.problem(alpha=20))
additive

# %%
conventional

# %% [markdown]
# A result is a certificate: no solution costs less than `bound`. There is no solution if the status
# is infeasible, for example.

# %%
for result in (additive, conventional):
    print(f"{result.status}: {result.objective:,.0f} tkm, nothing below {result.bound:,.0f} tkm")
    if result.solution is not None:
        print("open sites:", *result.solution.open_sites)

# %% [markdown]
# ## A sweep
#
# The same for many networks. The words are those of the command line; `out` is the folder of the
# results. A second call continues, and here has nothing left to do.

# %%
folder = "outputs/first-steps"
run = ss.run_sweep("smoke", out=folder, engine="serial")
run

# %% [markdown]
# ## The table
#
# One row for each instance, as a Polars LazyFrame. Medians of the total cost, and of the number of
# open sites:

# %%
rows = ss.read_results(folder)
medians = (
    rows.group_by("allocation", "alpha")
    .agg(pl.col("z1").median(), pl.col("z4").median())
    .sort("allocation", "alpha")
    .collect()
)
medians

# %% [markdown]
# ## A map of one of the solutions
#
# Sources are squares, customers circles, sites triangles; closed sites are hollow.

# %%
stored = ss.load_solution(folder, "A2", "C11", alpha=20)
stored

# %%
Path("outputs/map.svg").write_text(stored.map_svg())
