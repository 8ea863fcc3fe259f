"""Every mistake in a configuration is told in one line; every stated notation is understood."""

import copy
import functools
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import Config, flatten, validate
from pipeline.config.structures import structures


@functools.cache
def _defaults() -> dict[str, Any]:
    return compose("config", [])


def defaults() -> dict[str, Any]:
    """Copy the composed configuration without any word of the user."""
    return copy.deepcopy(_defaults())


def told(*words: str) -> Config:
    """Compose and check what a command line says."""
    return validate(compose("config", list(words)))


def placed(key: str, value: Any) -> dict[str, Any]:
    """Put a value under a dotted key of the default configuration."""
    values = defaults()
    *sections, last = key.split(".")
    functools.reduce(lambda section, name: section[name], sections, values)[last] = value
    return values


KEYS = sorted(flatten(_defaults()))
SECTIONS = ["sweep", "network", "solver", "engine", "store", "network.allocations"]


def test_there_are_keys_of_every_section() -> None:
    """The keys that the properties below are held against are those of the whole configuration."""
    assert {key.split(".")[0] for key in KEYS} == set(Config.model_fields)


# Bad input.


def mistaken(value: list[str]) -> str:
    """Name a case of bad input by the word that is wrong: the last one of its command line."""
    return value[-1] if "=" in value[-1] or value == ["sweep.alpha"] else "told"


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
        (["solver.method=magic"], ["solver.method", "'magic'", "collapsed", "direct"]),
        (["engine=dask"], ["engine", "'dask'", "ray", "serial"]),
        (["engine.name=dask"], ["engine.name", "'dask'", "ray", "serial"]),
        (["sweep=papers"], ["sweep", "'papers'", "extended", "paper", "smoke"]),
        (["sweep.alfa=2"], ["'sweep.alfa'", "expected", "conf/config.yaml"]),
        (["+sweep.alfa=2"], ["'sweep.alfa'", "expected", "conf/config.yaml"]),
        (["workers=2"], ["'workers'", "expected", "conf/config.yaml"]),
        (["engine=serial", "engine.workers=2"], ["'engine.workers'", "expected"]),
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
        (["sweep.alpha=choice(2,5)"], ["sweep.alpha", "expected a list or range", "choice(2,5)"]),
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
        # An empty axis, and one that says a value twice.
        (["sweep.allocation=[]"], ["sweep.allocation", "expected at least one value"]),
        (["sweep.structure=[]"], ["sweep.structure", "expected at least one value"]),
        (["sweep.scale=[]"], ["sweep.scale", "expected at least one value"]),
        (["sweep.alpha=[]"], ["sweep.alpha", "expected at least one value"]),
        (["sweep.alpha=range(5,5)"], ["sweep.alpha", "expected at least one value"]),
        (["sweep.alpha=[2,2.0]"], ["sweep.alpha", "expected distinct values"]),
        # Other keys, and words that are none.
        (["shard=3/2"], ["shard", "i/n with i from 1 to n", "3/2"]),
        (["shard=0/2"], ["shard", "i/n with i from 1 to n", "0/2"]),
        (["seed=-1"], ["seed", "greater than or equal to 0", "-1"]),
        (["seed=1,2"], ["seed", "integer", "[1, 2]"]),
        (["dry_run=perhaps"], ["dry_run", "boolean", "'perhaps'"]),
        (["network.demand=[5,1]"], ["network", "demand", "[smallest, largest]", "[5, 1]"]),
        (["network.allocations.A1=[0,20,60]"], ["network.allocations.A1[0]", "equal to 1"]),
        (["engine=ray", "engine.address=head"], ["engine.address", "host:port", "'head'"]),
        (["sweep.alpha"], ["'sweep.alpha'", "expected key=value"]),
        # A group of which one is to be chosen, not several and not none.
        (["solver=highs,gurobi"], ["solver", "expected"]),
        (["sweep=smoke,paper"], ["sweep", "expected"]),
        (["solver=null"], ["solver", "expected"]),
    ],
    ids=mistaken,
)
def test_bad_input_is_told_in_one_line(words: list[str], parts: list[str]) -> None:
    """A mistake is one `UserError` line that names the key, what was expected and what came."""
    with pytest.raises(UserError) as caught:
        told(*words)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    for part in parts:
        assert part in message


def test_all_mistakes_are_told_at_once() -> None:
    """Several mistakes come in one line together, so that nobody meets them one by one."""
    with pytest.raises(UserError) as caught:
        told("sweep.alpha=0", "solver.gap=-1", "sweep.scale=[]", "seed=x")
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for key in ("sweep.alpha[0]:", "solver.gap:", "sweep.scale:", "seed:"):
        assert key in message


def test_a_mistake_ends_a_command_with_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command tells the mistake on one line of stderr, prints nothing else, and returns 2."""

    def check(words: list[str]) -> int:
        told(*words)
        return 0

    for words, code, stderr_lines in ((["sweep.alpha=0"], 2, 1), (["sweep.alpha=2"], 0, 0)):
        monkeypatch.setattr(sys, "argv", ["command", *words])
        with pytest.raises(SystemExit) as left:
            command.run_command(check, None)
        printed = capsys.readouterr()
        assert left.value.code == code
        assert printed.out == ""
        assert len(printed.err.splitlines()) == stderr_lines
        assert printed.err.startswith("error: sweep.alpha[0]: " if code else "")


EXTREMES = ["0", "1", "5", "-3", "0.5", "1e-10", "1e-300", "1e300", "1e308", "-1e308"]
RANGES = st.lists(
    st.sampled_from([*EXTREMES, "inf", "nan", "-inf", "x", "", "1" + "0" * 400]),
    min_size=1,
    max_size=4,
).map(lambda parts: f"range({','.join(parts)})")

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
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


def complaint(check: Callable[[], Config]) -> str:
    """Say what a `UserError` says, or nothing where there is none; pass on other exceptions."""
    try:
        check()
    except UserError as error:
        return str(error)
    return ""


def is_one_line(message: str) -> bool:
    """Whether a message has no line break of any kind; none at all is fine too."""
    return len(message.splitlines()) <= 1


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.sampled_from([*KEYS, *SECTIONS]), JUNK)
def test_junk_under_any_key_is_a_user_error(key: str, junk: Any) -> None:
    """Whatever stands under a key: it is accepted, or told in one line; never another exception."""
    values = placed(key, junk)
    assert is_one_line(complaint(lambda: validate(values)))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.sampled_from([f"sweep.{axis}" for axis in ("allocation", "structure", "scale", "alpha")]),
    RANGES,
)
def test_any_range_of_an_axis_is_a_user_error_or_good(key: str, word: str) -> None:
    """A range of extreme, missing or wrong numbers is accepted or told in one line."""
    values = placed(key, word)
    assert is_one_line(complaint(lambda: validate(values)))


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(key: str) -> None:
    """Without one of its keys a configuration is refused by that key's name, or has a default."""
    values = defaults()
    *sections, last = key.split(".")
    del functools.reduce(lambda section, name: section[name], sections, values)[last]
    if key in ("engine.address", "engine.workers") or key.startswith("network.allocations."):
        # The serial engine does without the first two; allocations are as many as one likes.
        validate(values)
    else:
        with pytest.raises(UserError, match=rf"^{key}: missing$"):
            validate(values)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(
    st.sampled_from(["seed", "solver", "sweep.alpha", "sweep.name", "out"]),
    # Groups name files, Hydra has its own grammar: brackets, quotes, interpolations, line breaks.
    st.text(st.sampled_from("[]{}()'\"$,=:@~+\\/\n\t ab1."), max_size=8)
    | st.sampled_from(["${nosuch}", "???", "${oc.env:NOSUCH_VARIABLE_HERE}"]),
)
def test_junk_words_are_user_errors(key: str, junk: str) -> None:
    """Whatever a word of the command line says, the answer is a configuration or one line."""
    assert is_one_line(complaint(lambda: told(f"{key}={junk}")))


@pytest.mark.parametrize("word", ["", "=", "~", "a\nb=1", "--help", "sweep@x=smoke", "+x=1"])
def test_words_that_are_none_are_user_errors(word: str) -> None:
    """A word that is not key=value of a known key is told in one line."""
    with pytest.raises(UserError) as caught:
        told(word)
    assert len(str(caught.value).splitlines()) == 1


def test_a_name_too_long_for_a_file_is_a_user_error() -> None:
    """A group's option is looked up as a file: a name no file can have is just unknown."""
    with pytest.raises(UserError, match="solver"):
        told(f"solver={'x' * 300}")


# Notations.


@pytest.mark.parametrize(
    ("word", "axis", "values"),
    [
        ("sweep.alpha=2,20", "alpha", (2.0, 20.0)),
        ("sweep.alpha=[2,20]", "alpha", (2.0, 20.0)),
        ("sweep.alpha=20,2", "alpha", (20.0, 2.0)),
        ("sweep.alpha=range(1,5)", "alpha", (1.0, 2.0, 3.0, 4.0)),
        ("sweep.alpha=range(2,4,0.5)", "alpha", (2.0, 2.5, 3.0, 3.5)),
        ("sweep.alpha='range(2, 4, 0.5)'", "alpha", (2.0, 2.5, 3.0, 3.5)),
        # The stop is left out whatever binary fractions make of it, and 2.3 is the 2.3 one types.
        ("sweep.alpha=range(1,2.2,0.1)", "alpha", tuple(n / 10 for n in range(10, 22))),
        ("sweep.alpha=range(2,4,0.1)", "alpha", tuple(n / 10 for n in range(20, 40))),
        ("sweep.alpha=7", "alpha", (7.0,)),
        ("sweep.alpha=2.5", "alpha", (2.5,)),
        ("sweep.scale=range(1,5)", "scale", (1, 2, 3, 4)),
        ("sweep.scale=3", "scale", (3,)),
        ("sweep.allocation=all", "allocation", tuple(f"A{n}" for n in range(1, 8))),
        ("sweep.allocation=A5,A1", "allocation", ("A5", "A1")),
        ("sweep.allocation=[A5,A1]", "allocation", ("A5", "A1")),
        ("sweep.allocation=A3", "allocation", ("A3",)),
        ("sweep.structure=all", "structure", tuple(f"C{n}" for n in range(1, 26))),
        ("sweep.structure=C7", "structure", ("C7",)),
        ("sweep.structure=C7,C11", "structure", ("C7", "C11")),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_axes_are_written_in_many_ways(word: str, axis: str, values: tuple[Any, ...]) -> None:
    """Lists, bare commas, ranges, `all` and single values name the values of an axis."""
    found = getattr(told(word).sweep, axis)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_the_papers_sweep_is_the_default() -> None:
    """Without a word the sweep is the paper's: 7 x 25 x 4, one replication, seed 0."""
    config = told()
    assert config.sweep.name == "paper"
    assert len(config.sweep.allocation) == 7
    assert config.sweep.structure == tuple(structures())
    assert (config.sweep.replications, config.sweep.scale) == (1, (1,))
    assert config.sweep.alpha == (2, 5, 10, 20)
    assert (config.seed, config.shard_of) == (0, (1, 1))
    assert (config.solver.name, config.solver.gap) == ("auto", 1e-4)
    assert config.network.allocations["A4"] == (20, 60, 10)


def test_own_allocations_are_labels_like_the_papers() -> None:
    """An allocation added to the network may be swept, and `all` covers it."""
    own = "+network.allocations.B1=[2,3,4]"
    assert told(own, "sweep.allocation=B1").sweep.allocation == ("B1",)
    assert "B1" in told(own).sweep.allocation


# Identity.


def test_identity_has_the_keys_that_decide_a_row() -> None:
    """Identity is the seed, all of network.* and all of solver.*, and no other key."""
    decisive = {key for key in KEYS if key == "seed" or key.startswith(("network.", "solver."))}
    assert set(validate(defaults()).identity()) == decisive
    assert {"seed", "network.allocations.A1", "network.demand", "solver.gap"} <= decisive


OTHER = {
    "seed": 7,
    "network.allocations.A1": [1, 2, 3],
    "network.cluster_sd_km": 25,
    "network.diagonal_redraw": 0.5,
    "network.demand": [1, 99],
    "network.capacity": [100, 499],
    "network.fixed_cost": 4999,
    "network.supply": 1000,
    "network.min_capacity_ratio": 1.1,
    "solver.name": "highs",
    "solver.method": "direct",
    "solver.gap": 0,
    "solver.time_limit_s": 60,
    "solver.threads": 2,
    "solver.seed": 1,
    "out": "elsewhere",
    "shard": "2/3",
    "dry_run": True,
    "retry": "errors",
    "sweep.name": "other",
    "sweep.allocation": ["A2"],
    "sweep.structure": ["C2"],
    "sweep.replications": 9,
    "sweep.scale": [2],
    "sweep.alpha": [3],
    "engine.name": "serial",
    "engine.chunk_s": 9,
    "engine.grace_s": 9,
    "engine.workers": 3,
    "engine.address": "head:6379",
    "store.commit_rows": 9,
    "store.commit_s": 9,
}
"""Another value for each key; the six other allocations are like A1."""


def test_there_is_another_value_for_each_key() -> None:
    """The property below leaves out no key."""
    assert set(OTHER) | {f"network.allocations.A{n}" for n in range(2, 8)} == set(KEYS)


@pytest.mark.parametrize("key", OTHER)
def test_identity_changes_with_what_decides_a_row_only(key: str) -> None:
    """Each decisive key changes its own entry of the identity; axes and engine change none."""
    before = validate(defaults()).identity()
    after = validate(placed(key, OTHER[key])).identity()
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == ({key} if key in before else set())
