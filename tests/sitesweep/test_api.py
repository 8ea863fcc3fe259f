"""What a user of ``import sitesweep`` meets: names, short texts, errors of one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

import numpy as np
import pytest

import sitesweep as ss
from pipeline.results.schema import COORDINATE

ROOT = Path(__file__).parents[2]
ONE = ["sweep.allocation=[A6]", "sweep.structure=[C3]"]


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python code in a folder, as a notebook does that was started there."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ss.Run:
    """Run a sweep of two instances from Python."""
    folder = tmp_path_factory.mktemp("my runs") / "two"
    return ss.run_sweep("smoke", *ONE, out=folder, engine="serial", solver="native")


def test_importing_the_package_loads_no_library(tmp_path: Path) -> None:
    """Names are loaded when they are used; ``dir`` lists them all the same."""
    code = "import sys, sitesweep; print('numpy' in sys.modules, len(dir(sitesweep)))"
    printed = python(code, tmp_path).stdout.split()
    assert printed[0] == "False"
    assert set(ss.__all__) <= set(dir(ss))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'solv'"):
        ss.solv  # noqa: B018


def test_run_sweep_returns_the_folder_and_its_completeness(run: ss.Run) -> None:
    """Its words are those of the command line; a folder may have a space in its name."""
    assert Path(run.folder).name == "two"
    assert (run.completeness.instances, run.completeness.certified) == (2, 2)
    assert repr(run).endswith("two', 2 instances: 2 certified)")
    again = ss.run_sweep("smoke", *ONE, out=run.folder, engine="serial", solver="native")
    assert again.completeness == run.completeness


def test_a_mistake_in_run_sweep_is_a_user_error(tmp_path: Path) -> None:
    """The message is the one of the command line."""
    with pytest.raises(ss.UserError, match=r"sweep\.alpha"):
        ss.run_sweep("smoke", "sweep.alpha=[0]", out=tmp_path)
    with pytest.raises(ss.UserError, match="dry_run"):
        ss.run_sweep("smoke", out=tmp_path, dry_run=True)
    assert list(tmp_path.iterdir()) == []


def test_run_sweep_works_in_a_thread(tmp_path: Path) -> None:
    """Only the main thread may set signal handlers."""
    results = []
    thread = Thread(
        target=lambda: results.append(
            ss.run_sweep("smoke", *ONE, out=tmp_path / "run", engine="serial", solver="native")
        )
    )
    thread.start()
    thread.join()
    assert results[0].completeness.is_complete


def test_a_stored_solution_is_that_of_its_row(run: ss.Run) -> None:
    """Network, assignment, flows and costs belong together."""
    for row in ss.read_results(run.folder).collect(engine="in-memory").rows(named=True):
        place = {key: row[key] for key in COORDINATE}
        found = ss.load_solution(run.folder, **place)
        assert found.solution.open_sites.tolist() == row["open_sites"]
        assert found.solution.assignment.tolist() == row["assignment"]
        assert found.cost.total == pytest.approx(row["z1"], rel=1e-12)
        received = found.solution.flow.sum()
        assert received == pytest.approx(row["alpha"] * row["total_demand"])
        drawn = ss.draw_network("A6", "C3")
        assert np.array_equal(found.network.sites, drawn.sites)


def test_a_missing_row_is_a_user_error(run: ss.Run) -> None:
    """The message names folder and instance."""
    with pytest.raises(ss.UserError, match="has no row of A6 C3 replication 0 scale 1 alpha 3"):
        ss.load_solution(run.folder, "A6", "C3", alpha=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"allocation": "A9", "structure": "C3"}, "allocation: unknown 'A9'"),
        ({"allocation": "A1", "structure": "C99"}, "structure: unknown 'C99'"),
        ({"allocation": "A1", "structure": "C3", "suply": 1}, "network.suply"),
        ({"allocation": "A1", "structure": "C3", "replication": -1}, "replication >= 0"),
    ],
)
def test_a_wrong_network_is_a_user_error(arguments: dict[str, object], message: str) -> None:
    """One line says what was expected."""
    with pytest.raises(ss.UserError, match=message) as caught:
        ss.draw_network(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_parameters_of_the_generator_can_be_given() -> None:
    """They are the keys of ``network`` in a configuration."""
    assert ss.draw_network("A6", "C3", supply=1000).supply.tolist() == [1000.0] * 60
    mine = ss.draw_network("mine", "C3", allocations={"mine": [2, 3, 4]})
    assert (len(mine.sources), len(mine.sites), len(mine.customers)) == (2, 3, 4)


def ids_of_transports(root: ElementTree.Element) -> list[str]:
    """List the ids of the groups of lines in a map: one for each stage."""
    ids = [element.get("id", "") for element in root.iter()]
    return [id_ for id_ in ids if id_.endswith(("-first-stage", "-second-stage"))]


def test_texts_are_short_and_maps_are_valid(run: ss.Run) -> None:
    """Nothing prints a matrix; a notebook shows a map, and a table of a result."""
    network = ss.draw_network("A6", "C3")
    problem = network.problem(2)
    stored = ss.load_solution(run.folder, "A6", "C3", alpha=2)
    result = ss.solve(problem, ss.Options("native"))
    everything = (network, problem, stored, stored.solution, result, run, ss.Options())
    for value in everything:
        assert len(repr(value)) < 200, value
        assert "\n" not in repr(value)
    for drawn in (network, stored):
        ElementTree.fromstring(drawn.map_svg())
    for shown in (network, stored, result):
        ElementTree.fromstring(f"<div>{shown._repr_html_()}</div>")
    root = ElementTree.fromstring(stored.map_svg())
    lines = sum(len(root.findall(f".//*[@id='{id_}']/*")) for id_ in ids_of_transports(root))
    assert lines == np.count_nonzero(stored.solution.flow) + len(network.customers)


def test_a_network_is_no_problem() -> None:
    """A likely mistake gets a message that says what is missing: alpha."""
    with pytest.raises(TypeError, match=r"use network\.problem\(alpha=\.\.\.\)"):
        ss.solve(ss.draw_network("A6", "C3"))  # type: ignore[arg-type]


def test_results_without_a_solution_have_a_text() -> None:
    """Infeasible: the status, and in the table the reason."""
    problem = ss.Problem([[1]], [[1]], [9], [8], [1], [99], 1)
    result = ss.solve(problem, ss.Options("native"))
    assert repr(result).startswith("Result(infeasible, ")
    assert "all sites together make 8 t" in result._repr_html_()


@pytest.mark.parametrize("hiding", ["analysis.py", "pipeline/__init__.py", "solvers/__init__.py"])
def test_a_file_that_hides_a_package_is_named_in_one_line(tmp_path: Path, hiding: str) -> None:
    """A user's own module of the same name comes first where Python was started."""
    (tmp_path / hiding).parent.mkdir(exist_ok=True)
    (tmp_path / hiding).write_text("")
    completed = python("import sitesweep; sitesweep.solve", tmp_path)
    assert completed.returncode == 1
    last = completed.stderr.strip().splitlines()[-1]
    assert f"{tmp_path.resolve()}/{hiding}" in last
    assert "rename that file, or start Python in another folder" in last


def test_the_pipeline_names_a_file_that_hides_a_package(tmp_path: Path) -> None:
    """``python -m pipeline`` too: one line and exit code 2."""
    (tmp_path / "solvers.py").write_text("")
    completed = subprocess.run(
        [sys.executable, "-m", "pipeline", "sweep=smoke"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == 2
    assert completed.stderr.startswith("error: sitesweep needs its package 'solvers'")
    assert completed.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "ray"])
def test_a_folder_with_packages_of_a_hydra_project_works(tmp_path: Path, engine: str) -> None:
    """``conf/__init__.py`` hides nothing, and no child process imports a module of the folder."""
    (tmp_path / "conf").mkdir()
    for name in ("conf/__init__.py", "numpy_helpers.py", "types_of_mine.py"):
        (tmp_path / name).write_text("raise RuntimeError('imported by mistake')")
    code = (
        "import sitesweep as ss\n"
        f"run = ss.run_sweep('smoke', *{ONE!r}, out='mine', engine={engine!r}, solver='native')\n"
        "print(run.completeness)"
    )
    completed = python(code, tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == "2 instances: 2 certified\n"


@pytest.mark.slow
def test_a_ray_of_the_user_is_used_and_stays(tmp_path: Path) -> None:
    """A notebook may be connected to a Ray of its own; a sweep leaves it as it is."""
    code = (
        "import os\n"
        "os.environ |= {'RAY_USAGE_STATS_ENABLED': '0', 'RAY_ENABLE_UV_RUN_RUNTIME_ENV': '0'}\n"
        "import ray\n"
        "ray.init(num_cpus=1, include_dashboard=False, _node_ip_address='127.0.0.1')\n"
        "before = ray.get_runtime_context().get_node_id()\n"
        "import sitesweep as ss\n"
        f"run = ss.run_sweep('smoke', *{ONE!r}, out='mine', engine='ray', solver='native')\n"
        "assert ray.is_initialized()\n"
        "assert ray.get_runtime_context().get_node_id() == before\n"
        "print(run.completeness)"
    )
    completed = python(code, tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout.endswith("2 instances: 2 certified\n")
