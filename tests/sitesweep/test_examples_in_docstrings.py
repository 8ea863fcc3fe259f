"""The examples in the docstrings of the public names print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import sitesweep

MODULES = ("sitesweep", *dict.fromkeys(sitesweep._HOMES.values()))


def test_the_examples_print_what_they_say(tmp_path: Path) -> None:
    """Those that need the folder of a run share one; numbers of seconds may differ."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    ran = set()
    for name in sorted(MODULES, key=lambda name: name != "pipeline.engine.run_sweep"):
        module = importlib.import_module(name)
        folder = str(tmp_path / "run")
        failed, attempted = doctest.testmod(
            module, extraglobs={"folder": folder}, optionflags=flags
        )
        assert not failed, name
        if attempted:
            ran.add(name)
    assert ran == set(MODULES)


@pytest.mark.parametrize("name", sitesweep.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    """A reader of help() sees how it is used."""
    value = getattr(sitesweep, name)
    assert ">>> " in (value.__doc__ or ""), name
