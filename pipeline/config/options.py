"""Splits a command line into Hydra's options, folders of runs, and ``key=value`` words."""

from __future__ import annotations

import argparse
import difflib
from typing import NamedTuple, NoReturn

from pipeline.config.errors import UserError

_OPTIONS = {
    ("--cfg", "-c"): "job",
    ("--config-dir", "-cd"): "DIR",
    ("--config-name", "-cn"): "NAME",
}
"""Options that take a value, and this value."""

_MULTIRUN = (
    "is not needed: sweep.alpha=2,20 is one sweep here, with one table, and the same command "
    "continues it; expected the command without it"
)
_REFUSED = {
    "--multirun": _MULTIRUN,
    "-m": _MULTIRUN,
    "--config-path": "does not exist here, expected --config-dir DIR, which adds your files",
    "-cp": "does not exist here, expected -cd DIR, which adds your files",
}
"""Options of Hydra that have no use here, and what to write instead."""


class CommandLine(NamedTuple):
    """What the words of a command line ask for."""

    overrides: list[str]
    """``key=value`` words, in their order."""
    folders: list[str]
    """The words that name a folder without a key."""
    config_name: str | None
    """Value of ``--config-name``: the configuration to compose instead of that of the command."""
    config_dir: str | None
    """Value of ``--config-dir``: a folder with configuration files of the user."""
    shows_configuration: bool
    """``--cfg job``: print the composed configuration, do nothing else."""


def split(words: list[str], max_folders: int) -> CommandLine:
    """Split a command line.

    Parameters
    ----------
    words : list of str
        The words after the command.
    max_folders : int
        How many folders the command takes, which may be named without a key: 0, 1 or more.

    Raises
    ------
    UserError
        An option is unknown or lacks its value, or there are too many folders.
    """
    for word in words:
        name = word.partition("=")[0]
        if name in _REFUSED:
            raise UserError(f"{name} {_REFUSED[name]}")
    found, overrides = _parser().parse_known_args(words)
    if found.cfg not in (None, "job"):
        raise UserError(f"--cfg: expected job, got {found.cfg!r:.80}")
    for word in overrides:
        if word.startswith("-"):
            raise UserError(_unknown_option(word))
    folders = [word for word in overrides if word and "=" not in word] if max_folders else []
    if len(folders) > max_folders:
        expected = "one folder" if max_folders == 1 else f"at most {max_folders} folders"
        raise UserError(f"expected {expected}, got {' and '.join(map(repr, folders)):.160}")
    for folder in folders:
        overrides.remove(folder)
    return CommandLine(
        overrides, folders, found.config_name, found.config_dir, found.cfg is not None
    )


class _Parser(argparse.ArgumentParser):
    """Raises a mistake as `UserError`."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message.removeprefix("argument "))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    for names in _OPTIONS:
        parser.add_argument(*names)
    # What --cfg prints is always resolved, so this option of Hydra changes nothing.
    parser.add_argument("--resolve", action="store_true")
    return parser


def _unknown_option(word: str) -> str:
    name = word.partition("=")[0]
    known = [option for names in _OPTIONS for option in names]
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    expected = ", ".join(f"{names[0]} {value}" for names, value in _OPTIONS.items())
    return f"unknown option {name!r:.80}: {guess}expected key=value, {expected} or --help"
