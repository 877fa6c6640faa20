# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from agent.browsing.actions import Merge, Open, Quote, Search
from agent.browsing.ports import SearchResult
from agent.browsing.rouge import common_subsequence, rouge_l, rouge_tokens
from agent.browsing.scores import OURS, WEBCPMS, action_scores, citation_scores, cited_sentences, mean_rouge_l, recall
from agent.browsing.state import Observation, begin
from agent.browsing.testing import page_of
from agent.browsing.transition import applied


class OurTokens:
    def tokenize(self, text: str) -> list[str]:
        return rouge_tokens(text)


TEXTS = st.text(alphabet="ab c12图书馆。，", max_size=60)


@given(TEXTS, TEXTS)
def test_rouge_l_agrees_with_a_maintained_package(prediction: str, reference: str) -> None:
    theirs = RougeScorer(["rougeL"], tokenizer=OurTokens()).score(reference, prediction)["rougeL"]
    ours = rouge_l(prediction, reference)

    assert ours.precision == pytest.approx(theirs.precision)
    assert ours.recall == pytest.approx(theirs.recall)
    assert ours.f == pytest.approx(theirs.fmeasure)


def test_english_is_cut_as_the_package_cuts_it() -> None:
    pair = ("The South plant made 980 pumps in 2021.", "In 2021, the south plant made pumps.")
    theirs = RougeScorer(["rougeL"]).score(pair[1], pair[0])["rougeL"]

    assert rouge_l(*pair).f == pytest.approx(theirs.fmeasure)


def test_chinese_is_read_by_characters_and_numbers_and_words_are_whole() -> None:
    assert rouge_tokens("该馆建于1921年，IBM的。") == ["该", "馆", "建", "于", "1921", "年", "ibm", "的"]
    assert rouge_l("该馆建于1921年", "该馆建于1931年").f == pytest.approx(5 / 6)
    assert mean_rouge_l([("a", "a"), ("", "a")]) == 0.5
    assert mean_rouge_l([]) == 0.0


@given(st.text(alphabet="abc", max_size=12), st.text(alphabet="abc", max_size=12))
def test_the_common_subsequence_is_the_longest(first: str, second: str) -> None:
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])

    assert common_subsequence(first, second) == table[-1][-1]


def test_the_two_counting_rules_differ_in_what_they_leave_out() -> None:
    pairs = [("back", "back"), ("quote", None), ("search", "start"), ("start", "back"), ("merge", "back")]
    ours, theirs = action_scores(pairs), action_scores(pairs, rule=WEBCPMS)

    assert (ours.rule, ours.counted, ours.left_out, ours.right) == (OURS, 4, 1, 1)
    assert (theirs.rule, theirs.counted, theirs.left_out, theirs.right) == (WEBCPMS, 2, 3, 1)
    assert ours.micro_f1 == pytest.approx(2 / 7)
    assert theirs.micro_f1 == 0.5
    assert theirs.classes["back"].f1 == pytest.approx(2 / 3)
    assert theirs.macro_f1 == pytest.approx(1 / 3)
    assert action_scores([]).macro_f1 == 0.0


def test_citations_are_valid_and_supported_apart_from_each_other() -> None:
    page = page_of("The North plant made 1,234 green valves in 2021. It was sold to Lina Berg.")
    state = applied(begin("q"), Search(query="q"), Observation(results=(SearchResult(title="t", url=page.url),)))
    for action in (Open(result=1), Quote(first=1), Quote(first=2), Quote(first=2), Merge(quotes=["E2", "E3"])):
        state = applied(state, action, Observation(page=page))
    texts = {page.text_sha256: page.text}
    answer = (
        "The plant made 1,234 green valves [E1]. It was sold to Lina. [E4] Nobody asked. Xyzzy quux 77 [E1]. A [E9]."
    )
    scores = citation_scores(answer, state.kept, texts)

    assert scores.model_dump() == {"quotes": 3, "valid": 3, "sentences": 5, "cited": 3, "supported": 2}
    assert citation_scores(answer, state.kept, {}).valid == 0
    assert cited_sentences("") == []
    assert recall("", "x") == 0.0
