"""The deterministic tiers of claim checking: T0, the quote is where it says; T1, what words and numbers can decide.

``supported`` is given only where words alone prove a statement: it repeats a cited sentence, it is the one value that
a sentence gives for what was asked, or a program of the run computed its numbers. What is neither proved nor refused
stays ``unverifiable`` until a judge (T3) has looked at it.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from agent.domain.claims import CheckedClaim, Claim, Finding, Verdict
from agent.domain.evidence import Evidence, Quote, ToolResult
from agent.verification.attachment import swapped
from agent.verification.computed import PROGRAM_TOOLS, computed, number_values
from agent.verification.covering import PAGE_MARK
from agent.verification.headings import heading_paths, headings, path_at
from agent.verification.lexicon import SMALL_NUMBERS, TENS
from agent.verification.literal import Words, coverage, literal, missing_numbers
from agent.verification.negation import denied
from agent.verification.quotes import check_quote
from agent.verification.restatement import gives_value, restates

TextOf = Callable[[str], str]
"""Returns a source's text by its SHA-256; raises when there is none."""

LONGEST_CLAIM = 2000
"""Characters of a single statement; also of a question that it can answer."""

_PROOFS = frozenset({"restatement", "value", "computed"})
_SPELLED = frozenset(str(value) for value in (*SMALL_NUMBERS.values(), *TENS.values()))
_SOFT = frozenset({"literal", "attachment", "negation"})
"""Refusals that other words for the same thing can cause; a judge that understands paraphrase may overrule them."""


def check_claim(
    claim: Claim,
    evidence: Iterable[Evidence],
    *,
    question: str = "",
    text_of: TextOf,
    readings: Collection[str] = (),
) -> CheckedClaim:
    """Check one claim against the evidence it cites, without any model.

    Args:
        claim: the statement and the ids of its evidence.
        evidence: what the run collected; only cited items count.
        question: what the claim answers; its words, but not its numbers, may be used freely.
        text_of: gives the stored text of a source.
        readings: ids of tool results that show an unchanged input file. What other tools show, programs apart, may have
            been written by the run itself and proves nothing.

    Returns:
        ``supported``; ``not_found``: the evidence lacks words or numbers of the claim, or has them elsewhere;
        ``unverifiable``: no usable evidence, or nothing decided; ``error``: a check broke. Never ``contradicted``: that
        a text does not say something is no proof of the contrary.
    """
    try:
        findings = tuple(_findings(claim, evidence, question, text_of, readings))
    except Exception as error:  # noqa: BLE001 - whatever breaks a check must become a verdict, never a silent pass
        broken = Finding(method="check", passed=None, detail=f"the check broke: {type(error).__name__}: {error}")
        return CheckedClaim(claim=claim, verdict="error", findings=(broken,))
    return CheckedClaim(claim=claim, verdict=_verdict(findings), findings=findings)


def open_to_judge(checked: CheckedClaim, *, paraphrase: bool) -> bool:
    """Whether a judge could still make a claim ``supported``.

    A judge is heard only where the deterministic checks left room: never against a quote that is not valid, a number
    that is nowhere, or a value that a program merely repeats.

    Args:
        checked: the outcome of ``check_claim``.
        paraphrase: the judge may also overrule missing words; only for models that understand other words for the
            same thing, which small ones do not.
    """
    if checked.verdict not in ("unverifiable", "not_found"):
        return False
    refusals = {finding.method for finding in checked.findings if finding.passed is False}
    return not refusals - _SOFT if paraphrase else not refusals


def without_page_marks(text: str) -> str:
    """Return a statement without ids of page quotes, as in ``[root.2.0.E1]``: their numbers are none of its own."""
    return re.sub(rf"\s?{PAGE_MARK}", "", text)


def evidence_text(item: Evidence) -> str:
    """Return what a piece of evidence says, as text."""
    if isinstance(item, Quote):
        return item.text
    if isinstance(item, ToolResult):
        return item.output if item.ok else ""
    limits = "".join(f", {name} {value}" for name, value in sorted(item.qualifiers.items()))
    return f"{item.subject} {item.relation} {item.object}{limits}"


def _verdict(findings: Sequence[Finding]) -> Verdict:
    refused = {finding.method for finding in findings if finding.passed is False}
    if refused & {"citation", "quote"}:
        return "unverifiable"
    if refused & {"numbers", "literal", "attachment"}:
        return "not_found"
    if "negation" not in refused and any(finding.passed and finding.method in _PROOFS for finding in findings):
        return "supported"
    return "unverifiable"


def _findings(
    claim: Claim, evidence: Iterable[Evidence], question: str, text_of: TextOf, readings: Collection[str]
) -> Iterator[Finding]:
    """Yield the findings in order of cost; a refusal ends the series."""
    if len(claim.text) > LONGEST_CLAIM:
        detail = f"the claim has more than {LONGEST_CLAIM} characters; split it into single statements"
        yield Finding(method="citation", passed=False, detail=detail)
        return
    # a goal of many pages is no question that one claim answers
    question = question if len(question) <= LONGEST_CLAIM else ""
    known = {item.id: item for item in evidence}
    citation = _citation(claim, known, readings)
    yield citation
    if not citation.passed:
        return
    cited = [known[name] for name in dict.fromkeys(claim.evidence) if is_proof(known[name], readings)]
    for finding in _refusals(claim.text, cited, question, text_of):
        yield finding
        if finding.passed is False:
            return
    if question:
        yield _coverage(question, cited, text_of)
    for item in cited:
        yield from _proofs(claim.text, item, question, text_of)


def is_proof(item: Evidence, readings: Collection[str]) -> bool:
    """Whether a piece of evidence can prove anything: a quote, a triple, a program, or a reading of an input file."""
    return not isinstance(item, ToolResult) or is_program(item) or item.id in readings


def _citation(claim: Claim, known: Mapping[str, Evidence], readings: Collection[str]) -> Finding:
    unknown = [name for name in claim.evidence if name not in known]
    if unknown:
        return Finding(method="citation", passed=False, detail=f"no evidence has the id {', '.join(unknown)}")
    if not claim.evidence:
        return Finding(method="citation", passed=False, detail="the claim cites no evidence")
    if not any(is_proof(known[name], readings) for name in claim.evidence):
        detail = f"{', '.join(claim.evidence)} may show what the run wrote itself, which proves nothing"
        return Finding(method="citation", passed=False, detail=detail)
    return Finding(method="citation", passed=True, detail=f"cites {', '.join(claim.evidence)}")


def _refusals(claim: str, cited: Sequence[Evidence], question: str, text_of: TextOf) -> Iterator[Finding]:
    """Yield the checks that can only refuse: quotes, numbers, words, and where these stand."""
    for item in cited:
        if isinstance(item, Quote):
            state = check_quote(item, text_of(item.source.text_sha256))
            yield Finding(method="quote", passed=state == "valid", detail=f"{item.id} is {state}")
    programs = [item for item in cited if is_program(item)]
    texts = "\n".join(evidence_text(item) for item in cited if item not in programs)
    yield _numbers(claim, texts, programs, question)
    if not programs:
        strict = literal(claim, texts)
        yield strict if strict.passed else literal(claim, texts, question)
    yield denied(claim, "\n".join(evidence_text(item) for item in cited), question)
    if not programs:
        yield swapped(claim, texts, question)


def _numbers(claim: str, texts: str, programs: Sequence[Evidence], question: str) -> Finding:
    """Refuse a claim with a number that no evidence has; where a program ran, numbers of the question are given."""
    printed = {value for item in programs for value in number_values(evidence_text(item))}
    given = set(number_values(question)) if programs else set()
    missing = [
        number
        for number in missing_numbers(claim, Words.of(texts), question)
        if not {number, *number_values(number)} & (printed | given)
    ]
    if missing:
        # a count in words may sum up what the evidence lists, which a judge can see; digits are never overruled
        method = "literal" if all(spelled(number, claim) for number in missing) else "numbers"
        return Finding(method=method, passed=False, detail=f"not in the evidence: {', '.join(missing)}")
    return Finding(method="numbers", passed=True, detail="every number stands in the evidence")


def spelled(number: str, claim: str) -> bool:
    """Whether a number is a single word of the claim, such as ``two``."""
    return number in _SPELLED and number not in re.findall(r"\d+", unicodedata.normalize("NFKC", claim))


def absent_numbers(claim: str, text: str, question: str = "") -> list[str]:
    """Return the numbers in digits of a claim that a text does not have as numbers; those in words are left out."""
    return [number for number in missing_numbers(claim, Words.of(text), question) if not spelled(number, claim)]


def _proofs(claim: str, item: Evidence, question: str, text_of: TextOf) -> Iterator[Finding]:
    if isinstance(item, ToolResult) and is_program(item):
        yield computed(claim, item, question)
    else:
        yield restates(claim, evidence_text(item))
    if isinstance(item, Quote):
        yield gives_value(claim, question, item.text, _context(item, text_of))


def _coverage(question: str, cited: Sequence[Evidence], text_of: TextOf) -> Finding:
    """Say whether the evidence speaks of what was asked; a true statement can miss the question."""
    context = "\n".join(_context(item, text_of) for item in cited if isinstance(item, Quote))
    missing = coverage(question, "\n".join(evidence_text(item) for item in cited), context)
    if missing:
        detail = f"words of the question are not in the evidence: {', '.join(missing[:8])}"
        return Finding(method="coverage", passed=None, detail=detail)
    return Finding(method="coverage", passed=True, detail="the evidence has every word of the question")


def _context(quote: Quote, text_of: TextOf) -> str:
    """Return what holds for all of a quote: its source's title and the headings above it.

    Neighbouring sentences are left out: they often say the same of something else.
    """
    found = headings(text_of(quote.source.text_sha256)) if _has_headings(quote.source.location) else ()
    return f"{quote.source.title}\n{path_at(found, heading_paths(found), quote.start)}"


def _has_headings(location: str) -> bool:
    return location.lower().split("?")[0].endswith((".md", ".markdown", ".html", ".htm", "/")) or "://" in location


def is_program(item: Evidence) -> bool:
    """Whether a piece of evidence is what a program printed."""
    return isinstance(item, ToolResult) and item.tool in PROGRAM_TOOLS
