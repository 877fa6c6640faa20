"""How a person is asked to allow a call."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

WARNING: Final = "Not in your words, but in text that others may have written"
"""Begins what a question says of values that are not the user's."""

_SHOWN: Final = 400
"""Characters of an argument that a question shows."""


def approval_question(
    tool: str, arguments: Mapping[str, Any], strange: Sequence[str] = (), *, whole: bool = True
) -> str:
    """Return the question by which a person is asked to allow a call.

    Args:
        tool: its name.
        arguments: of the call, which is made with exactly these if it is allowed.
        strange: names of arguments whose values others may have written.
        whole: whether it is said how much of long values is not shown; questions of earlier versions do not say so.
    """
    question = f"Allow {tool} with {', '.join(_shown(name, value, whole) for name, value in arguments.items())}?"
    if not strange:
        return question
    return f"{question} {WARNING}: {', '.join(strange)}."


def _shown(name: str, value: Any, whole: bool) -> str:
    text = f"{name}={value!r}"
    left = f"… ({len(text) - _SHOWN:,} more characters)" if whole and len(text) > _SHOWN else ""
    return f"{text[:_SHOWN]}{left}"
