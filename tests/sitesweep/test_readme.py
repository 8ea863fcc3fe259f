"""The command lines of the README are those of this version."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from sitesweep.command import main

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

COMMAND_LINES = [
    line.partition("sitesweep ")[2]
    for line in README.splitlines()
    if line.startswith("    ") and "sitesweep " in line
]
OWN_SWEEP = README.partition("```yaml\n")[2].partition("```")[0]


def test_the_readme_shows_most_verbs() -> None:
    """The command lines are found in the text."""
    verbs = {line.split()[0] for line in COMMAND_LINES}
    assert verbs >= {"run", "plan", "status", "report", "verify", "instance", "compact"}


@pytest.mark.parametrize("line", COMMAND_LINES, ids=ascii)
def test_a_command_line_has_known_keys_and_values(
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each can be composed, together with the file that the README shows."""
    for file in (tmp_path / "own.yaml", tmp_path / "DIR" / "sweep" / "own.yaml"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(OWN_SWEEP, encoding="utf-8")
    verb, *words = shlex.split(line, comments=True)
    as_plan = ["plan", *words] if verb == "run" else [verb, *words, "--cfg", "job"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sitesweep", *as_plan])
    with pytest.raises(SystemExit) as exit_info:
        main()
    assert exit_info.value.code == 0, capsys.readouterr().err


def test_the_readme_shows_the_claims_as_they_were_computed() -> None:
    """The table of claims is that of the summary in the repository, line by line."""
    folder = Path(__file__).parents[2] / "docs" / "replications" / "literal"
    table = (folder / "claims.md").read_text(encoding="utf-8").splitlines()
    lines = [line for line in table if line.startswith("|")]
    assert len(lines) == 2 + 10
    assert "\n".join(lines) in README
