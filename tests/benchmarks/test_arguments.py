"""The command lines of the benchmarks: help, keys and mistakes. No benchmark is run."""

from __future__ import annotations

import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

KEYS = {
    "speed": {"allocation=A1,A2,A3,A4,A5,A6,A7", "limit=120", "core=", "out=outputs/benchmarks"},
    "scale": {"scale=4", "limit=60", "allocation=A1,A2,A3,A4,A5,A6,A7"},
    "enumeration": {"problems=1000", "seed=0", "first=0", "method=native,", "limit=10"},
    "coverage": {"simulations=2000", "seed=1"},
    "second_opinion": {"solver=highs", "limit=300"},
    "kills": {"kills=200", "seed=1"},
    "overhead": {"rows=100000", "drivers=1", "engine=ray", "workers=2", "burn_ms=0", "ratios=10"},
    "utilisation": {"workers=2", "allocation=A1,A2,A3,A4,A5,A6,A7"},
    "licences": {"licences=3", "models=10000", "workers=8"},
    "planning": {"instances=1000000", "files=100"},
    "poison": {"structures=25", "workers=2"},
    "prediction": {"rows=100", "splits=10", "seed=0"},
    "quantiles": {"rows=10000000", "files=16", "cores=2", "seed=0"},
    "revisions": {
        "old=",
        "allocation=A1,A2",
        "structure=C1,C2",
        "alpha=2,5",
        "replications=1",
        "limit=60",
        "core=",
    },
    "gap_zero": {"allocation=A2,A4,A5,A6,A7", "structure=C1,C2,C3", "limit=120"},
}
"""Benchmark -> its keys with their defaults, as the help shows them."""

MISTAKES = [
    ("speed", "nothing", "native"),
    ("speed", "allocation=A1,A9", "A7"),
    ("speed", "core=-1", "one of"),
    ("scale", "scale=0", "a whole number >= 1"),
    ("scale", "scale=2.5", "a whole number >= 1"),
    ("scale", "limit=nan", "a number > 0"),
    ("scale", "limit=0", "a number > 0"),
    ("scale", "A1", "key=value"),
    ("second_opinion", "solver=cplex", "highs, gurobi"),
    ("kills", "seed=-1", "a whole number >= 0"),
    ("kills", "kills=", "a whole number >= 1"),
    ("poison", "structures=26", "one of"),
    ("quantiles", "rows=0", "a whole number >= 1"),
    ("quantiles", "numpy", "pandas"),
    ("gap_zero", "structure=C26", "C25"),
    ("revisions", "old=nowhere", "the folder of another revision"),
]
"""Benchmark, a wrong argument, and a part of the message."""


@dataclass(frozen=True)
class Ending:
    """The exit code of a command and what it printed."""

    code: object
    stdout: str
    stderr: str


Run = Callable[..., Ending]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Function that runs a benchmark's module as ``python -m`` does, without the extra `bench`."""
    monkeypatch.syspath_prepend(ROOT)
    for name in [name for name in sys.modules if name.startswith("benchmarks.")]:
        monkeypatch.delitem(sys.modules, name)
    for library in ("ortools", "pyscipopt", "duckdb", "pandas"):
        monkeypatch.setitem(sys.modules, library, None)
    sigterm_handler = signal.getsignal(signal.SIGTERM)

    def run_module(name: str, *words: str) -> Ending:
        monkeypatch.setattr(sys, "argv", [name, *words])
        with pytest.raises(SystemExit) as caught:
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        return Ending(caught.value.code, *capsys.readouterr())

    yield run_module
    signal.signal(signal.SIGTERM, sigterm_handler)


def test_every_benchmark_is_listed_here() -> None:
    """Every module that can be run as a benchmark is in `KEYS`."""
    modules = (ROOT / "benchmarks").glob("*.py")
    assert {path.stem for path in modules if "Arguments, __doc__" in path.read_text()} == set(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_help_names_every_key(name: str, run: Run) -> None:
    """``--help`` prints the usage and each key with its default, with exit code 0."""
    ending = run(name, "--help")
    assert (ending.code, ending.stderr) == (0, "")
    assert f"usage: python -m benchmarks.{name} " in ending.stdout
    lines = ending.stdout.partition("keys with their defaults:\n")[2].splitlines()
    shown = [line.split()[0] for line in lines if "=" in line]
    assert len(shown) == len(KEYS[name])
    assert all(any(word.startswith(entry) for word in shown) for entry in KEYS[name])
    assert all(len(line.split()) > 1 for line in lines)


@pytest.mark.parametrize("name", KEYS)
def test_an_unknown_key_is_one_line_with_exit_code_2(name: str, run: Run) -> None:
    """The message names the unknown key and those that exist."""
    ending = run(name, "colour=red")
    assert (ending.code, ending.stdout) == (2, "")
    assert ending.stderr.startswith("error: unknown key 'colour', expected one of ")
    assert all(entry.partition("=")[0] in ending.stderr for entry in KEYS[name])
    assert ending.stderr.count("\n") == 1


def test_positional_words_are_not_a_key(run: Run) -> None:
    """The arms are named without ``=``, in one notation only."""
    ending = run("speed", "arms=native")
    assert ending.code == 2
    assert ending.stderr.startswith("error: unknown key 'arms'")


@pytest.mark.parametrize(("name", "word", "message"), MISTAKES)
def test_a_bad_value_is_one_line_with_exit_code_2(
    name: str, word: str, message: str, run: Run
) -> None:
    """The message says what was expected and repeats the value."""
    ending = run(name, word)
    assert (ending.code, ending.stdout) == (2, "")
    assert message in ending.stderr
    assert word.partition("=")[2] in ending.stderr
    assert ending.stderr.count("\n") == 1


def test_values_have_the_types_of_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, lists and positional words are read; keys that are absent keep their default."""
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import speed
    from benchmarks.arguments import parse

    arguments = parse(speed.Arguments, ["native", "limit=20", "highs-direct", "allocation=A1,A3"])
    assert arguments.arms == ("native", "highs-direct")
    assert arguments.allocation == ("A1", "A3")
    assert (arguments.limit, type(arguments.limit)) == (20, float)
    assert arguments.out == "outputs/benchmarks"
