"""Composes a configuration from the words of a command line. The only module that uses Hydra.

It uses the compose API instead of ``hydra.main``, so that the commands keep their own exit codes,
write no log folder, and report a mistake in one line.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, RangeSweep
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline.config.errors import UserError


def compose(name: str, words: list[str]) -> dict[str, Any]:
    """Compose one of the configurations of ``conf/``.

    Parameters
    ----------
    name : str
        Name of a YAML file of ``conf/``, without its extension.
    words : list of str
        ``key=value`` in Hydra's grammar. An axis may also be written in Hydra's multirun notation,
        ``sweep.alpha=2,20`` or ``sweep.scale=range(1,5)``; the result is still one sweep.

    Returns
    -------
    dict
        Plain nested dictionaries, with every interpolation resolved.

    Raises
    ------
    UserError
        A word cannot be parsed, or names a key or an option that does not exist.
    """
    try:
        parsed = [_parse(word) for word in words]
        for override in parsed:
            _check_group(override)
        overrides = [_as_single_run(override) for override in parsed]
        with initialize_config_dir(str(conf_folder()), version_base="1.3"):
            composed = hydra_compose(name, overrides=overrides)
        values = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_hydra_message(error, name)) from None
    except ValueError as error:  # Hydra does not catch some mistakes, such as a key below a list
        command_line = " ".join(words)
        raise UserError(
            f"{command_line!r:.80} is not understood: {_hydra_message(error)}"
        ) from None
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()}


@functools.cache
def conf_folder() -> Path:
    """Return the absolute path of the YAML files.

    The folder is located by path, not by import, because a user's Hydra project may have a package
    ``conf`` of its own. In a wheel it is beside this module; in a clone it is at the top level.
    """
    package = Path(__file__).resolve().parent
    in_wheel, in_clone = package / "conf", package.parents[1] / "conf"
    return in_wheel if in_wheel.is_dir() else in_clone


def _parse(word: str) -> Override:
    try:
        parsed = OverridesParser.create().parse_override(word)
        if not parsed.key_or_group:
            raise HydraException("there is no key")
    except HydraException as error:
        raise UserError(
            f"{word!r:.80} is not understood, expected key=value where value is a word, a number, "
            f"a [list] or range(start,stop,step): {_hydra_message(error)}"
        ) from None
    return parsed


def _check_group(override: Override) -> None:
    """Check that a word for a whole configuration group names one of its files."""
    folder = conf_folder() / override.key_or_group
    if not override.key_or_group.isidentifier() or not folder.is_dir():
        return
    options = sorted(path.stem for path in folder.glob("*.yaml"))
    name = str(override.input_line).partition("=")[2]
    if name not in options:
        raise UserError(
            f"{override.key_or_group}: unknown {name!r:.80}, expected one of {', '.join(options)}"
        )


def _as_single_run(override: Override) -> str:
    """Rewrite Hydra's notation for several runs (multirun) as one value: a list or a range."""
    word = str(override.input_line)
    key, _, value = word.partition("=")
    if not override.is_sweep_override():
        return word
    parsed_value = override.value()
    if isinstance(parsed_value, RangeSweep):
        return f'{key}="{value}"'
    if isinstance(parsed_value, ChoiceSweep) and parsed_value.simple_form:
        return f"{key}=[{value}]"
    raise UserError(f"{key}: expected a list or range(start,stop,step), got {value}")


def _hydra_message(error: Exception, name: str = "config") -> str:
    """Shorten an error message of Hydra to one line, without its advice to programmers.

    Parameters
    ----------
    error : Exception
        Raised by Hydra or OmegaConf.
    name : str
        Name of the configuration, for a reference to its file.
    """
    text = " ".join(str(error).split())
    if unknown := re.match(r"Could not override '([^']*)'", text):
        return f"unknown key {unknown[1]!r}, expected one of those in conf/{name}.yaml"
    if mandatory := re.match(r"Missing mandatory value: (\S+)", text):
        return f"{mandatory[1]}: missing, expected {mandatory[1]}=..."
    return re.split(r" (?:full_key:|Config search path:|See https)", text)[0]
