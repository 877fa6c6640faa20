"""A sentence as a reader sees it: without list markers, quotation marks of Markdown, emphasis and citation marks.

Nothing that says something is dropped: inline code, numbers and words stay as they are.
"""

import re

_CODE_SPAN = re.compile(r"(`+[^`]+`+)")
_EVIDENCE_ID = r"(?:[\w-]+\.)*E\d+(?:\.\d+)?"
_EVIDENCE_MARK = re.compile(rf"\s?\[({_EVIDENCE_ID}(?:\s*[,;]\s*{_EVIDENCE_ID})*)\]")
_FOOTNOTE = re.compile(
    "\\s?(?:\\[\\^?\\d{1,3}(?:\\s*[,\u2013-]\\s*\\d{1,3})*\\]|\u3010\\d{1,3}\u3011)"
    "(?=\\s*(?:$|[.,;:!?)\\[\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff09\u3010]))"
)
"""Only where a clause ends: ``x[1]`` inside a sentence may be an element of a list."""
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\((?:[^()\s]|\([^()\s]*\)){1,2000}(?:\s+\"[^\"\n]*\")?\)")
_EMPHASIS = re.compile(r"(?<![\w*_\\])(\*\*\*|\*\*|__|\*|_)(?=[^\s*_])([^*_\n]{0,300}[^\s*_\\])\1(?![\w*_])")
_URL = re.compile(r"https?://[^\s<>\"')\]]+")

_MARKER = re.compile(r"\s*(?:[-*+\u2022\u2023\u25e6]|\(?\d{1,3}[.)]|\(?[A-Za-z]\))\s+(?:\[[ xX]\]\s+)?(?=\S)")
_QUOTE_MARK = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")
_HASHES = re.compile(r"\s*#{1,6}\s+")
_UNDERLINE = re.compile(r"\n[-=*_~^+#|: \t]{3,}$")


def plain(sentence: str) -> str:
    """Return a sentence on one line, without emphasis, link targets and citation marks outside inline code."""
    parts = _CODE_SPAN.split(sentence)
    for position in range(0, len(parts), 2):
        part = _EVIDENCE_MARK.sub("", parts[position])
        part = _LINK.sub(r"\1", part)
        # a mark ends a clause only where no code follows it
        if position == len(parts) - 1:
            part = _FOOTNOTE.sub("", part)
        parts[position] = _EMPHASIS.sub(r"\2", part)
    return " ".join("".join(parts).replace("\ufeff", "").split())


def without_marker(raw: str) -> str:
    """Return a list item without what numbers or bullets it."""
    marker = _MARKER.match(raw)
    return raw[marker.end() :] if marker else raw


def without_quoting(raw: str) -> str:
    """Return lines of a Markdown quotation without their ``>``."""
    return _QUOTE_MARK.sub("", raw)


def without_heading_marks(raw: str) -> str:
    """Return a heading's title."""
    return _HASHES.sub("", _UNDERLINE.sub("", raw)).rstrip("# ")


def evidence_marks(sentence: str) -> tuple[str, ...]:
    """Return the ids of evidence that a sentence cites, as in ``[E1]`` or ``[root.2.0.E1, E2]``."""
    found = (re.split(r"\s*[,;]\s*", match[1]) for match in _EVIDENCE_MARK.finditer(_CODE_SPAN.sub("", sentence)))
    return tuple(dict.fromkeys(name for names in found for name in names))


def has_reference(sentence: str) -> bool:
    """Whether a sentence points at a source: a citation mark, a footnote, a link or an address."""
    outside = _CODE_SPAN.sub("", sentence)
    return any(pattern.search(outside) for pattern in (_EVIDENCE_MARK, _FOOTNOTE, _LINK, _URL))


def has_inline_code(sentence: str) -> bool:
    """Whether a sentence has words in backticks."""
    return _CODE_SPAN.search(sentence) is not None
