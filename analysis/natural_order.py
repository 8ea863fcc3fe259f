"""Orders labels that end in a number by that number: C2 before C10."""

import polars as pl


def natural_order(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Sort a frame by columns; texts by what precedes a final number, then by that number.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows.
    *columns : str
        The first one counts most.

    Returns
    -------
    polars.DataFrame
        The rows, sorted.
    """
    order = []
    for name in columns:
        column = pl.col(name)
        if frame.schema[name] == pl.String:
            number = column.str.extract(r"(\d{1,18})$").cast(pl.Int64)
            order += [column.str.replace(r"\d{1,18}$", ""), number]
        order.append(column)
    return frame.sort(order) if order else frame
