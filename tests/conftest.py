"""Ray's environment and token for all tests, set before a test imports Ray."""

from __future__ import annotations

import os
import secrets

import pipeline.engine

os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
assert pipeline.engine, "imported because it sets Ray's environment variables"
