# ruff: noqa: RUF001 - Chinese punctuation is meant
import random

import pytest

from agent.browsing.synthesis.support import support_of
from evals.benchmarks.altered import Alteration, altered, question_of, with_other_subject
from evals.benchmarks.short_documents import Language
from tests.browsing.synthesis.kept import kept_of

PASSAGES: dict[Language, tuple[str, ...]] = {
    "en": (
        "The north mill was built in 1874 and is driven by two wheels.",
        "Visitors can see both wheels from the bridge, which is 40 metres long.",
        "The south mill is not open to visitors, because its floor was damaged by water.",
        "Grain should not be stored in the south mill during 3 months of winter.",
        "The museum will show old machines in 12 rooms when the north mill is repaired.",
    ),
    "zh": (
        "北磨坊建于1874年，是由两个水轮驱动的。",
        "桥长40米，游客能从桥上看到水轮。",
        "南磨坊不对游客开放，因为地板被水损坏。",
        "冬季的3个月里，粮食不能存放在南磨坊。",
        "博物馆有12个展厅，将为游客展示旧机器。",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_of_a_passage_are_supported_as_they_stand(language: Language) -> None:
    for sentence in PASSAGES[language]:
        found = support_of(sentence, kept_of(" ".join(PASSAGES[language])))
        assert found.outcome == "supported", (sentence, found.reason)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("alteration", ["number", "negation added", "negation left out"])
def test_no_altered_sentence_of_a_passage_is_supported(language: Language, alteration: Alteration) -> None:
    quote = kept_of(" ".join(PASSAGES[language]))
    made = list(altered(PASSAGES[language], language, alteration, random.Random(0)))  # noqa: S311 - a fixed choice

    assert len(made) >= 2
    asked = [(said, question_of(said, language)) for said in made]
    assert [said for said, question in asked if support_of(said, quote, question).outcome == "supported"] == []


@pytest.mark.parametrize(
    ("language", "text", "other"),
    [
        ("en", "The north mill was built in 1874.", "The museum was closed."),
        ("zh", "北磨坊位于河边，建于1874年。", "博物馆有12个展厅。"),
    ],
)
def test_a_sentence_about_another_subject_is_not_supported_though_the_question_names_it(
    language: Language, text: str, other: str
) -> None:
    said = with_other_subject(text, text, [text, other], language)

    assert said is not None
    assert said.startswith(("The museum was built", "博物馆位于河边"))
    assert support_of(said, kept_of(text), question_of(said, language)).outcome == "open"
