"""Each mistake in a configuration is reported in one line that names key and expected value."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.errors import UserError
from pipeline.config.sections import Config, validate
from tests.pipeline.config.configurations import (
    KEYS,
    RANGES,
    SECTIONS,
    config_of,
    defaults,
    defaults_with,
    is_one_line,
    user_error_message,
)


def test_the_tested_keys_include_every_section() -> None:
    """The keys of the tests below cover the whole configuration."""
    assert {key.split(".")[0] for key in KEYS} == set(Config.model_fields)


def case_name(value: list[str]) -> str:
    """Name a case by its wrong word, which is the last word of its command line."""
    return value[-1] if "=" in value[-1] or value == ["sweep.alpha"] else "message"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        # Unknown allocation, structure, solver, engine or key.
        (["sweep.allocation=[A1,A9]"], ["sweep.allocation", "'A9'", "A1, A2, A3, A4, A5, A6, A7"]),
        (["sweep.allocation=all,A1"], ["sweep.allocation", "'all'", "A1, A2"]),
        (["sweep.structure=[C26]"], ["sweep.structure", "'C26'", "C1, C2", "C25"]),
        (["sweep.structure=c3"], ["sweep.structure", "'c3'", "C1, C2"]),
        (["solver=cplex"], ["solver", "'cplex'", "auto", "gurobi", "highs"]),
        (["solver.name=cplex"], ["solver.name", "'cplex'", "auto", "gurobi", "highs"]),
        (["solver.model=magic"], ["solver.model", "'magic'", "collapsed", "direct"]),
        (["solver.model=direct"], ["solver: model=direct", "mip", "auto"]),
        (["engine=dask"], ["engine", "'dask'", "ray", "serial"]),
        (["engine.name=dask"], ["engine.name", "'dask'", "ray", "serial"]),
        (["sweep=papers"], ["sweep", "'papers'", "extended", "paper", "smoke"]),
        (["sweep.alfa=2"], ["'sweep.alfa'", "did you mean sweep.alpha?"]),
        (["+sweep.alfa=2"], ["'sweep.alfa'", "did you mean sweep.alpha?"]),
        (["workers=2"], ["'workers'", "did you mean engine.workers?"]),
        (["engine=serial", "engine.workers=2"], ["engine.workers is a key of engine=ray only"]),
        (
            ["engine=ray", "engine.in_process=true"],
            ["engine.in_process is a key of engine=serial only"],
        ),
        (["engine=ray", "+engine.in_process=true"], ["engine: ", "needs engine=serial", "ray"]),
        (["engine=serial", "engine.in_process=2"], ["engine.in_process", "boolean", "got 2"]),
        # alpha <= 0 or not a number.
        (["sweep.alpha=0"], ["sweep.alpha[0]", "greater than 0", "got 0"]),
        (["sweep.alpha=[2,-5]"], ["sweep.alpha[1]", "greater than 0", "got -5"]),
        (["sweep.alpha=[2,five]"], ["sweep.alpha[1]", "number", "'five'"]),
        (["sweep.alpha=nan"], ["sweep.alpha[0]", "finite number", "nan"]),
        (["sweep.alpha=inf"], ["sweep.alpha[0]", "finite number", "inf"]),
        (["sweep.alpha=true"], ["sweep.alpha[0]", "number", "True"]),
        (["sweep.alpha=null"], ["sweep.alpha[0]", "number", "None"]),
        (["sweep.alpha="], ["sweep.alpha[0]", "number", "''"]),
        (["sweep.alpha=all"], ["sweep.alpha[0]", "number", "'all'"]),
        (["sweep.alpha=range(0,3)"], ["sweep.alpha[0]", "greater than 0", "got 0"]),
        (["sweep.alpha=range(1,5,0)"], ["sweep.alpha", "step > 0", "range(1,5,0)"]),
        (["sweep.alpha=range(1,x)"], ["sweep.alpha", "expected", "range(1,x)"]),
        (["sweep.alpha=range(1,inf)"], ["sweep.alpha", "expected", "range(1,inf)"]),
        (["sweep.alpha=range(1,1e9)"], ["sweep.alpha", "expected at most 1,000,000"]),
        (["sweep.alpha=sort(2,5)"], ["sweep.alpha", "expected a list or range", "sort(2,5)"]),
        # Replication or scale < 1.
        (["sweep.replications=0"], ["sweep.replications", "greater than or equal to 1", "got 0"]),
        (["sweep.replications=-3"], ["sweep.replications", "greater than or equal to 1", "-3"]),
        (["sweep.replications=1.5"], ["sweep.replications", "integer", "1.5"]),
        (["sweep.scale=0"], ["sweep.scale[0]", "greater than or equal to 1", "got 0"]),
        (["sweep.scale=[1,-1]"], ["sweep.scale[1]", "greater than or equal to 1", "-1"]),
        (["sweep.scale=1.5"], ["sweep.scale[0]", "integer", "1.5"]),
        # Gap < 0, time limit <= 0.
        (["solver.gap=-1e-4"], ["solver.gap", "greater than or equal to 0", "-0.0001"]),
        (["solver.gap=small"], ["solver.gap", "number", "'small'"]),
        (["solver.time_limit_s=0"], ["solver.time_limit_s", "greater than 0", "got 0"]),
        (["solver.time_limit_s=-1"], ["solver.time_limit_s", "greater than 0", "got -1"]),
        # An empty axis, and an axis with a repeated value.
        (["sweep.allocation=[]"], ["sweep.allocation", "expected at least one value"]),
        (["sweep.structure=[]"], ["sweep.structure", "expected at least one value"]),
        (["sweep.scale=[]"], ["sweep.scale", "expected at least one value"]),
        (["sweep.alpha=[]"], ["sweep.alpha", "expected at least one value"]),
        (["sweep.alpha=range(5,5)"], ["sweep.alpha", "expected at least one value"]),
        (["sweep.alpha=[2,2.0]"], ["sweep.alpha", "expected distinct values"]),
        # Other keys, and a word without a value.
        (["shard=3/2"], ["shard", "i/n with i from 1 to n", "3/2"]),
        (["shard=0/2"], ["shard", "i/n with i from 1 to n", "0/2"]),
        (["seed=-1"], ["seed", "greater than or equal to 0", "-1"]),
        (["seed=1,2"], ["seed", "integer", "[1, 2]"]),
        (["dry_run=perhaps"], ["dry_run", "boolean", "'perhaps'"]),
        (["network.demand=[5,1]"], ["network", "demand", "[smallest, largest]", "[5, 1]"]),
        (["network.allocations.A1=[0,20,60]"], ["network.allocations.A1[0]", "equal to 1"]),
        (["engine=ray", "engine.address=head"], ["engine.address", "host:port", "'head'"]),
        (["sweep.alpha"], ["'sweep.alpha'", "expected key=value"]),
        # A group needs exactly one option.
        (["solver=highs,gurobi"], ["solver", "expected"]),
        (["sweep=smoke,paper"], ["sweep", "expected"]),
        (["solver=null"], ["solver", "expected"]),
    ],
    ids=case_name,
)
def test_bad_input_is_reported_in_one_line(words: list[str], parts: list[str]) -> None:
    """The message of a mistake is one line: the key, what was expected and what was found."""
    with pytest.raises(UserError) as caught:
        config_of(*words)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    for part in parts:
        assert part in message


def test_all_mistakes_are_reported_together() -> None:
    """One line reports several mistakes, so that a user need not correct them one by one."""
    with pytest.raises(UserError) as caught:
        config_of("sweep.alpha=0", "solver.gap=-1", "sweep.scale=[]", "seed=x")
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for key in ("sweep.alpha[0]:", "solver.gap:", "sweep.scale:", "seed:"):
        assert key in message


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["all", "1/1", "2/1", "a\nb", "host:1", "0"]),
    RANGES,
)
RANDOM_VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.sampled_from([*KEYS, *SECTIONS]), RANDOM_VALUES)
def test_random_values_are_valid_or_user_errors(key: str, value: Any) -> None:
    """A random value under any key is accepted or reported in one line; no other exception."""
    values = defaults_with(key, value)
    assert is_one_line(user_error_message(lambda: validate(values)))


def test_a_name_with_a_line_break_is_reported_in_one_line() -> None:
    """The message writes an unprintable name with escapes."""
    with pytest.raises(UserError) as caught:
        validate(defaults_with("network.allocations", {"\r": None}))
    assert is_one_line(str(caught.value))
    assert r"network.allocations.'\r': expected a valid tuple" in str(caught.value)


HAS_A_DEFAULT = {
    "engine.address",
    "engine.licences",
    "engine.without_licence",
    "engine.workers",
}


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(key: str) -> None:
    """A configuration without one of its keys is rejected with the key's name, or has a default."""
    values = defaults()
    *sections, last = key.split(".")
    del functools.reduce(lambda section, name: section[name], sections, values)[last]
    if key in HAS_A_DEFAULT or key.startswith("network.allocations."):
        # The serial engine does not need them; the number of allocations is free.
        validate(values)
    else:
        with pytest.raises(UserError, match=rf"^{key}: missing$"):
            validate(values)
