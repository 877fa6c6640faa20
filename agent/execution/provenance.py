"""Whose words the values of a call are: the user's, or those of texts that others may have written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_LEAST: Final = 4
"""Letters and digits below which a value stands in some text by chance."""

_ADDRESSED: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_NAMES: Final = re.compile(
    r"(?:^|[_-])(?:ur[il]s?|link|href|endpoint|website|webpage|domain|host)(?:$|[_-])", re.IGNORECASE
)
_PART: Final = r"[\w./:?#\[\]@!$&'()*+,;=%~-]"
_STOPS: Final = ".,;:!?)]}'"


def strange_addresses(arguments: Mapping[str, Any], words: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of a call that do not stand, whole, in the user's words.

    An address is what begins like one, and any text that an argument such as ``url`` has. Whoever chooses the address
    of a request chooses who gets it and what it says.

    Args:
        arguments: of the call.
        words: of the user.
    """
    said = [text.casefold() for text in words]
    found = []
    for name, value in arguments.items():
        for text in _texts(value):
            named = _NAMES.search(name) is not None and text.strip() != ""
            if (named or _ADDRESSED.search(text)) and not any(_stands(text.strip().casefold(), one) for one in said):
                found.append(text)
    return tuple(found)


def only_from_others(arguments: Mapping[str, Any], words: Iterable[str], read: Iterable[str]) -> tuple[str, ...]:
    """Return the names of arguments with values that stand in what others may have written, not in the user's words.

    Args:
        arguments: of a call.
        words: of the user.
        read: texts of unknown origin.
    """
    said, theirs = squeezed(" ".join(words)), [squeezed(text) for text in read]
    return tuple(
        name
        for name, value in arguments.items()
        if any(
            len(text) >= _LEAST and text not in said and any(text in one for one in theirs)
            for text in map(squeezed, _texts(value))
        )
    )


def squeezed(text: str) -> str:
    """Return the letters and digits of a text: tools break lines and quote as they like."""
    return "".join(filter(str.isalnum, text)).casefold()


def _stands(address: str, text: str) -> bool:
    """Return whether an address stands in a text as a whole, and is not the beginning or the end of another one."""
    bare = re.sub(r"^https?://", "", address).rstrip("/")
    pattern = rf"(?<!{_PART})(?:https?://)?{re.escape(bare)}/?(?:[{re.escape(_STOPS)}]*(?!{_PART}))"
    return bool(bare) and re.search(pattern, text) is not None


def _texts(value: Any) -> Iterator[str]:
    match value:
        case bool() | None:
            return
        case str() | int() | float():
            yield str(value)
        case Mapping():
            for inside in value.values():
                yield from _texts(inside)
        case list() | tuple():
            for inside in value:
                yield from _texts(inside)
