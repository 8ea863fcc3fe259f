"""Where files of this project are: ``conf/``, a user's configurations, the lock file."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from pipeline.config.errors import UserError


@functools.cache
def conf_folder() -> Path:
    """Return the absolute path of the YAML files of this project.

    The folder is located by path, not by import, because a user's Hydra project may have a package
    ``conf`` of its own. In a wheel it is beside this module; in a clone it is at the top level.
    """
    package = Path(__file__).resolve().parent
    in_wheel, in_clone = package / "conf", package.parents[1] / "conf"
    return in_wheel if in_wheel.is_dir() else in_clone


def lock_file() -> Path:
    """Return the path of the lock file of this project; it is in the same places as ``conf/``."""
    package = Path(__file__).resolve().parent
    in_wheel, in_clone = (folder / "requirements.lock" for folder in (package, package.parents[1]))
    return in_wheel if in_wheel.is_file() else in_clone


def config_folders(config_dir: str | None) -> list[Path]:
    """Return the folders in which a configuration file is looked for, in this order.

    Raises
    ------
    UserError
        ``config_dir`` is not a folder.
    """
    if config_dir is None:
        return [conf_folder()]
    if not os.path.isdir(config_dir):
        raise UserError(f"--config-dir: no folder {config_dir!r:.80}")
    return [conf_folder(), Path(os.path.abspath(config_dir))]


def is_group(key: str) -> bool:
    """Return whether a key is a group, which is a folder of ``conf/`` with a file per option."""
    return key.isidentifier() and (conf_folder() / key).is_dir()


def option_files(group: str, folders: list[Path]) -> list[Path]:
    """List the files of a group; without a group of that name there are none."""
    if not is_group(group):
        return []
    return [file for folder in folders for file in sorted((folder / group).glob("*.yaml"))]


def find_option(group: str, option: str, folders: list[Path]) -> Path:
    """Return the file of an option of a group.

    Raises
    ------
    UserError
        There is no such option, or a file of the user has its name.
    """
    files = option_files(group, folders)
    found = [file for file in files if file.stem == option]
    if not found:
        options = ", ".join(sorted({file.stem for file in files}))
        raise UserError(f"{group}: unknown {option!r:.80}, expected one of {options}, or FILE.yaml")
    if len(found) > 1:
        raise UserError(f"{group}: {found[1]} has the name of another option, expected a new name")
    return found[0]


def find_configuration(config_name: str, folders: list[Path]) -> Path:
    """Return the file of the configuration that ``--config-name`` names.

    Raises
    ------
    UserError
        There is no such file, or a file of the user has the name of one in ``conf/``.
    """
    name = f"{config_name.removesuffix('.yaml')}.yaml"
    # os.path, because pathlib raises an error for a name that is too long.
    found = [folder / name for folder in folders if os.path.isfile(folder / name)]
    if not found:
        raise UserError(f"--config-name: no file {name!r:.80} in the folder of --config-dir")
    if len(found) > 1:
        raise UserError(f"--config-name: sitesweep has its own {name}, expected a new name")
    return found[0]
