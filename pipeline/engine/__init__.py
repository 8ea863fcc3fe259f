"""Where the worker function runs: in this process, or on Ray."""

import os

# Ray reads these when it is imported, and every process it starts inherits them. Left to itself,
# Ray would make a virtual environment for each node whenever the program was started by `uv run`.
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
