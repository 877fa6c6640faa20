"""Texts of worlds and models on one line, for verdicts and messages."""


def in_a_line(text: str, longest: int = 300) -> str:
    """Return a text on one line of so many characters at most; of a longer one the beginning."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
