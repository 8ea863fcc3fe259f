"""Predicted times grow with the size of a problem."""

import pytest

from pipeline.sweep.predicted_time import predicted_s


def test_predictions_grow_with_the_problem() -> None:
    """More customers, more sites, a larger scale and a slower method give a longer time."""
    base = predicted_s((10, 20, 20), 1)
    assert base > 0
    assert predicted_s((10, 20, 60), 1) > base
    assert predicted_s((10, 60, 20), 1) > base
    assert predicted_s((10, 20, 20), 2) > base
    assert base < predicted_s((10, 20, 20), 1, "collapsed") < predicted_s((10, 20, 20), 1, "direct")
    assert predicted_s((10, 20, 20), 2) == pytest.approx(predicted_s((20, 40, 40), 1))
