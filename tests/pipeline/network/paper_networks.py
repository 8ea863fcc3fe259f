"""The paper's network configuration, and variants of it, for the tests of the generator."""

from __future__ import annotations

import functools
from typing import Any

from pipeline.config.compose import compose
from pipeline.config.sections import NetworkConfig, validate

SEED = 2016
"""Root seed of the networks and samples in these tests."""

MIN_ACCEPTED_P = 1e-3
"""A sample from the correct distribution has a smaller p-value in one of a thousand seeds; the
seeds are fixed."""


@functools.cache
def paper_config() -> NetworkConfig:
    """Return the paper's network configuration, composed once."""
    return validate(compose("config", [])).network


def paper_config_with(**values: Any) -> NetworkConfig:
    """Return a network configuration that differs from the paper's in some keys."""
    return NetworkConfig.model_validate({**paper_config().model_dump(mode="json"), **values})
