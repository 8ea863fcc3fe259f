"""Predicted times follow the rows of a run, stay within the time limit, and never change a row."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from pipeline.sweep.time_model import TimeModel

Times = NDArray[np.float64]


def configured(*words: str) -> Config:
    """Return a configuration of the paper's sweep."""
    return validate(compose("config", ["sweep.replications=3", *words]))


CONFIG = configured()
SWEEP = Sweep.of(CONFIG)


def rows_with(times: Times) -> pl.LazyFrame:
    """Make a table with the time of each instance; shape (networks, alphas)."""
    columns = [
        (*SWEEP.network(number), alpha) for number in range(len(times)) for alpha in SWEEP.alphas
    ]
    names = ["allocation", "structure", "replication", "scale", "alpha"]
    frame = pl.DataFrame(columns, schema=names, orient="row")
    return frame.with_columns(solve_s=pl.Series(times.reshape(-1))).lazy()


def made_up(sd: float = 0.8) -> Times:
    """Draw times: a machine at half the speed, effects of structure and alpha, normal errors."""
    rng = np.random.default_rng(1)
    rough = TimeModel(CONFIG).seconds(SWEEP)[:, None]
    effects = np.exp(rng.normal(0, 0.5, (1, 1, len(SWEEP.structures), 1)))
    growth = np.array(SWEEP.alphas) ** -0.3
    shape = (len(SWEEP.groups), SWEEP.replications, len(SWEEP.structures), len(SWEEP.alphas))
    times = 2 * rough * effects * growth * np.exp(rng.normal(0, sd, shape))
    return np.asarray(times).reshape(SWEEP.n_networks, -1)


def sample(rows: pl.LazyFrame, n: int, seed: int = 0) -> pl.LazyFrame:
    """Keep some rows at random."""
    return rows.collect().sample(n, seed=seed).lazy()


def predicted_s(times: TimeModel) -> float:
    """Return the predicted seconds of the whole sweep."""
    nothing = np.zeros((SWEEP.n_networks, len(SWEEP.alphas)), dtype=bool)
    return PendingWork(SWEEP, nothing, CONFIG, times=times).predicted_s


def test_a_hundred_rows_predict_the_whole_sweep() -> None:
    """From 100 of 2,100 rows, the median error of ten draws is below a fifth."""
    times = made_up()
    rows = rows_with(times)
    errors = [
        predicted_s(TimeModel(CONFIG, sample(rows, 100, seed))) / times.sum() - 1
        for seed in range(10)
    ]
    assert np.median(np.abs(errors)) < 0.2


def test_without_rows_the_rough_prediction_holds() -> None:
    """No table, an empty table, and a table of error rows without times give the same."""
    empty = rows_with(made_up()).filter(pl.lit(False))
    without_times = rows_with(made_up()).with_columns(solve_s=pl.lit(None, dtype=pl.Float64))
    expected = TimeModel(CONFIG).seconds(SWEEP)
    for rows in (empty, without_times):
        model = TimeModel(CONFIG, rows)
        assert model.n_rows == 0
        assert np.array_equal(model.seconds(SWEEP), expected)


def test_one_row_is_enough_to_learn_from() -> None:
    """A single row is used, and gives finite times."""
    model = TimeModel(CONFIG, sample(rows_with(made_up()), 1))
    assert model.n_rows == 1
    assert np.isfinite(model.seconds(SWEEP)).all()


def test_a_slower_machine_takes_longer_in_proportion() -> None:
    """If every row took three times as long, so does every prediction."""
    no_limit = configured("solver.time_limit_s=1e9")
    rows = sample(rows_with(made_up()), 200)
    slow = rows.with_columns(pl.col("solve_s") * 3)
    # The few times below the clock's resolution are not tripled, so the model must not see them.
    long = rows.filter(pl.col("solve_s") > 1e-3)
    assert TimeModel(no_limit, long).n_rows > 100
    thrice = TimeModel(no_limit, slow.filter(pl.col("solve_s") > 3e-3)).seconds(SWEEP)
    once = TimeModel(no_limit, long).seconds(SWEEP)
    assert thrice == pytest.approx(3 * once, rel=1e-6)


def test_no_prediction_exceeds_the_time_limit() -> None:
    """The limit holds for each solve, and a limit far above all changes nothing."""
    rows = rows_with(made_up())
    free = TimeModel(configured("solver.time_limit_s=1e9"), rows).seconds(SWEEP)
    limited = TimeModel(configured("solver.time_limit_s=0.05"), rows).seconds(SWEEP)
    assert free.max() > 0.05 >= limited.max()
    assert (limited <= free).all()


def test_with_many_rows_the_total_is_what_they_took() -> None:
    """Few slow solves, which no normal error has: of 31,500 rows the total is met within 5 %."""
    rows = pl.concat([rows_with(made_up())] * 15).collect()
    slow = pl.int_range(pl.len()) % 50 == 0
    rows = rows.with_columns(solve_s=pl.when(slow).then(40.0).otherwise("solve_s"))
    predicted = 15 * predicted_s(TimeModel(CONFIG, rows.lazy()))
    assert predicted == pytest.approx(rows["solve_s"].sum(), rel=0.05)


def test_values_that_no_row_has_are_predicted() -> None:
    """A larger scale, another alpha and another structure have finite times; larger is longer."""
    rows = rows_with(made_up()).filter(pl.col("structure") != "C3")
    wider = Sweep.of(configured("sweep.scale=[1,2]", "sweep.alpha=[1,2,40]"))
    times = TimeModel(CONFIG, rows).seconds(wider)
    assert np.isfinite(times).all()
    scales = dict(zip(wider.groups, times.sum((1, 2)), strict=True))
    assert all(scales[name, 2] > scales[name, 1] for name in CONFIG.network.allocations)


def test_the_order_of_rows_does_not_matter() -> None:
    """Rows come in the order in which workers finish: the prediction is the same, to rounding."""
    rows = rows_with(made_up())
    shuffled = rows.collect().sample(fraction=1.0, shuffle=True, seed=2).lazy()
    assert TimeModel(CONFIG, shuffled).seconds(SWEEP) == pytest.approx(
        TimeModel(CONFIG, rows).seconds(SWEEP), rel=1e-9
    )


def test_what_is_learnt_changes_sizes_of_chunks_only() -> None:
    """The same jobs come in the same order, in chunks of another size."""
    nothing = np.zeros((SWEEP.n_networks, len(SWEEP.alphas)), dtype=bool)
    slow = TimeModel(CONFIG, rows_with(100 * made_up()))
    rough, learnt = (
        list(PendingWork(SWEEP, nothing, CONFIG, times=times).chunks()) for times in (None, slow)
    )
    assert len(learnt) > len(rough)
    jobs = [
        [(job.network, job.alphas) for job in itertools.chain(*chunks)]
        for chunks in (rough, learnt)
    ]
    assert jobs[0] == jobs[1]
