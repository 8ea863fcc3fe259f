"""The YAML files of conf/ are found in a clone and in a wheel, never in a user's own conf/."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[3]

COMPOSE = """
from pipeline.config.compose import compose
from pipeline.config.files import conf_folder
print(conf_folder())
print(compose("config", [])["sweep"]["name"])
"""

BUILD = """
import sys
from setuptools.build_meta import build_wheel
build_wheel(sys.argv[1])
"""


SWEEP = """
import sys
import sitesweep as ss
one = ["sweep.allocation=[A6]", "sweep.structure=[C1]"]
run = ss.run_sweep("smoke", *one, out="mine", engine=sys.argv[1], solver="highs")
print(run.completeness)
"""


@pytest.fixture
def users_project(tmp_path: Path) -> Path:
    """Make a folder with a Hydra configuration and an importable package ``conf``."""
    conf = tmp_path / "users_project" / "conf"
    conf.mkdir(parents=True)
    (conf / "__init__.py").write_text("")
    (conf / "config.yaml").write_text("sweep:\n  name: the user's\n")
    return conf.parent


def run_python(code: str, *arguments: str, cwd: Path, import_from: Path | None = None) -> list[str]:
    """Run code in a process that imports from one folder and not from cwd; return its lines."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if import_from is not None:
        environment["PYTHONPATH"] = str(import_from)
    finished = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def yaml_files(conf: Path) -> set[str]:
    """List the YAML files in a folder and below it, as relative paths."""
    return {path.relative_to(conf).as_posix() for path in conf.rglob("*.yaml")}


def test_a_clone_uses_its_own_conf_folder(users_project: Path) -> None:
    """In a folder with another ``conf`` package, the configuration is still that of the clone."""
    found = run_python(COMPOSE, cwd=users_project, import_from=ROOT)
    assert found == [str(ROOT / "conf"), "paper"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel of a copy of the project, without network and pip."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "requirements.lock"):
        shutil.copy(ROOT / name, copy)
    for name in ("conf", "pipeline", "sitesweep", "solvers", "analysis"):
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    target = tmp_path_factory.mktemp("wheel")
    run_python(BUILD, str(target), cwd=copy)
    (built,) = target.glob("*.whl")
    return built


@pytest.mark.slow
def test_a_wheel_has_all_yaml_files_and_no_top_level_conf(wheel: Path) -> None:
    """Every YAML file is in ``pipeline/config/conf``, and no package ``conf`` is installed."""
    with zipfile.ZipFile(wheel) as archive:
        names = {PurePosixPath(name) for name in archive.namelist()}
    folders = {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")}
    assert folders == {"analysis", "pipeline", "sitesweep", "solvers"}
    assert {PurePosixPath(folder) / "py.typed" for folder in folders} <= names
    inside = PurePosixPath("pipeline/config/conf")
    found = {str(name.relative_to(inside)) for name in names if name.is_relative_to(inside)}
    assert found == yaml_files(ROOT / "conf")
    # What an archive and a report of an installed sitesweep need.
    assert PurePosixPath("pipeline/config/requirements.lock") in names
    templates = {path.relative_to(ROOT) for path in (ROOT / "analysis/page/templates").iterdir()}
    assert templates <= {Path(name) for name in names}


@pytest.mark.slow
def test_an_installed_wheel_uses_its_own_conf_folder(
    wheel: Path, users_project: Path, tmp_path: Path
) -> None:
    """In a folder with another ``conf`` package, the configuration is still that of the wheel."""
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    folder, sweep = run_python(COMPOSE, cwd=users_project, import_from=installed)
    assert Path(folder) == installed / "pipeline" / "config" / "conf"
    assert sweep == "paper"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "ray"])
def test_an_installed_wheel_runs_a_sweep_in_a_users_project(
    wheel: Path, users_project: Path, tmp_path: Path, engine: str
) -> None:
    """Driver, fork server and Ray's workers take their modules from the wheel."""
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    lines = run_python(SWEEP, engine, cwd=users_project, import_from=installed)
    assert lines == ["2 instances: 2 certified"]
