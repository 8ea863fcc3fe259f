"""Engines: they solve the chunks of a run, one by one or on Ray, and the driver uses one."""

import os

# Ray reads these variables when it is imported, and all processes that it starts inherit them.
# Without the last one Ray builds a virtual environment on each node if `uv run` started the driver.
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
