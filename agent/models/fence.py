"""Marks around what tools return, so that a model can tell data from what it was told to do."""

import re

OPENING = "<untrusted>\n"
CLOSING = "\n</untrusted>"

_MARK = re.compile(r"<(?=\s*/?\s*untrusted)", re.IGNORECASE)


def fenced(text: str) -> str:
    """Return a text between marks of untrusted text; marks inside it are disarmed, so that it cannot leave them."""
    return f"{OPENING}{_MARK.sub('&lt;', text)}{CLOSING}"
