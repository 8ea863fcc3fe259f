"""A question that cannot be answered is a mistake with a message of one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.commands.report import main
from analysis.findings import find
from analysis.question import Question
from pipeline.config.errors import UserError
from pipeline.config.sections import check
from tests.analysis.made_rows import unite_rows

MakeRow = Callable[..., dict[str, Any]]
ToFrame = Callable[..., pl.DataFrame]


def ask(rows: pl.DataFrame, **question: Any) -> None:
    """Ask a question about rows."""
    find(unite_rows(rows), check(Question, question))


WRONG_QUESTIONS = {
    "by=[alfa]": "by[0]: unknown column 'alfa', expected alpha",
    "by=open_sites": "by[0]: unknown column 'open_sites'",
    "by=[allocation,allocation]": "expected distinct values",
    "quantiles=[0.5,2]": "quantiles[1]: expected less than or equal to 1",
    "quantiles=[]": "quantiles: expected at least one value",
    "reference_alpha=0": "reference_alpha: expected greater than 0",
    "where=": "where: expected a condition in SQL",
    "where=alfa <= 5": "where: unknown column 'alfa', expected alpha",
    'where=structure = "C1"': "a text needs single quotes: structure = 'C3'",
    "where=alpha": "must be of type `Boolean`",
    "where=alpha <": "unable to parse",
    "where=structure > 3": "cannot compare string with numeric type",
    "where=__import__('os').system('touch x')": "where: expected a condition in SQL",
    "where=read_csv('/etc/passwd') = 1": "unsupported function 'read_csv'",
    "where=alpha in (select 1)": "where: ",
    "where=alpha < 5; drop table x": "unexpected token ';'",
    "colour=red": "unknown key 'colour'",
}
"""Word of a command line -> part of the message."""


@pytest.mark.parametrize("word", WRONG_QUESTIONS)
def test_a_wrong_question_gives_one_line(word: str, tmp_path: Path) -> None:
    """A wrong key, column, number or condition is a user error with a message of one line."""
    with pytest.raises(UserError) as caught:
        main([str(tmp_path), word])
    assert WRONG_QUESTIONS[word] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_condition_that_some_row_does_not_allow_gives_one_line(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """What depends on the values of the rows is found only when they are read."""
    with pytest.raises(UserError, match="^where: conversion from") as caught:
        ask(to_frame([make_row("A1", "C1", 2.0)]), where="cast(structure as int)=1")
    assert "\n" not in str(caught.value)


def test_an_alpha_that_the_table_lacks_is_no_reference(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """The message says which alphas there are."""
    rows = to_frame([make_row("A1", "C1", alpha) for alpha in (2.0, 5.0)])
    with pytest.raises(UserError, match="no row has alpha 7; the table has 2 to 5"):
        ask(rows, reference_alpha=7.0)
