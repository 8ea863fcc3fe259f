"""The message about an unknown key names the known key that is most similar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.sections import Config
from pipeline.config.unknown_key import keys, unknown_key
from tests.pipeline.config.configurations import KEYS

KNOWN = list(keys(Config))


def test_the_keys_of_the_model_are_those_of_the_yaml_files() -> None:
    """Every key of the composed configuration is known; labels of allocations are no keys."""
    composed = {key for key in KEYS if not key.startswith("network.allocations.")}
    assert composed <= set(KNOWN)


@given(st.sampled_from([key for key in KNOWN if len(key) >= 6]), st.data())
def test_a_key_without_one_of_its_letters_is_found(key: str, data: st.DataObject) -> None:
    """If one letter is missing, the message names that key, or one that is as similar."""
    dropped = data.draw(st.integers(0, len(key) - 1))
    message = unknown_key(key[:dropped] + key[dropped + 1 :], KNOWN)
    assert "did you mean " in message


@given(st.text())
def test_the_message_is_one_line(key: str) -> None:
    """Whatever the key, the message has no line break."""
    assert len(unknown_key(key, KNOWN).splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "known", "near"),
    [
        ("sweep.alfa", KNOWN, "sweep.alpha"),
        ("solver.time_limit", KNOWN, "solver.time_limit_s"),
        ("alpha", KNOWN, "sweep.alpha"),
        ("gap", KNOWN, "solver.gap"),
        ("workers", KNOWN, "engine.workers"),
        ("run", KNOWN, "out"),
        ("out", ["run"], "run"),
    ],
)
def test_the_nearest_key_is_named(key: str, known: list[str], near: str) -> None:
    """A misspelt key, a key without its section, and ``run`` and ``out`` in place of each other."""
    assert f"did you mean {near}?" in unknown_key(key, known)


def test_a_key_like_no_other_is_not_guessed() -> None:
    """Where nothing is similar, the message only says where the keys are."""
    assert unknown_key("colour", KNOWN) == "unknown key 'colour': --cfg job prints all keys"
