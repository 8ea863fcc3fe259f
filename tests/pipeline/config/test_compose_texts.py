"""Keys of plain text: nothing in their values is of Hydra's grammar."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.config.compose import compose


@settings(max_examples=12, deadline=None)
@given(st.text("${}\\'\"a=,[]()<~ \n", max_size=10))
@example("${run}")
@example("\\${run}")
@example("???")
@example("a'b\\")
@example("alpha <= 5 and structure = 'C1'")
def test_a_text_is_taken_as_it_is(text: str) -> None:
    """Quotes, brackets, equals signs and interpolations in a text mean nothing."""
    assert compose("report", [f"where={text}"], "run", texts=("where",))["where"] == text


def test_of_two_words_the_last_one_counts() -> None:
    """As for every other key."""
    words = ["where=a", "where=b", "out=x", "where=a"]
    composed = compose("report", words, "run", texts=("where",))
    assert (composed["where"], composed["out"]) == ("a", "x")


def test_the_printed_configuration_has_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """``--cfg job`` prints the text, too."""
    with pytest.raises(SystemExit):
        compose("report", ["--cfg", "job", "where=alpha <= 5"], "run", texts=("where",))
    assert "where: alpha <= 5" in capsys.readouterr().out
