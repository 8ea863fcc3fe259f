"""Runs a sweep from Python, for example from a notebook."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.results import completeness
from pipeline.results.completeness import Completeness
from pipeline.results.table import read_results


@dataclass(frozen=True)
class Run:
    """A sweep that was run: where its rows are, and how complete they are.

    Parameters
    ----------
    folder : str
        Folder of the run; `read_results` reads its rows.
    completeness : Completeness
        Of the instances that this call asked for.

    Examples
    --------
    >>> import sitesweep as ss
    >>> words = ["sweep.allocation=[A6]", "sweep.structure=[C3]", "sweep.alpha=[2]"]
    >>> run = ss.run_sweep("smoke", *words, out=folder, engine="serial", solver="native")
    >>> run.completeness.certified
    1
    """

    folder: str
    completeness: Completeness

    def __repr__(self) -> str:
        return f"Run({self.folder!r}, {self.completeness})"


def run_sweep(sweep: str = "paper", *words: str, **keys: Any) -> Run:
    """Run a sweep, or continue it; return when it is done.

    The progress is shown while it runs. An interrupt, such as the stop button of a notebook, stops
    it without harm: the finished rows are stored, and the same call goes on from there. A Ray to
    which this process is connected already is used, and left as it is.

    Parameters
    ----------
    sweep : str
        Name of a sweep, such as ``smoke``, or the file of one of your own, such as ``mine.yaml``.
    *words : str
        Further words of the command line, such as ``"sweep.alpha=[2,20]"``.
    **keys
        Words whose key is a Python name: ``out``, ``engine``, ``solver``, ``seed``, ``retry``.

    Returns
    -------
    Run
        Instances may have ended in error: see its `completeness`.

    Raises
    ------
    UserError
        A mistake in the configuration or the folder.
    Failure
        The folder cannot be written any more; what was committed stays.

    Examples
    --------
    >>> import sitesweep as ss
    >>> one = ["sweep.allocation=[A6]", "sweep.structure=[C3]"]
    >>> ss.run_sweep("smoke", *one, out=folder, engine="serial", solver="native").completeness
    Completeness(2 instances: 2 certified)
    """
    all_words = [f"sweep={sweep}", *words, *(f"{key}={_format(v)}" for key, v in keys.items())]
    config = validate(compose("config", all_words))
    if config.dry_run:
        raise UserError("dry_run: a run from Python computes; expected dry_run=false")
    run(config)
    return Run(config.out, completeness.of_command(read_results(config.out), config))


def _format(value: Any) -> str:
    """Write a Python value as a word of the command line does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(_format(item) for item in value)}]"
    if isinstance(value, str | os.PathLike):
        text = os.fspath(value)
        plain = all(letter.isalnum() or letter in "_./:-" for letter in text)
        return text if plain else "'{}'".format(text.replace("\\", "\\\\").replace("'", "\\'"))
    return str(value)
