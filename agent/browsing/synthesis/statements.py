# ruff: noqa: RUF001 - Chinese punctuation is meant
"""Sentences that need no citation, because they state nothing of the world: by two narrow rules."""

import re

from agent.browsing.synthesis.names import listed, names_of
from agent.browsing.synthesis.result import Rule
from agent.verification.lexicon import ASKING_WORDS, INTRODUCING_WORDS, STOP_WORDS
from agent.verification.literal import Words, missing_numbers, missing_runs
from agent.verification.negation import is_denied
from agent.verification.words import features, stems, tokens

_QUOTES = r"(?:(?:given|cited|collected|available) )?(?P<noun>quotes?|sources?|pages?|search results?)"
_SAY = "(?:say|tell|mention|give|state|name|contain|answer|show|include|cover)"
_SAYS = "(?:says?|tells?|mentions?|gives?|states?|names?|contains?|answers?|shows?|includes?|covers?)"
_PART = r"(?P<part>(?: (?:[^\s,;:.!?()\u2013\u2014\u2026]|\.(?=\d))+)*)[.!]?"
"""One subordinate part: no mark in it after which another clause could begin."""
_ABSENCE = tuple(
    re.compile(form + _PART, re.IGNORECASE)
    for form in (
        rf"(?:(?:the|these|those|my|any) )?{_QUOTES} (?:(?:do|does|did) not|don't|doesn't|didn't) {_SAY}",
        rf"(?:none|neither) of (?:the|these|those|my) {_QUOTES} {_SAYS}",
        rf"no {_QUOTES} {_SAYS}",
        (
            r"(?:it|this|that|(?:the|an) answer) (?:was|is|could|can)(?: not|not) (?:be )?"
            rf"(?:found|answered|given|stated|mentioned) (?:in|from|by) (?:the|these|those|any of the) {_QUOTES}"
        ),
        (
            r"i (?:did not|could not|cannot|can not|didn't|couldn't|can't) (?:answer|find)(?: an answer to)? "
            rf"(?:this|that|it|(?:the|an) (?:question|answer))(?: (?:in|from) (?:the|these|those) {_QUOTES})?"
        ),
    )
)
_GOES_ON = listed("""
    and but so because since as therefore thus hence however yet still though although while whereas then than unless
""")
"""Words that begin a clause of its own without a mark before it."""
_RELATIVE = listed("which who whom whose that where")
"""Words that begin a relative clause, which states something, unless the subordinate part begins with them."""
_CJK_ABSENCE = re.compile(
    "(?:这些|這些|所有|全部|上述|给出的|給出的|提供的)?"
    "(?P<noun>引文|资料|資料|来源|來源|网页|網頁|摘要|文中|页面|頁面)[中里裡内內都均也]*"
    "(?:没有|沒有|未能?|并未|並未)(?:明确|明確|直接|具体|具體)?"
    "(?:找到|提到|提及|说明|說明|给出|給出|回答|包含|涉及|记载|記載)"
    r"(?P<part>(?:[^，,；;：:。.！!？?、（()）—…\s]|\.(?=\d)|(?<=[A-Za-z0-9])\s|\s(?=[A-Za-z0-9]))*)[。！]?"
)
_CJK_GOES_ON = re.compile("[而但故]|因此|所以|因为|因為")
_WORDS_OF_ABSENCE = frozenset(
    stems(
        sorted(
            STOP_WORDS
            | ASKING_WORDS
            | INTRODUCING_WORDS
            | listed("""
            any does did do could cannot can don doesn didn couldn
            quote quotes page pages evidence information search available given cited collected
            mention mentions mentioned contain contains contained show shows include includes cover covers
            whether if about directly explicitly exact else more further other
            """)
        )
    )
)
_CJK_WORDS_OF_ABSENCE = (
    "引文资料資料来源來源网页網頁摘要文中页面頁面证据證據没有沒有未能并未並未找到提到提及说明說明给出給出回答包含涉及记载記載"
    "关于關於相关相關信息資訊问题問題答案任何具体具體明确明確是否"
)
_CONNECTIVE = (
    INTRODUCING_WORDS
    | STOP_WORDS
    | listed("""
    in summary short brief total general conclusion addition particular other words namely therefore thus however
    moreover furthermore first firstly second secondly third thirdly finally lastly next sum all one two three
    """)
)
_CJK_CONNECTIVE = re.compile(
    "(?:综上所述|綜上所述|综上|總之|总之|总的来说|總的來說|总结如下|具体如下|具體如下|如下|以下|此外|另外|因此|所以|首先|其次|再次|最后|最後"
    "|第[一二三四五六七八九十]|[，。：、；\\s])+"
)


def rule_of(sentence: str, question: str) -> Rule:
    """Return by which rule a sentence may stand.

    Returns:
        ``absence``: all of it is that quotes, sources or pages do not tell something, in the question's words and a
        closed list of others, without a number, a name or a denial of its own; ``connective``: it has no words but
        those that introduce or connect; ``cited``: it states something, and must be supported.
    """
    if _connects(sentence):
        return "connective"
    return "absence" if _reports_absence(sentence, question) else "cited"


def _connects(sentence: str) -> bool:
    items = [token for token in tokens(sentence) if token.kind != "mark"]
    if any(token.kind == "cjk" for token in items):
        return _CJK_CONNECTIVE.fullmatch(sentence.strip()) is not None
    # "the first and second" are numbers as tokens, and say nothing
    ordinal = {"1st", "2nd", "3rd", "1", "2", "3"}
    return all(token.text in (ordinal if token.kind == "number" else _CONNECTIVE) for token in items) and not any(
        character.isdigit() for character in sentence
    )


def _reports_absence(sentence: str, question: str) -> bool:
    """Whether all of a sentence is that the quotes do not say something, in the question's words.

    What is not said may not be denied itself: "no source says it is not safe" tells more than that nothing was found.
    """
    asked = Words.of(question)
    stripped = " ".join(sentence.split())
    found = _CJK_ABSENCE.fullmatch(stripped)
    found = found or next((match for form in _ABSENCE if (match := form.fullmatch(stripped))), None)
    if found is None or missing_numbers(sentence, asked, question) or is_denied(found["part"]):
        return False
    # where the question itself is about a page or a source, what is said of it is a fact
    if found["noun"] and _names_it(found["noun"].lower(), question):
        return False
    part = found["part"]
    if found.re is _CJK_ABSENCE:
        runs = [token.text for token in tokens(part) if token.kind == "cjk"]
        own = [token for token in tokens(part) if token.kind == "word" and token.text not in asked.words]
        known_runs = (*asked.runs, _CJK_WORDS_OF_ABSENCE)
        return not (_CJK_GOES_ON.search(part) or own or any(missing_runs(run, known_runs) for run in runs))
    words = part.lower().split()
    if _GOES_ON.intersection(words) or _RELATIVE.intersection(words[1:]):
        return False
    names = {name.lower() for name in names_of(part)} - {token.text for token in tokens(question)}
    return features(tokens(part)) <= features(tokens(question)) | _WORDS_OF_ABSENCE and not names


def _names_it(noun: str, question: str) -> bool:
    if noun[0] > "\u2e7f":
        return noun in question
    return bool(features(tokens(noun)) & features(tokens(question)))
