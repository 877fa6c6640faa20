"""Every sample of the shipped suites can be solved and can be failed, by models that follow a script."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.ledger.store import Ledger
from evals.suite.definition import Suite
from evals.suite.reading import SHIPPED, read_suite, shipped
from tests.evals.suites.proving import EMPTY, PROOFS, Proof, each_question_once, proofs_of, proved

PROVED = sorted({path.stem for path in PROOFS.glob("*.yaml")} - {"cad"})
DEAR = ("code", "long-horizon")
"""Those whose every run and check has a sandbox."""

BUILT = ("cells-stair", "cells-bridge", "cells-arrow-tower")
"""Those whose proofs are run here; ``python -m evals.luban`` and ``python -m evals.cad`` try the programs of all."""


def only(suite: Suite, names: set[str]) -> Suite:
    return suite.model_copy(update={"samples": tuple(one for one in suite.samples if one.id in names)})


async def show(suite: Suite, proofs: Mapping[str, Proof], ledger: Ledger, folder: Path) -> None:
    solved = await proved(suite, {name: one.solved for name, one in proofs.items()}, ledger, folder, "solved")
    wrong = await proved(suite, {name: one.wrong for name, one in proofs.items()}, ledger, folder, "wrong")
    empty = await proved(suite, dict.fromkeys(proofs, EMPTY), ledger, folder, "empty")

    assert {one.sample: (one.state, one.reason) for one in solved if one.state != "passed"} == {}
    assert {one.sample: (one.state, one.answer) for one in wrong if one.state != "failed"} == {}
    # where no answer is right, giving none is
    refused = {sample.id for sample in suite.samples if sample.refuse}
    assert {one.sample for one in empty if one.state == "passed"} == refused
    assert {one.sample: (one.state, one.reason) for one in empty if one.state not in ("passed", "failed")} == {}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in DEAR else name for name in PROVED]
)
async def test_each_sample_can_be_solved_and_failed(name: str, ledger: Ledger, tmp_path: Path) -> None:
    suite = each_question_once(read_suite(SHIPPED / name))
    proofs = proofs_of(suite)

    await show(suite, proofs, ledger, tmp_path)


@pytest.mark.slow
async def test_things_can_be_built_and_failed(ledger: Ledger, tmp_path: Path) -> None:
    suite = read_suite(SHIPPED / "cad")

    await show(only(suite, set(BUILT)), proofs_of(suite), ledger, tmp_path)


def test_answers_do_not_stand_in_the_questions() -> None:
    for name in shipped():
        for sample in read_suite(SHIPPED / name).samples:
            told = {"yes", "no"} | {choice.label for choice in sample.choices}
            longer = [gold for gold in sample.gold if len(gold) > 2 and gold not in told]
            assert not [gold for gold in longer if gold in sample.goal], (name, sample.id)
