# ruff: noqa: RUF001 - Chinese punctuation is meant
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.synthesis.support import support_of
from tests.browsing.synthesis.kept import kept_of

BRIDGE = "The old bridge was opened in 1990 and closed in 2003. The old bridge was never repaired."
LIBRARY = "该图书馆建于1921年，位于市中心。"
POETS = "李白生于701年。杜甫生于712年。"


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The old bridge was opened in 1990.", BRIDGE),
        ("The bridge was opened in 1990 and closed in 2003.", BRIDGE),
        ("The old bridge was never repaired.", BRIDGE),
        ("In Rome, Ann Lee taught Bob Ray.", "Ann Lee taught Bob Ray in Rome."),
        ("Tokyo has 14 million people.", "Tokyo has 14,000,000 people, Osaka has 2.7 million people."),
        ("Pumps are made in the south plant.", "The south plant opened in 2019 and makes pumps."),
        ("该图书馆位于市中心。", LIBRARY),
        ("该图书馆建于1921年。", LIBRARY),
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
        ("该图书馆建于1931年。", LIBRARY, "numbers"),
        ("该图书馆不位于市中心。", LIBRARY, "denial"),
        ("该图书馆位于IBM大楼市中心。", LIBRARY, "names"),
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


def test_two_quotes_may_each_give_a_part() -> None:
    quotes = kept_of("The old bridge was opened in 1990.", "The new bridge was opened in 2010.")
    found = support_of("The old bridge was opened in 1990, the new bridge in 2010.", quotes)

    assert found.outcome == "supported"
    assert found.evidence == ("E1", "E2")


@given(st.integers(1000, 9999), st.integers(1000, 9999))
def test_no_other_number_is_ever_supported(said: int, stated: int) -> None:
    found = support_of(f"The tower has {stated} steps.", kept_of(f"The tower has {said} steps."))

    assert (found.outcome == "supported") == (said == stated)


@given(st.text(max_size=80), st.text(alphabet="ab 不在1.,。Z\n", min_size=1, max_size=80).filter(str.strip))
def test_any_text_can_be_checked(sentence: str, quote: str) -> None:
    assert 0 <= support_of(sentence, kept_of(quote)).recall <= 1
