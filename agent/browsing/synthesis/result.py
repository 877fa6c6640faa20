"""What a synthesis gives: the sentences that stand, what they cite, and what was left out."""

from typing import Literal

from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.claims import Finding

Shape = Literal["sequential", "skeleton"]
"""How an answer is written: in one go, or as an outline whose points are written at the same time."""
Rule = Literal["cited", "absence", "connective"]
"""Why a sentence may stand: it cites evidence, it says that something was not found, or it states nothing."""
JudgeVerdict = Literal["supported", "contradicted", "qualified", "not_found", "error"]

UNSUPPORTED_MARK = "[unsupported]"
"""Stands after a sentence that is kept although its quotes do not support it."""


class SynthesisSettings(Form):
    """How answers from quotes are written and checked.

    Attributes:
        sentences: most sentences of an answer.
        point_sentences: most sentences of one point of a long answer.
        points: most points of a long answer.
        quote_characters: longest part of one quote that a writer is shown; the check always reads all of it.
        prompt_characters: longest text of all quotes together that a writer is shown.
        unsupported: what becomes of sentences that their quotes do not support.
        judge: when a model is asked about a sentence: ``undecided`` where words alone do not settle it.
        shape: how the answer is written; ``auto`` leaves it to the router.
        ask_router: where the router's rules do not decide, a cheap model is asked.
        writer: role of the model that writes.
        judged_by: role of the model that judges.
        routed_by: role of the model that is asked how to write.
    """

    sentences: int = Field(default=16, ge=1, le=60)
    point_sentences: int = Field(default=3, ge=1, le=10)
    points: int = Field(default=8, ge=2, le=12)
    quote_characters: int = Field(default=1500, ge=200)
    prompt_characters: int = Field(default=24_000, ge=500)
    unsupported: Literal["drop", "mark"] = "drop"
    judge: Literal["never", "undecided", "always"] = "undecided"
    shape: Literal["auto", "sequential", "skeleton"] = "auto"
    ask_router: bool = False
    writer: str = "executor"
    judged_by: str = "verifier"
    routed_by: str = "cheap"


class Judgement(Fact):
    """What a model said of one sentence and one quote.

    Attributes:
        words: the words of the quote that it rests on; they stand there verbatim, or the verdict is ``error``.
    """

    evidence: str
    verdict: JudgeVerdict
    words: str = ""
    detail: str = ""


class Sentence(Fact):
    """A sentence of an answer.

    Attributes:
        evidence: ids of the quotes that it cites.
        rule: why it may stand.
        support: share of its characters that stand in order in what it cites, from 0 to 1; a floor, no proof. 1 for
            sentences that need no evidence.
        supported: whether it may be shown without a mark.
        findings: what each check said.
        judgements: what a model said, where one was asked.
        paragraph: number of the paragraph that it stands in, from 0.
    """

    text: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    rule: Rule = "cited"
    support: float = Field(default=1.0, ge=0, le=1)
    supported: bool = True
    findings: tuple[Finding, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    paragraph: int = 0

    @property
    def cited(self) -> str:
        """The sentence with its citations before its full stop, and a mark where it is not supported."""
        body, end = _ending(self.text)
        marks = "".join(f"[{name}]" for name in self.evidence)
        unsupported = "" if self.supported else f" {UNSUPPORTED_MARK}"
        return f"{body}{' ' if marks else ''}{marks}{unsupported}{end}"


class Dropped(Fact):
    """A sentence that was written and is not part of the answer, and why."""

    text: str
    evidence: tuple[str, ...] = ()
    reason: str
    findings: tuple[Finding, ...] = ()
    judgements: tuple[Judgement, ...] = ()


class ReferenceSource(Fact):
    """A page that a quote was taken from.

    Attributes:
        retrieved_at: when it was fetched, ISO 8601 in UTC.
    """

    title: str
    url: str
    retrieved_at: str


class Reference(Fact):
    """An entry of the list of references; ``number`` counts in the order in which the evidence is first cited.

    Answers cite ``evidence``, as in ``[E1]``: numbers in brackets may be footnotes of the page that was quoted.
    """

    number: int = Field(ge=1)
    evidence: str
    sources: tuple[ReferenceSource, ...] = Field(min_length=1)


class Route(Fact):
    """How an answer is written, and who decided that for which reason."""

    shape: Shape
    why: str
    by: Literal["settings", "rule", "model"] = "rule"


class Synthesis(Fact):
    """An answer from quotes.

    Attributes:
        answer: its text with citations such as ``[E1]``; one line that says so where nothing could be supported.
        sentences: those of the answer, in order.
        references: exactly what the answer cites.
        dropped: sentences that were written and left out.
    """

    question: str
    answer: str
    sentences: tuple[Sentence, ...] = ()
    references: tuple[Reference, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    route: Route

    @property
    def supported(self) -> bool:
        """Whether there is an answer and all of it is supported."""
        factual = [sentence for sentence in self.sentences if sentence.rule == "cited"]
        return bool(factual) and all(sentence.supported for sentence in factual)

    @property
    def written(self) -> int:
        """Sentences stating facts that a model wrote, whether or not they are part of the answer."""
        return sum(sentence.rule == "cited" for sentence in self.sentences) + len(self.dropped)

    @property
    def support(self) -> float:
        """Share of the written sentences stating facts that their evidence supports; 1 where none was written."""
        good = sum(sentence.rule == "cited" and sentence.supported for sentence in self.sentences)
        return good / self.written if self.written else 1.0


def _ending(text: str) -> tuple[str, str]:
    """Return a sentence without its final full stop, and the full stop; one that has none is given one."""
    body = text.rstrip()
    bare = body.rstrip(".!?\u3002\uff01\uff1f\u2026")
    if bare and bare != body:
        return bare, body[len(bare) :]
    return body, "\u3002" if body and body[-1] > "\u2e7f" else "."
