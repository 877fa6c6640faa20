import pytest

from agent.verification.computed import computed, program_numbers
from tests.verification.builders import run_of

QUESTION = "What is the total amount in sales.csv for 2021?"
PROGRAM = "import csv\ntotal = sum(float(r['amount']) for r in csv.DictReader(open('sales.csv')))\nprint(total)"


@pytest.mark.parametrize("claim", ["1234.5", "The total amount is 1,234.5", "In 2021 the total amount was 1234.5"])
def test_a_number_that_the_program_computed_passes(claim: str) -> None:
    assert computed(claim, run_of("1234.5\n", PROGRAM), QUESTION).passed is True


def test_a_whole_number_printed_as_a_fraction_is_the_same() -> None:
    assert computed("The total amount is 1,200", run_of("1200.0\n", PROGRAM), QUESTION).passed is True


@pytest.mark.parametrize("program", ["print(42)", "x = '42'; print(x)", "print(int(4_2))", "print(0x2a)", "echo 42.0"])
def test_a_number_that_the_program_contains_is_an_echo(program: str) -> None:
    finding = computed("The total amount is 42", run_of("42", program), QUESTION)

    assert finding.passed is False
    assert finding.detail == "the program contains the value it prints: 42"


@pytest.mark.parametrize("claim", ["The total amount is 123", "The total amount is 4.5", "The total amount is 1234"])
def test_a_part_of_a_printed_number_is_another_number(claim: str) -> None:
    assert computed(claim, run_of("1234.5\n", PROGRAM), QUESTION).passed is False


def test_a_number_of_another_line_is_attached_to_other_words() -> None:
    result = run_of("North 1200\nSouth 900\n", "for region, units in totals.items(): print(region, units)")

    assert computed("South units 900", result, "units by region").passed is True
    assert computed("South units 1200", result, "units by region").passed is False


@pytest.mark.parametrize(
    ("claim", "ok"), [("The program worked", True), ("In 2021 there was an amount", True), ("1234.5", False)]
)
def test_what_a_program_cannot_show_is_undecided(claim: str, ok: bool) -> None:
    assert computed(claim, run_of("1234.5\n", PROGRAM, ok=ok), QUESTION).passed is None


def test_words_that_no_part_of_the_computation_has_are_undecided() -> None:
    finding = computed("The profit is 1234.5", run_of("1234.5\n", PROGRAM), QUESTION)

    assert finding.passed is None
    assert finding.detail == "the computation does not say: profit"


def test_every_way_to_write_a_number_in_a_program_is_seen() -> None:
    numbers = program_numbers('{"code": "a = 1_000 + 0x10 + 2.5e1", "args": [7, true, null]}')

    assert {"1000", "16", "25", "7"} <= numbers
    assert "1" not in numbers
