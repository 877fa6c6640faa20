"""Whose words the values of a call are: the user's, or those of texts that others may have written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_LEAST: Final = 4
"""Letters and digits below which a value stands inside of some text by chance."""

_ADDRESSED: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}:[/\\]|^\s*[/\\]{2}|www\.", re.IGNORECASE)
_NAMES: Final = re.compile(r"(?:^|_)(?:ur[il]s?|links?|href|endpoint|website|webpage|domain|host)(?:$|_)")
_JOINT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
"""Where the words of a name meet, as in ``pageUrl`` or ``page-url``."""

_LONGEST: Final = 20_000
"""Characters of a value in which parts are looked for."""

_MOST: Final = 200
"""Parts of a value that are looked at."""

_POINTING: Final = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,200}\w"
    r"|(?:https?://)?\w[\w-]{0,62}(?:\.[\w-]{1,63}){0,8}\.[a-z]\w{1,30}[\w/?&=%#~.-]{0,300}"
    r"|\w{0,40}\d{4}\w{0,40}",
    re.IGNORECASE,
)
"""What leads somewhere: mail addresses, hosts and links, numbers of accounts and telephones."""

_PART: Final = r"[\w./:?#\[\]@!$&'()*+,;=%~-]"
_STOPS: Final = ".,;:!?)]}'"


def strange_addresses(arguments: Mapping[str, Any], words: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of a call that do not stand, whole, in the user's words.

    An address is what begins like one, and any text that an argument such as ``url`` has, however deep inside of
    others. Whoever chooses the address
    of a request chooses who gets it and what it says.

    Args:
        arguments: of the call.
        words: of the user.
    """
    said = [text.casefold() for text in words]
    found = []
    for name, text in _named(arguments, ""):
        named = _NAMES.search(_JOINT.sub("_", name).lower()) is not None and text.strip() != ""
        if (named or _ADDRESSED.search(text)) and not any(_stands(text.strip().casefold(), one) for one in said):
            found.append(text)
    return tuple(found)


def only_from_others(arguments: Mapping[str, Any], words: Iterable[str], read: Iterable[str]) -> tuple[str, ...]:
    """Return the names of arguments with values that stand in what others may have written, not in the user's words.

    Of a longer text the addresses and numbers count by themselves: whoever is told to send a link words the rest.

    Args:
        arguments: of a call.
        words: of the user.
        read: texts of unknown origin.
    """
    said, theirs = " ".join(words), list(read)
    inside, others = squeezed(said), [squeezed(text) for text in theirs]

    def strange(text: str) -> bool:
        short = squeezed(text)
        if len(short) >= _LEAST:
            return short not in inside and any(short in one for one in others)
        return short != "" and not _word(text, said) and any(_word(text, one) for one in theirs)

    return tuple(
        name
        for name, value in arguments.items()
        if any(strange(part) for text in _texts(value) for part in (text, *_POINTING.findall(text[:_LONGEST])[:_MOST]))
    )


def squeezed(text: str) -> str:
    """Return the letters and digits of a text: tools break lines and quote as they like."""
    return "".join(filter(str.isalnum, text)).casefold()


def _word(value: str, text: str) -> bool:
    """Return whether a short value, such as the number of a file, stands in a text as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(value.strip())}(?!\w)", text, re.IGNORECASE) is not None


def _stands(address: str, text: str) -> bool:
    """Return whether an address stands in a text as a whole, and is not the beginning or the end of another one."""
    bare = re.sub(r"^https?://", "", address).rstrip("/")
    pattern = rf"(?<!{_PART})(?:https?://)?{re.escape(bare)}/?(?:[{re.escape(_STOPS)}]*(?!{_PART}))"
    return bool(bare) and re.search(pattern, text) is not None


def _texts(value: Any) -> Iterator[str]:
    return (text for _, text in _named(value, ""))


def _named(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield all texts of a value, each with the name that stands next to it."""
    match value:
        case bool() | None:
            return
        case str() | int() | float():
            yield name, str(value)
        case Mapping():
            for key, inside in value.items():
                yield from _named(inside, str(key))
        case list() | tuple():
            for inside in value:
                yield from _named(inside, name)
