"""The configuration of a run: types, ranges and defaults of every key.

Values come from the YAML files of ``conf/`` and from the command line; this module only defines
which values are valid. Every key is checked before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from pipeline.config.axis import Axis
from pipeline.config.errors import UserError
from pipeline.config.folder import RunFolder
from pipeline.config.mistakes import describe_mistakes
from pipeline.config.structures import structures
from solvers.options import BACKENDS, SEARCHING, SOLVERS, Options


def _matching(pattern: str, expected: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected {expected}, got {text!r:.80}")
        return text

    return AfterValidator(check)


Name = Annotated[
    str,
    _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "a name of letters, digits and _ . -"),
]
"""Name of a sweep or an allocation; it becomes part of paths."""

Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
OnGrid = Annotated[float, Field(ge=0, le=100)]


class Section(BaseModel):
    """One part of a configuration: no unknown keys, strict types, immutable values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _list_to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Range = Annotated[tuple[Count, Count], BeforeValidator(_list_to_tuple)]
"""Smallest and largest value of a uniform draw."""

Allocation = Annotated[tuple[Count, Count, Count], BeforeValidator(_list_to_tuple)]
"""Numbers of sources, sites and customers."""

Means = Annotated[tuple[OnGrid, OnGrid], BeforeValidator(_list_to_tuple)]
"""Mean of a cluster in the west or south half of an axis, and in the east or north half, km."""

S = TypeVar("S", bound=Section)


class SweepConfig(Section):
    """Axes of the sweep (allocation x structure x replication x scale x alpha)."""

    name: Name
    allocation: Axis[str]
    structure: Axis[str]
    replications: Count
    scale: Axis[Count]
    alpha: Axis[Positive]


class NetworkConfig(Section):
    """Parameters of the network generator (paper, 3.3); each of them changes the networks."""

    allocations: Annotated[dict[Name, Allocation], Field(min_length=1)]
    cluster_sd_km: Positive
    cluster_means_km: Means
    outside_grid: Literal["rescaled", "spread", "anywhere", "wrapped", "clipped"]
    diagonal_redraw: Annotated[float, Field(ge=0, le=0.999)]
    demand: Range
    capacity: Range
    fixed_cost: NonNegative
    supply: NonNegative
    min_capacity_ratio: NonNegative

    @model_validator(mode="after")
    def _check_ranges(self) -> NetworkConfig:
        for key in ("demand", "capacity"):
            low, high = getattr(self, key)
            if low > high:
                raise ValueError(f"{key} is [smallest, largest], got [{low}, {high}]")
        low_km, high_km = self.cluster_means_km
        if low_km > high_km:
            raise ValueError(
                f"cluster_means_km is [west or south, east or north], got [{low_km:g}, {high_km:g}]"
            )
        return self


class SolverConfig(Section):
    """How each problem is solved (see `solvers.options.Options`)."""

    name: Annotated[str, _matching("|".join(SOLVERS), f"one of {', '.join(SOLVERS)}")]
    model: Literal["collapsed", "direct"]
    gap: NonNegative
    time_limit_s: Positive
    threads: Annotated[int, Field(ge=1, le=1024)]
    seed: Seed

    @model_validator(mode="after")
    def _check_model(self) -> SolverConfig:
        if self.name in SEARCHING and self.model == "direct":
            raise ValueError(
                f"model=direct is for solver=mip, {' or '.join(BACKENDS)}, got solver={self.name}, "
                "which takes the direct model by itself where a source binds"
            )
        return self

    @property
    def options(self) -> Options:
        """The same as options of the package `solvers`."""
        return Options(self.name, self.model, self.gap, self.time_limit_s, self.threads, self.seed)

    @property
    def method(self) -> str:
        """How most instances are solved: ``native``, ``collapsed`` or ``direct``."""
        return "native" if self.name in SEARCHING else self.model


class EngineConfig(Section):
    """Where the instances are solved, and the limits on chunks and hangs."""

    name: Literal["ray", "serial"]
    chunk_s: Positive
    grace_s: Positive
    until: Annotated[datetime, Field(strict=False)] | None
    workers: Count | None = None
    address: Annotated[str, _matching(r"[^\s:]+:[0-9]{1,5}", "host:port")] | None = None
    licences: Count | None = None
    without_licence: Literal["wait", "highs"] = "wait"
    in_process: bool = False

    @model_validator(mode="after")
    def _check_in_process(self) -> EngineConfig:
        if self.in_process and self.name != "serial":
            raise ValueError(f"in_process=true needs engine=serial, got engine={self.name}")
        return self


class StoreConfig(Section):
    """When finished rows are committed: at a number of rows or after a time, whichever is first."""

    commit_rows: Count
    commit_s: Positive


class Config(Section):
    """The complete configuration of a run."""

    seed: Seed
    out: RunFolder
    # A number alone is also reported as not i/n, and not as no text.
    shard: Annotated[
        str,
        _matching(r"[1-9][0-9]{0,6}/[1-9][0-9]{0,6}", "i/n with i from 1 to n"),
        BeforeValidator(str),
    ]
    dry_run: bool
    retry: Literal["nothing", "errors", "unproven"]
    sweep: SweepConfig
    network: NetworkConfig
    solver: SolverConfig
    engine: EngineConfig
    store: StoreConfig

    @model_validator(mode="before")
    @classmethod
    def _expand_all(cls, values: Any) -> Any:
        """Replace the word ``all`` of an axis of labels by every known label."""
        try:
            sweep = dict(values["sweep"])
            known = {
                "allocation": list(values["network"]["allocations"]),
                "structure": list(structures()),
            }
        except (KeyError, TypeError):
            return values  # the missing section is reported by its own check
        for axis, labels in known.items():
            if sweep.get(axis) == "all":
                sweep[axis] = labels
        return {**values, "sweep": sweep}

    @model_validator(mode="after")
    def _check_labels_and_shard(self) -> Config:
        known = {"allocation": tuple(self.network.allocations), "structure": tuple(structures())}
        for axis, labels in known.items():
            for label in getattr(self.sweep, axis):
                if label not in labels:
                    raise ValueError(
                        f"sweep.{axis}: unknown {label!r}, expected all or some of "
                        f"{', '.join(labels)}"
                    )
        part, parts = self.shard_of
        if part > parts:
            raise ValueError(f"shard: expected i/n with i from 1 to n, got {self.shard}")
        return self

    @property
    def shard_of(self) -> tuple[int, int]:
        """The part that this process computes, from 1, and the number of parts."""
        part, parts = self.shard.split("/")
        return int(part), int(parts)

    def identity(self) -> dict[str, Any]:
        """Return the keys that decide the numbers of a row; they are the same for all rows.

        The time limit and the threads do not belong to them: hard instances may get more time
        without solving the others again. Both are columns of the table.
        """
        values = self.model_dump(mode="json", include={"seed", "network", "solver"})
        for key in ("time_limit_s", "threads"):
            del values["solver"][key]
        return flatten(values)

    @property
    def run_id(self) -> str:
        """A digest of `identity`: rows with equal run ids can stand in one table."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def validate(values: dict[str, Any]) -> Config:
    """Check the composed configuration of a run; see `check`."""
    return check(Config, values)


def check(section: type[S], values: dict[str, Any]) -> S:
    """Build a section from plain values.

    Raises
    ------
    UserError
        A value is invalid. The message is one line that names each wrong key, what was expected and
        what was found.
    """
    try:
        return section.model_validate(values)
    except ValidationError as error:
        raise UserError(describe_mistakes(error, section)) from None


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested sections into one level with dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
