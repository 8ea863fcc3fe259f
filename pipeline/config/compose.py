"""Turns the words of a command line into a configuration. The only module that knows Hydra.

The compose API is used rather than ``hydra.main``: the commands keep their own exit codes, write
no log folder, and tell a mistake in one line.
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
    """Compose a configuration of this package.

    Parameters
    ----------
    name : str
        A YAML file of ``conf/``, without its ending.
    words : list of str
        ``key=value`` in Hydra's grammar. An axis may also be given in the notation of Hydra's
        own sweeps, ``sweep.alpha=2,20`` or ``sweep.scale=range(1,5)``: it stays one sweep.

    Returns
    -------
    dict
        Plain nested dictionaries, with every interpolation resolved.

    Raises
    ------
    UserError
        A word is not understood, or names a key or an option that does not exist.
    """
    try:
        parsed = [_parse(word) for word in words]
        for override in parsed:
            _check_group(override)
        overrides = [_one_value(override) for override in parsed]
        with initialize_config_dir(str(conf_folder()), version_base="1.3"):
            composed = hydra_compose(name, overrides=overrides)
        values = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_one_line(error, name)) from None
    except ValueError as error:  # a key below a list, and the like: Hydra lets it through
        told = " ".join(words)
        raise UserError(f"{told!r:.80} is not understood: {_one_line(error)}") from None
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()}


@functools.cache
def conf_folder() -> Path:
    """Return the absolute path of the YAML files.

    They are found by path, not by import: a user's Hydra project has a ``conf`` of its own. In a
    wheel they are beside this module; in a clone, ``conf/`` is beside the packages.
    """
    here = Path(__file__).resolve().parent
    in_wheel, in_clone = here / "conf", here.parents[1] / "conf"
    return in_wheel if in_wheel.is_dir() else in_clone


def _parse(word: str) -> Override:
    try:
        parsed = OverridesParser.create().parse_override(word)
        if not parsed.key_or_group:
            raise HydraException("there is no key")
    except HydraException as error:
        raise UserError(
            f"{word!r:.80} is not understood, expected key=value where value is a word, a number, "
            f"a [list] or range(start,stop,step): {_one_line(error)}"
        ) from None
    return parsed


def _check_group(override: Override) -> None:
    """Make sure that a word for a whole group names one of its files."""
    folder = conf_folder() / override.key_or_group
    if not override.key_or_group.isidentifier() or not folder.is_dir():
        return
    options = sorted(path.stem for path in folder.glob("*.yaml"))
    name = str(override.input_line).partition("=")[2]
    if name not in options:
        raise UserError(
            f"{override.key_or_group}: unknown {name!r:.80}, expected one of {', '.join(options)}"
        )


def _one_value(override: Override) -> str:
    """Rewrite Hydra's notation for several runs as one value of an axis."""
    word = str(override.input_line)
    key, _, value = word.partition("=")
    if not override.is_sweep_override():
        return word
    swept = override.value()
    if isinstance(swept, RangeSweep):
        return f'{key}="{value}"'
    if isinstance(swept, ChoiceSweep) and swept.simple_form:
        return f"{key}=[{value}]"
    raise UserError(f"{key}: expected a list or range(start,stop,step), got {value}")


def _one_line(error: Exception, name: str = "config") -> str:
    """Shorten a message of Hydra's to one line, without its advice to programmers.

    The name is that of the configuration, whose file knows the keys.
    """
    text = " ".join(str(error).split())
    if unknown := re.match(r"Could not override '([^']*)'", text):
        return f"unknown key {unknown[1]!r}, expected one of those in conf/{name}.yaml"
    if mandatory := re.match(r"Missing mandatory value: (\S+)", text):
        return f"{mandatory[1]}: missing, expected {mandatory[1]}=..."
    return re.split(r" (?:full_key:|Config search path:|See https)", text)[0]
