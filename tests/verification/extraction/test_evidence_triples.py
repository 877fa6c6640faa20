import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.verification.extraction.evidence_triples import BadTriple, read_evidence_triples

CHAIN = """A: Evidence triples:
1. (Lake Elm, located in, Norway)
2. (Norway, population, 5,500,000)

Explanation hints: The lake lies in Norway.
It is a large country.
So the answer is (B).
"""


def test_a_chain_has_triples_hints_and_an_answer() -> None:
    chain = read_evidence_triples(CHAIN)

    assert [(one.subject, one.relation, one.object) for one in chain.triples] == [
        ("Lake Elm", "located in", "Norway"),
        ("Norway", "population", "5,500,000"),
    ]
    assert chain.lines == (2, 3)
    assert chain.hints == "The lake lies in Norway. It is a large country."
    assert chain.answer == "(B)"
    assert chain.section
    assert chain.bad == ()


def test_hints_may_come_first() -> None:
    chain = read_evidence_triples(
        "Q: How many?\nA: Explanation hints: 3 + 2 = 5.\nEvidence triples:\n1. (lot, now have, 3 + 2 = 5 cars)\n"
        "So the answer is 5.\n"
    )

    assert chain.triples[0].object == "3 + 2 = 5 cars"
    assert chain.hints == "3 + 2 = 5."
    assert chain.answer == "5"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2. (wife, feels)", "it has 2 parts instead of 3"),
        ("2. (a, b, c, d)", "it has 4 parts instead of 3"),
        ("2. wife, feels, sad", "it is not in parentheses"),
        ("2. (wife, , sad)", "a part of it is empty"),
        ("2. (wife, (feels, sad)", "its parentheses do not match"),
        ("2. (wife), feels, (sad)", "its parentheses do not match"),
        ("2. (" + "x" * 2000 + ", a, b)", "it has more than 1,000 characters"),
    ],
)
def test_a_malformed_line_is_reported_with_its_number_and_the_rest_is_read(line: str, reason: str) -> None:
    chain = read_evidence_triples(f"Evidence triples:\n1. (a, b, c)\n{line}\n3. (d, e, f)\n", first_line=10)

    assert len(chain.triples) == 2
    assert [(one.line, one.reason) for one in chain.bad] == [(12, reason)]
    assert isinstance(chain.bad[0], BadTriple)


def test_parentheses_inside_of_a_part_belong_to_it() -> None:
    chain = read_evidence_triples("Evidence triples:\n1. (car, arrives after, 5 (√3 + 1, about) minutes)\n")

    assert chain.triples[0].object == "5 (√3 + 1, about) minutes"


def test_a_text_in_another_format_has_no_section() -> None:
    chain = read_evidence_triples("A: The answer is (A).")

    assert not chain.section
    assert chain.triples == ()
    assert chain.answer == "(A)"


def test_a_second_question_ends_a_chain() -> None:
    chain = read_evidence_triples(
        "Q: one\nA: Evidence triples:\n1. (a, b, c)\n\nQ: two\nA: Evidence triples:\n1. (d, e, f)\n"
    )

    assert [one.subject for one in chain.triples] == ["a"]


@given(st.text(max_size=300))
def test_every_line_among_the_triples_is_a_triple_or_reported(text: str) -> None:
    body = "\n".join(line for line in text.split("\n") if line.strip())
    chain = read_evidence_triples(f"Evidence triples:\n{body}")

    assert len(chain.lines) == len(chain.triples)
    assert not set(chain.lines) & {one.line for one in chain.bad}
