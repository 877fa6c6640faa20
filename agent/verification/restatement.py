"""The two cases in which words alone prove a statement: it repeats a sentence, or it is the one value a sentence gives.

A statement that merely uses the words of its evidence can deny, reverse or narrow what the evidence says. These checks
therefore pass very little: a whole sentence said again, and a number that answers a question about a number where the
sentence has no other candidate. They never fail a statement; what they do not pass is undecided.
"""

import re
from collections.abc import Sequence

from agent.domain.claims import Finding
from agent.verification.attachment import Clause, clauses, swapped
from agent.verification.lexicon import ANAPHORS, CJK_ANAPHORS, IRREGULAR
from agent.verification.literal import coverage, is_yes_or_no, literal
from agent.verification.negation import unshared_scope
from agent.verification.sentences import split_sentences
from agent.verification.words import Token, singular, tokens

_SHORTEST = 3
_ARTICLES = frozenset({"a", "an", "the"})
_BRACKETED = re.compile(r"\s*[(\uff08\[]([^()\uff08\uff09\[\]]*)[)\uff09\]]")
_OPEN_TASK = re.compile(r"\s*(?:[-*+\u2022]|\d{1,3}[.)])\s*\[\s?\]")
_QUESTION_END = re.compile(r"[?\uff1f\u061f][!\uff01?\uff1f\u061f]*[\"'\u201d\u300d)]*\s*$")

_BORDER = re.compile(
    "\uff0c|,(?=\\s+(?:and|which|who|where)\\s)"
    r"|(?=\s+and\s+(?:is|are|was|were|has|have|had|will|can|[a-z]+ed|" + "|".join(sorted(IRREGULAR)) + r")\s)"
)
"""Where a sentence may be left: before a relative clause, or before what else its subject is or did."""
_VERB_LAST = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_DOUBTING = re.compile(
    "[误誤错錯谣謠假梦夢虚虛传傳称稱说說据據若谎謊否]"
    r"|\b(?:lie|lies|hoax|rumou?rs?|dreams?|dreamed|stor(?:y|ies)|novel|film|legend|joke|lied|say|according|untrue|fake)\b",
    re.IGNORECASE,
)
"""Words of the rest of a sentence that may take back its beginning, besides those that deny or limit."""

_ASKS_WHEN = re.compile(
    r"\b(?:when|(?:what|which)\s+(?:year|date|day)|since\s+when)\b|哪一?[年天日]|何[时時年日]|什么时[候间]|几[年月日]|几月几日|いつ",
    re.IGNORECASE,
)
_ASKS_HOW_MUCH = re.compile(
    r"\bhow\s+(?:many|much|long|tall|high|wide|deep|old|far|heavy|fast|large|big)\b|多少|[几幾](?!乎)|多[长長高大宽深重远久]|いくつ|何[人個年]",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\b(?:what|which)\b.{0,120}?\b(?:version|number|percentage|percent|price|rate|port|size|length|height)\b",
    re.IGNORECASE,
)


def restates(statement: str, cited: str) -> Finding:
    """Say whether a statement repeats a whole sentence of the cited text, or the part of one between semicolons.

    Case, articles, punctuation, remarks in brackets and the spelling of numbers may differ; the other words must be the
    same ones in the same order. A statement that begins with ``it`` or ``this`` does not say what it is about.

    Returns:
        passed, or undecided.
    """
    wanted = _sequence(statement)
    if is_yes_or_no(statement) or sum(_weight(word) for word in wanted) < _SHORTEST:
        return _undecided("restatement", "the statement is too short to say something by itself")
    if _begins_with_anaphor(wanted):
        return _undecided("restatement", f"the statement begins with {wanted[0]!r}: name what it is about")
    for sentence in _statements(cited):
        if wanted in (_sequence(sentence), _sequence(_without_remarks(sentence))):
            return Finding(method="restatement", passed=True, detail="the statement repeats a cited sentence")
    return _undecided("restatement", "the statement repeats no cited sentence")


def repeats_beginning(statement: str, sentence: str) -> Finding:
    """Say whether a statement is the beginning of one sentence, up to where another clause begins.

    Nothing may be left out before it, so no word of the sentence can attribute it or ask it; no word may deny, limit or
    doubt, also none of the statement's own: "nobody is rich and loved" does not say that nobody is rich. The end of the
    statement is a border between clauses: "he won in his dream" does not begin with "he won". Scripts whose verbs come
    last, so that a sentence may be denied or attributed at its end, are left undecided.

    Args:
        statement: what is to be proved.
        sentence: one sentence, whole.

    Returns:
        passed, or undecided.
    """
    wanted = _sequence(statement)
    usable = sum(_weight(word) for word in wanted) >= _SHORTEST and not _begins_with_anaphor(wanted)
    if usable and _states(sentence) and not unshared_scope("", sentence) and not _VERB_LAST.search(sentence):
        for border in _BORDER.finditer(sentence):
            begins, rest = sentence[: border.start()], sentence[border.start() :]
            same = wanted in (_sequence(begins), _sequence(_without_remarks(begins)))
            if same and not _DOUBTING.search(rest):
                return Finding(method="restatement", passed=True, detail="the statement begins a cited sentence")
    return _undecided("restatement", "the statement does not begin a cited sentence")


def states_nothing(text: str) -> bool:
    """Whether all sentences of a text are questions or open tasks."""
    return not any(_states(text[start:end]) for start, end in split_sentences(text))


def doubting_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that may take it back or tell who else says it: rumours, dreams, lies, reports."""
    return tuple(dict.fromkeys(match[0].lower() for match in _DOUBTING.finditer(text)))


def gives_value(answer: str, question: str, cited: str, context: str = "") -> Finding:
    """Say whether an answer is the one value that a cited sentence gives for what was asked.

    Passed where the question asks for a number or a date, one sentence has every word of the question (title, heading
    and context count) and of the answer, no other value of the answer's kind is there whose words fit, and no word of
    the sentence limits it (``not``, ``about``, ``expected``) unless question or answer say the same.

    Returns:
        passed, or undecided with the first reason.
    """
    if not (_ASKS_WHEN.search(question) or _ASKS_HOW_MUCH.search(question) or _ASKS_NUMBER.search(question)):
        return _undecided("value", "the question does not ask for a number or a date")
    given = clauses(answer)
    reason = "the answer has no number"
    for start, end in split_sentences(cited):
        problem = _value_problem(answer, given, question, cited[start:end], context)
        if not problem:
            return Finding(method="value", passed=True, detail="the cited sentence gives this value and no other")
        reason = problem
    return _undecided("value", reason)


def _value_problem(answer: str, given: Sequence[Clause], question: str, sentence: str, context: str) -> str:
    """Return why a sentence does not settle that the answer's value is the one asked for; empty where it does."""
    kinds = _kinds(given, clauses(sentence))
    if not kinds:
        return "the sentence does not have the answer's number"
    asks_when = _ASKS_WHEN.search(question) is not None
    if asks_when != bool(kinds & {"year", "date", "day"}):
        return "the answer's number is not of the kind that was asked for"
    found = literal(answer, sentence, question)
    if not found.passed:
        return found.detail
    if missing := coverage(question, sentence, context):
        return f"words of the question are not in the cited text: {', '.join(missing)}"
    if limits := unshared_scope(f"{question} {answer}", sentence):
        return f"the cited text says {', '.join(limits)}, the answer does not"
    attached = swapped(answer, sentence, question)
    return "" if attached.passed else attached.detail


def _kinds(answer: Sequence[Clause], sentence: Sequence[Clause]) -> set[str]:
    """Return the kinds that the answer's numbers have in the sentence, where their neighbours tell them."""
    wanted = {number for clause in answer for number, _ in clause.numbers}
    return {str(kind) for clause in sentence for number, kind in clause.numbers if number in wanted}


def _statements(cited: str) -> list[str]:
    """Return the sentences of a text and their parts between semicolons; questions and open tasks state nothing.

    A part stands for itself only where nothing else in its sentence denies, limits or introduces it.
    """
    sentences = [cited[start:end] for start, end in split_sentences(cited)]
    stating = [text for text in sentences if _states(text)]
    parts = [
        part
        for sentence in stating
        for part in re.split(r"[;\uff1b]", sentence)
        if not re.search(r"[:\uff1a]\s", sentence) and not unshared_scope(part, sentence)
    ]
    return [*stating, *parts]


def _states(sentence: str) -> bool:
    return not _QUESTION_END.search(sentence) and not _OPEN_TASK.match(sentence)


def _without_remarks(sentence: str) -> str:
    """Return a sentence without remarks in brackets, but for those that deny or limit it."""

    def kept(match: re.Match[str]) -> str:
        return match[0] if unshared_scope("", match[1]) else ""

    return _BRACKETED.sub(kept, sentence)


def _sequence(text: str) -> list[str]:
    """Return the words of a text that must agree one by one; CJK characters are one word wherever lines break.

    A dash between or before numbers and single letters is a minus, and so a word.
    """
    words: list[str] = []
    before = "mark"
    items = tokens(text)
    for position, token in enumerate(items):
        if token.kind == "mark" and token.text == "-" and any(_is_operand(item) for item in items[position + 1 :][:1]):
            words.append("-")
        if token.kind == "cjk" and before == "cjk":
            words[-1] += token.text
        elif token.kind != "mark" and token.text not in _ARTICLES:
            words.append(singular(token.text) if token.kind == "word" else token.text)
        before = token.kind if token.kind != "mark" else before
    return words


def _is_operand(token: Token) -> bool:
    return token.kind == "number" or (token.kind == "word" and len(token.text) == 1)


def _weight(word: str) -> int:
    """Return about how many words a word stands for: two CJK characters are one."""
    return max(1, len(word) // 2) if word[0] >= "\u2e80" else 1


def _begins_with_anaphor(words: Sequence[str]) -> bool:
    return words[0] in ANAPHORS or words[0].startswith(CJK_ANAPHORS)


def _undecided(method: str, detail: str) -> Finding:
    return Finding(method=method, passed=None, detail=detail)
