"""A plan describes what a run would do, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.run import main


def test_a_dry_run_writes_nothing(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is printed on stdout, and no folder is created."""
    assert main([*tiny, f"out={tmp_path / 'plan'}", "dry_run=true"]) == 0
    assert "12 of 12 instances to solve" in capsys.readouterr().out
    assert not (tmp_path / "plan").exists()
