"""The replay of a folder that is not a bundle is a user's mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.replay import main
from pipeline.config.errors import UserError


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no bundle in "),
        ("not JSON", "is not JSON"),
        ("[]", "was not written by sitesweep"),
        ("{}", "is not a bundle of this version of sitesweep"),
    ],
)
def test_a_folder_that_is_not_a_bundle_is_a_mistake(
    tmp_path: Path, content: str | None, message: str
) -> None:
    """Missing files, and files with other content, are reported in one line."""
    if content is not None:
        for name in ("problem.json", "run.json"):
            (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message) as caught:
        main([f"bundle={tmp_path}"])
    assert len(str(caught.value).splitlines()) == 1
