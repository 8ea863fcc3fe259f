"""The command ``sitesweep VERB key=value ...``: finds the verb and runs its function.

A verb is imported only when it runs, so that ``--help`` and ``--version`` answer at once.
"""

from __future__ import annotations

import ast
import difflib
import functools
import importlib
import importlib.util
import pkgutil
import sys
from typing import NoReturn

import pipeline.commands
from pipeline.config.command import USER_ERROR, run_command
from pipeline.config.errors import UserError

OF_THE_ANALYSIS = {
    "claims": "analysis.claims_command",
    "readings": "analysis.commands.readings",
    "report": "analysis.__main__",
}
"""Verbs outside `pipeline.commands` -> their modules."""


@functools.cache
def verbs() -> dict[str, str]:
    """Return the verbs, and for each the module whose function ``main`` it runs."""
    package = pipeline.commands
    modules = {
        found.name: f"{package.__name__}.{found.name}"
        for found in pkgutil.iter_modules(package.__path__)
    }
    return dict(sorted((modules | OF_THE_ANALYSIS).items()))


def main() -> NoReturn:
    """Run the verb that the command line names, and exit with its exit code."""
    words = sys.argv[1:]
    if not words:
        print(_all_verbs())
        sys.exit(USER_ERROR)
    if words[0] == "--version":
        print(f"sitesweep {_version()}")
        sys.exit(0)
    run_command(_run_verb, _usage(verbs()[words[0]]) if words[0] in verbs() else _all_verbs())


def _run_verb(words: list[str]) -> int:
    verb, *rest = words
    if verb not in verbs():
        raise UserError(_unknown_verb(verb))
    code: int = importlib.import_module(verbs()[verb]).main(rest)
    return code


def _unknown_verb(word: str) -> str:
    expected = f"expected one of {', '.join(verbs())}"
    if "=" in word or word.startswith("-"):
        return f"the first word is {word!r:.80}, which is no verb: {expected}"
    near = difflib.get_close_matches(word, verbs(), n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"unknown verb {word!r:.80}: {guess}{expected}"


def _usage(module: str) -> str:
    """Return the docstring of a module without importing it."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    with open(spec.origin, encoding="utf-8") as source:
        return ast.get_docstring(ast.parse(source.read())) or ""


def _all_verbs() -> str:
    summaries = [
        f"  {verb:10}{_usage(module).partition(chr(10))[0]}" for verb, module in verbs().items()
    ]
    return "\n".join(
        [
            "Sweeps of facility-siting problems, each solved to a certified optimum.",
            "",
            "usage: sitesweep VERB [key=value ...]",
            "",
            *summaries,
            "",
            "sitesweep VERB --help explains a verb and its keys; sitesweep --version.",
        ]
    )


def _version() -> str:
    # Imported here, because it takes as long as all the rest.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sitesweep")
    except PackageNotFoundError:
        return "(not installed)"
