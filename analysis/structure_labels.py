"""Labels of structures with a mark where it is not certain which structure they name."""

from pipeline.config.structures import certainties

MARKS = {"secure": "", "likely": "\N{DAGGER}", "undecided": "\N{DOUBLE DAGGER}"}
"""Certainty of a label -> what is printed behind it."""

MARKS_NOTE = (
    "\N{DAGGER} likely, \N{DOUBLE DAGGER} undecided, without a mark secure (docs/reproduction.md)."
)
"""What the marks mean, for a footnote."""


def marked(label: str) -> str:
    """Return a label with its mark; anything else, such as an allocation, is returned as it is."""
    return label + MARKS[certainties().get(label, "secure")]


def marks() -> dict[str, str]:
    """Return the mark of each structure's label."""
    return {label: MARKS[certainty] for label, certainty in certainties().items()}
