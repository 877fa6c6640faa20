"""Figures of batches."""

from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.batch.figures import figures_of, pass_at
from evals.batch.results import Result, State


def result(sample: str, attempt: int, state: State, **fields: object) -> Result:
    return Result.model_validate(
        {"sample": sample, "attempt": attempt, "run_id": f"{sample}-{attempt}", "state": state, **fields}
    )


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 8))
def test_pass_at_k_is_the_chance_that_one_of_k_attempts_passes(tries: list[bool], k: int) -> None:
    k = min(k, len(tries))
    drawn = [any(chosen) for chosen in combinations(tries, k)]

    assert pass_at({"s": tries}, k) == pytest.approx(fmean(drawn))


def test_errors_and_what_is_open_are_no_failures() -> None:
    states: list[State] = ["passed", "failed", "error", "open"]
    found = figures_of([result(state, 1, state) for state in states])

    assert (found.passed, found.failed, found.errors, found.open) == (1, 1, 1, 1)
    assert found.share is not None
    assert (found.share.value, found.share.samples) == (0.5, 2)


def test_figures_do_not_depend_on_the_order_of_results() -> None:
    results = [
        result(f"s{n % 5}", n // 5 + 1, "passed" if n * 7 % 3 else "failed", tags=["even" if n % 2 else "odd"])
        for n in range(20)
    ]

    assert figures_of(results) == figures_of(results[::-1])


def test_samples_that_came_out_alike_are_counted() -> None:
    steady = [result("a", n, "passed") for n in (1, 2)]
    changing = [result("b", 1, "passed"), result("b", 2, "failed")]

    found = figures_of([*steady, *changing])

    assert (found.steady, found.samples) == (1, 2)
    assert found.pass_at == {1: 0.75, 2: 1.0}


def test_nothing_at_all_has_no_share() -> None:
    found = figures_of([])

    assert (found.share, found.attempts, found.latency) == (None, 0, None)
