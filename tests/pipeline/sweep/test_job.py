"""A job can be split by its alphas; its predicted time is split in proportion."""

import pytest

from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job


@pytest.mark.parametrize("n", range(4))
def test_a_job_without_its_first_alphas_has_the_other_instances(n: int) -> None:
    """Its parts are the last parts of the job; without alphas its predicted time is 0."""
    job = Job(NetworkCoordinate("A1", "C1"), (2.0, 5.0, 20.0), 3.0)
    left = job.without_first(n)
    assert left.alphas == job.alphas[n:]
    assert left.predicted_s == 3 - n
    if left.alphas:
        assert left.split() == job.split()[n:]
