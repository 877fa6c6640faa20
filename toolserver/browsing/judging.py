"""Which pages are none to read: questions whether one is a person, requests to log in, pages without text or sense.

The rules are few and cautious: a long text is never taken for any of these, so an article about challenges is read.
"""

import re
from typing import Final

from toolserver.browsing.reading import Read
from toolserver.browsing.transfer import Arrived
from toolserver.errors import PageFailed

SHORT: Final = 1500
"""Characters of text from which on a page is read whatever it says."""

NEARLY_EMPTY: Final = 25
"""Characters of text, spaces not counted, that a page must have; CJK characters count twice."""

HARDLY_ANY: Final = 400
"""Characters below which a page with scripts is probably made by them."""

LISTED_WORDS: Final = 150
"""Words from which on a text without sentences is a list of words."""

_CHALLENGE: Final = re.compile(
    r"(are you (a )?(human|robot)|verify(ing)? (that )?you are (a )?human|you are not a robot|i'?m not a robot"
    r"|checking your browser|just a moment\s*(\.\.\.|\u2026)|attention required! \| cloudflare|complete the captcha"
    r"|unusual traffic from your|prove (that )?you('re| are) (a )?human|enable javascript and cookies to continue"
    r"|ddos protection by|press (&|and) hold"
    r"|\u4eba\u673a\u9a8c\u8bc1|\u5b89\u5168\u9a8c\u8bc1|\u9a8c\u8bc1\u60a8\u662f\u771f\u4eba)",
    re.IGNORECASE,
)
_CHALLENGE_SOURCE: Final = re.compile(
    rb"(/cdn-cgi/challenge-platform/|cf-chl-|cf_chl_|_Incapsula_Resource|captcha-delivery\.com|/recaptcha/api|hcaptcha\.com"
    rb"|px-captcha|awswaf)",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(
    r"(log ?in|sign ?in|log on|password|members only|subscribe to (read|continue)|create an account"
    r"|\u767b\u5f55|\u8bf7\u767b\u9646)",
    re.IGNORECASE,
)
_SCRIPTS: Final = re.compile(
    r"(enable|turn on|requires?|activate|need)\W+(\w+\W+){0,6}java ?script"
    r"|java ?script\W+(\w+\W+){0,4}(disabled|required|enabled)"
    r"|\u542f\u7528 ?javascript",
    re.IGNORECASE,
)
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_END: Final = re.compile(r"[.!?:;\u3002\uff01\uff1f\u061f\u0964]")
_LITTLE: Final = re.compile(
    r"\b(the|of|and|to|in|is|a|for|that|with|der|die|und|das|ist|le|la|les|et|de|des|est|el|los|y|que|en|il|di|e|o|os|och|i|"
    r"na|w|\u0438|\u0432|\u043d\u0430|\u0648|\u0641\u064a|\u0645\u0646|\u05e9\u05dc|\u05d0\u05ea)\b",
    re.IGNORECASE,
)


def judge(arrived: Arrived, read: Read) -> bool:
    """Return whether a real browser would probably show more of a page.

    Raises:
        PageFailed: it is none to read.
    """
    text = read.text
    size = weight(text)
    source = arrived.data if read.media == "html" else b""
    if read.media == "html" and size < SHORT:
        _require_page(arrived.url, read, source, size)
    scripted = read.scripts > 0 and size < HARDLY_ANY
    if size < (NEARLY_EMPTY if read.media == "html" else 1):
        # what stands on a page for browsers without scripts is not what the page says
        raise PageFailed("empty", f"{arrived.url} has no text to speak of; open another page", needs_browser=scripted)
    if read.media == "html" and _is_word_list(text, len(read.links)):
        raise PageFailed("word_list", f"{arrived.url} is a list of words without sentences; open another page")
    return scripted


def judge_refusal(arrived: Arrived) -> None:
    """Raise where an answer that is no page asks whether we are a person.

    Raises:
        PageFailed: of kind ``challenge``.
    """
    if arrived.status in (403, 429, 503) and (
        _CHALLENGE_SOURCE.search(arrived.data[:200_000])
        or _CHALLENGE.search(arrived.data[:200_000].decode(errors="replace"))
    ):
        raise _challenge(arrived.url)


def weight(text: str) -> int:
    """Return how much a text says: its characters without spaces, with those that stand for words twice."""
    bare = "".join(text.split())
    return len(bare) + len(_CJK.findall(bare))


def _require_page(url: str, read: Read, source: bytes, size: int) -> None:
    said = f"{read.title}\n{read.text}\n{read.noscript}"
    if _CHALLENGE.search(said) or (size < HARDLY_ANY and _CHALLENGE_SOURCE.search(source)):
        raise _challenge(url)
    if read.password and _LOGIN.search(said):
        raise PageFailed("login", f"{url} asks for a login; open another page")
    if _SCRIPTS.search(said) and size < HARDLY_ANY:
        raise PageFailed("empty", f"{url} shows nothing without JavaScript; open another page", needs_browser=True)


def _challenge(url: str) -> PageFailed:
    return PageFailed("challenge", f"{url} asks whether you are a person; open another page", needs_browser=False)


def _is_word_list(text: str, links: int) -> bool:
    """Return whether a text is words without sentences, and no index whose words are links."""
    words = _WORD.findall(text)
    if len(words) < LISTED_WORDS or _CJK.search(text):
        return False
    if links * 8 > len(words):
        return False
    little = len(_LITTLE.findall(text))
    ends = len(_END.findall(text))
    return ends * 100 < len(words) and little * 50 < len(words) and "{" not in text and "=" not in text
