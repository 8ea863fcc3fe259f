"""The command ``sitesweep``: its verbs, their help, and the entry point of the package."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from sitesweep import __main__, command

ROOT = Path(__file__).parents[2]

LIBRARIES = ["hydra", "pydantic", "polars", "numba", "numpy", "ray", "deltalake", "pyarrow"]


def test_every_command_is_a_verb() -> None:
    """The verbs are the modules of `pipeline.commands`, and three of `analysis`."""
    modules = {path.stem for path in (ROOT / "pipeline" / "commands").glob("*.py")} - {"__init__"}
    assert set(command.verbs()) == modules | {"claims", "readings", "report"}


@pytest.mark.parametrize("verb", command.verbs())
def test_a_verb_is_the_function_main_of_its_module(verb: str) -> None:
    """The module has that function, and its docstring is the usage of the verb."""
    module = importlib.import_module(command.verbs()[verb])
    assert callable(module.main)
    assert f"\nusage: sitesweep {verb} " in str(module.__doc__)


def printed(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Return what the command prints on stdout."""
    monkeypatch.setattr(sys, "argv", ["sitesweep", *words])
    with pytest.raises(SystemExit):
        command.main()
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", ["", *command.verbs()])
def test_help_fits_a_screen(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The help of the command and of each verb has at most 35 lines of 100 columns."""
    lines = printed([*filter(None, [verb]), "--help"], monkeypatch, capsys).splitlines()
    assert 5 < len(lines) <= 35
    assert max(map(len, lines)) <= 100


def test_help_lists_all_verbs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each verb has a line, and a command without words shows the same help."""
    text = printed(["--help"], monkeypatch, capsys)
    assert all(f"\n  {verb} " in text for verb in command.verbs())
    assert printed([], monkeypatch, capsys) == text


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]], ids=" ".join)
def test_help_and_version_import_no_library(words: list[str]) -> None:
    """They answer at once, because the libraries that take a second to import are not imported."""
    code = (
        "import atexit, sys\n"
        f"sys.argv = ['sitesweep', *{words}]\n"
        f"atexit.register(lambda: print('imported:', set(sys.modules) & {set(LIBRARIES)}))\n"
        "from sitesweep.__main__ import main\n"
        "main()\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.splitlines()[-1] == "imported: set()"


def test_the_entry_point_of_the_package_is_this_command() -> None:
    """``sitesweep`` in pyproject.toml is a function that can be loaded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    value = project["scripts"]["sitesweep"]
    assert EntryPoint("sitesweep", value, "console_scripts").load() is __main__.main


@pytest.mark.parametrize("name", ["pipeline.py", "analysis.py", "solvers/__init__.py"])
def test_a_file_that_hides_a_package_is_named_in_one_line(name: str, tmp_path: Path) -> None:
    """In a folder with such a file, ``python -m sitesweep`` says which file it is."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    finished = subprocess.run(
        [sys.executable, "-m", "sitesweep", "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert finished.stderr.startswith("error: ")
    assert str(file) in finished.stderr
