"""Every mistake that the schema of the configuration knows of ends a command in one line."""

from __future__ import annotations

import importlib
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.run import main
from pipeline.config import command
from pipeline.config.sections import Config

SCHEMA = Config.model_json_schema()

Schema = dict[str, Any]

HUGE = "1" + "0" * 400

NOT_EVEN_NEAR = ["{a:1}", "[[1]]"]
"""Wrong for a value of whatever simple type."""

BROKEN = ["[1", "{a", "'x", "${nosuch}", "${oc.env:NO_SUCH_VARIABLE}", "a]b"]
"""What Hydra's grammar or its interpolations do not understand."""

UNFIT_TEXTS = ["''", "'a\nb'", "'a\tb'", "'\x07'", "'\x1b[31m'", "'s3://a'", "'\u2028'"]
"""Texts that are neither a name, nor a label, an address, a shard or a folder."""

OWN_TEXTS = {
    "sweep.name": [
        *("../../etc", "..", ".hidden", "-x", "a/b", "a b", "größe", "名前", "x" * 65, "a\\b"),
    ],
    "shard": [
        "0/1",
        "2/1",
        "1/0",
        "-1/2",
        "1",
        "1/1/1",
        "\uff11/\uff12",
        "a/b",
        "1.0/2",
        "99999999/1",
    ],
    "engine.address": ["head", "head:", ":6379", "head:port", "'a b:1'", "head:123456", "a:b:1"],
    "sweep.allocation": [
        "A0",
        "a1",
        "[A1,A9]",
        "all,A1",
        "[all]",
        "\uff11",
        "[A1,A1]",
        "range(1,3)",
    ],
    "sweep.structure": ["C0", "C26", "c1", "[C1,C1]", "[C1,../C2]", "\uff231", "range(1,3)"],
}
"""Texts of the right type that one key alone does not take."""


def leaves(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Walk a schema down to the keys that hold values: dotted path, schema of the value."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].split("/")[-1]]
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif "additionalProperties" in schema:
        yield f"{path}.A1", schema["additionalProperties"]
    else:
        yield path, schema


def sections(schema: Schema, path: str = "") -> Iterator[str]:
    """List the parts of the configuration, the whole one first as an empty path."""
    yield path
    for name, inner in schema["properties"].items():
        if "$ref" in inner:
            below = SCHEMA["$defs"][inner["$ref"].split("/")[-1]]
            yield from sections(below, f"{path}.{name}" if path else name)


def unfit(schema: Schema) -> Iterator[str]:
    """Write values that a schema does not take, as a user would."""
    if "anyOf" in schema:
        schema = next(option for option in schema["anyOf"] if option["type"] != "null")
    else:
        yield "null"
    kind = "one of several" if "enum" in schema else schema["type"]
    if kind in ("integer", "number"):
        yield from [
            "x",
            "true",
            "nan",
            "inf",
            "-inf",
            "''",
            "\uff11x",
            "1_",
            "0x1g",
            *outside(schema),
        ]
    if kind == "integer":
        yield from ["1.5", "1e3", HUGE]
    if kind == "one of several":
        name = schema["enum"][0]
        yield from [
            name.upper(),
            f"{name}x",
            f"[{name}]",
            "0",
            "''",
            "../auto",
            "'a\nb'",
            "\u0430uto",
        ]
    if kind == "boolean":
        yield from ["perhaps", "2", "1.0", "''", "[true]", "nan"]
    if kind == "string":
        yield from [*UNFIT_TEXTS, "1", "[a]"]
    if kind == "array":
        yield from arrays(schema)
    else:
        yield from NOT_EVEN_NEAR


def outside(schema: Schema) -> Iterator[str]:
    """Write the numbers next to the range of a schema."""
    for key, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0)):
        if key in schema:
            yield str(schema[key] + step)
            yield str(schema[key] + step * 10**9 if step else -1e300)


def arrays(schema: Schema) -> Iterator[str]:
    """Write lists that are too short, too long, double, or of one wrong value."""
    if "prefixItems" in schema:
        size = len(schema["prefixItems"])
        yield from ["[]", "7", "[1]", str([1] * (size + 1)).replace(" ", "")]
        for value in itertools.islice(unfit(schema["prefixItems"][0]), 8):
            yield f"[{','.join([value] + ['1'] * (size - 1))}]"
        return
    yield from ["[]", "[1,1]", "range(5,1)", "range(1,2,0)", "range(1,x)", "range(1,1e12)", "{a:1}"]
    for value in itertools.islice(unfit(schema["items"]), 8):
        yield f"[{value}]"


def words() -> Iterator[str]:
    """Write one word of the command line for each mistake, all different."""
    known = list(leaves(SCHEMA))
    broken = itertools.cycle(BROKEN)
    for key, schema in known:
        for value in (*unfit(schema), *OWN_TEXTS.get(key, []), next(broken)):
            yield f"{key}={value}"
        yield f"{key}x=1"
        yield f"{key}.below=1"
    for section in sections(SCHEMA):
        within = f"{section}." if section else ""
        yield f"{within}nosuch=1"
        yield f"+{within}nosuch=1"
        if section:
            yield from (f"{section}={value}" for value in ("nosuch", "3", "[]", "../conf", "null"))
    yield from ["+network.allocations.a/b=[1,2,3]", "+network.allocations.'../x'=[1,2,3]"]
    yield from ["network.demand=[5,1]", "network.capacity=[500,100]"]
    yield from ["", "=", "seed", "=1", "~seed", "~sweep", "a b=1", "\x00", "--verbose", "@x=1"]


WORDS = list(dict.fromkeys(words()))

TRIED = WORDS[::5]
"""Composing takes a tenth of a second: every fifth word is a good sample of each key."""

ONCE_LET_THROUGH = ["sweep.scale.below=1", "network.demand.below=1", "=1", "@x=1", "out='\u2028'"]
"""Words that once ended in a traceback, or in two lines."""


def test_the_schema_gives_mistakes_of_every_key() -> None:
    """Well over a hundred words are tried, and several for each key that can be said."""
    assert len(TRIED) >= 120
    for key, _ in leaves(SCHEMA):
        assert sum(word.startswith(f"{key}") for word in TRIED) >= 2


def is_one_error(text: str) -> bool:
    """Whether a text is a single line of an error, without line breaks of any other kind."""
    return text.startswith("error: ") and len(text.splitlines()) == 1 and text.endswith("\n")


@pytest.mark.parametrize("word", [*TRIED, *ONCE_LET_THROUGH], ids=ascii)
def test_a_mistake_of_any_kind_is_one_line_and_exit_code_2(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr, nothing on stdout, no traceback, and no file where the user is."""
    monkeypatch.chdir(tmp_path)
    # A word that were let through would at least not start a sweep.
    monkeypatch.setattr(sys, "argv", ["pipeline", "dry_run=true", word])
    with pytest.raises(SystemExit) as left:
        command.run_command(main, None)
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert is_one_error(printed.err)
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["sweep.name=../../etc", "sweep.alpha.below=1", "solver='a\nb'"])
def test_a_process_of_its_own_ends_the_same_way(word: str, tmp_path: Path) -> None:
    """What holds within the process holds for a user, without dry_run too."""
    finished = subprocess.run(
        [sys.executable, "-m", "pipeline", "sweep=smoke", "engine=serial", word],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 2
    assert is_one_error(finished.stderr)
    assert finished.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "word"),
    [
        ("pipeline.commands.status", "run="),
        ("pipeline.commands.status", "run=[a]"),
        ("pipeline.commands.status", "run='a\nb'"),
        ("pipeline.commands.status", "run=nowhere"),
        ("pipeline.commands.status", "colour=red"),
        ("pipeline.commands.compact", "run=s3://bucket"),
        ("pipeline.commands.compact", "run=nowhere"),
        ("pipeline.commands.compact", "keep_hours=-1"),
        ("pipeline.commands.compact", "keep_hours=1.5"),
        ("pipeline.commands.compact", "keep_hours=1000001"),
        ("pipeline.commands.compact", "keep_hours=nan"),
        ("pipeline.commands.verify", "run="),
        ("pipeline.commands.verify", "run=null"),
        ("pipeline.commands.verify", "run=nowhere"),
        ("pipeline.commands.verify", "run"),
    ],
)
def test_the_commands_about_a_run_end_the_same_way(
    module: str,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A word that names no run, or no number of hours, is one line and exit code 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [module, word])
    with pytest.raises(SystemExit) as left:
        command.run_command(importlib.import_module(module).main, None)
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert is_one_error(printed.err)
    assert "conf/config.yaml" not in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []
