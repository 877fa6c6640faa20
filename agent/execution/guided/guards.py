"""Deterministic checks of a cited answer. Each looks for one way in which a small model is known to go wrong."""

import re

from agent.domain.claims import Finding
from agent.execution.guided.lexicon import listed, listed_stems, stems
from agent.execution.guided.words import content, uncovered, words

_COMPARISON = re.compile(
    r"\b(?:how (?:much|many|far|long)\b.*\b(?:more|less|fewer|longer|shorter|older|younger|taller|heavier|higher|lower"
    r"|faster|slower|later|earlier|larger|smaller)\b.*\bthan|difference between|in total\b.*\band\b|combined"
    r"|altogether|average|sum of)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d[\d,.:]*(?<![,.:])")
_NAME = re.compile(r"\b[^\W\d_a-z][\w'\u2019-]*(?:\s+(?:[^\W\d_a-z][\w'\u2019-]*|(?:of|the|van|von|de)(?=\s[A-Z])))*")
_MAGNITUDE = re.compile(r"\s*(?:million|billion|thousand|hundred|percent|per cent|%)", re.IGNORECASE)
_TIME_WORDS = re.compile(
    r"\d|january|february|march|april|may|june|july|august|september|october|november|december|day|week|month|year"
    r"|spring|summer|autumn|winter|morning|noon|night|evening|century|hour|minute|before|after|during|when",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|he|his|him|she|her|they|their|them|this|these|both)\b", re.IGNORECASE)
_MAXIMUM = re.compile(
    r"\b(?:up to|at most|no more than|within|not exceed"
    r"|not (?:be )?(?:more|larger|longer|higher|greater|heavier) than)\b",
    re.IGNORECASE,
)
_MINIMUM = re.compile(
    r"\b(?:at least|no less than|not (?:be )?(?:less|fewer|shorter|lower) than|or (?:newer|more|later))\b",
    re.IGNORECASE,
)
_LIMITS = (("maximum", _MAXIMUM), ("minimum", _MINIMUM))
"""Phrases that set a limit."""

_CLAUSE_BORDER = re.compile(r"[,;:]\s|\s(?:and|but|while|whereas|against)\s")
_RELATIVE = re.compile(
    r"\b(?:whose|of the \w+ (?:that|which|who)|that was (?:founded|written|built|made) by the)\b", re.IGNORECASE
)


def out_of_reach(question: str) -> str:
    """Return why a question cannot be answered by citing one sentence, or nothing."""
    first = next(iter(words(question)), "")
    if first in listed("auxiliaries"):
        return "a yes or no cannot be copied from a sentence; ask for the fact itself"
    if _COMPARISON.search(question):
        return "it asks for a calculation over statements of the documents, which a single sentence does not give"
    if _RELATIVE.search(question):
        return "it needs several facts one after the other; ask for one fact at a time"
    return ""


def kind_fits(question: str, answer: str) -> Finding:
    """Say whether an answer is of the kind the question word asks for: a number, a time, a name."""
    asked = f" {' '.join(words(question))} "
    has_number = any(word[0].isdigit() for word in words(answer))
    passed, kind = True, "any"
    if re.search(
        r" how (?:many|much|old|tall|high|wide|deep|heavy|fast|far|big|large|often) | what (?:percentage|share) ", asked
    ):
        kind, passed = (
            "number",
            has_number
            or re.search(r"\b(?:free|once|twice|every|half|third|quarter|daily|weekly|monthly|yearly)\b", answer)
            is not None,
        )
    elif re.search(r" when | (?:what|which) (?:year|date|day|month|time) ", asked):
        kind, passed = "time", _TIME_WORDS.search(answer) is not None
    elif re.search(r" who | whom | where ", asked):
        kind, passed = "name", re.search(r"[^\W\d_]{2}", answer) is not None
    return Finding(method="kind", passed=passed, detail=f"the question asks for a value of kind {kind}")


def hard_words(question: str, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Return those missing words of a question that no paraphrase can stand for.

    They are numbers, names, identifiers, negations, dimensions, superlatives and words such as ``first`` and ``only``.
    """
    written: dict[str, tuple[int, str]] = {}
    for position, match in enumerate(re.finditer(r"[\w'\u2019.-]+", question)):
        for word in words(match[0]):
            written.setdefault(word, (position, match[0]))
    hard = []
    for word in missing:
        position, form = written.get(word, (1, word))
        is_name = position > 0 and form[0].isupper()
        is_code = any(character.isdigit() or character == "_" for character in form) or word[0].isdigit()
        is_limit = stems((word,))[0] in listed_stems("qualifiers") | listed_stems("dimensions")
        is_limit = is_limit or word in listed("negations") or (word.endswith("est") and len(word) > 4)
        if is_name or is_code or is_limit:
            hard.append(word)
    return tuple(hard)


def names_fit(question: str, sentence: str, place: str, before: str) -> Finding:
    """Say whether the names, numbers and identifiers of a question stand where the sentence can speak of them.

    They must be in the sentence itself or in its title and heading; in the sentence before only where a pronoun points
    back to it.
    """
    near = f"{place} {sentence}" + (f" {before}" if before.startswith("|") or _POINTS_BACK.search(sentence) else "")
    lost = hard_words(question, uncovered(question, with_limits(near)))
    detail = f"not in the text: {', '.join(lost) or 'nothing of weight'}"
    return Finding(method="names", passed=not lost, detail=detail)


def with_limits(text: str) -> str:
    """Return a text with a plain word added for each phrase that sets a limit: ``up to`` is a maximum."""
    limits = [word for word, pattern in _LIMITS if pattern.search(text)]
    return " ".join([text, *limits])


def row_fits(question: str, sentence: str) -> Finding:
    """Say whether a question speaks of the row its answer was taken from; what is no table row always fits."""
    cells = [cell for cell in sentence.strip().strip("|").split("|") if cell.strip()]
    if not sentence.startswith("|") or not cells:
        return Finding(method="row", passed=True, detail="no table row")
    shared = set(content(cells[0])) & set(content(question))
    return Finding(method="row", passed=bool(shared), detail=f"the row is about {cells[0].strip()}")


def negation_fits(question: str, answer: str, sentence: str) -> Finding:
    """Say whether the clause of an answer denies what the question takes for granted."""
    clause = next((piece for piece in re.split(r"[,;:.](?:\s|$)|\bbut\b", sentence) if answer in piece), sentence)
    # "may not be larger than" sets a limit and denies nothing
    plain = re.sub(r"\b(?:not|no)\b(?:\s+\w+){0,2}?\s+(?:\w+er|more|less|later)\s+than\b", " ", clause.lower())
    denied = {"no" if word == "cannot" else word for word in words(plain)} & listed("negations")
    asked = set(words(question)) & listed("negations")
    passed = bool(denied) == bool(asked) or bool(asked and not denied and uncovered(question, sentence) == ())
    detail = f"the clause says {', '.join(sorted(denied))}" if denied else "the clause denies nothing"
    return Finding(method="negation", passed=passed, detail=detail)


def rivals(answer: str, sentence: str, question: str) -> tuple[str, ...]:
    """Return other values of a sentence that could be taken for the answer: numbers for a number, names for a name."""
    pattern = _NUMBER if _NUMBER.search(answer) else _NAME
    inside = set(words(answer)) | set(words(question))
    found = []
    for match in pattern.finditer(sentence):
        value = match[0]
        extended = value + (unit[0] if pattern is _NUMBER and (unit := _unit(sentence, match.end())) else "")
        own = {word for word in words(value) if word not in listed("stop")}
        sentence_start = match.start() == 0 and pattern is _NAME and " " not in value
        if own and not own & inside and not sentence_start:
            found.append(extended.strip())
    return tuple(dict.fromkeys(found))[:4]


def turned_round(question: str, answer: str, sentence: str) -> tuple[str, str] | None:
    """Return the question and answer that hold if the sentence says the reverse, or None where nothing can be reversed.

    "Who succeeded A?" answered by B becomes "Who succeeded B?" answered by A; a question that has two names of the
    sentence gets them exchanged. If the judge likes that as well, it does not know which way round it is.
    """
    first = question.split(" ", 1)[0]
    names = [name for name in _NAME.findall(question) if name in sentence and name not in (first, answer)]
    if len(names) >= 2:
        marked = question.replace(names[0], "\0").replace(names[1], names[0])
        return marked.replace("\0", names[1]), answer
    if len(names) == 1 and _NAME.search(answer) and names[0] not in answer:
        return question.replace(names[0], answer), names[0]
    return None


def clause_tells(question: str, answer: str, others: tuple[str, ...], sentence: str) -> bool:
    """Whether a word of the question introduces the answer and stands in no clause of another value."""
    clauses = [piece for piece in _CLAUSE_BORDER.split(sentence) if piece.strip()]
    if "respectively" in sentence:
        return False
    plain = {word for word in words(question) if word not in listed("stop")}
    # a name says more than any other word: "the share of Germany"
    asked = set(hard_words(question, words(question))) & set(words(sentence)) or plain
    before = sentence.partition(answer)[0]
    start = max((before.rfind(other) + len(other) for other in others if other in before), default=0)
    # what stands between the value before and the answer introduces the answer
    own = {
        word for text in (before[start:], *(clause for clause in clauses if answer in clause)) for word in words(text)
    }
    own &= asked
    theirs = {word for clause in clauses if any(other in clause for other in others) for word in words(clause)}
    return bool(own - theirs)


def _unit(sentence: str, end: int) -> re.Match[str] | None:
    return re.compile(r"\s*(?:%|[^\W\d_]+)(?:\s+(?:euros|pounds|dollars|metres|kilometres))?").match(sentence, end)


def whole_value(answer: str, sentence: str) -> str:
    """Return an answer with the magnitude that follows it in its sentence: ``412`` of ``412 million`` is no value."""
    start = sentence.find(answer)
    if start < 0 or not answer[-1:].isdigit():
        return answer
    magnitude = _MAGNITUDE.match(sentence, start + len(answer))
    return answer + magnitude[0] if magnitude else answer


def list_is_whole(question: str, answer: str, sentence: str) -> Finding:
    """Say whether an answer to a question in the plural stops in the middle of a list."""
    start = sentence.lower().find(answer.lower())
    plural = _asks_in_the_plural(question)
    if not plural or start < 0:
        return Finding(method="whole list", passed=True, detail="the question does not ask for a list")
    after = sentence[start + len(answer) :]
    before = sentence[:start]
    cut = re.match(r"\s*,\s*[\w']+(?:\s+[\w']+)?\s*(?:,|\band\b|\bor\b)|\s+(?:and|or)\s", after) or re.search(
        r"(?:,|\band|\bor)\s+$", before
    )
    return Finding(
        method="whole list", passed=not cut, detail="the list goes on beside the answer" if cut else "the list is whole"
    )


def _asks_in_the_plural(question: str) -> bool:
    """Whether the noun that ``which`` or ``what`` asks for has a plural ending."""
    asked = re.search(r"\b(?:which|what)\s+((?:\w+\s+){1,3})", question, re.IGNORECASE)
    noun: list[str] = []
    for word in words(asked[1]) if asked else ():
        if word in listed("auxiliaries"):
            break
        noun.append(word)
    return any(word.endswith("s") and not word.endswith(("ss", "us", "is")) for word in noun[:2])
