# ruff: noqa: RUF001 - Chinese punctuation is meant
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.synthesis.support import support_of
from tests.browsing.synthesis.kept import kept_of, literally

BRIDGE = "The old bridge was opened in 1990 and closed in 2003. The old bridge was never repaired."
LIBRARY = "图书馆位于市中心，建于1921年。"
POETS = "李白生于701年。杜甫生于712年。"


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The old bridge was opened in 1990.", BRIDGE),
        ("The old bridge was opened in 1990 and closed in 2003.", BRIDGE),
        ("The old bridge was never repaired.", BRIDGE),
        ("Tokyo has 14 million people.", "Tokyo has 14,000,000 people; Osaka has 2.7 million people."),
        ("The south plant opened in 2019.", "The south plant opened in 2019, and makes pumps."),
        ("图书馆位于市中心，建于1921年。", LIBRARY),
        ("图书馆位于市中心。", LIBRARY),
        ("李白生于701年。", POETS),
    ],
)
def test_a_sentence_in_the_words_of_its_quote_is_supported(sentence: str, quote: str) -> None:
    found = support_of(sentence, kept_of(quote))

    assert found.outcome == "supported", found.findings


@pytest.mark.parametrize(
    ("sentence", "quote", "method"),
    [
        ("The old bridge was opened in 1991.", BRIDGE, "numbers"),
        ("The old bridge was opened on 3 May 1990.", BRIDGE, "numbers"),
        ("The bridge of Marlow was opened in 1990.", BRIDGE, "names"),
        ("The old bridge was opened by Ann Lee in 1990.", BRIDGE, "names"),
        ("The old bridge was not opened in 1990.", BRIDGE, "denial"),
        ("The old bridge was repaired.", BRIDGE, "negation"),
        ("Cheese is sold on the market every day.", BRIDGE, "words"),
        ("The function asyncio.run was added in version 3.7.", "New in version 3.7.", "recall"),
        ("Sales were 7 million in 2020.", "Sales were 5 million in 2020. Sales were 7 million in 2021.", "attachment"),
        ("图书馆建于1931年。", LIBRARY, "numbers"),
        ("图书馆不位于市中心。", LIBRARY, "denial"),
        ("图书馆位于IBM大楼市中心。", LIBRARY, "names"),
    ],
)
def test_invented_numbers_and_names_and_turned_negations_are_refused(sentence: str, quote: str, method: str) -> None:
    found = support_of(sentence, kept_of(quote))

    assert found.outcome == "refused"
    assert method in {finding.method for finding in found.findings if finding.passed is False}


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The museum was destroyed in 1984.", "The museum was opened in 1984."),
        ("Bob Ray taught Ann Lee in Rome.", "Ann Lee taught Bob Ray in Rome."),
        ("Carol taught Bob Ray in Rome.", "Ann Lee taught Bob Ray in Rome."),
        ("Osaka has 14 million people.", "Tokyo has 14 million people, Osaka 2.7 million."),
        ("The old bridge was closed in 1990.", BRIDGE),
        ("The bridge was opened in 2003 and closed in 1990.", BRIDGE),
        ("The bridge opens in 2030.", "The bridge may open in 2030."),
        ("The larch is taller than the spruce.", "The spruce is taller than the larch."),
        (
            "Rules do have to be files: a rule is read from a zip file.",
            "Rules do not have to be files: a rule is read from a zip file.",
        ),
        ("This package gives access to data within modules.", "This module gives access to data within packages."),
        ("It takes a path since 3.11 for file.", "It takes a path since 3.11 for filename. Open the file first."),
        ("诗人的生卒年详。", "诗人的生卒年不详。"),
        ("杜甫生于701年。", POETS),
        ("王维生于701年。", POETS),
        ("杜甫写信给李白。", "李白写信给杜甫。"),
        ("图书馆于1921年拆除。", LIBRARY),
        ("该图书馆位于市中心。", "该图书馆建于1921年，不位于市中心。"),
    ],
)
def test_likeness_alone_supports_nothing(sentence: str, quote: str) -> None:
    found = support_of(sentence, kept_of(quote))

    assert found.recall >= 0.45
    assert found.outcome != "supported"
    assert found.reason


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Smith was convicted of murder.", "Smith was acquitted; Jones was convicted of murder."),
        ("Smith murdered Jones.", "Smith was accused of having murdered Jones."),
        ("The company made a profit of 5 million.", "The company made a loss of 5 million, and no profit."),
        ("Aspirin is safe for children.", "Aspirin is safe for adults, unsafe for children."),
        ("Aspirin is safe for children.", "Critics deny that aspirin is safe for children."),
        ("Aspirin is safe for children.", "Is aspirin safe for children?"),
        ("Aspirin is safe for children.", "Aspirin is safe for children, say those who sell it."),
        ("Aspirin is safe for children.", "Aspirin is safe for children, which is untrue."),
        ("Aspirin is safe.", "Aspirin is safe and effective only for adults."),
        ("The law bans drinking.", "The law bans drinking and driving."),
        ("The moon landing was faked.", "Conspiracy theorists claim: the moon landing was faked."),
        ("Smith won the election.", "Smith hopes he won the election."),
        ("Smith won the election.", "Smith won the election in his dream."),
        ("Smith won the election.", "Smith won the election, and woke up from his dream."),
        ("Sydney is the capital of Australia.", "Sydney, unlike Canberra, the capital of Australia, is big."),
        ("The bridge was opened in 1990 and closed in 2003.", BRIDGE),
        ("In Rome, Ann Lee taught Bob Ray.", "Ann Lee taught Bob Ray in Rome."),
        ("阿司匹林对儿童安全。", "阿司匹林对儿童安全吗？"),
        ("阿司匹林对儿童安全。", "传言说阿司匹林对儿童安全。"),
        ("阿司匹林对儿童安全。", "阿司匹林对儿童安全，这是谣言。"),
        ("地球是平的。", "有人误以为地球是平的。"),
        ("图书馆建于1921年。", LIBRARY),
    ],
)
def test_the_words_of_a_sentence_prove_nothing_where_another_one_uses_them(sentence: str, quote: str) -> None:
    found = support_of(sentence, kept_of(quote))

    assert found.outcome != "supported"
    assert found.reason


@pytest.mark.parametrize(
    ("sentence", "quote", "question", "title"),
    [
        ("上海的人口是2154万。", "北京的人口是2154万。", "上海的人口是多少？", "城市"),
        ("北京大学的校长是周诒春。", "清华大学的校长是周诒春。", "北京大学的校长是谁？", "大学"),
        ("Alice was born in Paris.", "Bob was born in Paris.", "Where was she born?", "Alice and Bob"),
        ("alice was born in paris in 1921.", "bob was born in paris in 1921.", "where was alice born?", "alice"),
        ("Ethanol boils at 64.7 degrees.", "Methanol boils at 64.7 degrees.", "When does ethanol boil?", "Alcohols"),
        ("The bridge was built in 1921.", "It was built in 1921.", "When was the bridge built?", "The mill"),
    ],
)
def test_neither_question_nor_title_lends_a_fact_its_subject(
    sentence: str, quote: str, question: str, title: str
) -> None:
    assert support_of(sentence, kept_of(quote, title=title), question).outcome == "open"


def test_a_quote_that_only_asks_is_put_to_no_judge() -> None:
    assert support_of("Aspirin is safe.", kept_of("Is aspirin safe?")).outcome == "refused"
    assert support_of("阿司匹林对儿童安全。", kept_of("阿司匹林对儿童安全吗？")).outcome == "refused"


@pytest.mark.parametrize(
    ("literal", "text", "outcome"),
    [
        ("the moon landing was faked", "Some claim that the moon landing was faked. Most do not.", "open"),
        ("The moon landing was faked", "The moon landing was faked in a film of 1978.", "open"),
        ("The moon landing was faked", "The moon landing was faked.", "supported"),
        ("The moon landing was faked", "The moon landing was faked and shown on television in 1978.", "open"),
        ("The moon landing was faked", "The moon landing was faked and was shown in 1978.", "supported"),
    ],
)
def test_a_literal_quote_proves_no_more_than_the_sentence_that_it_is_cut_from(
    literal: str, text: str, outcome: str
) -> None:
    assert support_of("The moon landing was faked.", (literally("E1", literal, text),)).outcome == outcome


def test_a_name_of_the_question_may_not_take_the_place_of_another() -> None:
    question = "Who is taller, Ann or Bob?"

    assert support_of("Bob is 180 cm tall.", kept_of("Ann is 180 cm tall."), question).outcome == "open"
    assert support_of("Ann is 180 cm tall.", kept_of("Ann is 180 cm tall."), question).outcome == "supported"


def test_what_stands_in_no_single_sentence_of_the_quotes_is_left_open() -> None:
    found = support_of("Ann Lee was born in 1950.", kept_of("Ann Lee is a doctor.", "Bob Ray was born in 1950."))

    assert found.outcome == "open"
    assert found.evidence == ("E1", "E2")


def test_a_sentence_rests_only_on_the_quotes_that_support_it_alone() -> None:
    found = support_of("The old bridge was opened in 1990.", kept_of("Cheese is sold here.", BRIDGE))

    assert found.outcome == "supported"
    assert found.evidence == ("E2",)


def test_two_quotes_that_each_give_a_part_are_put_to_a_judge() -> None:
    quotes = kept_of("The old bridge was opened in 1990.", "The new bridge was opened in 2010.")
    found = support_of("The old bridge was opened in 1990, the new bridge in 2010.", quotes)

    assert found.outcome == "open"
    assert found.evidence == ("E1", "E2")


@settings(deadline=None)
@given(st.integers(1000, 9999), st.integers(1000, 9999))
def test_no_other_number_is_ever_supported(said: int, stated: int) -> None:
    found = support_of(f"The tower has {stated} steps.", kept_of(f"The tower has {said} steps."))

    assert (found.outcome == "supported") == (said == stated)


@settings(deadline=None)
@given(st.text(max_size=80), st.text(alphabet="ab 不在1.,。Z\n", min_size=1, max_size=80).filter(str.strip))
def test_any_text_can_be_checked(sentence: str, quote: str) -> None:
    assert 0 <= support_of(sentence, kept_of(quote)).recall <= 1
