"""Marks around what tools return, so that a model can tell data from what it was told to do.

Each text has marks of its own, with a name that follows from the text. Whoever writes the text cannot write its closing
mark into it: that would change the name. What resembles a mark is disarmed besides, for readers that do not look at
names. The name needs no chance, so a re-run makes the same marks.
"""

import hashlib
import re

_NAME_LENGTH = 16
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_TAGS = "\U000e0000-\U000e0fff"
"""Characters that repeat ASCII invisibly, and further variation selectors."""

_BETWEEN = f"[\\s{_INVISIBLE}{_TAGS}]*"
_MARK = re.compile(rf"[<\uff1c\ufe64](?={_BETWEEN}/?{_BETWEEN}{_BETWEEN.join('untrusted')})", re.IGNORECASE)
_HIDDEN = re.compile(f"[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff{_TAGS}]")
_FENCED = re.compile(rf"<untrusted ([0-9a-f]{{{_NAME_LENGTH}}})>\n(.*)\n</untrusted \1>", re.DOTALL)


def marks(text: str) -> tuple[str, str]:
    """Return the opening and the closing mark of what is no text, such as a picture, by its name."""
    name = hashlib.sha256(f"fence/1\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:_NAME_LENGTH]
    return f"<untrusted {name}>\n", f"\n</untrusted {name}>"


def fenced(text: str) -> str:
    """Return a text between marks of untrusted text; what resembles a mark inside it is disarmed."""
    safe = _MARK.sub("&lt;", text)
    opening, closing = marks(safe)
    return f"{opening}{safe}{closing}"


def unfenced(content: str) -> tuple[str, str, str] | None:
    """Return what stands before marks, between them and after them; None where there are none."""
    match = _FENCED.search(content)
    return None if match is None else (content[: match.start()], match[2], content[match.end() :])


def unhidden(text: str) -> str:
    """Return a text without characters that nobody sees: they hide words from people, or turn their order around.

    Those that join or part letters in some scripts stay.
    """
    return _HIDDEN.sub("", text)
