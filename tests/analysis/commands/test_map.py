"""The verb ``map`` draws stored solutions."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.commands.map import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run of one network at two alphas."""
    folder = tmp_path_factory.mktemp("runs") / "one network"
    words = ["sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C3]", "solver=native"]
    assert run_sweep([*words, "engine=serial", "engine.in_process=true", f"out={folder}"]) == 0
    return folder


NETWORK = ["allocation=A6", "structure=C3"]


def test_a_map_is_written_in_three_formats(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into figures/ of the folder out; the costs are printed."""
    assert main([str(run), *NETWORK, "alpha=2", f"out={tmp_path}"]) == 0
    names = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert names == [f"map_A6_C3_alpha2.{ending}" for ending in ("pdf", "png", "svg")]
    printed = capsys.readouterr().out
    assert printed.startswith("A6 C3 replication 0 scale 1 alpha 2: 20,427 tkm (")


def test_two_alphas_are_two_panels(run: Path, tmp_path: Path) -> None:
    """The title counts what moved; the same map has the same bytes."""
    words = [str(run), *NETWORK, "alpha=[2,20]"]
    for name in ("a", "b"):
        assert main([*words, f"out={tmp_path / name}"]) == 0
    svg, again = (
        (tmp_path / name / "figures" / "map_A6_C3_alpha2_alpha20.svg").read_text()
        for name in ("a", "b")
    )
    assert svg == again
    assert "of 10 customers change their site" in svg


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["alpha=3"], "has no row of A6 C3 replication 0 scale 1 alpha 3"),
        (["alpha=[2,5,20]"], "alpha"),
        (["alpha=[]"], "alpha"),
        (["alpha=x"], "alpha"),
        ([], "alpha: missing"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_a_mistake(run: Path, words: list[str], message: str) -> None:
    """One line says why."""
    with pytest.raises(UserError, match=message) as caught:
        main([str(run), *NETWORK, *words])
    assert "\n" not in str(caught.value)
