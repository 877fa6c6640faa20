import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.compression import GAP, compressed
from agent.browsing.ranking import Ranking
from agent.verification.sentences import split_sentences
from tests.shared_data import rows

PLANT = (
    "The North plant stands beside the river.",
    "It was opened by the mayor on a rainy day.",
    "In 2021 the North plant made 1,234 green valves.",
    "However, 200 of them were not sold.",
    "The canteen serves soup on Mondays.",
    "In 2021 the North plant made 1,234 green valves, the report says again.",
    "Visitors are asked to wear a helmet.",
)
CHINESE = (
    "北方工厂位于河边。",
    "食堂每周一供应汤。",
    "二〇二一年该工厂生产了一千二百个绿色阀门。",
    "但其中两百个没有售出。",
    "参观者需要戴头盔。",
)


def numbered(texts: tuple[str, ...]) -> list[tuple[int, str]]:
    return list(enumerate(texts, start=5))


def test_of_very_many_sentences_only_the_most_relevant_are_chosen_from() -> None:
    many = tuple(f"Valve {n} is green." for n in range(600))
    found = compressed("Which valve is green?", numbered(many), 10**6)
    assert 500 <= len(found.kept) <= 501


def test_what_bears_on_the_question_is_kept_as_it_stands_with_its_number() -> None:
    found = compressed("How many green valves did the North plant make in 2021?", numbered(PLANT), 100)

    assert "[s7] In 2021 the North plant made 1,234 green valves." in found.text
    assert found.kept == (7, 8)
    assert found.text.count(GAP) == 2
    assert found.rate < 0.4


def test_chinese_is_compressed_too() -> None:
    found = compressed("工厂生产了多少个绿色阀门", numbered(CHINESE), 25)
    assert found.kept == (7,)


def test_a_sentence_that_takes_something_back_comes_with_what_it_is_about() -> None:
    found = compressed("Which valves were not sold?", numbered(PLANT), 120)
    assert {7, 8} <= set(found.kept)


def test_what_has_been_said_is_not_said_again_while_there_is_something_new() -> None:
    texts = (
        "The North plant made 1,234 green valves in 2021.",
        "The North plant made 1,234 green valves in the year 2021.",
        "Green valves of the North plant are cast from brass.",
    )
    kept = compressed("green valves of the North plant", numbered(texts), 110).kept
    assert len({5, 6} & set(kept)) == 1
    assert 7 in kept


def test_without_anything_about_the_question_the_beginning_is_kept() -> None:
    found = compressed("zzyzx", numbered(PLANT), 90)
    assert found.kept == (5, 6)
    assert found.text.endswith(GAP)


def test_room_for_everything_does_not_mean_that_everything_is_kept() -> None:
    found = compressed("canteen soup", numbered(PLANT), 10_000)
    assert 9 in found.kept
    assert 5 not in found.kept
    assert found.rate < 0.7


@given(
    st.text(max_size=40),
    st.lists(st.text(alphabet=st.sampled_from("ab北京1. \n"), min_size=1, max_size=30), max_size=12),
    st.integers(0, 200),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_given_sentences_are_whole_in_order_and_within_the_budget(
    question: str, texts: list[str], budget: int
) -> None:
    sentences = list(enumerate(texts, start=1))
    found = compressed(question, sentences, budget)
    kept = [text for number, text in sentences if number in found.kept]

    assert list(found.kept) == sorted(set(found.kept))
    assert sum(map(len, kept)) <= budget
    assert [line for line in found.text.split("\n") if line and line != GAP] == [
        f"[s{number}] {' '.join(text.split())}" for number, text in sentences if number in found.kept
    ]
    assert 0 <= found.rate <= 1


def test_at_half_the_length_more_answers_survive_than_at_half_of_the_text_from_its_beginning() -> None:
    """Counts of questions of whose answer every sentence is kept; nothing is tuned on them."""
    kept = leading = asked = 0
    for row in rows("cmrc2018/dev.jsonl")[:40]:
        spans = split_sentences(row["text"])
        sentences = [(number, row["text"][start:end]) for number, (start, end) in enumerate(spans, start=1)]
        budget = sum(len(text) for _, text in sentences) // 2
        for entry in row["questions"]:
            begin = entry["answers"][0]["start"]
            end = begin + len(entry["answers"][0]["text"])
            gold = {number for number, span in enumerate(spans, start=1) if span.start < end and begin < span.end}
            asked += 1
            kept += gold <= set(compressed(entry["question"], sentences, budget).kept)
            leading += end <= spans[0].start + budget
    assert kept > 0.8 * asked
    assert kept > 1.2 * leading


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("Which pumps are green?", 1),
        ("how many PUMPS", 1),
        ("南方工厂生产什么", 2),
        ("阀", 3),
        ("the of", 0),
    ],
)
def test_texts_are_ranked_by_the_words_of_a_query(query: str, best: int) -> None:
    ranking = Ranking(["the cat of the house", "A green pump.", "南方工厂生产水泵。", "阀门是绿色的。"])
    assert ranking.best(query)[0].position == best


def test_a_text_without_a_word_of_the_query_is_no_hit() -> None:
    assert Ranking(["a cat", "a dog"]).best("horse") == ()
    assert Ranking([]).best("horse") == ()


def test_characters_that_stand_apart_are_words_all_the_same() -> None:
    assert Ranking(["食 堂 每 周 一 供 应 汤", "别的"]).best("食堂")[0].position == 0
