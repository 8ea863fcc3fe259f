"""Composes a configuration from the words of a command line. The only module that uses Hydra.

It uses the compose API instead of ``hydra.main``, so that the commands keep their own exit codes,
write no log folder, and report a mistake in one line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    Override,
    Quote,
    QuotedString,
    RangeSweep,
)
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from pipeline.config.errors import UserError, one_line
from pipeline.config.files import (
    config_folders,
    find_configuration,
    find_option,
    is_group,
    option_files,
)
from pipeline.config.options import split
from pipeline.config.unknown_key import unknown_key

_OPEN_SECTION = "network.allocations."
"""Start of the keys that a user may add and remove."""

_EXISTS = "{0} exists already: expected {0}=... without +"

_USERS_FILE = "file of the user"
"""Option of a group under which Hydra finds the file that a user named by its path."""


def compose(
    name: str,
    words: list[str],
    folder: str | None = None,
    max_folders: int = 1,
    texts: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Compose one of the configurations of ``conf/``.

    Parameters
    ----------
    name : str
        Name of a YAML file of ``conf/``, without its extension.
    words : list of str
        ``key=value`` in Hydra's grammar. An axis may also be written in Hydra's multirun notation,
        ``sweep.alpha=2,20`` or ``sweep.scale=range(1,5)``; the result is still one sweep. An option
        of a group may be a file: ``sweep=path/to.yaml``. Also Hydra's options ``--config-dir``,
        ``--config-name`` and ``--cfg job``.
    folder : str, optional
        The key that words without ``=`` set: to one folder, or to the list of several.
    max_folders : int
        How many words without ``=`` there may be.
    texts : tuple of str
        Keys at the top level whose values are plain text: Hydra does not see their words.

    Returns
    -------
    dict
        Plain nested dictionaries, with every interpolation resolved.

    Raises
    ------
    UserError
        A word cannot be parsed, or names a key or an option that does not exist.
    SystemExit
        After ``--cfg job``, which prints the configuration.
    """
    line = split(words, 0 if folder is None else max_folders)
    given_texts, words_of_hydra = _take_texts(line.overrides, texts)
    parsed = [_parse(word) for word in words_of_hydra]
    if line.folders:
        quoted = [_quoted(name) for name in line.folders]
        value = quoted[0] if len(quoted) == 1 else f"[{','.join(quoted)}]"
        parsed.append(_parse(f"{folder}={value}"))
    folders = config_folders(line.config_dir)
    try:
        overrides = [_check_group(_check_key(override), folders) for override in parsed]
        primary = name if line.config_name is None else _primary(line.config_name, folders)
        composed = _compose(primary, overrides, folders)
        if line.shows_configuration:
            resolved = OmegaConf.to_container(composed, resolve=True)
            assert isinstance(resolved, dict)
            print(OmegaConf.to_yaml(OmegaConf.create(resolved | given_texts)), end="")
            raise SystemExit(0)
        values = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_hydra_message(error)) from None
    except YAMLError as error:
        raise UserError(f"a file is not YAML: {one_line(error)}") from None
    except ValueError as error:  # Hydra does not catch some mistakes, such as a key below a list
        command_line = " ".join(words)
        raise UserError(
            f"{command_line!r:.80} is not understood: {_hydra_message(error)}"
        ) from None
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()} | given_texts


def _compose(name: str, overrides: list[Override], folders: list[Path]) -> DictConfig:
    """Compose with Hydra; an unknown key is a `UserError`."""
    words = [_as_single_run(override) for override in overrides]
    users = ",".join(_quoted(f"file://{folder}") for folder in folders[1:])
    with initialize_config_dir(str(folders[0]), version_base="1.3"):
        try:
            return hydra_compose(name, overrides=[*words, f"hydra.searchpath=[{users}]"])
        except HydraException as error:
            unknown = re.match(r"Could not override '([^'@]*)", str(error))
            if unknown is None:
                raise
            groups = [
                word
                for word, override in zip(words, overrides, strict=True)
                if is_group(override.key_or_group) and override.key_or_group != unknown[1]
            ]
            known = OmegaConf.to_container(hydra_compose(name, overrides=groups))
    raise UserError(_unknown_key(unknown[1], _keys(known), folders))


def _unknown_key(key: str, known: list[str], folders: list[Path]) -> str:
    """Write the message about an unknown key, which may exist with another option of its group."""
    if key.startswith(_OPEN_SECTION):
        return f"unknown key {key!r}: +{key}=[sources,sites,customers] adds an allocation"
    group, _, rest = key.partition(".")
    for file in option_files(group, folders) if rest else []:
        if rest in OmegaConf.load(file):
            return f"{key} is a key of {group}={file.stem} only"
    return unknown_key(key, known)


def _keys(tree: Any, prefix: str = "") -> list[str]:
    """List the keys of nested sections, with dots, and the sections themselves."""
    keys = []
    for name, value in tree.items():
        keys.append(f"{prefix}{name}")
        if isinstance(value, dict):
            keys += _keys(value, f"{prefix}{name}.")
    return keys


def _parse(word: str) -> Override:
    """Parse one word; a value that is not of Hydra's grammar, but plain text, is taken as text."""
    key, equals, value = word.partition("=")
    parse = OverridesParser.create().parse_override
    try:
        try:
            parsed = parse(word)
        except HydraException:
            if not equals or set(value) & set("[]{}()'\",$\\~"):
                raise
            parsed = parse(f"{key}={_quoted(value)}")
    except HydraException:
        raise UserError(f"{word!r:.80} is not understood: {_expected(word)}") from None
    if not parsed.key_or_group:
        raise UserError(f"{word!r:.80} is not understood: there is no key")
    return parsed


def _expected(word: str) -> str:
    """Say what was expected instead of a word that cannot be parsed."""
    key, equals, value = word.partition("=")
    if any(word.count(left) != word.count(right) for left, right in ("[]", "{}", "()")):
        return "a list has no spaces, or is in quotes: sweep.alpha=[2,20], or 'sweep.alpha=[2, 20]'"
    if not equals:
        return "expected key=value, such as sweep=smoke or sweep=path/to.yaml"
    if not re.fullmatch(r"[+~]*[\w.@/-]+", key, re.ASCII):
        return f"{key!r:.80} is not a key"
    if value.startswith("~"):
        return "expected $HOME instead of ~"
    return (
        "expected key=value where value is a word, a number, a [list] or range(start,stop,step); "
        "a text with special characters is in quotes twice, as in out=\"'a,b'\""
    )


def _quoted(text: str) -> str:
    return QuotedString(text, Quote.single).with_quotes()


def _take_texts(words: list[str], keys: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Take the words out that set a key to plain text; return these texts and the other words."""
    texts, others = {}, []
    for word in words:
        key, equals, text = word.partition("=")
        if equals and key in keys:
            texts[key] = text
        else:
            others.append(word)
    return texts, others


def _check_key(override: Override) -> Override:
    """Check that a word does not touch Hydra itself, nor remove a key that is needed."""
    key = override.key_or_group
    if re.split("[./]", key)[0] == "hydra":
        raise UserError(
            f"{key}: Hydra's own keys have no effect here; out= is the folder of a run, and "
            "engine= is where it runs"
        )
    if override.package is not None:
        raise UserError(f"{key}@{override.package}: expected {key}=... without @")
    if override.is_delete() and not key.startswith(_OPEN_SECTION):
        raise UserError(f"~{key}: every key is needed, expected {key}=... with another value")
    return override


def _check_group(override: Override, folders: list[Path]) -> Override:
    """Check that a word for a configuration group names one of its files, or a user's file."""
    group, text = override.key_or_group, str(override.input_line).partition("=")[2]
    if not is_group(group):
        return override
    if override.is_sweep_override():
        raise UserError(
            f"{group}: expected one option, got {text!r:.80}; one command fills one table, and "
            "only axes take several values, such as sweep.alpha=2,20"
        )
    value = override.value()
    option = value if isinstance(value, str) else text
    if option.endswith((".yaml", ".yml")):
        _register(f"{group}: ", option, group)
        return _parse(f"{group}={_quoted(_USERS_FILE)}")
    find_option(group, option, folders)
    return override


def _register(where: str, path: str | Path, group: str | None = None) -> None:
    """Make the file of a user an option of a group, or without a group a whole configuration."""
    try:
        content = OmegaConf.load(path)
    except OSError as error:
        raise UserError(f"{where}cannot read {str(path)!r:.80}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{where}{str(path)!r:.80} is not a text in UTF-8") from None
    if not isinstance(content, DictConfig):
        raise UserError(f"{where}{str(path)!r:.80} has no keys")
    ConfigStore.instance().store(_USERS_FILE, content, group)


def _primary(config_name: str, folders: list[Path]) -> str:
    """Return the name under which Hydra finds the configuration that ``--config-name`` names."""
    file = find_configuration(config_name, folders)
    if file.parent == folders[0]:
        return file.stem
    _register("--config-name: ", file)
    return _USERS_FILE


def _as_single_run(override: Override) -> str:
    """Rewrite Hydra's notation for several runs (multirun) as one value: a list or a range."""
    word = str(override.input_line)
    key, _, value = word.partition("=")
    if not override.is_sweep_override():
        return word
    if isinstance(override.value(), RangeSweep):
        return f'{key}="{value}"'
    choices = re.fullmatch(r"choice\((.*)\)|([^()]*)", value)
    if isinstance(override.value(), ChoiceSweep) and choices:
        return f"{key}=[{choices[1] or choices[2]}]"
    raise UserError(f"{key}: expected a list or range(start,stop,step), got {value}")


def _hydra_message(error: Exception) -> str:
    """Shorten an error message of Hydra or OmegaConf to one line, without advice to programmers."""
    text = " ".join(str(error).split())
    for pattern, message in (
        (r"Missing mandatory value: (\S+)", "{0}: missing, expected {0}=..."),
        (r"Interpolation key '([^']*)' not found", "{0}: missing"),
        (r"Could not append to config. An item is already at '([^']*)'", _EXISTS),
        (r"Multiple values for (\S+)\.", _EXISTS),
    ):
        if found := re.match(pattern, text):
            return message.format(found[1])
    return re.split(r" (?:full_key:|Config search path:|See https)", text)[0]
