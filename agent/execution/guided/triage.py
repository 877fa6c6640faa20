"""A goal becomes parts, each a question, a computation, or something that is refused with a reason."""

import re
from typing import Literal

from agent.domain.base import Fact
from agent.execution.guided.asking import asker_of
from agent.execution.guided.words import words
from agent.execution.port import Steps
from agent.models.prepared import Asker

Kind = Literal["question", "computation", "refuse"]

MAX_PARTS = 8

_ITEM = re.compile(r"(?:^|(?<=\s))(?:\(?\d{1,2}[.)]|[-*\u2022])\s+(?=\S)", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.?!])[\"'\u201d\u2019)]*\s+(?=[\"'\u201c(]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|vs|e\.g|i\.e|approx|etc)|\b[A-Z])\.$")
_AND = re.compile(
    r",?\s+(?:and|then|and then|also|as well as)\s+(?=(?:who|what|when|where|which|how (?:many|much|long|old|tall|far)"
    r"|in which|on which|at what|compute|calculate|tell me)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|^\W*(?:(?:and|also|then|finally|next|second|first|please|now|using|according|based|from|in|on|at|for|by|after"
    r"|to)\b.*)?"
    r"\b(?:who|what|when|where|which|how|why|whose|is|are|does|did|do|can|name|list|find|compute|calculate|count|sum|add|tell"
    r"|give|determine|report|state|write|translate|build|create|make|plan|draw|summari[sz]e|explain|compare|search|browse"
    r"|download|send|book|fix|refactor|implement|install|run|open|delete|rename|convert|multiply|divide|subtract|double|halve|round"
    r"|predict|forecast|recommend)\b",
    re.IGNORECASE | re.DOTALL,
)
_LEANS = re.compile(
    r"\b(?:that|this) (?:result|answer|sum|figure|total|value|number)\b|\bthe (?:result|answer|former|latter)\b"
    r"|\b(?:is|are|was|were|do|does|did|can|may|has|have|had|must|should|will|would|by|of|for)"
    r"\s+(?:it|he|she|they|him|them|that|those)\b"
    r"|\b(?:its|his|her|their)\b|\b(?:is|of|for|in|by|at|on) (?:that|this|those|these) \w+",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(?:multipl|divid|subtract|doubl|halv|round|add|convert)\w*\b.*\b(?:it|that|this|them"
    r"|the (?:result|answer|sum|total))\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\b(?:who|whom|whose|what|when|where|which|how)\b", re.IGNORECASE)
_JOINT = re.compile(r"^(?:and|then|also|finally|next)\b[,\s]+", re.IGNORECASE)
_NO_WEB = "the web is not searched in limited mode unless the task allows it: --web"
_REFUSED_VERBS = (
    ("translate", "translating is beyond a model of this size"),
    ("write compose draft rewrite paraphrase", "writing texts or programs is beyond a model of this size"),
    ("summarize summarise outline", "a summary cannot be checked against single sentences"),
    ("implement refactor debug fix build develop code program deploy test", "software projects are out of reach"),
    ("browse google visit", _NO_WEB),
    ("download crawl scrape", "sites are not copied in limited mode"),
    ("draw paint plot chart visualize visualise render sketch design", "pictures and charts are out of reach"),
    ("recommend suggest advise", "advice cannot be checked"),
    ("predict forecast extrapolate", "the future cannot be computed from the files"),
    ("plan organize organise schedule arrange", "open-ended planning is beyond a model of this size"),
    ("delete rename move send email install create edit modify convert book order buy", "nothing is changed or sent"),
    ("train cluster merge join regress", "data science over several files is out of reach"),
    ("explain compare discuss analyse analyze", "an explanation cannot be checked against a single sentence"),
)
_POLITE = (
    r"^\W*(?:(?:please|now|then|also|next|finally|and|can you|could you|would you|i want you to|help me|let's)\W+)*"
)
_REFUSED_ANYWHERE = (
    (r"\b(?:on the (?:web|internet)|online|https?://)", _NO_WEB),
    (r"\b(?:your opinion|do you think|should i buy)\b", "opinions cannot be checked"),
    (r"\bnext year'?s?\b", "the future cannot be computed from the files"),
)
_FILE_NAME = re.compile(r"[\w-]+\.(?:csv|tsv|jsonl?|log|txt|xlsx)\b", re.IGNORECASE)
_CALCULATES = re.compile(
    r"\b(?:total|sum|average|mean|median|how many (?:rows|lines|entries|records)|percentage of|add up|compute|calculate"
    r"|difference between|altogether|combined|standard deviation|count the)\b",
    re.IGNORECASE,
)
_CITES = re.compile(
    r"\b(?:according to|in|from|as stated in) the (?:[\w-]+ ){0,3}?(?:documentation|documents?|manual|guide|handbook"
    r"|docs|report|contract|minutes|faq|readme)\b|\bdocumentation\b",
    re.IGNORECASE,
)


class Part(Fact):
    """One thing a goal asks for.

    Attributes:
        id: ``part-1`` and so on.
        text: the part on its own, with the sentences that belong to it.
        kind: what strategy answers it.
        reason: why it is refused.
        second: the strategy to try when the first one withholds, where the kind is not certain.
    """

    id: str
    text: str
    kind: Kind
    reason: str = ""
    second: Literal["question", "computation"] | None = None


class GuidedPlan(Fact):
    """The parts of a goal in order."""

    goal: str
    parts: tuple[Part, ...]


async def triage(
    goal: str, steps: Steps, *, files: tuple[str, ...], documents: bool, web: bool = False, sure: float = 2.0
) -> GuidedPlan:
    """Return the parts of a goal with what is to be done about each.

    What the wording decides is decided without a model.

    Args:
        goal: what the user asked.
        steps: what may be done; each call is an effect.
        files: paths of the workspace files.
        documents: whether there is something to answer questions from: documents to search, or the web.
        web: whether the web may be searched.
        sure: margin of log-probabilities between the two best kinds below which both strategies are tried.
    """
    texts = split(goal)
    if len(texts) > MAX_PARTS:
        reason = f"the goal has {len(texts)} parts; at most {MAX_PARTS} are worked on at once"
        return GuidedPlan(goal=goal, parts=(Part(id="part-1", text=goal, kind="refuse", reason=reason),))
    asker = asker_of(steps)
    parts = [await _labelled(number, text, asker, files, documents, web, sure) for number, text in enumerate(texts, 1)]
    return GuidedPlan(goal=goal, parts=tuple(parts))


def split(goal: str) -> tuple[str, ...]:
    """Return the parts of a goal: list items and sentences that ask for something.

    A sentence that asks for nothing is context of the part after it, or of the last one where none follows.
    """
    pieces = [piece for item in _ITEM.split(goal) for piece in _sentences(item)]
    parts: list[str] = []
    context: list[str] = []
    for piece in pieces:
        if _ASKS.search(piece):
            parts.append(" ".join([*context, piece]))
            context = []
        else:
            context.append(piece)
    if context and parts:
        parts[-1] = " ".join([parts[-1], *context])
    return tuple(parts) or (goal.strip(),)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, with questions that are joined by ``and`` taken apart."""
    joined: list[str] = []
    for piece in (piece.strip() for piece in _SENTENCE_END.split(text)):
        if joined and _ABBREVIATION.search(joined[-1]):
            joined[-1] = f"{joined[-1]} {piece}"
        elif piece:
            bare = _JOINT.sub("", piece) if joined else piece
            joined.append(bare[:1].upper() + bare[1:])
    return [part for piece in joined for part in _questions(piece)]


def _questions(sentence: str) -> list[str]:
    pieces = _AND.split(sentence)
    whole = all(len(words(piece)) >= 4 and not _LEANS.search(piece) and not _GOES_ON.search(piece) for piece in pieces)
    if len(pieces) == 1 or not whole:
        return [sentence]
    closed = [piece.rstrip(" ,.?") + "?" for piece in pieces]
    return [piece[0].upper() + piece[1:] for piece in closed]


async def _labelled(
    number: int, text: str, asker: Asker, files: tuple[str, ...], documents: bool, web: bool, sure: float
) -> Part:
    name = f"part-{number}"
    reason = refusal(text, first=number == 1, web=web)
    if reason:
        return Part(id=name, text=text, kind="refuse", reason=reason)
    kind = by_wording(text, files=bool(files), documents=documents)
    if kind is not None:
        other: Kind = "question" if kind == "computation" else "computation"
        tries_other = documents and bool(files) and not _FILE_NAME.search(text) and not _CITES.search(text)
        return Part(id=name, text=text, kind=kind, second=other if tries_other else None)
    scores = await asker.choose(
        f"model/triage-{number}",
        "triage",
        ("question", "computation", "other"),
        files=", ".join(files[:12]) or "none",
        request=text,
    )
    if _QUESTION.search(text):
        # both strategies withhold what they cannot prove, so a question is tried rather than refused
        del scores["other"]
    best, following = sorted(scores, key=lambda kind: -scores[kind])[:2]
    if best == "other":
        return Part(id=name, text=text, kind="refuse", reason="it is neither a question nor a computation over files")
    close = following != "other" and scores[best] - scores[following] < sure
    first: Literal["question", "computation"] = "question" if best == "question" else "computation"
    fallback: Literal["question", "computation"] = "computation" if first == "question" else "question"
    if (first == "question" and not documents) or (first == "computation" and not files):
        first, fallback, close = fallback, first, False
    return Part(id=name, text=text, kind=first, second=fallback if close and documents and files else None)


def refusal(text: str, *, first: bool, web: bool = False) -> str:
    """Return why a part is refused by its wording, or nothing."""
    if _GOES_ON.search(text) or (_LEANS.search(text) and not first):
        return "it needs the result of another part; ask for it in a task of its own"
    if not _FILE_NAME.search(text) and len(words(text)) < 2:
        return "it does not say what is asked"
    for verbs, reason in _REFUSED_VERBS:
        wanted = re.compile(rf"{_POLITE}(?:{verbs.replace(' ', '|')})\b", re.IGNORECASE)
        if any(wanted.search(sentence) for sentence in _SENTENCE_END.split(text)) and not (web and reason == _NO_WEB):
            return reason
    found = (reason for pattern, reason in _REFUSED_ANYWHERE if re.search(pattern, text, re.IGNORECASE))
    return next((reason for reason in found if not (web and reason == _NO_WEB)), "")


def by_wording(text: str, *, files: bool, documents: bool) -> Literal["question", "computation"] | None:
    """Return the kind where the wording or what there is decides it, else None."""
    if not files and documents:
        return "question"
    if files and not documents:
        return "computation"
    if _FILE_NAME.search(text) or (_CALCULATES.search(text) and not _CITES.search(text)):
        return "computation"
    return "question" if _CITES.search(text) else None
