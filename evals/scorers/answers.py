"""Scores of the answer itself, against what a sample gives as right."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import jsonschema

from agent.browsing.rouge import rouge_l, rouge_tokens
from agent.domain.report import Report
from agent.execution.guided.words import words
from evals.scorers.forms import Chosen, JsonSchema, Numeric, Pattern, Score, Scorer

_ARTICLES = frozenset({"a", "an", "the"})
_NUMBER = re.compile(r"[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+\u2212]?\.\d+")
_LABEL = re.compile(r"(?<!\w)\(?([A-Za-z])\)?(?!\w)")
_LONGEST = 20_000
"""Characters of an answer that a pattern is looked for in."""


def given_answer(report: Report) -> str:
    """Return what a report answers: of a question put to the model its answer, of claims that answer questions these.

    Such claims are what guided runs give: ``report.answer`` would repeat the questions.
    """
    if report.answered is not None:
        return report.answered.reasoning.answer
    asked = [one.claim.text for one in report.claims if one.claim.question]
    return "\n".join(asked) if asked and len(asked) == len(report.claims) else report.answer


def verdict(scorer: Scorer, value: float, detail: str) -> Score:
    """Return the score of a value."""
    passed = value >= scorer.threshold
    return Score(scorer=scorer.kind, value=value, passed=passed, required=scorer.required, detail=detail)


def unclear(scorer: Scorer, detail: str) -> Score:
    """Return the score where nothing can be said: an error, and no failure."""
    return Score(scorer=scorer.kind, required=scorer.required, detail=detail)


def exact(scorer: Scorer, answer: str, gold: Sequence[str]) -> Score:
    """Compare character by character."""
    right = answer.strip() in {one.strip() for one in gold}
    return verdict(scorer, float(right), _told(answer, gold))


def normalised(scorer: Scorer, answer: str, gold: Sequence[str]) -> Score:
    """Compare but for case, articles, punctuation and the spelling of small numbers."""
    right = bool(_plain(answer)) and _plain(answer) in [_plain(one) for one in gold]
    return verdict(scorer, float(right), _told(answer, gold))


def contains(scorer: Scorer, answer: str, gold: Sequence[str]) -> Score:
    """Look for a gold answer in the answer, word by word."""
    within = f" {' '.join(rouge_tokens(answer))} "
    right = any(tokens and f" {' '.join(tokens)} " in within for tokens in map(rouge_tokens, gold))
    return verdict(scorer, float(right), _told(answer, gold))


def numeric(scorer: Numeric, answer: str, gold: Sequence[str]) -> Score:
    """Compare the last number of the answer with the gold numbers."""
    wanted = [number for number in map(last_number, gold) if number is not None]
    if not wanted:
        return unclear(scorer, f"no gold answer has a number: {', '.join(gold)}")
    given = last_number(answer)
    if given is None:
        return verdict(scorer, 0.0, f"there is no number in {_short(answer)}")
    near = any(abs(given - one) <= _allowed(scorer, one) for one in wanted)
    return verdict(scorer, float(near), f"{given} for {', '.join(map(str, wanted))}")


def chosen(scorer: Chosen, answer: str, gold: Sequence[str]) -> Score:
    """Compare the label that the answer names: alone, or the last one that stands by itself in capitals."""
    label = chosen_label(answer)
    right = label.casefold() in {one.strip().casefold() for one in gold}
    return verdict(scorer, float(right), f"{label or 'no label'} for {', '.join(gold)}")


def chosen_label(answer: str) -> str:
    """Return the label that an answer names; empty where it names none."""
    alone = answer.strip().strip("().:").strip()
    if len(alone) == 1:
        return alone
    labels = [match[1] for match in _LABEL.finditer(answer) if match[1].isupper()]
    # "A" and "I" begin sentences
    named = [one for one in labels if one not in "AI"] or labels
    return named[-1] if named else ""


def token_f1(scorer: Scorer, answer: str, gold: Sequence[str]) -> Score:
    """Score the words that the answer shares with the best gold answer."""
    return verdict(scorer, max((_f1(answer, one) for one in gold), default=0.0), _told(answer, gold))


def rouge(scorer: Scorer, answer: str, gold: Sequence[str]) -> Score:
    """Score the longest common subsequence with the best gold answer."""
    return verdict(scorer, max((rouge_l(answer, one).f for one in gold), default=0.0), _told(answer, gold))


def pattern(scorer: Pattern, answer: str, _gold: Sequence[str]) -> Score:
    """Look for a regular expression in the answer."""
    try:
        found = re.search(scorer.pattern, answer[:_LONGEST], re.MULTILINE)
    except re.error as error:
        return unclear(scorer, f"the pattern is wrong: {error}")
    return verdict(scorer, float(found is not None), f"{'found' if found else 'not found'} in {_short(answer)}")


def fits_schema(scorer: JsonSchema, answer: str, _gold: Sequence[str]) -> Score:
    """Validate the answer, or the first JSON in it."""
    value = _first_json(answer)
    if value is None:
        return verdict(scorer, 0.0, f"there is no JSON in {_short(answer)}")
    try:
        jsonschema.validate(value, scorer.schema_)
    except jsonschema.SchemaError as error:
        return unclear(scorer, f"the schema is wrong: {error.message}")
    except jsonschema.ValidationError as error:
        return verdict(scorer, 0.0, f"{'.'.join(map(str, error.absolute_path)) or 'the whole'}: {error.message}"[:300])
    return verdict(scorer, 1.0, "fits the schema")


COMPARING: dict[str, Callable[..., Score]] = {
    "exact": exact,
    "normalised": normalised,
    "contains": contains,
    "numeric": numeric,
    "choice": chosen,
    "f1": token_f1,
    "rouge_l": rouge,
    "regex": pattern,
    "json_schema": fits_schema,
}
"""By kind, what scores the answer alone."""


def last_number(text: str) -> Decimal | None:
    """Return the last number in digits of a text, with or without commas; None where it has none."""
    for match in reversed(list(_NUMBER.finditer(text))):
        try:
            number = Decimal(match[0].replace(",", "").replace("\u2212", "-"))
        except InvalidOperation:
            continue
        if number.is_finite():
            return number
    return None


def _allowed(scorer: Numeric, wanted: Decimal) -> Decimal:
    return max(Decimal(str(scorer.absolute)), abs(wanted) * Decimal(str(scorer.relative)))


def _plain(text: str) -> list[str]:
    found = [word for word in words(text) if word not in _ARTICLES]
    # texts without words, such as those in Chinese, are compared character by character
    return found or rouge_tokens(text)


def _f1(answer: str, gold: str) -> float:
    one, two = Counter(rouge_tokens(answer)), Counter(rouge_tokens(gold))
    shared = (one & two).total()
    return 2 * shared / (one.total() + two.total()) if shared else 0.0


def _first_json(text: str) -> Any:
    decoder = json.JSONDecoder()
    for match in re.finditer(r"[\[{\"\d-]|true|false|null", text[:_LONGEST]):
        try:
            return decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            continue
    return None


def _told(answer: str, gold: Sequence[str]) -> str:
    return f"{_short(answer)} for {' | '.join(map(_short, gold))}"


def _short(text: str, limit: int = 100) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= limit else f"{flat[: limit - 1]}…")
