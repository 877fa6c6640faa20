"""Of failed trajectories exactly those that are corrected and pass are exported, without any answer that was told."""

from evals.benchmarks.training import rehearse
from evals.benchmarks.training_cast import SORTS, WAYS, lots


def test_the_cast_fails_a_hundred_times_in_four_ways() -> None:
    failing = [lot for lot in lots() if lot.sort is not None]
    assert len(failing) == sum(SORTS.values()) == 100
    assert {lot.way for lot in failing} == set(WAYS)
    assert len({lot.amount for lot in lots() if lot.copies == lot.number}) == len(lots()) - 12


async def test_what_was_corrected_and_passes_is_exported_and_nothing_else() -> None:
    found = await rehearse(share=0.1)
    assert found.wrong == ()
    assert sum(found.failed.values()) == 11
    assert found.exported == found.wanted == {"sft": 4, "preference": 3}
    assert found.reasons["sft"] == {
        "it did not pass": 2,
        "it was never begun": 1,
        "a check of it did not pass": 1,
        "the advice shows in it": 1,
        "the same was there before": 1,
        "nearly the same was there before": 1,
    }
    assert found.reasons["preference"]["a call is no JSON"] > 0
