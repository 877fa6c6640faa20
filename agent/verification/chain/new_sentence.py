"""Whether a new sentence may take the place of an old one: one plain sentence, of the same kind and about as long.

What writes it has read evidence, and so text of strangers. Whether it is true is not looked at here: that is judged
like everything else.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from agent.models.fence import unhidden
from agent.verification.extraction.kinds import is_opinion
from agent.verification.extraction.plain import plain
from agent.verification.restatement import states_nothing
from agent.verification.sentences import split_sentences
from agent.verification.words import CJK, features, tokens

LEAST_BOUND = 300
"""Characters that a new sentence may have however short the old one was; else twice as many as that."""

LEAST_KEPT = 1 / 5
"""Of the words of a sentence, numbers left out, those that the new one must have too: else it is another statement,
which the evidence may bear and nobody has asked for."""
LEAST_KNOWN = 1 / 4
"""Of the words of a new sentence, numbers left out, those that the old one had."""

_LEAD = re.compile(r"\s*(?:#{1,6}\s+|>\s?|(?:[-*+\u2022\u2023\u25e6]|\(?\d{1,3}[.)]|\(?[A-Za-z]\))\s+)+(?=\S)")
_MARKUP = re.compile(
    r"<[!/?]?[A-Za-z][\w-]*|!?\[[^\]]*\]\s*[(\[][^)\]]*[)\]]?|`+|\w+://[^\s\])>\"']+|\b(?:javascript|data):\S+"
    r"|\{[{%].*?[%}]\}|\[\^[^\]]*\]",
    re.IGNORECASE,
)
_CITATION = re.compile(r"\[[A-Za-z]{0,3}\d{1,5}\]")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of control characters, ends of lines, and code points that stand for nothing."""
_CJK = re.compile(f"[{CJK}]")


class Body(NamedTuple):
    """A sentence without what makes it an item or a heading, and that lead."""

    lead: str
    text: str


def body_of(sentence: str) -> Body:
    """Return a sentence and its lead, such as the marker of a list item, which stays when it is written anew."""
    found = _LEAD.match(sentence)
    lead = found[0] if found else ""
    return Body(lead, sentence[len(lead) :])


def problem_of(new: str, old: str, *, allowed: Collection[str] = ()) -> str:
    """Return why a new sentence cannot take the place of an old one; empty where it can.

    Args:
        new: what was written.
        old: the sentence, both without their lead.
        allowed: texts whose addresses and ids the new sentence may use besides those of the old one.
    """
    if any(unicodedata.category(sign) in _UNPRINTABLE and sign != "\t" for sign in new):
        return "it must stand on one line, without control characters"
    if unhidden(new) != new:
        return "it must not have characters that nobody sees"
    if len(new) > (bound := max(LEAST_BOUND, 2 * len(old))):
        return f"it has {len(new)} characters; write at most {bound}"
    sources = (old, *allowed)
    for found in (*_MARKUP.finditer(new), *_CITATION.finditer(new)):
        if not any(found[0] in text for text in sources):
            return f"it must have no markup, addresses or marks that were not there: {found[0][:60]}"
    if body_of(new).lead and not body_of(old).lead:
        return "it must not begin with the marker of a list or a heading"
    if new.count("|") != old.count("|"):
        return "it must have as many cells as the row it replaces"
    if len(split_sentences(new)) > max(1, len(split_sentences(old))):
        return "it must be one sentence"
    if states_nothing(new):
        return "it must state something, not ask"
    if is_opinion(plain(new)) and not is_opinion(plain(old)):
        return "it must say how things are, without opinion or advice"
    if _in_cjk(new) != _in_cjk(old):
        return "it must be in the language of the sentence"
    said, says = _words(old), _words(new)
    if len(said & says) < max(LEAST_KEPT * len(said), LEAST_KNOWN * len(says) if said else 0):
        return "it must be about the same thing, and keep words of the sentence that are not wrong"
    return ""


def _words(text: str) -> frozenset[str]:
    return features([token for token in tokens(text) if token.kind != "number"])


def _in_cjk(text: str) -> bool:
    """Whether more than a fifth of the letters of a text are Chinese, Japanese or Korean ones."""
    letters = sum(sign.isalpha() for sign in text)
    return 5 * len(_CJK.findall(text)) > letters
