"""Real sentences with one thing changed: neither of the two is ever supported by the other."""

import re
from collections.abc import Callable
from functools import lru_cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verification.comparison.comparing import compare
from agent.verification.comparison.vocabulary import vocabulary
from tests.verification.comparison.sentences import real_sentences

Edit = Callable[[str, Random], str]
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|can|will|must|may|has been|have been)\b(?! not|n't)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: [A-Z][\w-]+)*")
_NUMBER = re.compile(r"(?<![\w.,/:-])\d+(?![\w.,/:-])")
_UNITS = ("miles", "kilograms", "hours", "weeks", "bytes", "seconds", "milliseconds", "megabytes")


def _number(sentence: str, random: Random) -> str:
    return _changed(_NUMBER, sentence, random, lambda found: str(int(found) + random.choice((1, 2, 10, 100))))


def _not(sentence: str, random: Random) -> str:
    return _changed(_AUXILIARY, sentence, random, lambda found: f"{found} not")


def _no_not(sentence: str, random: Random) -> str:
    return _changed(re.compile(r" not\b|n't\b"), sentence, random, lambda _: "")


def _name(sentence: str, random: Random) -> str:
    return _changed(_NAME, sentence, random, lambda _: random.choice(("Zanzibar", "Otto Falk", "Kestrel")))


def _exchanged(sentence: str, random: Random) -> str:
    names = sorted(set(_NAME.findall(sentence)))
    if len(names) < 2:
        return sentence
    one, other = random.sample(names, 2)
    if one in other or other in one:
        return sentence
    return sentence.replace(one, "\0").replace(other, one).replace("\0", other)


@lru_cache(maxsize=1)
def _words_with_contrary() -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{word}\b" for word in sorted(vocabulary().contrary) if word.isalpha()))


def _contrary(sentence: str, random: Random) -> str:
    contrary = vocabulary().contrary
    return _changed(_words_with_contrary(), sentence, random, lambda found: random.choice(sorted(contrary[found])))


def _unit(sentence: str, random: Random) -> str:
    units = re.compile(r"(?<=\d )(?:" + "|".join(_UNITS) + r")\b")
    return _changed(units, sentence, random, lambda found: random.choice([one for one in _UNITS if one != found]))


def _limit(sentence: str, random: Random) -> str:
    return _changed(re.compile(r"\b(?:only|never|without|unless|except) "), sentence, random, lambda _: "")


def _changed(pattern: re.Pattern[str], sentence: str, random: Random, change: Callable[[str], str]) -> str:
    places = list(pattern.finditer(sentence))
    if not places:
        return sentence
    place = random.choice(places)
    return sentence[: place.start()] + change(place[0]) + sentence[place.end() :]


_EDITS: dict[str, Edit] = {
    "number": _number, "not": _not, "no not": _no_not, "name": _name, "exchanged names": _exchanged,
    "contrary": _contrary, "unit": _unit, "limit left out": _limit,
}  # fmt: skip


@lru_cache(maxsize=len(_EDITS))
def _editable(kind: str) -> list[str]:
    return [text for text in real_sentences() if _EDITS[kind](text, Random(0)) != text]  # noqa: S311 - picks a place to edit


def test_there_are_enough_sentences_to_try() -> None:
    assert len(real_sentences()) >= 300


def test_a_sentence_supports_itself() -> None:
    refused = [text for text in real_sentences()[::5] if compare(text, text).verdict != "supported"]

    assert refused == []


@pytest.mark.parametrize("kind", _EDITS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_minimal_edit_is_never_supported(kind: str, data: st.DataObject) -> None:
    edit = _EDITS[kind]
    random = data.draw(st.randoms(use_true_random=False))
    sentence = data.draw(st.sampled_from(_editable(kind)))
    edited = edit(sentence, random)

    assert compare(edited, sentence).verdict != "supported"
    assert compare(sentence, edited).verdict != "supported"


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    sentence=st.sampled_from(real_sentences()),
    reported=st.sampled_from(
        ("Smith claimed that", "It is a myth that", "According to rumours,", "Nobody believes that")
    ),
)
def test_what_somebody_claims_is_never_supported_as_a_fact(sentence: str, reported: str) -> None:
    assert compare(sentence, f"{reported} {sentence[0].lower()}{sentence[1:]}").verdict != "supported"


@settings(max_examples=40, deadline=None)
@given(claim=st.text(max_size=200), evidence=st.text(max_size=400))
def test_whatever_is_compared_has_an_outcome(claim: str, evidence: str) -> None:
    assert compare(claim, evidence).detail
