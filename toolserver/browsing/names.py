"""Sets of names, written as one text."""


def names(text: str) -> frozenset[str]:
    """Return the names that stand in a text between spaces."""
    return frozenset(text.split())
