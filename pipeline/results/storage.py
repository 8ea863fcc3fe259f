"""Files of a run's folder: on a local disk, or under a prefix of an object store.

A run's folder is a path or an address such as ``s3://bucket/prefix``. The library obstore accesses
both, except for local writes: it does not flush them, and what is not flushed may be lost in a
power cut. An object store confirms a write only when it is durable. Credentials and the address of
a server come only from the environment (``AWS_...``, ``GOOGLE_...``, ``AZURE_...``), as for the
results table.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from pipeline.config.errors import one_line
from pipeline.config.folder import Folder, is_remote


def exists(folder: Folder, name: str) -> bool:
    """Return whether a folder holds a file.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    try:
        with _obstore_errors_as_os_errors():
            obstore.head(_open_store(folder), name)
    except FileNotFoundError:
        return False
    return True


def read(folder: Folder, name: str) -> bytes:
    """Read a whole file.

    Raises
    ------
    OSError
        It does not exist (`FileNotFoundError`), or cannot be read.
    """
    with _obstore_errors_as_os_errors():
        return bytes(obstore.get(_open_store(folder), name).bytes())


def write(folder: Folder, name: str, content: bytes) -> None:
    """Write a file atomically and flush it; an existing file is replaced.

    Raises
    ------
    OSError
        It cannot be written; an existing file is unchanged.
    """
    if not is_remote(folder):
        _write_local(folder, name, content, os.replace)
        return
    with _obstore_errors_as_os_errors():
        obstore.put(_open_store(folder), name, content, use_multipart=False)


def create(folder: Folder, name: str, content: bytes) -> bool:
    """Create a file atomically unless it exists, and flush it: of several processes one succeeds.

    Returns
    -------
    bool
        Whether this call created the file.

    Raises
    ------
    OSError
        It cannot be written.
    """
    try:
        if not is_remote(folder):
            _write_local(folder, name, content, os.link)
            return True
        with _obstore_errors_as_os_errors():
            obstore.put(_open_store(folder), name, content, mode="create")
    except FileExistsError:
        return False
    return True


def flush(folder: Folder, name: str) -> None:
    """Flush a local file and its folder, so that a power cut cannot undo them.

    Raises
    ------
    OSError
        They cannot be flushed.
    """
    if not is_remote(folder):
        _flush_path(Path(folder, name))
        _flush_path(Path(folder))


def make_folder(folder: Folder) -> None:
    """Create a local folder with all that are above it, and flush those that are new.

    Raises
    ------
    OSError
        They cannot be created.
    """
    if is_remote(folder):
        return
    path = Path(os.path.abspath(folder))
    missing = [ancestor for ancestor in (path, *path.parents) if not ancestor.exists()]
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _flush_path(new.parent)


def file_sizes(folder: Folder) -> dict[str, int]:
    """List the files in a folder and its subfolders, with their sizes in bytes.

    Returns
    -------
    dict of str to int
        Paths relative to the folder, in ascending order, and sizes.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with _obstore_errors_as_os_errors():
        pages = list(obstore.list(_open_store(folder)))
    return dict(sorted((entry["path"], entry["size"]) for page in pages for entry in page))


def delete(folder: Folder, *names: str) -> None:
    """Delete files.

    Raises
    ------
    OSError
        One cannot be deleted.
    """
    with _obstore_errors_as_os_errors():
        obstore.delete(_open_store(folder), names)


def is_empty(folder: Folder) -> bool:
    """Return whether a folder does not exist, or holds nothing but folders and empty files.

    A power cut leaves empty files where nothing was flushed.

    Raises
    ------
    OSError
        It cannot be read, or is a file.
    """
    if is_remote(folder):
        with _obstore_errors_as_os_errors():
            return not any(obstore.list(_open_store(folder), chunk_size=1))
    if os.path.lexists(folder) and not Path(folder).is_dir():
        raise NotADirectoryError(os.fspath(folder))
    return not os.path.lexists(folder) or not any(file_sizes(folder).values())


@contextmanager
def staging_folder(folder: Folder) -> Iterator[Path]:
    """Yield a local folder to write into.

    For a local folder this is the folder itself. For an object store it is a temporary folder,
    whose files are uploaded at the end.

    Raises
    ------
    OSError
        A file cannot be uploaded.
    """
    if not is_remote(folder):
        yield Path(folder)
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        for path in sorted(Path(name).rglob("*")):
            if path.is_file():
                write(folder, path.relative_to(name).as_posix(), path.read_bytes())


def _write_local(
    folder: Folder, name: str, content: bytes, publish: Callable[[Path, Path], None]
) -> None:
    """Write and flush a temporary file, then give it its name by `os.replace` or `os.link`."""
    make_folder(folder)
    path = Path(folder, name)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_path(path.parent)


def _flush_path(path: Path) -> None:
    """Flush a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_store(folder: Folder) -> ObjectStore:
    if is_remote(folder):
        return from_url(os.fspath(folder))
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"no folder {os.fspath(folder)}")
    return LocalStore(os.fspath(folder))


@contextmanager
def _obstore_errors_as_os_errors() -> Iterator[None]:
    """Convert the errors of obstore into an `OSError` with a message of one line."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExistsError(one_line(error)) from None
    except FileNotFoundError as error:
        raise FileNotFoundError(one_line(error)) from None
    except BaseError as error:
        raise OSError(one_line(error)) from error
