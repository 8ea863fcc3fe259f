"""The identity of a configuration has exactly the keys that determine a stored row."""

from __future__ import annotations

import pytest

from pipeline.config.sections import validate
from tests.pipeline.config.configurations import KEYS, config_of, defaults, defaults_with


def test_identity_has_the_keys_that_determine_a_row() -> None:
    """Identity is the seed, network.*, and solver.* but its time limit and threads."""
    expected = {key for key in KEYS if key == "seed" or key.startswith(("network.", "solver."))}
    expected -= {"solver.time_limit_s", "solver.threads"}
    assert set(validate(defaults()).identity()) == expected
    assert {"seed", "network.allocations.A1", "network.demand", "solver.gap"} <= expected


OTHER_VALUES = {
    "seed": 7,
    "network.allocations.A1": [1, 2, 3],
    "network.cluster_sd_km": 25,
    "network.cluster_means_km": [30, 70],
    "network.outside_grid": "wrapped",
    "network.diagonal_redraw": 0.5,
    "network.demand": [1, 99],
    "network.capacity": [100, 499],
    "network.fixed_cost": 4999,
    "network.supply": 1000,
    "network.min_capacity_ratio": 1.1,
    "solver.name": "highs",
    "solver.model": "direct",
    "solver.gap": 0,
    "solver.time_limit_s": 60,
    "solver.threads": 2,
    "solver.seed": 1,
    "out": "elsewhere",
    "shard": "2/3",
    "dry_run": True,
    "retry": "errors",
    "sweep.name": "other",
    "sweep.allocation": ["A2"],
    "sweep.structure": ["C2"],
    "sweep.replications": 9,
    "sweep.scale": [2],
    "sweep.alpha": [3],
    "engine.name": "serial",
    "engine.chunk_s": 9,
    "engine.grace_s": 9,
    "engine.until": "2026-11-28T06:00",
    "engine.licences": 3,
    "engine.without_licence": "highs",
    "engine.workers": 3,
    "engine.address": "head:6379",
    "store.commit_rows": 9,
    "store.commit_s": 9,
}
"""A different value for each key; the allocations A2 to A7 are covered by A1."""


def test_there_is_a_different_value_for_each_key() -> None:
    """The test below covers every key."""
    assert set(OTHER_VALUES) | {f"network.allocations.A{n}" for n in range(2, 8)} == set(KEYS)


@pytest.mark.parametrize("key", OTHER_VALUES)
def test_identity_changes_only_with_keys_that_determine_a_row(key: str) -> None:
    """Such a key changes its own entry of the identity; all other keys change none."""
    before, after = defaults(), defaults_with(key, OTHER_VALUES[key])
    before["solver"]["name"] = "mip"  # which takes either model
    if key != "solver.name":
        after["solver"]["name"] = "mip"
    old, new = validate(before).identity(), validate(after).identity()
    changed = {name for name in old | new if old.get(name) != new.get(name)}
    assert changed == ({key} if key in old else set())
    assert (validate(before).run_id != validate(after).run_id) == bool(changed)


RUN_ID = "65df958272c4eb32"


def test_the_run_id_of_the_default_configuration_is_pinned() -> None:
    """If it changes, tables that are stored under it can no longer be continued."""
    assert config_of("solver=native").run_id == RUN_ID
