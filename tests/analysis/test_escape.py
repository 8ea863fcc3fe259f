"""A name that somebody chose is text in a LaTeX file, and no formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.escape import FORMULA_STARTS, to_tex, without_formulas


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("A_1 & 5 %", r"A\_1 \& 5 \%"),
        ("<b>$x$#~^", r"\textless{}b\textgreater{}\$x\$\#\textasciitilde{}\textasciicircum{}"),
        ("\N{GREEK SMALL LETTER ALPHA} = 2", r"$\alpha$ = 2"),
    ],
)
def test_latex_prints_a_text_as_it_is(text: str, expected: str) -> None:
    """Every character with a meaning in LaTeX is written as one that is printed."""
    assert to_tex(text) == expected


@given(st.text())
def test_no_text_is_a_command(text: str) -> None:
    """What follows a backslash is one of our own words, or one escaped character."""
    found = to_tex(text)
    own = r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}"
    rest = re.sub(rf"{own}|\\(dag|ddag)\{{\}}|\$\\alpha\$|\\[{{}}$&#_%]", "", found)
    assert not re.search(r"[\\{}$&#_%~^\n]", rest)


@given(st.lists(st.text(st.sampled_from("=+-@\t\r1A,\"'\n"), max_size=4), min_size=1))
def test_no_cell_of_a_csv_file_is_a_formula(texts: list[str]) -> None:
    """A text that would be one gets an apostrophe; every other text, and every number, stays."""
    frame = pl.DataFrame({"name": texts, "value": [-1.5] * len(texts)})
    written = without_formulas(frame).write_csv()
    header, *rows = csv.reader(io.StringIO(written, newline=""))
    assert header == ["name", "value"]
    for text, (found, value) in zip(texts, rows, strict=True):
        assert not found.startswith(FORMULA_STARTS)
        assert found == (f"'{text}" if text.startswith(FORMULA_STARTS) else text)
        assert value == "-1.5"


def test_labels_of_an_enumeration_are_text_too() -> None:
    """Groups are often of such a type."""
    frame = pl.DataFrame({"group": pl.Series(["=1+1", "A1"], dtype=pl.Enum(["=1+1", "A1"]))})
    assert without_formulas(frame).get_column("group").to_list() == ["'=1+1", "A1"]
