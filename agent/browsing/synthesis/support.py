"""Whether quotes support a sentence, as far as words and numbers can tell.

Words can refuse: too little of the sentence stands in the quote, a number or a name does not, a negation was added or
lost, a value belongs to something else. They prove a sentence only where nothing is left open: it repeats a sentence of
the quote, or everything it says stands there, together and in the same order. What is left open is for a judge; without
one the sentence is not supported. Similarity alone never proves (see ``agent.verification.restatement``).
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from agent.browsing.scores import SUPPORTED_FROM, recall
from agent.browsing.state import Kept
from agent.browsing.synthesis.names import names_of, words_of
from agent.domain.base import Fact
from agent.domain.claims import Finding
from agent.verification.attachment import clause_tokens, swapped
from agent.verification.claims import spelled
from agent.verification.lexicon import CJK_SCOPE, DENIALS, IRREGULAR, SCOPE_WORDS
from agent.verification.literal import Words, content, coverage, missing_numbers
from agent.verification.negation import denied, is_denied
from agent.verification.restatement import restates
from agent.verification.sentences import split_sentences
from agent.verification.words import Token, features, stems, tokens

Outcome = Literal["supported", "open", "refused"]

_REVERSED = 3
"""Words in reverse order, from which a sentence may have exchanged two things; one word that moved gives two."""
_LONGEST = 1000
_FEWEST_WORDS = 4
_NEARLY_ALL = 0.8
_MOST_PAIRS = 20_000
_DENYING = "不没沒未无無非否"
_DENIALS = DENIALS.union(_DENYING)


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
        question: its words, but not its numbers, may be used where the quote names nothing else.
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
    findings = tuple(_findings(sentence, text, _titles(cited), question, share))
    passed = {finding.passed for finding in findings}
    proved = any(finding.method == "restatement" and finding.passed for finding in findings)
    outcome: Outcome = "refused" if False in passed else "supported" if proved or None not in passed else "open"
    return Support(evidence=tuple(item.id for item in cited), recall=share, outcome=outcome, findings=findings)


def _findings(sentence: str, text: str, titles: str, question: str, share: float) -> Iterator[Finding]:
    """Yield what refuses first; a sentence that repeats one of the quote needs no more than that."""
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
    attached = swapped(sentence, text, question)
    if restates(sentence, text).passed:
        yield Finding(method="restatement", passed=True, detail="the sentence repeats one of the quotes")
        return
    yield attached
    lacking = _lacking(sentence, text, f"{titles}\n{question}")
    foreign = None if _mostly_there(sentence, lacking) else False
    yield _told(
        "words", not lacking or foreign, "every word stands in the quotes", "words not in the quotes: ", lacking
    )
    yield _limits(sentence, text)
    yield _order(sentence, text)
    yield _together(sentence, text, titles)


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

    A name of the question will do where the quotes name nothing that the sentence leaves out: "it was built in 1921"
    may be said of what was asked for; that "Ann was born in 1921" is said of Bob is left open. So is the first word of
    a sentence, whose capital letter tells nothing.
    """
    missing = [name for name in names_of(sentence) if not _has(name, f"{text}\n{titles}")]
    asked = [name for name in missing if _has(name, question)]
    unknown = [name for name in missing if name not in asked and not _may_be_common(sentence, name)]
    if unknown:
        return _told("names", False, "", "names not in the quotes: ", unknown)
    firsts = [name for name in missing if name not in asked]
    rivals = [name for name in names_of(text) if not _has(name, sentence)] if asked else []
    bad = "perhaps names that are not in the quotes: "
    return _told("names", not (firsts or rivals) or None, "every name stands in the quotes", bad, missing)


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


def _limits(sentence: str, text: str) -> Finding:
    """Leave open a clause that lacks a word by which the clause it is taken from is denied or limited.

    The same for a denial too many, and for a whole sentence that repeats nearly all of one of the quotes.
    """
    whole = features(tokens(sentence))
    there = [(features(tokens(text[start:end])), text[start:end]) for start, end in split_sentences(text)]
    groups = [(_unlimited(group), len(whole & known), group) for known, part in there for group in clause_tokens(part)]
    pairs: list[tuple[Sequence[Token], Sequence[Sequence[Token]]]] = [
        (tokens(sentence), [tokens(part) for known, part in there if _NEARLY_ALL * len(known) <= len(whole & known)])
    ]
    for clause in clause_tokens(sentence):
        stated = _unlimited(clause)
        # of clauses that share as much those count whose sentence is closest, then those that say least besides
        ranked = [
            ((len(known & stated), around, -len(known - stated)), group)
            for known, around, group in groups
            if known & stated
        ]
        most = max((rank for rank, _ in ranked), default=None)
        pairs.append((clause, [group for rank, group in ranked if rank == most]))
    for said, closest in pairs:
        differences = [_scope_between(said, group) for group in closest]
        if found := min(differences, key=Counter.total, default=Counter()):
            return _told("limits", None, "", "left out of the quotes, or put in: ", list(found))
    return Finding(method="limits", passed=True, detail="no limit of the quotes is missing")


def _unlimited(clause: Sequence[Token]) -> frozenset[str]:
    return features([token for token in clause if token.text not in SCOPE_WORDS])


def _scope_between(said: Sequence[Token], there: Sequence[Token]) -> Counter[str]:
    """Return what limits or denies in the quotes and is left out, and what denies and was put in."""
    stated, given = _scope(said), _scope(there)
    added = stated - given
    return (given - stated) + Counter({word: count for word, count in added.items() if word in _DENIALS})


def _scope(clause: Sequence[Token]) -> Counter[str]:
    """Return the words of a clause that deny or limit, as often as they stand there."""
    found: Counter[str] = Counter()
    for token in clause:
        if token.kind == "word" and token.text in SCOPE_WORDS:
            found[token.text] += 1
        elif token.kind == "cjk":
            found.update(match[0] for match in CJK_SCOPE.finditer(token.text))
            # a denying character may also belong to a word; that one is gone is worth a second look
            found.update(character for character in token.text if character in _DENYING)
    return found


def _order(sentence: str, text: str) -> Finding:
    """Leave open a sentence whose words stand in the quotes in reverse order: two things may have changed places."""
    stated = _sequence(sentence)
    most, least = 0, 0
    for start, end in split_sentences(text):
        there = _sequence(text[start:end])
        if _pairs(stated, there) > _MOST_PAIRS:
            return Finding(method="order", passed=None, detail="its words occur too often in the quotes to be compared")
        covered, places = _places(stated, there)
        if covered >= most:
            turned = _longest_decreasing(places)
            least = turned if covered > most else min(least, turned)
            most = covered
    passed = None if least >= _REVERSED else True
    detail = "its words stand in the quotes in another order" if passed is None else "its words stand in order"
    return Finding(method="order", passed=passed, detail=detail)


def _sequence(text: str) -> list[str]:
    """Return stems, numbers and CJK characters in order."""
    found: list[str] = []
    for token in tokens(text):
        if token.kind == "cjk":
            found.extend(token.text)
        elif token.kind == "number" or (token.kind == "word" and features([token])):
            found.extend(stems([token.text]) if token.kind == "word" else [token.text])
    return found


def _pairs(stated: Sequence[str], there: Sequence[str]) -> int:
    counts = Counter(there)
    return sum(counts[word] for word in stated)


def _places(stated: Sequence[str], there: Sequence[str]) -> tuple[int, list[int]]:
    """Return how much of a sentence stands in another one, and where its pieces stand there, in the sentence's order.

    Longest runs come first, and each place is used once.
    """
    runs: list[tuple[int, int]] = []
    covered = [False] * len(stated)
    used = [False] * len(there)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(there):
        places.setdefault(word, []).append(place)

    def length(start: int, place: int) -> int:
        count = 0
        while (
            start + count < len(stated)
            and place + count < len(there)
            and stated[start + count] == there[place + count]
            and not covered[start + count]
            and not used[place + count]
        ):
            count += 1
        return count

    heap = [
        (-length(start, place), start, place) for start, word in enumerate(stated) for place in places.get(word, ())
    ]
    heapq.heapify(heap)
    while heap:
        negative, start, place = heapq.heappop(heap)
        left = length(start, place)
        if left and left < -negative:
            # what remains of a run that another one has taken a part of
            heapq.heappush(heap, (-left, start, place))
        elif left:
            runs.append((start, place))
            covered[start : start + left] = [True] * left
            used[place : place + left] = [True] * left
    return sum(covered), [place for _, place in sorted(runs)]


def _longest_decreasing(places: Sequence[int]) -> int:
    best: list[int] = []
    for index, place in enumerate(places):
        best.append(1 + max((best[other] for other in range(index) if places[other] > place), default=0))
    return max(best, default=0)


def _together(sentence: str, text: str, titles: str) -> Finding:
    """Leave open a clause whose words do not stand in one sentence of the quotes, apart from those of the titles.

    Of CJK characters more than half of the pairs must; pairs of two words change with what is left out in between.
    """
    spans = [_said(tokens(text[start:end])) for start, end in split_sentences(text)]
    context = features(tokens(titles))
    for clause in clause_tokens(sentence):
        said = _said(clause) - context
        pairs = {part for part in said if part[0] > "\u2e7f"}
        if not any(said - pairs <= known and 2 * len(pairs & known) >= len(pairs) for known in spans):
            detail = f"no one sentence of the quotes says all of: {' '.join(token.text for token in clause)[:80]}"
            return Finding(method="together", passed=None, detail=detail)
    return Finding(method="together", passed=True, detail="what it says stands together in the quotes")


def _said(items: Sequence[Token]) -> frozenset[str]:
    """Return what tokens say piece by piece, with the present for irregular pasts."""
    return features([token._replace(text=IRREGULAR.get(token.text, token.text)) for token in items])


def _titles(cited: Sequence[Kept]) -> str:
    return "\n".join(part.quote.source.title for item in cited for part in item.quotes)
