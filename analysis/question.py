"""A reader's own question to a results table: which rows, which groups, which quantiles."""

from __future__ import annotations

import difflib
from typing import Annotated

import polars as pl
import pyarrow as pa
from pydantic import AfterValidator, Field

from analysis.aggregate import FrameT
from analysis.coverage import with_clusters
from pipeline.config.axis import Axis
from pipeline.config.errors import one_line
from pipeline.config.sections import Positive, Section
from pipeline.results.schema import RESULTS
from pipeline.results.table import empty_results

DEFAULT_BY = ("allocation", "scale")
"""Columns whose values are the groups, beside alpha, if the question names none."""

DEFAULT_QUANTILES = (0.1, 0.5, 0.9)
"""Probabilities of the quantiles if the question names none: the median, and the middle 80 %."""


GROUP_COLUMNS = (
    *(field.name for field in RESULTS if not pa.types.is_list(field.type)),
    "clusters",
)
"""Columns by whose values rows can be grouped."""


def _check_column(name: str) -> str:
    if name not in GROUP_COLUMNS:
        raise ValueError(_unknown_column(name, GROUP_COLUMNS))
    return name


def _check_condition(text: str) -> str:
    """Check that a text is a condition over the columns of a results table."""
    columns = [*RESULTS.names, "clusters"]
    hint = "expected a condition in SQL, such as: alpha <= 5 and structure = 'C3'"
    try:
        condition = pl.sql_expr(text)
        unknown = sorted(set(condition.meta.root_names()) - set(columns))
        if unknown:
            raise ValueError(
                f"{_unknown_column(unknown[0], columns)}; a text needs single quotes: "
                "structure = 'C3'"
            )
        with_clusters(empty_results()).filter(condition).collect(engine="in-memory")
    except pl.exceptions.PolarsError as error:
        reason = one_line(str(error).partition("\n")[0], 120)
        raise ValueError(f"{hint}, got {text!r:.80}: {reason}") from None
    return text


def _unknown_column(name: str, columns: list[str] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, columns, n=1)
    expected = f"expected {near[0]}" if near else "docs/columns.md lists the columns"
    return f"unknown column {name!r:.80}, {expected}"


class Question(Section):
    """What to summarise: each part is None where the question does not name it.

    Parameters
    ----------
    by : tuple of str, optional
        Columns of the results table, or ``clusters``. The groups are the combinations of their
        values with those of alpha: values at different alphas are never mixed.
    quantiles : tuple of float, optional
        Probabilities, from 0 to 1.
    where : str, optional
        Which rows: a condition in SQL over the columns of the table, as `polars.sql_expr` reads
        it. It is parsed, and never evaluated as code.
    reference_alpha : float, optional
        The alpha that counts as 100 percent.
    """

    by: Axis[Annotated[str, AfterValidator(_check_column)]] | None = None
    quantiles: Axis[Annotated[float, Field(ge=0, le=1)]] | None = None
    where: Annotated[str, AfterValidator(_check_condition)] | None = None
    reference_alpha: Positive | None = None

    @property
    def is_own(self) -> bool:
        """Whether any part is named."""
        parts = (self.by, self.quantiles, self.where, self.reference_alpha)
        return any(part is not None for part in parts)

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns whose values are the groups: alpha is the last one."""
        return (*(name for name in self.by or DEFAULT_BY if name != "alpha"), "alpha")

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probabilities of the quantiles, ascending."""
        return tuple(sorted(self.quantiles or DEFAULT_QUANTILES))

    def select(self, rows: FrameT) -> FrameT:
        """Select the rows that the question is about; they have the column ``clusters``."""
        return rows if self.where is None else rows.filter(pl.sql_expr(self.where))
