"""Names the known key that an unknown key was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from pydantic import BaseModel

_ROLES = {"run": "out", "out": "run"}
"""Two names of a folder, easily taken for each other: ``run`` is read from, ``out`` written to."""


def unknown_key(key: str, known: Collection[str]) -> str:
    """Write the message about an unknown key.

    Parameters
    ----------
    key : str
        The unknown key, with dots between sections.
    known : collection of str
        All keys and sections that there are.
    """
    near = _nearest(key, known)
    guess = f"did you mean {near}? " if near else ""
    return f"unknown key {key!r:.80}: {guess}--cfg job prints all keys"


def keys(section: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a section and of the sections in it, and these sections themselves."""
    for name, field in section.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (f"{name}.{inner}" for inner in keys(field.annotation))


def _nearest(key: str, known: Collection[str]) -> str | None:
    """Return the known key that is most similar, or whose last part is; None if none is similar."""
    if _ROLES.get(key) in known:
        return _ROLES[key]
    by_last_part = {name.rpartition(".")[2]: name for name in known}
    if key in by_last_part:
        return by_last_part[key]
    similar = difflib.get_close_matches(key, known, n=1)
    similar += [
        by_last_part[part]
        for part in difflib.get_close_matches(key.rpartition(".")[2], by_last_part, n=1)
    ]
    return similar[0] if similar else None
