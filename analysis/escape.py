"""Text that somebody chose, as it is, in a LaTeX or CSV file; in HTML, Jinja2 escapes it."""

import polars as pl
from polars import selectors

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "%": r"\%",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "\N{EN DASH}": "--",
        "\N{GREEK SMALL LETTER ALPHA}": r"$\alpha$",
        "\N{DAGGER}": r"\dag{}",
        "\N{DOUBLE DAGGER}": r"\ddag{}",
        "\n": " ",
        "\r": " ",
    }
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that begins so is a formula to a spreadsheet program (OWASP, CSV injection)."""


def to_tex(text: object) -> str:
    """Return a text so that LaTeX prints it as it is."""
    return str(text).translate(_TEX)


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text that a spreadsheet program would run as a formula.

    Numbers stay as they are. Use it for every frame that is written as CSV.

    Parameters
    ----------
    frame : polars.DataFrame
        Any columns; those of type String, Categorical or Enum are looked at.
    """
    columns = []
    for name in frame.select(_TEXT).columns:
        value = pl.col(name).cast(pl.String)
        is_formula = pl.any_horizontal(*(value.str.starts_with(start) for start in FORMULA_STARTS))
        escaped = pl.when(is_formula).then(pl.concat_str(pl.lit("'"), value)).otherwise(value)
        columns.append(escaped.alias(name))
    return frame.with_columns(columns)


_TEXT = selectors.string(include_categorical=True) | selectors.by_dtype(pl.Enum)
