"""Files of a run's folder: on a local disk, or under a prefix of an object store.

A run is named by its folder: a path, or an address such as ``s3://bucket/prefix``. Both go through
one library, whose writes happen at once or not at all. Credentials and the address of a server
come from the environment alone (``AWS_...``, ``GOOGLE_...``, ``AZURE_...``), as the results table
reads them too.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from pipeline.config.errors import one_line
from pipeline.config.folder import Folder, is_remote


def exists(folder: Folder, name: str) -> bool:
    """Whether a folder holds a file.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    try:
        with _os_errors():
            obstore.head(_open(folder), name)
    except FileNotFoundError:
        return False
    return True


def read(folder: Folder, name: str) -> bytes:
    """Read a file whole.

    Raises
    ------
    OSError
        It is not there (`FileNotFoundError`), or cannot be read.
    """
    with _os_errors():
        return bytes(obstore.get(_open(folder), name).bytes())


def write(folder: Folder, name: str, content: bytes) -> None:
    """Write a file at once, in place of the one that is there.

    Raises
    ------
    OSError
        It cannot be written; what was there is as before.
    """
    with _os_errors():
        obstore.put(_open(folder, make=True), name, content, use_multipart=False)


def create(folder: Folder, name: str, content: bytes) -> bool:
    """Write a file at once, unless there is one: of many processes, one alone succeeds.

    Returns
    -------
    bool
        Whether it was this call that made the file.

    Raises
    ------
    OSError
        It cannot be written.
    """
    try:
        with _os_errors():
            obstore.put(_open(folder, make=True), name, content, mode="create")
    except FileExistsError:
        return False
    return True


def names(folder: Folder) -> list[str]:
    """List the files in a folder and below, by name.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with _os_errors():
        return sorted(entry["path"] for page in obstore.list(_open(folder)) for entry in page)


def is_empty(folder: Folder) -> bool:
    """Whether there is nothing in a folder, or no such folder.

    Raises
    ------
    OSError
        It cannot be read, or is a file.
    """
    if not is_remote(folder):
        return not os.path.lexists(folder) or not any(Path(folder).iterdir())
    with _os_errors():
        return not any(obstore.list(_open(folder), chunk_size=1))


@contextmanager
def staged(folder: Folder) -> Iterator[Path]:
    """Give a local folder to write into: the folder itself, or one whose files are put there.

    Raises
    ------
    OSError
        A file cannot be put there.
    """
    if not is_remote(folder):
        yield Path(folder)
        return
    with tempfile.TemporaryDirectory() as draft:
        yield Path(draft)
        for path in sorted(Path(draft).rglob("*")):
            if path.is_file():
                write(folder, path.relative_to(draft).as_posix(), path.read_bytes())


def _open(folder: Folder, make: bool = False) -> ObjectStore:
    if is_remote(folder):
        return from_url(os.fspath(folder))
    if not make and not Path(folder).is_dir():
        raise FileNotFoundError(f"no folder {os.fspath(folder)}")
    return LocalStore(os.fspath(folder), mkdir=make)


@contextmanager
def _os_errors() -> Iterator[None]:
    """Turn the library's own errors into an `OSError` of one line."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExistsError(one_line(error)) from None
    except FileNotFoundError as error:
        raise FileNotFoundError(one_line(error)) from None
    except BaseError as error:
        raise OSError(one_line(error)) from error
