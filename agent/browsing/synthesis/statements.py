# ruff: noqa: RUF001 - Chinese punctuation is meant
"""Sentences that need no citation, because they state nothing of the world: by two narrow rules."""

import re

from agent.browsing.synthesis.names import listed, names_of
from agent.browsing.synthesis.result import Rule
from agent.verification.lexicon import ASKING_WORDS, INTRODUCING_WORDS, STOP_WORDS
from agent.verification.literal import Words, missing_numbers, missing_runs
from agent.verification.words import features, stems, tokens

_ABSENCE = re.compile(
    r"(?:the|these|those|none of the|no|neither of the|my|any)?\s*(?:given |cited |collected |available )?"
    r"(?:quotes?|sources?|pages?|evidence|search results?|information)\b.{0,30}?"
    r"\b(?:(?:do|does|did) not|don't|doesn't|didn't)\s+"
    r"(?:say|tell|mention|give|state|name|contain|answer|show|include|cover)\b"
    r"|(?:none|neither) of the (?:quotes|sources|pages)\b.{0,30}?"
    r"\b(?:says?|tells?|mentions?|gives?|states?|names?|contains?|answers?|shows?|includes?|covers?)\b"
    r"|no (?:quote|source|page|evidence|information|answer|search result)s?\b"
    r"(?! (?:disputes?|denies|deny|doubts?|contradicts?))"
    r"|(?:it|this|that|the answer|an answer|an? \w+|nothing)\s+(?:was|were|is|are|could|can)\s+not\s+(?:be\s+)?"
    r"(?:found|answered|given|stated|mentioned)\b(?!\s+(?:to|guilty))"
    r"|i (?:did not|could not|cannot|can not|didn't|couldn't) (?:find|answer)\b",
    re.IGNORECASE,
)
_CJK_ABSENCE = re.compile(
    "(?:引文|资料|資料|来源|來源|网页|網頁|摘要|文中|页面|頁面|证据|證據)?.{0,6}?"
    "(?:没有|沒有|未能?|并未|並未)(?:找到|提到|提及|说明|說明|给出|給出|回答|包含|涉及|记载|記載)"
)
_WORDS_OF_ABSENCE = frozenset(
    stems(
        sorted(
            STOP_WORDS
            | ASKING_WORDS
            | INTRODUCING_WORDS
            | listed("""
            not no none neither nothing any does did do could cannot can don doesn didn couldn
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
        ``absence``: it says that the quotes do not tell something, in the question's words and a closed list of others,
        without a number or a name of its own; ``connective``: it has no words but those that introduce or connect;
        ``cited``: it states something, and must be supported.
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
    asked = Words.of(question)
    if missing_numbers(sentence, asked, question):
        return False
    stripped = sentence.strip()
    if _CJK_ABSENCE.match(stripped):
        runs = [token.text for token in tokens(stripped) if token.kind == "cjk"]
        own = [token for token in tokens(stripped) if token.kind == "word" and token.text not in asked.words]
        return not own and not any(missing_runs(run, (*asked.runs, _CJK_WORDS_OF_ABSENCE)) for run in runs)
    if not _ABSENCE.match(stripped):
        return False
    known = features(tokens(question)) | _WORDS_OF_ABSENCE
    names = {name.lower() for name in names_of(sentence)} - {token.text for token in tokens(question)}
    names -= {stripped.split()[0].lower()}
    return features(tokens(sentence)) <= known and not names
