"""Evidence for tests, made the way the product makes it."""

import json
from collections.abc import Callable

from agent.domain.claims import CheckedClaim, Claim
from agent.domain.evidence import Evidence, Quote, Source, ToolResult
from agent.verification.claims import check_claim
from agent.verification.quotes import text_digest


def quote_of(text: str, cited: str | None = None, *, title: str = "Notes", name: str = "e1") -> Quote:
    """Return a valid quote of a part of a text, or of all of it."""
    cited = cited or text
    start = text.index(cited)
    end = start + len(cited)
    return Quote(
        id=name,
        source=Source(title=title, location="notes.md", text_sha256=text_digest(text)),
        start=start,
        end=end,
        text=cited,
        prefix=text[max(start - 32, 0) : start],
        suffix=text[end : end + 32],
    )


def run_of(output: str, program: str = "print(total)", *, tool: str = "python", ok: bool = True) -> ToolResult:
    """Return the result of a tool call that ran a program."""
    return ToolResult(id="t1", key="tool/1", tool=tool, arguments=json.dumps({"code": program}), output=output, ok=ok)


def texts(*known: str) -> Callable[[str], str]:
    """Return a function that gives texts by their digest."""
    return {text_digest(text): text for text in known}.__getitem__


def checked(
    claim: str, text: str, cited: str | None = None, *, question: str = "", title: str = "Notes"
) -> CheckedClaim:
    """Check a claim that rests on one quote."""
    quote = quote_of(text, cited, title=title)
    return check_claim(Claim(id="c1", text=claim, evidence=("e1",)), [quote], question=question, text_of=texts(text))


def checked_with(
    claim: str, evidence: Evidence, *, question: str = "", text: str = "", reading: bool = False
) -> CheckedClaim:
    """Check a claim that rests on one piece of evidence of any kind; ``reading`` makes it that of an input file."""
    return check_claim(
        Claim(id="c1", text=claim, evidence=(evidence.id,)),
        [evidence],
        question=question,
        text_of=texts(text),
        readings={evidence.id} if reading else (),
    )
