"""Files of HTML that commands write: where they may go, and templates in which everything is escaped."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.domain.errors import UsageError

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control characters and signs that turn a text's direction; a page shows that they are there instead of obeying."""


def check_place(place: Path | None, option: str = "--html") -> None:
    """Raise if nothing could be written to a place, before anything has been done for it.

    Raises:
        UsageError: it is a folder, or in none.
    """
    if place is None:
        return
    if place.is_dir():
        raise UsageError(f"{option} {str(place)!r} is a folder; name a file")
    if not place.parent.is_dir():
        raise UsageError(f"{option} {str(place)!r}: there is no folder {str(place.parent)!r}")


def write_page(text: str, place: Path, option: str = "--html") -> None:
    """Write a page to a file that was named by an option.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        place.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {str(place)!r}: {error.strerror}; choose another with {option}") from error


def visible(text: str) -> str:
    """Return a text without characters that do something instead of being read, with a mark for each of them."""
    return _INVISIBLE.sub(lambda match: chr(0x2400 + ord(match[0])) if match[0] < "\x20" else "\ufffd", text)


@cache
def pages(package: str = "agent.cli") -> Environment:
    """Return the templates of pages that a package has in its folder ``templates``.

    Whatever is filled in is escaped, and ``visible`` makes signs visible.
    """
    environment = Environment(
        loader=PackageLoader(package, "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    return environment
