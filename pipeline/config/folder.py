"""The folder of a run: a path, or the address of a prefix in an object store."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

Folder = str | os.PathLike[str]
"""A local path, or an address such as ``s3://bucket/prefix``."""

SCHEMES = ("s3", "gs", "az")
"""Schemes of object stores: Amazon S3 and compatible ones, Google Cloud Storage, Azure."""

_OBJECT_STORE = rf"({'|'.join(SCHEMES)})://[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._=-]+)*/?"


def is_remote(folder: Folder) -> bool:
    """Return whether a folder is in an object store."""
    return "://" in os.fspath(folder)


def join_path(folder: Folder, name: str) -> str:
    """Return the path or address of a file or folder inside a folder."""
    return f"{os.fspath(folder).rstrip('/')}/{name}"


def _check_folder(text: str) -> str:
    # One-line error messages name the folder, so it must be printable. deltalake gives % * ? [ ] a
    # special meaning.
    local = text.isprintable() and not set("%*?[]") & set(text) and "://" not in text
    if not text or not (local or re.fullmatch(_OBJECT_STORE, text)):
        raise ValueError(
            "expected a folder, in printable letters without % * ? [ ], or "
            f"{', '.join(SCHEMES)}://bucket/prefix of letters, digits and . _ = -, got {text!r:.80}"
        )
    return text


RunFolder = Annotated[str, AfterValidator(_check_folder)]
"""Folder of a run as a configuration value. It is stored with the run, so the allowed characters
exclude credentials in an address: those come from the environment only."""


def _to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


RunFolders = Annotated[tuple[RunFolder, ...], BeforeValidator(_to_tuple), Field(min_length=1)]
"""One folder of a run, or several, as a configuration value."""


def file_name(*endings: str) -> AfterValidator:
    """Return the check that a configuration value names a file with one of these endings."""

    def check_ending(name: str) -> str:
        if not name.endswith(endings):
            expected = " or ".join(endings)
            raise ValueError(f"expected a file name that ends in {expected}, got {name!r:.80}")
        return name

    return AfterValidator(check_ending)
