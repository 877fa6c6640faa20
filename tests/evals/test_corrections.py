"""A small version of the benchmark of corrections. How fast it is, is for the benchmark to show."""

from evals.benchmarks.corrections import generated, measure_corrections


def test_the_first_correction_holds_and_no_unrelated_situation_gets_one() -> None:
    found = measure_corrections(300, strangers=100, asked=100)
    assert found.first
    assert found.kept == found.asked == 100
    assert (found.false_unrelated, found.unrelated) == (0, 100)
    assert (found.false_swapped, found.swapped) == (0, 100)


def test_generated_corrections_are_different_and_repeatable() -> None:
    said = generated(500, 3)
    assert len({one.text for one in said}) == 500
    assert said == generated(500, 3)
    assert said != generated(500, 4)
