"""The paper's claims, decided from the rows of a run: one function for each claim."""

from __future__ import annotations

import polars as pl

from analysis.claims import cost, groups, sites, transport
from analysis.claims.claim import Claim
from analysis.replicated import Study
from analysis.replications import finite
from analysis.site_positions import DrawNetworks, add_distances, add_open_sets

CLAIMS = (
    cost.cost_falls,
    cost.cost_quantile,
    cost.cost_falls_in_80_percent,
    transport.second_stage_falls,
    transport.second_stage_quantile,
    transport.second_stage_not_always,
    transport.second_stage_with_as_many_sites,
    transport.share_shifts,
    transport.first_stage_falls_more,
    transport.share_three_times,
    transport.total_transport_falls,
    sites.fewer_sites,
    sites.sites_steady,
    sites.number_changes_rarely,
    sites.other_sites_open,
    sites.sites_closer,
    sites.open_sites_of_allocations,
    groups.many_sites,
    groups.same_region,
    groups.second_stage_drops,
    groups.two_types_nearby,
    groups.two_clusters_cost_less,
    groups.same_level,
    groups.two_clusters_profit_more,
    groups.lowest_structures,
)
"""The claims in the order of the paper; each yields a `Claim` for each of its cases."""

COLUMNS = ("objective", "bound", "n_customers", "open_sites", "assignment")
"""Columns of the results table that claims need beside the coordinate, indicators and status."""


def build_study(rows: pl.DataFrame, draw: DrawNetworks) -> Study:
    """Arrange rows of a results table, with the columns that claims need.

    Parameters
    ----------
    rows : polars.DataFrame
        The coordinate, the indicators, ``status`` and `COLUMNS`.
    draw : callable
        Draws the networks of the run again, see `analysis.site_positions.add_distances`.
    """
    second_tkm = pl.col("z2") * pl.col("n_customers")
    total_tkm = pl.when(pl.col("z3_second") > 0).then(second_tkm / pl.col("z3_second"))
    return Study.of_rows(
        add_distances(add_open_sets(rows), draw).with_columns(
            certified=pl.col("status") == "optimal",
            slack=(pl.col("objective") - pl.col("bound")).fill_null(0),
            total_tkm=total_tkm,
            first_tkm=total_tkm - second_tkm,
        )
    )


def decide(study: Study) -> list[Claim]:
    """Decide every case of every claim, in the order of the paper."""
    return [claim for function in CLAIMS for claim in function(study)]


def to_frame(claims: list[Claim]) -> pl.DataFrame:
    """Return decided claims as a frame, a row for each case.

    Returns
    -------
    polars.DataFrame
        ``claim``, ``case``, ``section``, ``sentence``, ``definition``, ``claimed`` (the values for
        which the claim is true), ``paper``, ``paper_agrees``, ``ours``, ``low``, ``high``,
        ``kind``, ``replications``, ``true_in``, ``uncertified`` and ``verdict``; see
        `analysis.claims.claim.Claim`.
    """
    return pl.DataFrame(
        [
            {
                "claim": claim.sentence.key,
                "case": claim.case,
                "section": claim.sentence.section,
                "sentence": claim.sentence.text,
                "definition": claim.definition,
                "claimed": str(claim.claimed),
                "paper": claim.paper,
                "paper_agrees": claim.paper_agrees,
                "ours": finite(claim.value),
                "low": finite(claim.low),
                "high": finite(claim.high),
                "kind": claim.kind,
                "replications": claim.replications,
                "true_in": claim.true_in,
                "uncertified": claim.uncertified,
                "verdict": claim.verdict,
            }
            for claim in claims
        ],
        schema_overrides=dict.fromkeys(("paper", "ours", "low", "high"), pl.Float64)
        | {"paper_agrees": pl.Boolean},
    )
