"""What all tests share: Ray's environment and token, set before any of them imports Ray."""

from __future__ import annotations

import os
import secrets

import pipeline.engine

os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
assert pipeline.engine, "imported for the environment that it sets"
