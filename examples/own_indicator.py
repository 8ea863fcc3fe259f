# %% [markdown]
# # An indicator of your own
#
# The table holds the paper's indicators z1 to z4. Others follow from the stored solutions. Here:
# how far a tonne of product travels, and how much of the open sites is used.

# %%
import numpy as np
import polars as pl

import sitesweep as ss

folder = "outputs/own-indicator"
ss.run_sweep("smoke", out=folder, engine="serial")

# %% [markdown]
# ## From the table alone
#
# z2 is the second stage's transport per customer, in tkm. Divided by the mean demand it is the mean
# way of a tonne, in km.

# %%
mean_way_km = pl.col("z2") * pl.col("n_customers") / pl.col("total_demand")
rows = ss.read_results(folder)
rows.group_by("allocation", "alpha").agg(mean_way_km.median().alias("mean way, km")).sort(
    "allocation", "alpha"
).collect()

# %% [markdown]
# ## From the solutions
#
# `load_solution` draws the network of a row again, and returns it with sites, assignment and flows.


# %%
def use_of_sites(run: str, allocation: str, structure: str, alpha: float) -> float:
    """Return the mean share of the capacity of the open sites that is used."""
    stored = ss.load_solution(run, allocation, structure, alpha)
    n_sites = stored.problem.n_sites
    loads = np.bincount(stored.solution.assignment, stored.problem.demand, minlength=n_sites)
    is_open = stored.solution.is_open
    return float((loads[is_open] / stored.problem.capacity[is_open]).mean())


# %%
keys = rows.select("allocation", "structure", "alpha").sort(pl.all()).collect()
shares = [use_of_sites(folder, *key) for key in keys.iter_rows()]
table = keys.with_columns(pl.Series("use of open sites", shares))
table.group_by("allocation", "alpha").agg(pl.col("use of open sites").median()).sort(
    "allocation", "alpha"
)
