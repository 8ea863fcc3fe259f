"""Compares the tables of two runs row by row."""

import polars as pl

from pipeline.results.schema import COORDINATE

COLUMNS = (*COORDINATE, "status", "objective", "bound", "z2", "z4", "open_sites", "assignment")
"""Columns of the results table that are compared."""

TOLERANCE = 1e-9
"""Relative difference of costs up to which they are the same: that of rounding."""

PROOF_TOLERANCE = 1e-6
"""Relative error of cost and bound above which two rows contradict each other."""


def compare(first: pl.DataFrame, second: pl.DataFrame, *, same_networks: bool) -> pl.DataFrame:
    """Compare two tables.

    The optimum of an instance lies between the bound and the cost of either row. So two rows agree
    within both gaps if the larger bound is not above the smaller cost; else one of them is wrong.

    Parameters
    ----------
    first, second : polars.DataFrame
        Rows of two results tables, columns `COLUMNS`, in any order.
    same_networks : bool
        Whether both tables are of the same networks. If not, their problems differ, and rows
        cannot contradict each other.

    Returns
    -------
    polars.DataFrame
        A row for every instance of either table, in the order of the coordinates: the coordinate,
        ``found_in`` ("both", "first" or "second"), and for each table ``status``, ``z1`` (tkm) and
        ``z4``, with the suffixes ``_first`` and ``_second``; ``difference`` (z1 of the second less
        z1 of the first, tkm), ``percent`` (of the first), ``within_gaps`` (null if a row has no
        solution, or the networks differ), ``opened`` and ``closed`` (sites open in the second
        alone, in the first alone), ``customers_moved`` (customers with another site; null if a row
        has no solution or the networks have different sizes), and ``differs`` (whether anything
        of these does).
    """
    pairs = _pairs(first, second)
    z1, other = pl.col("objective_first"), pl.col("objective_second")
    bound = pl.max_horizontal("bound_first", "bound_second")
    have_solutions = z1.is_not_null() & other.is_not_null() & pl.lit(same_networks)
    agree = bound <= pl.min_horizontal(z1, other) * (1 + PROOF_TOLERANCE)
    sites, other_sites = pl.col("open_sites_first"), pl.col("open_sites_second")
    return (
        pairs.join(_customers_moved(pairs), on="pair", how="left")
        .with_columns(
            z1_first=z1,
            z1_second=other,
            difference=other - z1,
            percent=100 * (other - z1) / z1,
            within_gaps=pl.when(have_solutions).then(agree),
            opened=other_sites.list.set_difference(sites).list.sort(),
            closed=sites.list.set_difference(other_sites).list.sort(),
        )
        .with_columns(differs=~_is_same())
        .sort("pair")
        .select(*COORDINATE, *RESULTS_OF_A_PAIR)
    )


def _pairs(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Join two tables: a numbered row for every instance of either, with where it was found."""
    key = list(COORDINATE)
    found_in = (
        pl.when(pl.col("in_second").is_null())
        .then(pl.lit("first"))
        .when(pl.col("in_first").is_null())
        .then(pl.lit("second"))
        .otherwise(pl.lit("both"))
    )
    return (
        first.select(COLUMNS)
        .with_columns(in_first=True)
        .join(
            second.select(COLUMNS).with_columns(in_second=True),
            on=key,
            how="full",
            coalesce=True,
            suffix="_second",
        )
        .rename({name: f"{name}_first" for name in COLUMNS if name not in key})
        .with_columns(found_in=found_in)
        .sort(key)
        .with_row_index("pair")
    )


def _is_same() -> pl.Expr:
    """Return whether both rows of a pair have the same status, cost, sites and assignment."""
    lowest = pl.min_horizontal("z1_first", "z1_second")
    return (
        (pl.col("found_in") == "both")
        & (pl.col("status_first") == pl.col("status_second"))
        & (pl.col("difference").abs().fill_null(0.0) <= TOLERANCE * lowest.fill_null(0.0))
        & (pl.col("customers_moved").fill_null(0) == 0)
        & pl.col("open_sites_first").eq_missing(pl.col("open_sites_second"))
    )


RESULTS_OF_A_PAIR = (
    "found_in",
    "status_first",
    "status_second",
    "z1_first",
    "z1_second",
    "z4_first",
    "z4_second",
    "difference",
    "percent",
    "within_gaps",
    "opened",
    "closed",
    "customers_moved",
    "differs",
)
"""The columns of a comparison after the coordinate."""


def _customers_moved(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count the customers with another site; only for pairs with equally many customers."""
    return (
        pairs.filter(
            pl.col("assignment_first").list.len() == pl.col("assignment_second").list.len()
        )
        .select("pair", "assignment_first", "assignment_second")
        .explode("assignment_first", "assignment_second")
        .group_by("pair")
        .agg(customers_moved=(pl.col("assignment_first") != pl.col("assignment_second")).sum())
    )


def summary_lines(compared: pl.DataFrame) -> list[str]:
    """Say in a few lines what a comparison has found.

    Parameters
    ----------
    compared : polars.DataFrame
        As `compare` returns it.
    """
    both = compared.filter(pl.col("found_in") == "both")
    counts = {name: compared.filter(pl.col("found_in") == name).height for name in _PLACES}
    differing = both.filter("differs")
    lines = [
        "rows       " + ", ".join(f"{counts[name]:,} {text}" for name, text in _PLACES.items()),
        f"same       {both.height - differing.height:,} with the same status, cost, sites and "
        "assignment",
        f"differ     {differing.height:,}",
    ]
    if differing.is_empty():
        return lines
    return [*lines, *_describe_costs(differing), *_describe_sites(differing)]


_PLACES = {"both": "in both", "first": "in the first only", "second": "in the second only"}


def _describe_costs(differing: pl.DataFrame) -> list[str]:
    """Describe statuses, costs and proofs of the rows that differ."""
    change = pl.format("{} to {}", "status_first", "status_second")
    statuses = (
        differing.filter(pl.col("status_first") != pl.col("status_second"))
        .group_by(change.alias("change"))
        .len("n")
        .sort(["n", "change"], descending=[True, False])
    )
    is_change = pl.col("difference").abs() > TOLERANCE * pl.col("z1_first").abs()
    changed = differing.filter(is_change)
    lower = changed.filter(pl.col("difference") < 0).height
    lines = []
    if not statuses.is_empty():
        texts = ", ".join(f"{n:,} from {text}" for text, n in statuses.iter_rows())
        lines.append(f"  status   {texts}")
    if not changed.is_empty():
        low, high = changed.select(low=pl.col("percent").min(), high=pl.col("percent").max()).row(0)
        lines.append(
            f"  cost     {lower:,} lower in the second, {changed.height - lower:,} higher "
            f"({low:+.4g} % to {high:+.4g} %)"
        )
    proofs = differing.get_column("within_gaps").drop_nulls()
    if len(proofs):
        wrong = (~proofs).sum()
        lines.append(
            f"  proof    {proofs.sum():,} within both gaps, {wrong:,} contradict each other"
        )
    return lines


def _describe_sites(differing: pl.DataFrame) -> list[str]:
    """Describe how many sites opened, closed, and how many customers have another site."""
    n_opened, n_closed = (pl.col(name).list.len() for name in ("opened", "closed"))
    moved = differing.filter((n_opened > 0) | (n_closed > 0))
    opened, closed = moved.select(o=n_opened.sum(), c=n_closed.sum()).row(0)
    same_number = moved.filter(pl.col("z4_first") == pl.col("z4_second")).height
    customers = differing.get_column("customers_moved").drop_nulls()
    lines = [
        f"  sites    {moved.height:,} rows with other open sites ({same_number:,} of them with "
        f"equally many): {opened:,} opened, {closed:,} closed"
    ]
    if len(customers):
        lines.append(
            f"  customers  {(customers > 0).sum():,} rows in which customers have another site"
        )
    return lines
