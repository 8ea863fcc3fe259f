"""What a power cut leaves of the files that a program wrote, from a record of its system calls.

A file system may lose everything that was not flushed: the content of a file since its last
``fsync``, and the names in a folder since the last ``fsync`` of the folder. It may also keep any
part of it, so a new name can be there with an empty file. The record is made by strace, which also
sees the calls of libraries that are not written in Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

CALLS = (
    *("mkdir", "mkdirat", "open", "openat", "write", "link", "linkat", "rename", "renameat"),
    *("renameat2", "unlink", "unlinkat", "fsync", "fdatasync"),
)
"""Recorded system calls; `Disk` shows whether a program used others to write."""

_CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (\d+)")
_UNFINISHED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_TEXT = re.compile(r'[<"]((?:\\x[0-9a-f]{2})*)[>"]')


class Call(NamedTuple):
    """A successful system call: its name, the paths and bytes in its arguments, and all of them."""

    name: str
    texts: list[bytes]
    arguments: str

    def path(self, index: int) -> str:
        """Return a path among the arguments."""
        return self.texts[index].decode()


def can_record() -> bool:
    """Return whether strace is installed and may be used here."""
    strace = shutil.which("strace")
    return (
        strace is not None
        and subprocess.run([strace, "-qq", "-o/dev/null", "true"]).returncode == 0
    )


def record(module: str, *words: str, trace: Path) -> list[Call]:
    """Run a Python module and return its system calls in the order of their ends."""
    strace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-xx",
        f"-s{10**8}",
        f"-o{trace}",
        f"-etrace={','.join(CALLS)}",
    ]
    subprocess.run([*strace, sys.executable, "-m", module, *words], check=True)
    return list(_parse(trace.read_text().splitlines()))


def _parse(lines: list[str]) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in lines:
        if unfinished := _UNFINISHED.fullmatch(line):
            begun[unfinished[1]] = unfinished[0].removesuffix(" <unfinished ...>")
            continue
        resumed = _RESUMED.fullmatch(line)
        call = _CALL.match(begun.pop(resumed[1]) + resumed[2] if resumed else line)
        if call and call[1] in CALLS:
            texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(call[2])]
            yield Call(call[1], texts, call[2])


@dataclass(eq=False)
class File:
    """A file: its content, and what of it was flushed."""

    content: bytes = b""
    flushed: bytes = b""


@dataclass(eq=False)
class Folder:
    """A folder: the names in it, and those that were flushed."""

    names: dict[str, Node] = field(default_factory=dict)
    flushed: dict[str, Node] = field(default_factory=dict)


Node = File | Folder

Tree = dict[str, bytes | None]
"""Path -> content of a file, or None for a folder."""


class Disk:
    """The files below a folder, which exists and is flushed at the beginning."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = Folder()

    def apply(self, call: Call) -> None:
        """Carry out a system call; those outside the folder change nothing."""
        if call.name in ("write", "fsync", "fdatasync"):
            node = self._find(call.path(0))
            if call.name == "write" and isinstance(node, File):
                node.content += call.texts[1]
            elif isinstance(node, File):
                node.flushed = node.content
            elif node is not None:
                node.flushed = dict(node.names)
            return
        # Before each path of a call whose name ends with "at" comes the folder that it begins in.
        paths = [call.path(i) for i in range(len(call.texts))]
        if "at" in call.name:
            paths = [os.path.join(*pair) for pair in zip(paths[::2], paths[1::2], strict=False)]
        folder, name = self._holder(paths[0])
        if folder is None:
            return
        if call.name.startswith("open") and "O_CREAT" in call.arguments:
            folder.names.setdefault(name, File())
        if call.name.startswith("open") and "O_TRUNC" in call.arguments:
            folder.names[name].content = b""  # type: ignore[union-attr]
        elif call.name.startswith("mkdir"):
            folder.names[name] = Folder()
        elif call.name.startswith("unlink"):
            del folder.names[name]
        elif call.name.startswith(("link", "rename")):
            to, new_name = self._holder(paths[1])
            assert to is not None
            to.names[new_name] = folder.names[name]
            if call.name.startswith("rename"):
                del folder.names[name]

    def after_a_cut(self, name_stays: Callable[[], bool], share: Callable[[], float]) -> Tree:
        """Return what is left after a power cut.

        Parameters
        ----------
        name_stays : callable
            Whether the next change of a name that was not flushed takes effect.
        share : callable
            Which part, from 0 to 1, of the next content that was not flushed is kept.
        """
        return dict(_left(self._top, "", name_stays, share))

    def _holder(self, path: str) -> tuple[Folder | None, str]:
        """Return the folder that holds a path, or None outside, and the last part of the path."""
        node = self._find(os.path.dirname(path))
        return (node if isinstance(node, Folder) else None), os.path.basename(path)

    def _find(self, path: str) -> Node | None:
        node: Node | None = self._top
        if not Path(path).is_relative_to(self._root):
            return None
        for part in Path(path).relative_to(self._root).parts:
            node = node.names.get(part) if isinstance(node, Folder) else None
        return node


def _left(
    folder: Folder, prefix: str, name_stays: Callable[[], bool], share: Callable[[], float]
) -> Iterator[tuple[str, bytes | None]]:
    for name in sorted(folder.names.keys() | folder.flushed.keys()):
        before, now = folder.flushed.get(name), folder.names.get(name)
        node = now if before is now or name_stays() else before
        path = f"{prefix}{name}"
        if isinstance(node, File):
            kept = round(share() * (len(node.content) - len(node.flushed)))
            yield path, node.content[: len(node.flushed) + kept]
        elif node is not None:
            yield path, None
            yield from _left(node, f"{path}/", name_stays, share)


def restore(tree: Tree, folder: Path) -> None:
    """Write the files of a tree into a new folder."""
    folder.mkdir()
    for path, content in tree.items():
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)


def read_tree(folder: Path, pattern: str) -> Tree:
    """Read the files below a folder whose paths match a pattern."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.glob(pattern)
    }
