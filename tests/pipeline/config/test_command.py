"""A command reports a user's mistake by its exit code and one line on stderr."""

from __future__ import annotations

import sys

import pytest

from pipeline.config import command
from tests.pipeline.config.configurations import config_of


def test_a_mistake_ends_a_command_with_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake gives one line on stderr and exit code 2; without one, the exit code is 0."""

    def check(words: list[str]) -> int:
        config_of(*words)
        return 0

    for words, code, stderr_lines in ((["sweep.alpha=0"], 2, 1), (["sweep.alpha=2"], 0, 0)):
        monkeypatch.setattr(sys, "argv", ["command", *words])
        with pytest.raises(SystemExit) as exit_info:
            command.run_command(check, None)
        printed = capsys.readouterr()
        assert exit_info.value.code == code
        assert printed.out == ""
        assert len(printed.err.splitlines()) == stderr_lines
        assert printed.err.startswith("error: sweep.alpha[0]: " if code else "")
