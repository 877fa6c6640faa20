"""Two batches compared, and one for continuous integration."""

import itertools
import math
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.options import RunOptions
from evals.batch.comparing import compared, permutation_p
from evals.batch.junit import junit
from evals.batch.order import BatchOrder
from evals.batch.results import Result, State


def results(states: dict[str, State]) -> list[Result]:
    return [Result(sample=name, attempt=1, run_id=f"r-{name}", state=state) for name, state in states.items()]


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), max_size=9))
def test_p_is_the_share_of_swaps_that_differ_as_much(differences: list[float]) -> None:
    swaps = list(itertools.product((-1, 1), repeat=len(differences)))
    sums = [abs(math.fsum(s * d for s, d in zip(swap, differences, strict=True))) for swap in swaps]

    p, test = permutation_p(differences)

    assert test == "exact"
    assert p == pytest.approx(sum(one >= abs(math.fsum(differences)) - 1e-9 for one in sums) / len(sums))


def test_many_samples_are_drawn_and_say_as_much() -> None:
    p, test = permutation_p([1.0] * 30 + [-1.0] * 5)

    assert test == "sampled"
    assert p < 0.001
    assert permutation_p([1.0, -1.0] * 20)[0] > 0.5


def test_only_samples_that_both_decided_are_compared() -> None:
    first = results({"a": "passed", "b": "failed", "c": "error", "d": "passed"})
    second = results({"a": "failed", "b": "passed", "c": "passed", "e": "passed"})

    found = compared(first, second)

    assert (found.samples, found.left_out) == (2, ("c", "d", "e"))
    assert ([flip.sample for flip in found.better], [flip.sample for flip in found.worse]) == (["b"], ["a"])
    assert (found.difference, found.p) == (0.0, 1.0)


def test_batches_without_a_sample_in_common_are_not_compared() -> None:
    with pytest.raises(ValueError, match="no decided sample in common"):
        compared(results({"a": "passed"}), results({"a": "error"}))


def test_junit_tells_failures_from_errors_and_holds_any_text() -> None:
    order = BatchOrder(
        id="b", suite="s", version="1", place="p", digest="d", options=RunOptions(), samples=("a",), attempts=1,
        made_at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    states: dict[str, State] = {"a": "passed", "b": "failed", "c": "error", "d": "open"}
    found = [
        one.model_copy(update={"answer": '<b>&"\x00\x1b[31m\ud83d\ude00 ]]>', "reason": "not \x07 as wanted"})
        for one in results(states)
    ]

    read = ElementTree.fromstring(junit(order, found))  # noqa: S314 - our own

    assert {name: read.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    assert [[child.tag for child in case] for case in read] == [[], ["failure"], ["error"], ["skipped"]]
