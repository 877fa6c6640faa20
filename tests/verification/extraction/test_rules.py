import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.claims import Claim
from agent.verification.chain.ports import Extraction, Extractor
from agent.verification.extraction.plain import plain
from agent.verification.extraction.rules import RuleExtractor, extract_by_rules
from agent.verification.negation import is_denied
from agent.verification.words import tokens
from tests.endings import ends
from tests.shared_data import rows


def kinds(text: str) -> list[str]:
    return [claim.kind for claim in extract_by_rules(text).claims]


def texts(text: str) -> list[str]:
    return [claim.text for claim in extract_by_rules(text).claims]


async def test_a_text_is_taken_into_claims_with_kinds_places_and_ids() -> None:
    text = (
        "# Paris\n\nParis is the capital of France. It has 2 million people [E1].\n\n"
        "- The **Seine** flows through it.\n"
    )
    extractor: Extractor = RuleExtractor()

    found = await extractor.extract("extract", text)

    assert [(claim.id, claim.kind, claim.text) for claim in found.claims] == [
        ("c1", "fact", "Paris is the capital of France."),
        ("c2", "citation", "It has 2 million people."),
        ("c3", "fact", "The Seine flows through it."),
    ]
    assert found.claims[1].evidence == ("E1",)
    assert found.claims[2].sentence == "- The **Seine** flows through it."
    assert found.uncovered == ()
    assert_in_place(text, found)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "---", "# Results", "Hello! How are you?", "```\nprint(1)\n```", "你好！你好吗？"]
)
def test_a_text_that_states_nothing_has_no_claims(text: str) -> None:
    assert extract_by_rules(text) == Extraction(claims=())


def test_a_text_of_opinions_has_only_opinions() -> None:
    text = (
        "I think vanilla is better than chocolate. The film is boring. You should visit in spring. "
        "It will probably rain. In my opinion, the old one is nicer. 我觉得这部电影很精彩。"
        "这里的风景非常美。 我建议你早点出发。"
    )

    assert set(kinds(text)) == {"opinion"}


@pytest.mark.parametrize(
    "sentence",
    [
        "I think Paris has 2 million people.",
        "Critics said the film is boring.",
        "According to the museum, the garden is beautiful.",
        "Use of lead in paint is banned.",
        "The best-selling car of 1990 was small.",
        "The tower may be older than the church.",
        "You Only Live Twice was filmed in Japan.",
        "我认为巴黎有200万人口。",
        "Please note that the tower is in Rome.",
        "You should know that the tower is 500 m high.",
        "I recommend the museum, which was built by the Romans.",
        "It is best known as the capital of Germany.",
        "It is worth mentioning that the tower stands in Rome.",
        "I think you should know the tower is in Rome.",
        "Hopefully, Rome, which lies in Spain, will win.",
        "请注意，这座塔是德国的。",
    ],
)
def test_what_could_be_wrong_is_checked_though_it_is_hedged_thought_or_attributed(sentence: str) -> None:
    assert "opinion" not in kinds(sentence)
    assert texts(sentence) == [sentence]


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Whales breathe air.", "fact"),
        ("The bridge is 300 metres long.", "number"),
        ("The bridge has two towers.", "number"),
        ("这座桥有三座塔。", "number"),
        ("According to Smith, the sky is blue.", "citation"),
        ("Smith wrote that “the sky over the town was blue”.", "citation"),
        ("See https://example.org/page for the full list.", "citation"),
        ("The [annual report](https://example.org) gives the sales.", "citation"),
        ("据新华社报道，大桥已经通车。", "citation"),
        ("`len('abc')` returns 3.", "code"),
        ("The expression `2 + 2` returns 4.", "code"),
        ("A call that dies gives `interrupted`.", "fact"),
        ("He returns home late.", "fact"),
        ("Smokers are likely to fall ill.", "fact"),
        ("这种动物可能会较喜欢狩猎。", "fact"),
        ("The film is boring.", "opinion"),
    ],
)
def test_each_sentence_has_a_kind(sentence: str, kind: str) -> None:
    assert kinds(sentence) == [kind]


def test_what_is_said_of_a_program_carries_the_program() -> None:
    text = (
        "Look:\n\n```python\nprint(6 * 7)\n```\n\nThis prints 42.\n\n"
        "The following code prints 7:\n\n```python\nprint(7)\n```\n"
    )

    first, second = extract_by_rules(text).claims

    assert first.kind == second.kind == "code"
    assert first.text == "This prints 42.\n```python\nprint(6 * 7)\n```"
    assert second.text == "The following code prints 7.\n```python\nprint(7)\n```"
    assert first.sentence == "This prints 42."


@pytest.mark.parametrize(
    ("between", "said"),
    [
        ("The following code prints 7:", "The following code prints 7.\n```\n7\n```"),
        ("The code above prints:", "The code above prints `7`.\n```python\nprint(7)\n```"),
        ("Output:", "This prints `7`.\n```python\nprint(7)\n```"),
        ("输出：", "This prints `7`.\n```python\nprint(7)\n```"),
    ],
)
def test_of_two_blocks_the_one_is_taken_that_is_meant(between: str, said: str) -> None:
    assert texts(f"```python\nprint(7)\n```\n\n{between}\n\n```\n7\n```\n") == [said]


def test_where_it_is_not_clear_which_program_is_meant_none_is_taken() -> None:
    text = "```python\nprint(7)\n```\n\nThis code prints:\n\n```\n7\n8\n```\n"

    assert [(claim.kind, claim.text) for claim in extract_by_rules(text).claims] == [("code", "This code prints:")]


def test_a_program_is_no_statement_even_where_its_fence_is_never_closed() -> None:
    assert texts("Water is wet and cold.\n\n```\nThe moon is made of cheese.\n") == ["Water is wet and cold."]


def test_a_table_row_says_its_cells_by_the_names_of_their_columns() -> None:
    text = "| Country | Capital | People |\n|---|---|---|\n| France | Paris | 68 million |\n| Spain | Madrid | |\n"

    france, spain = extract_by_rules(text).claims

    assert france.text == "France: Capital Paris; People 68 million"
    assert [(one.subject, one.relation, one.object) for one in france.triples] == [
        ("France", "Capital", "Paris"),
        ("France", "People", "68 million"),
    ]
    assert spain.text == "Spain: Capital Madrid"
    assert france.sentence == "| France | Paris | 68 million |"


def test_a_paragraph_with_a_tab_in_it_is_no_table() -> None:
    assert texts("The town is old and small \t \n but has 1990 houses.") == [
        "The town is old and small but has 1990 houses."
    ]


def test_a_fragment_of_a_list_says_what_introduces_it() -> None:
    assert texts("The house has:\n\n- four large windows\n- a red door\n") == [
        "The house has: four large windows",
        "The house has: a red door",
    ]


def test_a_list_item_keeps_what_denies_it() -> None:
    denied = texts("The following statements are false:\n\n- The earth is flat and round.\n")
    titled = texts("## Common myths\n\n- The earth is flat and round.\n")

    assert denied == ["The following statements are false: The earth is flat and round."]
    assert titled == ["Common myths: The earth is flat and round."]


def test_a_whole_sentence_of_a_list_stands_for_itself() -> None:
    text = "Here are the facts:\n\n1. Paris is the capital of France.\n2. Rome is the capital of Italy.\n"

    assert texts(text) == ["Paris is the capital of France.", "Rome is the capital of Italy."]


def test_a_quotation_is_a_citation() -> None:
    assert kinds("> Whales are fish that live\n> in the sea.\n") == ["citation"]
    assert texts("> Whales are fish that live\n> in the sea.\n") == ["Whales are fish that live in the sea."]


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        (
            "Marie Curie moved to Paris and married in 1895.",
            ("Marie Curie moved to Paris.", "Marie Curie married in 1895."),
        ),
        (
            "Acme Corp was founded in 1990 and has 300 employees.",
            ("Acme Corp was founded in 1990.", "Acme Corp has 300 employees."),
        ),
        (
            "Paris is the capital of France, and Rome is the capital of Italy.",
            ("Paris is the capital of France.", "Rome is the capital of Italy."),
        ),
        ("复旦大学位于上海，建于1905年。", ("复旦大学位于上海。", "复旦大学建于1905年。")),
    ],
)
def test_a_compound_sentence_is_split_where_each_half_follows_from_it(sentence: str, parts: tuple[str, ...]) -> None:
    assert texts(sentence) == list(parts)


@pytest.mark.parametrize(
    "sentence",
    [
        "Marie did not move to Paris and marry Pierre.",
        "Acme never made cars and sold them in France.",
        "Acme sold wine and dried fruit.",
        "The house was built in 1990 and sold by Acme in 2000.",
        "Few people moved to Rome and stayed in the city.",
        "Smith said Acme moved to Paris and opened in May.",
        "Acme listed items bought and sold in 1990.",
        "Marie and Pierre moved to Paris and married in 1895.",
        "In 1895, Marie moved to Paris and married in May.",
        "If Acme moved to Paris and opened in May, it pays.",
        "Paris, Rome, and Berlin are capitals.",
        "据说复旦大学位于上海，建于1905年。",
        "复旦大学不是位于上海，建于1905年。",
        "只有王明出生于上海，毕业于复旦大学。",
    ],
)
def test_a_compound_sentence_stays_whole_where_its_halves_could_mean_something_else(sentence: str) -> None:
    assert texts(sentence) == [sentence]


def test_long_and_strange_texts_keep_their_places() -> None:
    text = (
        "\u202bمرحبا بالعالم الكبير.\u202c The \x00 control \x07 character is 7. 🙂🙂 The smile is 🙂 round. "
        "\ud800 Half a pair is here.\r\n"
    )

    found = extract_by_rules(text)

    assert len(found.claims) >= 3
    for claim in found.claims:
        assert text[claim.start : claim.end].replace("\ud800", "\ufffd") == (claim.sentence or claim.text)


def test_a_long_hostile_text_takes_seconds() -> None:
    parts = [
        "Paris moved to and married in and ",
        "1 ",
        "[a](b",
        "_a *b ",
        '"a b ',
        ".",
        "| a ",
        "In 1990 ",
        "> ",
        "```\n",
        "不是，",
    ]

    for part in parts:
        with ends():
            extract_by_rules(part * (50_000 // len(part)))


def test_every_stating_sentence_of_real_texts_has_a_claim_in_its_place() -> None:
    facts = ["\n\n".join(row["facts"]) for row in rows("reasoning/strategyqa.jsonl")]

    for text in [*facts, *(row["context"] for row in rows("reasoning/boolq.jsonl"))]:
        found = extract_by_rules(text)
        assert found.claims
        assert found.uncovered == ()
        assert_in_place(text, found)


_LATIN = "Paris Marie the is was not never no has and or but did moved married wrote founded in on 1990 42 3.5 million"
_SIGNS = "only if said: - > | # ``` `x[1]` [E1] [1] (see) “quoted” * ** _a_ , . ! ? ; 是 不是 有 三座 位于"
_SPACES = ["\n", "\n\n", "\t", " | ", "---"]
_WORDS = st.sampled_from([*_LATIN.split(), *_SIGNS.split(), *_SPACES])
_TEXTS = st.one_of(st.lists(_WORDS, max_size=40).map(" ".join), st.text(max_size=200))


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_every_claim_stands_where_it_says_and_loses_no_number_and_no_negation(text: str) -> None:
    found = extract_by_rules(text)

    assert_in_place(text, found)
    by_sentence: dict[tuple[int, int], list[Claim]] = {}
    for claim in found.claims:
        by_sentence.setdefault((claim.start or 0, claim.end or 0), []).append(claim)
    for (start, end), claims in by_sentence.items():
        sentence, said = plain(text[start:end]), " \n".join(claim.text for claim in claims)
        body = re.sub(r"^(?:[-*+#]+\s+|[>|]\s*|\(?\d{1,3}[.)]\s+)+", "", sentence)
        assert numbers(body) <= numbers(said)
        assert not is_denied(sentence) or all(is_denied(claim.text) for claim in claims)


def assert_in_place(text: str, found: Extraction) -> None:
    assert [claim.id for claim in found.claims] == [f"c{number}" for number in range(1, len(found.claims) + 1)]
    for claim in found.claims:
        assert text[claim.start : claim.end] == (claim.sentence or claim.text)


def numbers(text: str) -> set[str]:
    return {token.text for token in tokens(text) if token.kind == "number"}


@pytest.mark.parametrize(
    "text",
    [
        "Please note that the Eiffel Tower is in Rome.",
        "You should know that Mozart was born in Berlin.",
        "We should never forget that Columbus discovered India.",
        "My guess is that Jupiter is the smallest planet.",
        "I love Paris, the capital of Germany.",
        "Consider visiting the Louvre, which is in Madrid.",
        "Be careful: Mercury is the largest planet.",
        "In my opinion, Berlin is the capital of France and it is beautiful.",
        "The capital of France is Rome and it is beautiful.",
        "I think Sydney is the capital of Australia, which is great.",
        "Madrid will definitely remain the capital of Portugal.",
        "\u8bf7\u6ce8\u610f\u5df4\u9ece\u662f\u610f\u5927\u5229\u7684\u9996\u90fd\u3002",
        "\u6211\u559c\u6b22\u5df4\u9ece\uff0c\u5b83\u662f\u5fb7\u56fd\u7684\u9996\u90fd\u3002",
        "Thanks for asking Sydney is the capital of Australia.",
    ],
)
def test_a_fact_that_is_wrapped_in_advice_taste_or_thanks_is_checked(text: str) -> None:
    assert [claim.kind for claim in extract_by_rules(text).claims] == ["fact"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Did you know that Sydney is the capital of Australia?", "Sydney is the capital of Australia."),
        ("Sydney is the capital of Australia, right?", "Sydney is the capital of Australia."),
        ("Sydney is the capital of Australia, isn't it?", "Sydney is the capital of Australia."),
    ],
)
def test_what_only_has_the_form_of_a_question_is_checked_as_what_it_asserts(text: str, said: str) -> None:
    (claim,) = extract_by_rules(text).claims
    assert (claim.text, text[claim.start : claim.end]) == (said, text)


def test_items_of_one_word_are_claims_after_what_introduces_them() -> None:
    found = extract_by_rules("The following are not planets:\n- Pluto\n- Sedna\n")
    assert [claim.text for claim in found.claims] == [
        "The following are not planets: Pluto",
        "The following are not planets: Sedna",
    ]


def test_items_keep_who_is_said_to_say_them() -> None:
    (claim,) = extract_by_rules("According to Bob:\n* Berlin is in Spain today.\n").claims
    assert (claim.kind, claim.text) == ("citation", "According to Bob: Berlin is in Spain today.")


def test_nothing_is_split_that_is_said_of_few() -> None:
    assert len(extract_by_rules("Few became doctors and wrote books.").claims) == 1


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of Australia, right?",
        "\u4f60\u77e5\u9053\u8c01\u662f\u6fb3\u5927\u5229\u4e9a\u7684\u603b\u7406\u5417\uff1f",
        "Do you know that song by Queen?",
    ],
)
def test_a_question_that_asks_is_not_turned_into_a_statement(text: str) -> None:
    assert all(claim.text == text for claim in extract_by_rules(text).claims)
