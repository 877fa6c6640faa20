import pytest

from agent.verification.negation import denied, reworded, unshared_scope


@pytest.mark.parametrize(
    ("statement", "cited", "question"),
    [
        ("SQLite stores data in one file", "SQLite does not store data in one file.", ""),
        ("3.10", "3.10 is no longer supported, the minimum is 3.8", "What is the minimum?"),
        ("contractors get insurance", "All get insurance except contractors, who get insurance elsewhere", ""),
        ("医院提供早餐", "该医院没有提供早餐。", ""),
    ],
)
def test_a_statement_drawn_from_a_denied_clause_fails(statement: str, cited: str, question: str) -> None:
    assert denied(statement, cited, question).passed is False


@pytest.mark.parametrize(
    ("statement", "cited", "question"),
    [
        ("3.8", "3.10 is no longer supported, the minimum is 3.8", "What is the minimum?"),
        ("Whales breathe air", "Whales are not fish; they breathe air.", ""),
        ("It does not rain", "It does not rain.", ""),
        ("不少学校", "城里有不少学校。", ""),
    ],
)
def test_a_negation_elsewhere_does_not_matter(statement: str, cited: str, question: str) -> None:
    assert denied(statement, cited, question).passed is True


def test_limiting_words_that_a_statement_lacks_are_named() -> None:
    assert unshared_scope("It cost 5", "It reportedly cost at least 5, about 预计 7.") == (
        "reportedly",
        "least",
        "about",
        "预计",
    )


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("The paint is free of lead", True),
        ("The paint lacks lead", True),
        ("The dye contains lead", False),
        ("Berlin paint contains lead", False),
        ("The paint contains lead", False),
    ],
)
def test_another_subject_is_no_other_word_for_what_is_denied(statement: str, told: bool) -> None:
    assert reworded(statement, "The paint contains no lead.") is told
