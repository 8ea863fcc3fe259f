"""Command-line arguments of the benchmarks: words of the form key=value, and ``--help``.

A benchmark declares its keys as the fields of a frozen dataclass, each made by `key`. A value has
the type of the default: int, float, str, or a tuple of str, which is written with commas.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection
from dataclasses import Field, field, fields
from typing import Any, NoReturn, TypeVar

from pipeline.config.command import run_command
from pipeline.config.errors import UserError

ArgumentsT = TypeVar("ArgumentsT")
ValueT = TypeVar("ValueT", int, float, str, tuple[str, ...])


def key(
    default: ValueT,
    help: str,
    *,
    least: int = 1,
    choices: Collection[object] = (),
    positional: bool = False,
) -> ValueT:
    """Declare a key of a benchmark.

    Parameters
    ----------
    default : int, float, str or tuple of str
        Value of the key if it is not on the command line; its type is the type of the key.
    help : str
        One line for ``--help``.
    least : int
        Smallest permitted value of an int. A float must be > 0.
    choices : collection
        The permitted values, or the permitted members of a tuple; if empty, all are permitted.
    positional : bool
        Whether this tuple holds the words without ``=``, and is not set by ``key=value``.

    Returns
    -------
    dataclasses.Field
        Its type is declared as that of the default, as in `dataclasses.field`.
    """
    rules = {"help": help, "least": least, "choices": choices, "positional": positional}
    return field(default=default, metadata=rules)


def run_benchmark(
    main: Callable[[ArgumentsT], int], arguments: type[ArgumentsT], doc: str | None
) -> NoReturn:
    """Run a benchmark with the words of the command line and exit with its exit code.

    ``--help`` prints the text and the keys, with exit code 0. After an unknown key or a bad value,
    the exit code is 2, and one line on stderr says what was expected.

    Parameters
    ----------
    main : callable
        Takes an instance of `arguments`, returns the exit code.
    arguments : type
        A dataclass whose fields are made by `key`.
    doc : str or None
        The docstring of the benchmark's module.
    """
    usage = f"{(doc or '').strip()}\n\n{describe_keys(arguments)}"
    run_command(lambda words: main(parse(arguments, words)), usage)


def describe_keys(arguments: type[Any]) -> str:
    """List the keys of a benchmark with their defaults, one per line."""
    entries = []
    for each in fields(arguments):
        default: Any = each.default
        if each.metadata["positional"]:
            entries.append((each.name.upper(), f"{each.metadata['help']}: {' '.join(default)}"))
        else:
            text = {tuple: ",".join, float: "{:g}".format}.get(type(default), str)(default)
            entries.append((f"{each.name}={text}", each.metadata["help"]))
    width = max(len(name) for name, _ in entries)
    lines = [f"  {name:<{width}}  {text}" for name, text in entries]
    return "\n".join(["keys with their defaults:", *lines])


def parse(arguments: type[ArgumentsT], words: list[str]) -> ArgumentsT:
    """Read the words of a command line.

    Parameters
    ----------
    arguments : type
        A dataclass whose fields are made by `key`.
    words : list of str
        ``key=value``, or members of the positional tuple.

    Returns
    -------
    object
        An instance of `arguments`; keys that are not among the words have their default.

    Raises
    ------
    pipeline.config.errors.UserError
        A key is unknown or a value is not permitted.
    """
    declared: tuple[Field[Any], ...] = fields(arguments)  # type: ignore[arg-type]
    keys = {each.name: each for each in declared if not each.metadata["positional"]}
    positional = [each for each in declared if each.metadata["positional"]]
    values: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if equals and name in keys:
            values[name] = _read(keys[name], text)
        elif equals:
            raise UserError(f"unknown key {name!r:.80}, expected one of {', '.join(keys)}")
        elif positional:
            name = positional[0].name
            values[name] = (*values.get(name, ()), *_read(positional[0], word))
        else:
            raise UserError(f"{word!r:.80} is not understood, expected key=value")
    return arguments(**values)


def _read(declared: Field[Any], text: str) -> Any:
    """Convert the text of a value to the type of its key, and check it."""
    default: Any = declared.default
    kind, rules = type(default), declared.metadata
    expected = {int: f"a whole number >= {rules['least']}", float: "a number > 0"}.get(kind, "text")
    if rules["choices"]:
        expected = f"one of {', '.join(map(str, rules['choices']))}"
    value: Any = None
    with contextlib.suppress(ValueError):
        value = tuple(text.split(",")) if kind is tuple else kind(text)
    if rules["choices"]:
        permitted = set(value if kind is tuple else [value]) <= set(rules["choices"])
    elif kind is int:
        permitted = value is not None and value >= rules["least"]
    elif kind is float:
        permitted = value is not None and 0 < value < math.inf
    else:
        permitted = bool(text)
    if not permitted:
        raise UserError(f"{declared.name}: expected {expected}, got {text!r:.80}")
    return value
