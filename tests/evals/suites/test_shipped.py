"""Every sample of the shipped suites can be solved and can be failed, by models that follow a script."""

from pathlib import Path

import pytest

from agent.ledger.store import Ledger
from evals.suite.reading import SHIPPED, read_suite
from tests.evals.suites.proving import EMPTY, PROOFS, each_question_once, proofs_of, proved

PROVED = sorted(path.stem for path in PROOFS.glob("*.yaml"))


@pytest.mark.parametrize("name", PROVED)
async def test_each_sample_can_be_solved_and_failed(name: str, ledger: Ledger, tmp_path: Path) -> None:
    suite = each_question_once(read_suite(SHIPPED / name))
    proofs = proofs_of(suite)

    solved = await proved(suite, {name: one.solved for name, one in proofs.items()}, ledger, tmp_path, "solved")
    wrong = await proved(suite, {name: one.wrong for name, one in proofs.items()}, ledger, tmp_path, "wrong")
    empty = await proved(suite, dict.fromkeys(proofs, EMPTY), ledger, tmp_path, "empty")

    assert {one.sample: (one.state, one.reason) for one in solved if one.state != "passed"} == {}
    assert {one.sample: (one.state, one.answer) for one in wrong if one.state != "failed"} == {}
    # where no answer is right, giving none is
    refused = {sample.id for sample in suite.samples if sample.refuse}
    assert {one.sample for one in empty if one.state == "passed"} == refused
    assert {one.sample: (one.state, one.reason) for one in empty if one.state not in ("passed", "failed")} == {}
