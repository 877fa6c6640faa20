# ruff: noqa: RUF001 - Chinese punctuation is meant
"""Whether an answer is written in one go or by points.

Skeleton-of-Thought is unfit where each step needs the one before, so what looks step by step stays sequential; that
rule comes first and is never overruled (the paper's router, SoT-R, asks a model; here rules come first).
"""

import re
from collections.abc import Sequence

from agent.browsing.state import Kept
from agent.browsing.synthesis.forms import ChooseShape
from agent.browsing.synthesis.result import Route, SynthesisSettings
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render

FEWEST_QUOTES = 4
"""Fewer quotes give no long answer."""
FEWEST_SENTENCES = 8
"""Answers that may have fewer sentences than this are not long."""

_STEPS = re.compile(
    r"\b(?:step[\s-]by[\s-]step|steps?\s+(?:to|for|of|in)|in\s+(?:what|which)\s+order|walk\s+me\s+through)\b"
    r"|\bhow\s+(?:do|can|could|should|would|to)\b"
    r"|\b(?:first\b.{1,80}\bthen|derive|derivation|prove|proof|solve|calculate|compute|evaluate|simplify|integral"
    r"|equation|algorithm\s+(?:to|for|that)|implement|debug|refactor|write\s+(?:a|an|the|some)\s+(?:\w+\s+){0,3}"
    r"(?:function|program|script|code|class|query|regex|story|tale|poem|dialogue|letter|email|essay)"
    r"|translate|install|configure|set\s+up|recipe|tell\s+(?:me\s+)?(?:a|the)\s+story|chronolog\w*|timeline|continue"
    r"|what\s+happens\s+(?:when|after|if)|how\s+many\b.{1,80}\b(?:left|remain|altogether|in\s+total|each))\b"
    r"|\d\s*[-+*/^=\u00d7\u00f7]\s*[\dx(]",
    re.IGNORECASE,
)
_CJK_STEPS = re.compile(
    "步骤|步驟|一步一步|逐步|如何|怎么(?!样的)|怎樣|怎样|先.{1,30}(?:再|然后|然後|后)|证明|證明|推导|推導|计算|計算|求解|求证|解方程|方程"
    "|代码|代碼|编写|編寫|写一[个篇首段]|寫一[個篇首段]|程序|函数|函數|安装|安裝|配置|流程|顺序|順序|经过|經過|来龙去脉|讲.{0,4}故事|还剩|還剩|一共"
)
_FACT = re.compile(
    r"^\W*(?:when|who|whom|whose|where|which|how\s+(?:many|much|long|tall|high|old|far|big|large|deep|fast|heavy)"
    r"|is|are|was|were|do|does|did|can|has|have|in\s+(?:what|which)\s+(?:year|city|country|month))\b"
    r"|^\W*what\s+(?:(?:is|was|are|were)\s+the\s+(?:\w+\s+)?(?:name|date|year|capital|population|version|height"
    r"|length|default|price|number|size|value)\b|(?:year|day|date|time|version|port|colou?r|city|country)\b)",
    re.IGNORECASE,
)
_CJK_FACT = re.compile(
    "何时|何時|何地|哪一?[年天日个個位座条條国國]|什么时[候间]|什麼時候|谁|誰|多少|多[长長高大远遠重深久]|几[年月个位]|是否|吗[？?]?$|叫什么|是什么名"
)
_POINTS = re.compile(
    r"\b(?:list|overview|summari[sz]e|compare|comparison|contrast|difference[s]?|advantages?|disadvantages?|benefits?"
    r"|drawbacks?|pros\s+and\s+cons|reasons?|causes?|factors?|features?|types?|kinds?|ways|tips|examples?|aspects?"
    r"|effects?|consequences?|impacts?|characteristics|principles|strategies|challenges|risks|uses|applications"
    r"|symptoms|ingredients\s+of|discuss|describe|explain\s+the\s+(?:main|different|various|key)|everything\s+about"
    r"|affects?|influences?|known\s+about|what\s+should\s+(?:\w+\s+){1,3}(?:see|visit|know|consider)"
    r"|in\s+detail|report\s+on|introduce|introduction\s+to|main|key|various)\b",
    re.IGNORECASE,
)
_CJK_POINTS = re.compile(
    "哪些|有什么|有何|概述|介绍|介紹|综述|綜述|比较|比較|对比|對比|区别|區別|异同|優缺點|优缺点|优点|缺点|优势|劣势|原因|因素|特点|特點|特征|影响|影響"
    "|作用|意义|意義|种类|種類|类型|方面|列举|列舉|列出|建议|建議|好处|坏处|详细|挑战|风险|应用|症状"
)


def route_by_rule(question: str, *, quotes: int, sentences: int) -> Route | None:
    """Return how to write an answer where a rule tells, else None.

    Args:
        question: what is to be answered, in English or Chinese.
        quotes: how many there are.
        sentences: most sentences that the answer may have.
    """
    if _STEPS.search(question) or _CJK_STEPS.search(question):
        return Route(shape="sequential", why="each step needs the one before")
    if sentences < FEWEST_SENTENCES:
        return Route(shape="sequential", why=f"at most {sentences} sentences are no long answer")
    if quotes < FEWEST_QUOTES:
        return Route(shape="sequential", why=f"{quotes} quotes give no long answer")
    if _POINTS.search(question) or _CJK_POINTS.search(question):
        return Route(shape="skeleton", why="the question asks for points that stand alone")
    if _FACT.search(question) or _CJK_FACT.search(question):
        return Route(shape="sequential", why="the question asks for one fact")
    return None


async def route(
    question: str, kept: Sequence[Kept], models: Models, *, step: str, settings: SynthesisSettings
) -> Route:
    """Return how to write an answer: as the settings say, by a rule, by a model's choice, else in one go."""
    if settings.shape != "auto":
        return Route(shape=settings.shape, why="the settings say so", by="settings")
    ruled = route_by_rule(question, quotes=len(kept), sentences=settings.sentences)
    if ruled is not None:
        return ruled
    if not settings.ask_router:
        return Route(shape="sequential", why="no rule asks for points")
    transcript = Transcript(
        [
            {"role": "system", "content": render("agent.browsing.synthesis", "route")},
            {"role": "user", "content": f"Question: {question}\nCall choose_shape."},
        ]
    )
    try:
        form = await ask_form(models, f"{step}/route", transcript, ChooseShape, role=settings.routed_by)
    except ModelOutputError as error:
        return Route(shape="sequential", why=f"the router gave no answer: {error}", by="model")
    return Route(shape=form.shape, why="the router chose it", by="model")
