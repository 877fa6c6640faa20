"""Whether a model's claim says what its sentence says: the same words in the same order, and nothing lost that matters.

It is checked by words, so it is strict: a paraphrase, true as it may be, is no claim of the text.
"""

import re
from collections.abc import Iterable, Sequence

from agent.domain.claims import Statement
from agent.verification.extraction.forms import ExtractedTriple
from agent.verification.lexicon import ANAPHORS, CJK_ANAPHORS, CJK_STOP, STOP_WORDS
from agent.verification.literal import missing_runs
from agent.verification.negation import is_denied, unshared_scope
from agent.verification.words import features, stems, tokens

_CONNECTORS = {"however", "therefore", "moreover", "finally", "meanwhile", "similarly", "also", "but", "and", "while"}
_NAME = re.compile(r"(?<![\w'\u2019])[A-Z][\w'\u2019-]*")


def keeps_meaning(claim: str, sentence: str, before: Iterable[str]) -> bool:
    """Whether a claim only says what a sentence does, with pronouns replaced by words of the sentences before.

    Args:
        claim: what the model wrote.
        sentence: the sentence it is taken from.
        before: sentences that stand before it.
    """
    known = " \n".join([sentence, *before]) if _has_anaphor(sentence) else sentence
    return (
        not _new_words(claim, known)
        and is_denied(claim) == is_denied(sentence)
        and not unshared_scope(claim, sentence)
        and not unshared_scope(sentence, claim)
        and _in_order(claim, sentence)
    )


def lost(claims: Sequence[str], sentence: str) -> bool:
    """Whether claims together lack a number or a name of their sentence."""
    said = " \n".join(claims)
    names = {name.casefold() for name in _NAME.findall(sentence)} - ANAPHORS - STOP_WORDS - _CONNECTORS
    return bool(
        _numbers(sentence) - _numbers(said) or names - {name.casefold() for name in re.findall(r"[\w'\u2019-]+", said)}
    )


def faithful_triples(claim: str, given: Sequence[ExtractedTriple]) -> tuple[Statement, ...]:
    """Return a model's triples of a claim, or none of them where one says something else or they lose a limit.

    What a triple is about must stand before its object, or nobody knows who did what to whom.
    """
    made: list[Statement] = []
    for one in given:
        qualifiers = {key: value for key in ("time", "unit", "bound") if (value := getattr(one, key).strip())}
        words = " ".join([one.subject, one.relation, one.object, *qualifiers.values()])
        places = [claim.casefold().find(part.casefold()) for part in (one.subject, one.object)]
        if (
            _new_words(words, claim)
            or -1 in places
            or places[0] >= places[1]
            or (not one.positive and not is_denied(claim))
        ):
            return ()
        made.append(
            Statement(
                subject=one.subject,
                relation=one.relation,
                object=one.object,
                positive=one.positive,
                qualifiers=qualifiers,
            )
        )
    if made and is_denied(claim) and all(one.positive for one in made):
        return ()
    said = " ".join(part for one in made for part in (one.subject, one.relation, one.object, *one.qualifiers.values()))
    return () if unshared_scope(f"{said} not never no" if is_denied(claim) else said, claim) else tuple(made)


def _has_anaphor(sentence: str) -> bool:
    words = {token.text for token in tokens(sentence) if token.kind == "word"}
    return bool(words & ANAPHORS) or any(sign in sentence for sign in CJK_ANAPHORS)


def _new_words(said: str, known: str) -> bool:
    """Whether a text has a number, a name or a word that counts and that another text lacks."""
    if _numbers(said) - _numbers(known):
        return True
    words, there = (features([item for item in tokens(text) if item.kind == "word"]) for text in (said, known))
    runs = [token.text for token in tokens(known) if token.kind == "cjk"]
    return bool(words - there) or any(missing_runs(token.text, runs) for token in tokens(said) if token.kind == "cjk")


def _numbers(text: str) -> set[str]:
    return {token.text for token in tokens(text) if token.kind == "number"}


def _in_order(claim: str, sentence: str) -> bool:
    """Whether the words that claim and sentence share stand in the order of the sentence."""
    there = _sequence(sentence)
    known = set(there)
    rest = iter(there)
    return all(word in rest for word in _sequence(claim) if word in known)


def _sequence(text: str) -> list[str]:
    found: list[str] = []
    for token in tokens(text):
        if token.kind == "cjk":
            found.extend(character for character in token.text if character not in CJK_STOP)
        elif token.kind == "number":
            found.append(token.text)
        elif token.kind == "word" and features((token,)):
            found.extend(stems([token.text]))
    return found
