"""The columns that are the same in all rows of a command, for rows made by tests."""

from pipeline.results.rows import RunColumns

RUN = RunColumns("0123456789abcdef", seed=7, time_limit_s=300.0, threads=1)
