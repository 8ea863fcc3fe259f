"""Each claim is recomputed where the answer is known: a table where it is true, one where not."""

from __future__ import annotations

import dataclasses
import functools

import pytest

from analysis.claims import CLAIMS, decide, to_frame
from analysis.claims.claim import CONTRADICTS, DEPENDS, FAILS, FOLLOWS, HOLDS, UNDECIDED, Claim
from tests.analysis.claims.synthetic_studies import FALSE, TRUE, Pattern, synthetic_study

ALL_FALL = dataclasses.replace(TRUE, z2_rises_in=())
"""z2 falls in every network."""

Known = dict[tuple[str, str], float]

THEOREMS: Known = {
    ("cost falls", "one"): 100,
    ("cost falls", "two"): 100,
    ("cost, quantiles", "alpha 2"): 52.8,
    ("cost, quantiles", "alpha 5"): 66,
    ("cost, quantiles", "alpha 10"): 92.4,
    ("cost falls in 80 %", "alphas 2, 5, 10"): 100,
    ("z2 not always", "as many sites"): 100,
}
"""Claims that follow from the model, with their values in the table `TRUE`."""

BROKEN_THEOREMS: Known = {
    ("cost falls", "one"): 0,
    ("cost falls", "two"): 0,
    ("cost, quantiles", "alpha 2"): 291,
    ("cost, quantiles", "alpha 5"): 271.6,
    ("cost, quantiles", "alpha 10"): 252.2,
    ("cost falls in 80 %", "alphas 2, 5, 10"): 0,
    ("z2 not always", "as many sites"): 0,
}
"""The same in the table `FALSE`, which no exact solver can produce."""

TRUE_CLAIMS: Known = {
    ("z2 falls", "one, alpha 2"): 75.75,
    ("z2 falls", "one, alpha 5"): 95.95,
    ("z2 falls", "one, alpha 10"): 98.98,
    ("z2 falls", "two, alpha 2"): 70,
    ("z2 falls", "two, alpha 5"): 90,
    ("z2 falls", "two, alpha 10"): 97,
    ("z2, quantiles", "alpha 2"): 110,
    ("z2, quantiles", "alpha 5"): 110,
    ("z2, quantiles", "alpha 10"): 110,
    ("z2 not always", "alpha 2"): 100 * 14 / 77,
    ("share shifts", "one, alpha 2"): 350,
    ("share shifts", "two, alpha 2"): 350,
    ("first stage falls", "alpha 2"): 75.75 * (3 / 7 / 4 - 1),
    ("share three times", "90 % quantile"): 350,
    ("share three times", "median"): 350,
    ("total tkm falls", "alpha 2"): 70.7 * 0.2 / 0.7,
    ("fewer sites", "mean"): -14 / 77,
    ("sites steady", "one, alpha 2"): 100,
    ("sites steady", "two, alpha 2"): 100,
    ("changes rarely", "alpha 2"): 100 * 14 / 77,
    ("other sites open", "all networks"): 100,
    ("other sites open", "as many sites"): 100,
    ("sites move closer", "all: centre"): 20,
    ("sites move closer", "all: haul"): 20,
    ("sites move closer", "C8, C9: centre"): 20,
    ("sites move closer", "C8, C9: haul"): 20,
    ("nine open", "A1"): 9,
    ("nine open", "A3"): 9,
    ("one open", "A4"): 1,
    ("one open", "A6"): 1,
    ("many sites to choose", "z1, A1 and A3"): -4,
    ("many sites to choose", "z1, A2 and A7"): -4,
    ("many sites to choose", "z1, A4 and A6"): -4,
    ("many sites to choose", "z2, A1 and A3"): -0.75,
    ("many sites to choose", "z2, A2 and A7"): -0.75,
    ("many sites to choose", "z2, A4 and A6"): -0.75,
    ("same region", "C8, C9"): 20 - (3 * 48 + 6 * 40) / 9,
    ("z2 of C8 and C9", "C8, alpha 5 to 2"): 100 * (1 - 75 / 95),
    ("z2 of C8 and C9", "C9, alpha 5 to 2"): 100 * (1 - 75 / 95),
    ("z2 of C8 and C9", "C8, alpha 20 to 2"): 25,
    ("z2 of C8 and C9", "C9, alpha 20 to 2"): 25,
    ("two types nearby", "regions shared"): 240 / 7 - 48,
    ("two clusters cheaper", "alpha 2"): 30,
    ("two clusters cheaper", "alpha 5"): 30,
    ("two clusters cheaper", "alpha 10"): 30,
    ("two clusters cheaper", "alpha 20"): 40,
    ("z2 on the same level", "alpha 2"): 100 * 70 / 75,
    ("z2 on the same level", "alpha 5"): 100 * 90 / 95,
    ("z2 on the same level", "alpha 10"): 100 * 97 / 98,
    ("z2 on the same level", "alpha 20"): 100,
    ("two clusters gain", "z1, alpha 2"): 30 - 44,
    ("two clusters gain", "z1, alpha 5"): 37.5 - 55,
    ("two clusters gain", "z1, alpha 10"): 52.5 - 77,
    ("two clusters gain", "z2, alpha 2"): 70 - 75.75,
    ("two clusters gain", "z2, alpha 5"): 90 - 95.95,
    ("C10, C23, C25 lowest", "C10, z1"): 40,
    ("C10, C23, C25 lowest", "C10, z2"): 50,
    ("C10, C23, C25 lowest", "C23, z1"): 50,
    ("C10, C23, C25 lowest", "C23, z2"): 50,
    ("C10, C23, C25 lowest", "C25, z1"): 50,
    ("C10, C23, C25 lowest", "C25, z2"): 50,
}
"""All other claims, with their values in the table `TRUE`."""

FALSE_CLAIMS: Known = {
    ("z2 falls", "one, alpha 2"): 120,
    ("z2 falls", "one, alpha 5"): 110,
    ("z2 falls", "one, alpha 10"): 105,
    ("z2 falls", "two, alpha 2"): 150,
    ("z2 falls", "two, alpha 5"): 130,
    ("z2 falls", "two, alpha 10"): 120,
    ("share shifts", "one, alpha 2"): 50,
    ("share shifts", "two, alpha 2"): 50,
    ("first stage falls", "alpha 2"): 120 * (4 / 1.5 - 1),
    ("share three times", "90 % quantile"): 50,
    ("share three times", "median"): 50,
    ("total tkm falls", "alpha 2"): 297,
    ("fewer sites", "mean"): 10 * 29 / 77,
    ("sites steady", "one, alpha 2"): 200,
    ("sites steady", "two, alpha 2"): 200,
    ("changes rarely", "alpha 2"): 100 * 70 / 77,
    ("other sites open", "all networks"): 0,
    ("other sites open", "as many sites"): 0,
    ("sites move closer", "all: centre"): -20,
    ("sites move closer", "all: haul"): -20,
    ("sites move closer", "C8, C9: centre"): -20,
    ("sites move closer", "C8, C9: haul"): -20,
    ("nine open", "A1"): 18,
    ("nine open", "A3"): 18,
    ("one open", "A4"): 2,
    ("one open", "A6"): 2,
    ("many sites to choose", "z1, A1 and A3"): 15,
    ("many sites to choose", "z1, A2 and A7"): 15,
    ("many sites to choose", "z1, A4 and A6"): 15,
    ("many sites to choose", "z2, A1 and A3"): 1.2,
    ("many sites to choose", "z2, A2 and A7"): 1.2,
    ("many sites to choose", "z2, A4 and A6"): 1.2,
    ("same region", "C8, C9"): 155,
    ("z2 of C8 and C9", "C8, alpha 5 to 2"): 100 * (1 - 120 / 110),
    ("z2 of C8 and C9", "C9, alpha 5 to 2"): 100 * (1 - 120 / 110),
    ("z2 of C8 and C9", "C8, alpha 20 to 2"): -20,
    ("z2 of C8 and C9", "C9, alpha 20 to 2"): -20,
    ("two types nearby", "regions shared"): 1350 / 7 - 135,
    ("two clusters cheaper", "alpha 2"): 240,
    ("two clusters cheaper", "alpha 5"): 240,
    ("two clusters cheaper", "alpha 10"): 240,
    ("two clusters cheaper", "alpha 20"): 200,
    ("z2 on the same level", "alpha 2"): 250,
    ("z2 on the same level", "alpha 5"): 100 * 260 / 110,
    ("z2 on the same level", "alpha 10"): 100 * 240 / 105,
    ("z2 on the same level", "alpha 20"): 200,
    ("two clusters gain", "z1, alpha 2"): 180 - 135,
    ("two clusters gain", "z1, alpha 5"): 168 - 126,
    ("two clusters gain", "z1, alpha 10"): 156 - 117,
    ("two clusters gain", "z2, alpha 2"): 30,
    ("two clusters gain", "z2, alpha 5"): 20,
    ("C10, C23, C25 lowest", "C10, z1"): 100 * 300 / 135,
    ("C10, C23, C25 lowest", "C10, z2"): 200,
    ("C10, C23, C25 lowest", "C23, z1"): 200,
    ("C10, C23, C25 lowest", "C23, z2"): 200,
    ("C10, C23, C25 lowest", "C25, z1"): 200,
    ("C10, C23, C25 lowest", "C25, z2"): 200,
}
"""The same claims in the table `FALSE`."""

FALSE_IF_ALL_FALL: Known = {
    ("z2, quantiles", "alpha 2"): 75.75,
    ("z2, quantiles", "alpha 5"): 95.95,
    ("z2, quantiles", "alpha 10"): 98.98,
    ("z2 not always", "alpha 2"): 0,
}
"""Claims that are false where z2 falls in every network."""


@functools.cache
def decided(pattern: Pattern) -> dict[tuple[str, str], Claim]:
    """Decide all claims on the table of a pattern."""
    return {(claim.sentence.key, claim.case): claim for claim in decide(synthetic_study(pattern))}


def check(pattern: Pattern, known: Known, verdict: str) -> None:
    """Compare the claims of a table with known values and their verdict."""
    for name, value in known.items():
        claim = decided(pattern)[name]
        assert claim.value == pytest.approx(value, abs=1e-9), name
        assert claim.verdict == verdict, name
        assert claim.true_in == claim.replications * claim.claimed.contains(claim.value), name
        if claim.kind == "range":
            assert claim.low <= claim.value <= claim.high, name


def test_every_claim_has_a_known_true_and_a_known_false_value() -> None:
    """No case of a claim is left out of the tables in this file."""
    assert decided(TRUE).keys() == THEOREMS.keys() | TRUE_CLAIMS.keys()
    assert THEOREMS.keys() == BROKEN_THEOREMS.keys()
    assert TRUE_CLAIMS.keys() == FALSE_CLAIMS.keys() | FALSE_IF_ALL_FALL.keys()


def test_true_claims_hold_with_their_known_values() -> None:
    """In a table that was made so, every claim holds, with the number worked out by hand."""
    check(TRUE, TRUE_CLAIMS, HOLDS)


def test_false_claims_do_not_hold() -> None:
    """In a table that was made so, no claim holds."""
    check(FALSE, FALSE_CLAIMS, FAILS)
    check(ALL_FALL, FALSE_IF_ALL_FALL, FAILS)


def test_theorems_follow_from_the_model_or_the_rows_are_wrong() -> None:
    """A theorem is confirmed by rows that keep it; rows that break it are named, not counted."""
    check(TRUE, THEOREMS, FOLLOWS)
    check(FALSE, BROKEN_THEOREMS, CONTRADICTS)


def test_what_differs_between_replications_depends_on_the_draw() -> None:
    """A claim that is true in one replication and false in the other depends."""
    study = synthetic_study(TRUE)
    study.columns["z2"][1, ..., :-1] *= 2
    claims = {(claim.sentence.key, claim.case): claim for claim in decide(study)}
    assert claims["z2 falls", "one, alpha 2"].verdict == DEPENDS
    assert claims["z2 falls", "one, alpha 2"].true_in == 1
    assert claims["share shifts", "one, alpha 2"].verdict == HOLDS


def test_one_replication_decides_theorems_only() -> None:
    """After a single draw nothing is known of the spread, so no other claim is decided."""
    study = synthetic_study(TRUE)
    first = dataclasses.replace(
        study,
        replications=study.replications[:1],
        present=study.present[:1],
        columns={name: values[:1] for name, values in study.columns.items()},
    )
    verdicts = {(claim.sentence.key, claim.case): claim.verdict for claim in decide(first)}
    assert {name for name, verdict in verdicts.items() if verdict == FOLLOWS} == THEOREMS.keys()
    assert {verdicts[name] for name in TRUE_CLAIMS} == {UNDECIDED}


def test_a_replication_with_a_missing_row_is_left_out() -> None:
    """Groups use the replications that are complete for them, and say how many."""
    study = synthetic_study(TRUE)
    study.present[0, 0, 0, 0] = False  # A1, C1, alpha 2
    claims = {(claim.sentence.key, claim.case): claim for claim in decide(study)}
    assert claims["z2 falls", "one, alpha 2"].replications == 1
    assert claims["z2 falls", "two, alpha 2"].replications == 2
    assert claims["many sites to choose", "z1, A4 and A6"].replications == 2


def test_rows_without_proof_are_counted() -> None:
    """An uncertified row is used as it is, and every claim behind which it stands says so."""
    study = synthetic_study(TRUE)
    study.columns["certified"][0, 0, 0, 0] = 0
    claims = {(claim.sentence.key, claim.case): claim for claim in decide(study)}
    assert claims["z2 falls", "one, alpha 2"].uncertified == 1
    assert claims["z2 falls", "two, alpha 2"].uncertified == 0


def test_the_frame_has_a_row_for_each_case() -> None:
    """Every case becomes a row with its sentence, definition and verdict."""
    claims = decide(synthetic_study(TRUE))
    frame = to_frame(claims)
    assert frame.height == len(claims) > len(CLAIMS)
    assert frame.select("claim", "case").is_unique().all()
    assert (
        frame.null_count()
        .select("sentence", "definition", "verdict", "ours")
        .sum_horizontal()
        .item()
        == 0
    )
