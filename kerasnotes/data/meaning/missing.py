"""What stands in tables for a value that is not there."""

from collections.abc import Collection

WORDS = frozenset(
    ("", "?", "nan", "na", "n/a", "<na>", "#n/a", "null", "none", "nat")
)
"""Words for it, in small letters."""


def is_missing(text: str) -> bool:
    """Returns whether a text says that a value is not there."""
    return text.strip().casefold() in WORDS


def missing_labels(
    known: Collection[str], classes: Collection[str] | None
) -> set[str]:
    """Returns which labels say that there is none.

    Args:
        known: The different labels.
        classes: Names of classes, if the user gives them: `None` may be one
            beside `Mild` and `Severe`.
    """
    wanted = classes or ()
    return {text for text in known if is_missing(text) and text not in wanted}
