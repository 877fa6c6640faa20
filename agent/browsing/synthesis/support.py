"""Whether quotes support a sentence, as far as words and numbers can tell.

Words can refuse: too little of the sentence stands in the quote, a number or a name does not, a negation was added or
lost, a value belongs to something else. They prove a sentence only where it repeats one of the quote, or the beginning
of one up to its next clause (see ``agent.verification.restatement``): any other choice of words may turn what the quote
says, or be about something else. What is left open is for a judge; without one the sentence is not supported.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from agent.browsing.scores import SUPPORTED_FROM, recall
from agent.browsing.state import Kept
from agent.browsing.synthesis.names import names_of, words_of
from agent.domain.base import Fact
from agent.domain.claims import Finding
from agent.domain.evidence import Quote
from agent.verification.attachment import clause_tokens, swapped
from agent.verification.claims import spelled
from agent.verification.literal import Words, content, coverage, missing_numbers
from agent.verification.negation import denied, is_denied
from agent.verification.restatement import repeats_beginning, restates, states_nothing
from agent.verification.sentences import split_sentences
from agent.verification.words import Token, features, stems, tokens

Outcome = Literal["supported", "open", "refused"]

_LONGEST = 1000
_FEWEST_WORDS = 4


class Support(Fact):
    """What the words of a sentence and of its quotes say.

    Attributes:
        evidence: the quotes that it rests on: those that support it alone where there are any.
        recall: share of the sentence's characters that stand there in order.
        outcome: ``open`` where a judge may still decide; ``refused`` is never overruled.
    """

    evidence: tuple[str, ...]
    recall: float
    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def reason(self) -> str:
        """The first thing that speaks against the sentence; empty where nothing does."""
        against = [finding for finding in self.findings if finding.passed is False]
        against += [finding for finding in self.findings if finding.passed is None]
        return against[0].detail if against else ""


def support_of(sentence: str, cited: Sequence[Kept], question: str = "") -> Support:
    """Return how far a sentence is supported by the quotes that it cites.

    Each quote is looked at alone; those that support the sentence alone are what it rests on. Only where none does are
    they taken together.

    Args:
        sentence: one sentence of an answer, without citations.
        cited: the quotes that it cites, at least one.
        question: a sentence in its words is left open where the quotes do not have them, but not refused.
    """
    if len(sentence) > _LONGEST:
        long = Finding(method="recall", passed=False, detail=f"the sentence has more than {_LONGEST} characters")
        return Support(evidence=tuple(item.id for item in cited), recall=0, outcome="refused", findings=(long,))
    alone = [_support(sentence, (item,), question) for item in cited]
    good = [found for found in alone if found.outcome == "supported"]
    if good:
        best = max(good, key=lambda found: found.recall)
        return best.model_copy(update={"evidence": tuple(name for found in good for name in found.evidence)})
    return _support(sentence, cited, question) if len(cited) > 1 else alone[0]


def _support(sentence: str, cited: Sequence[Kept], question: str) -> Support:
    text = "\n".join(item.text for item in cited)
    share = recall(sentence, text)
    findings = tuple(_findings(sentence, cited, text, question, share))
    refused = any(finding.passed is False for finding in findings)
    proved = any(finding.method == "restatement" and finding.passed for finding in findings)
    outcome: Outcome = "refused" if refused else "supported" if proved else "open"
    return Support(evidence=tuple(item.id for item in cited), recall=share, outcome=outcome, findings=findings)


def _findings(sentence: str, cited: Sequence[Kept], text: str, question: str, share: float) -> Iterator[Finding]:
    """Yield what refuses first; a sentence that repeats one of the quote needs no more than that."""
    titles = _titles(cited)
    # a short quote may answer a long question, whose words the sentence then repeats
    little = None if recall(sentence, f"{question}\n{text}") >= SUPPORTED_FROM else False
    yield Finding(
        method="recall",
        passed=share >= SUPPORTED_FROM or little,
        detail=f"{share:.2f} of its characters stand in the quotes in order, at least {SUPPORTED_FROM} must",
    )
    missing = missing_numbers(sentence, Words.of(text), question)
    # a count in words may sum up what the quotes list, which a judge can see
    counted = None if all(spelled(number, sentence) for number in missing) else False
    yield _told("numbers", not missing or counted, "every number stands in the quotes", "not in the quotes: ", missing)
    yield _names(sentence, text, titles, question)
    yield _negation(sentence, text)
    yield denied(sentence, text)
    if (found := _restated(sentence, cited)).passed:
        yield found
        return
    if all(states_nothing(item.text) for item in cited):
        yield Finding(method="restatement", passed=False, detail="the quotes only ask, and state nothing")
    yield swapped(sentence, text, question)
    lacking = _lacking(sentence, text, f"{titles}\n{question}")
    foreign = None if _mostly_there(sentence, lacking) else False
    yield _told(
        "words", not lacking or foreign, "every word stands in the quotes", "words not in the quotes: ", lacking
    )
    yield found


def _lacking(sentence: str, text: str, context: str) -> list[str]:
    """Return the words of a sentence that stand nowhere; a CJK character may be between other neighbours there."""
    there = f"{text}\n{context}"
    return [word for word in coverage(sentence, text, context) if len(word) > 1 or word not in there]


def _mostly_there(sentence: str, lacking: Sequence[str]) -> bool:
    """Whether a quarter of the words are the quote's; any two English texts share many characters in order."""
    words = {token.text for token in content(sentence) if token.kind == "word"}
    shared = words.difference(lacking)
    return len(words) < _FEWEST_WORDS or 4 * len(shared) >= len(words)


def _told(method: str, passed: bool | None, good: str, bad: str, missing: Sequence[str]) -> Finding:
    unique = list(dict.fromkeys(missing))[:8]
    return Finding(method=method, passed=passed, detail=good if passed else bad + ", ".join(unique))


def _names(sentence: str, text: str, titles: str, question: str) -> Finding:
    """Refuse a name that neither quotes, titles nor question have.

    A name that only the question or a title has is left open: the quotes may speak of something else. So is the first
    word of a sentence, whose capital letter tells nothing.
    """
    missing = [name for name in names_of(sentence) if not _has(name, text)]
    unknown = [
        name for name in missing if not _has(name, f"{titles}\n{question}") and not _may_be_common(sentence, name)
    ]
    if unknown:
        return _told("names", False, "", "names not in the quotes: ", unknown)
    bad = "perhaps names that are not in the quotes: "
    return _told("names", not missing or None, "every name stands in the quotes", bad, missing)


def _may_be_common(sentence: str, name: str) -> bool:
    return sentence.lstrip("\"'\u201c(").startswith(name) and name[1:].islower() and name.isalpha()


def _has(name: str, text: str) -> bool:
    if not name.isalnum():
        return name.lower() in text.lower()
    return name.lower() in words_of(text) or bool({name.lower(), *stems([name.lower()])} & _stems(text))


def _stems(text: str) -> set[str]:
    words = [token.text for token in tokens(text) if token.kind == "word"]
    return {*words, *stems(words)} | {token.text for token in tokens(text) if token.kind == "number"}


def _negation(sentence: str, text: str) -> Finding:
    """Refuse a sentence that denies what a clause of the quotes says without a negation."""
    groups = clause_tokens(text)
    for clause in clause_tokens(sentence):
        if not _denies(clause):
            continue
        stated = features(clause)
        denying = [features(group) for group in groups if _denies(group)]
        if not any(2 * len(stated & group) > len(stated) for group in denying):
            detail = "the sentence denies something that the quotes do not deny"
            return Finding(method="denial", passed=False, detail=detail)
    return Finding(method="denial", passed=True, detail="the sentence denies nothing that the quotes do not")


def _denies(clause: Sequence[Token]) -> bool:
    return is_denied(" ".join(token.text for token in clause))


def _restated(sentence: str, cited: Sequence[Kept]) -> Finding:
    """Say whether a sentence repeats a sentence of the quotes, or begins one."""
    there = [whole for item in cited for part in item.quotes for whole in _stated(part.quote)]
    found = restates(sentence, "\n\n".join(text for text, complete in there if complete))
    begun = (repeats_beginning(sentence, text) for text, _ in there)
    proved = found if found.passed else next((one for one in begun if one.passed), None)
    detail = "words alone prove only what repeats a sentence of the quotes or begins one"
    return proved or Finding(method="restatement", passed=None, detail=detail)


def _stated(quote: Quote) -> Iterator[tuple[str, bool]]:
    """Yield the sentences that begin in a quote, and whether they end there.

    A literal quote may be cut out of a sentence that denies it, so its surroundings are looked at as well. Of a
    sentence that goes on after the quote no more than one clause is left out at the quote's end.
    """
    around = f"{quote.prefix}{quote.text}{quote.suffix}"
    first, last = len(quote.prefix), len(quote.prefix) + len(quote.text)
    for start, end in split_sentences(around):
        if first <= start < last:
            yield around[start:end], not any(character.isalnum() for character in around[last:end])


def _titles(cited: Sequence[Kept]) -> str:
    return "\n".join(part.quote.source.title for item in cited for part in item.quotes)
