"""A command line is split into Hydra's options, one folder, and the other words in their order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.options import split

OPTIONS = {
    ("--config-dir", "mine"): "config_dir",
    ("-cd", "mine"): "config_dir",
    ("--config-dir=mine",): "config_dir",
    ("--config-name", "mine"): "config_name",
    ("-cn", "mine"): "config_name",
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("position", range(3))
def test_an_option_may_stand_anywhere(option: tuple[str, ...], position: int) -> None:
    """The other words keep their order."""
    words = ["sweep=smoke", "seed=1"]
    words[position:position] = option
    line = split(words, max_folders=0)
    assert line.overrides == ["sweep=smoke", "seed=1"]
    assert getattr(line, OPTIONS[option]) == "mine"


@given(st.lists(st.text(st.sampled_from("ab=+~ \n'[,é"), max_size=5), max_size=4))
def test_no_word_is_lost(words: list[str]) -> None:
    """Words that are no options are overrides; or one of them, without =, is the folder."""
    assert split(words, max_folders=0).overrides == words
    if sum("=" not in word for word in words if word) == 1:
        line = split(words, max_folders=1)
        assert sorted([*line.overrides, *line.folders]) == sorted(words)


def test_several_folders_keep_their_order() -> None:
    """A command may be about several runs; the other words are not among them."""
    line = split(["b", "out=x", "a"], max_folders=9)
    assert (line.folders, line.overrides) == (["b", "a"], ["out=x"])


def test_too_many_folders_are_a_mistake() -> None:
    """A command is about one run."""
    with pytest.raises(UserError, match="expected one folder, got 'a' and 'b'"):
        split(["a", "b"], max_folders=1)
    with pytest.raises(UserError, match="expected at most 2 folders, got 'a' and 'b' and 'c'"):
        split(["a", "b", "c"], max_folders=2)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.text(st.sampled_from("ab/.~'\"\\[]{}(),:é名 $%&;"), min_size=1).filter(
        lambda text: "${" not in text
    )
)
def test_a_folder_without_a_key_is_taken_literally(folder: str) -> None:
    """No letter of a folder has a meaning in Hydra's grammar."""
    assert compose("status", [folder], "run") == {"run": folder}
