"""Every invalid value that the schema of the configuration excludes ends in a one-line error."""

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

WRONG_STRUCTURE = ["{a:1}", "[[1]]"]
"""Wrong for a value of any simple type."""

BROKEN = ["[1", "{a", "'x", "${nosuch}", "${oc.env:NO_SUCH_VARIABLE}", "a]b"]
"""Values that are wrong in Hydra's grammar or its interpolations."""

INVALID_TEXTS = ["''", "'a\nb'", "'a\tb'", "'\x07'", "'\x1b[31m'", "'s3://a'", "'\u2028'"]
"""Texts that are not a name, a label, an address, a shard or a folder."""

INVALID_TEXTS_BY_KEY = {
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
"""Texts that are invalid for one key only."""


def leaves(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield the keys of a schema that hold values: dotted path, schema of the value."""
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
    """Yield the paths of all sections; the first is empty, for the whole configuration."""
    yield path
    for name, inner in schema["properties"].items():
        if "$ref" in inner:
            section = SCHEMA["$defs"][inner["$ref"].split("/")[-1]]
            yield from sections(section, f"{path}.{name}" if path else name)


def invalid_values(schema: Schema) -> Iterator[str]:
    """Yield values that a schema excludes, as a user would write them."""
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
            *out_of_range(schema),
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
        yield from [*INVALID_TEXTS, "1", "[a]"]
    if kind == "array":
        yield from invalid_arrays(schema)
    else:
        yield from WRONG_STRUCTURE


def out_of_range(schema: Schema) -> Iterator[str]:
    """Yield numbers just outside and far outside the range of a schema."""
    for key, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0)):
        if key in schema:
            yield str(schema[key] + step)
            yield str(schema[key] + step * 10**9 if step else -1e300)


def invalid_arrays(schema: Schema) -> Iterator[str]:
    """Yield lists that are too short or too long, have a repeated value, or have a wrong value."""
    if "prefixItems" in schema:
        size = len(schema["prefixItems"])
        yield from ["[]", "7", "[1]", str([1] * (size + 1)).replace(" ", "")]
        for value in itertools.islice(invalid_values(schema["prefixItems"][0]), 8):
            yield f"[{','.join([value] + ['1'] * (size - 1))}]"
        return
    yield from ["[]", "[1,1]", "range(5,1)", "range(1,2,0)", "range(1,x)", "range(1,1e12)", "{a:1}"]
    for value in itertools.islice(invalid_values(schema["items"]), 8):
        yield f"[{value}]"


def words() -> Iterator[str]:
    """Yield one word of the command line for each mistake, all different."""
    keys = list(leaves(SCHEMA))
    broken = itertools.cycle(BROKEN)
    for key, schema in keys:
        for value in (*invalid_values(schema), *INVALID_TEXTS_BY_KEY.get(key, []), next(broken)):
            yield f"{key}={value}"
        yield f"{key}x=1"
        yield f"{key}.below=1"
    for section in sections(SCHEMA):
        prefix = f"{section}." if section else ""
        yield f"{prefix}nosuch=1"
        yield f"+{prefix}nosuch=1"
        if section:
            yield from (f"{section}={value}" for value in ("nosuch", "3", "[]", "../conf", "null"))
    yield from ["+network.allocations.a/b=[1,2,3]", "+network.allocations.'../x'=[1,2,3]"]
    yield from ["network.demand=[5,1]", "network.capacity=[500,100]"]
    yield from ["", "=", "seed", "=1", "~seed", "~sweep", "a b=1", "\x00", "--verbose", "@x=1"]


WORDS = list(dict.fromkeys(words()))

SAMPLED_WORDS = WORDS[::5]
"""Composing takes a tenth of a second, so the tests use every fifth word."""

REGRESSIONS = ["sweep.scale.below=1", "network.demand.below=1", "=1", "@x=1", "out='\u2028'"]
"""Words that once gave a traceback, or an error of two lines."""


def test_the_sample_has_mistakes_of_every_key() -> None:
    """The sample has at least 120 words, and at least two for each key."""
    assert len(SAMPLED_WORDS) >= 120
    for key, _ in leaves(SCHEMA):
        assert sum(word.startswith(f"{key}") for word in SAMPLED_WORDS) >= 2


def is_one_error(text: str) -> bool:
    """Return whether a text is a single error line, without any other kind of line break."""
    return text.startswith("error: ") and len(text.splitlines()) == 1 and text.endswith("\n")


@pytest.mark.parametrize("word", [*SAMPLED_WORDS, *REGRESSIONS], ids=ascii)
def test_any_mistake_is_one_line_and_exit_code_2(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr, nothing on stdout, no traceback, and no file in the current folder."""
    monkeypatch.chdir(tmp_path)
    # dry_run: if a mistake is accepted, at least no sweep starts.
    monkeypatch.setattr(sys, "argv", ["pipeline", "dry_run=true", word])
    with pytest.raises(SystemExit) as exit_info:
        command.run_command(main, None)
    printed = capsys.readouterr()
    assert exit_info.value.code == 2
    assert is_one_error(printed.err)
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("word", ["sweep.name=../../etc", "sweep.alpha.below=1", "solver='a\nb'"])
def test_a_separate_process_reports_a_mistake_in_the_same_way(word: str, tmp_path: Path) -> None:
    """The same holds for a command that a user starts, without dry_run."""
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
def test_commands_about_a_run_report_a_mistake_in_the_same_way(
    module: str,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong run folder or number of hours is one line and exit code 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [module, word])
    with pytest.raises(SystemExit) as exit_info:
        command.run_command(importlib.import_module(module).main, None)
    printed = capsys.readouterr()
    assert exit_info.value.code == 2
    assert is_one_error(printed.err)
    assert "conf/config.yaml" not in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []
