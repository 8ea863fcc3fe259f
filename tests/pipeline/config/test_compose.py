"""Words of the command line change the default configuration, or raise a one-line error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.errors import UserError
from pipeline.config.structures import structures
from tests.pipeline.config.configurations import config_of, is_one_line, user_error_message


def test_the_sweep_of_the_paper_is_the_default() -> None:
    """An empty command line gives the paper's sweep: 7 x 25 x 4, one replication, seed 0."""
    config = config_of()
    assert config.sweep.name == "paper"
    assert len(config.sweep.allocation) == 7
    assert config.sweep.structure == tuple(structures())
    assert (config.sweep.replications, config.sweep.scale) == (1, (1,))
    assert config.sweep.alpha == (2, 5, 10, 20)
    assert (config.seed, config.shard_of) == (0, (1, 1))
    assert (config.solver.name, config.solver.gap) == ("auto", 1e-4)
    assert config.network.allocations["A4"] == (20, 60, 10)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(
    st.sampled_from(["seed", "solver", "sweep.alpha", "sweep.name", "out"]),
    # A group is a file name, and Hydra has its own grammar of brackets, quotes and interpolations.
    st.text(st.sampled_from("[]{}()'\"$,=:@~+\\/\n\t ab1."), max_size=8)
    | st.sampled_from(["${nosuch}", "???", "${oc.env:NOSUCH_VARIABLE_HERE}"]),
)
def test_random_words_are_valid_or_user_errors(key: str, junk: str) -> None:
    """A word with a random value gives a configuration or a one-line error."""
    assert is_one_line(user_error_message(lambda: config_of(f"{key}={junk}")))


@pytest.mark.parametrize("word", ["", "=", "~", "a\nb=1", "--help", "sweep@x=smoke", "+x=1"])
def test_words_without_a_known_key_are_user_errors(word: str) -> None:
    """A word that is not key=value of a known key is reported in one line."""
    with pytest.raises(UserError) as caught:
        config_of(word)
    assert len(str(caught.value).splitlines()) == 1


def test_a_name_too_long_for_a_file_is_a_user_error() -> None:
    """An option of a group is a file name: a name too long for a file is an unknown option."""
    with pytest.raises(UserError, match="solver"):
        config_of(f"solver={'x' * 300}")
