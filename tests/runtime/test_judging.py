"""What the checks without a model leave open is put to the verifier, one claim and one piece of evidence at a time."""

from pathlib import Path

import pytest

from agent.domain.claims import Verdict
from agent.domain.errors import ModelRefused, ModelUnavailable
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel, Turn
from agent.runtime.runner import Runner
from tests.studio import StudioServices, studio

TEXT = b"Insulin is produced by the pancreas.\n"
PARAPHRASE = "The pancreas makes insulin."
WRONG_NUMBER = "The pancreas produces 7 hormones."


def executor(claim: str) -> ScriptedModel:
    return ScriptedModel(
        [
            call("read_file", path="notes.txt"),
            call("submit", answer=claim, claims=[{"text": claim, "evidence": ["root.0.0"]}]),
        ]
    )


async def report_of(runner: Runner, ledger: Ledger) -> Report:
    file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(TEXT), size=len(TEXT))
    return await runner.wait(await runner.start(Task(goal="Which organ makes insulin?", files=(file,))))


@pytest.mark.parametrize(
    ("turn", "verdict"),
    [
        ('{"answer": "yes"}', "supported"),
        ('{"answer": "no"}', "not_found"),
        ("I would say so.", "error"),
        (ModelRefused("content policy"), "error"),
    ],
)
async def test_the_verifier_decides_and_a_reply_that_cannot_be_used_is_an_error(
    ledger: Ledger, folder: Path, turn: Turn, verdict: Verdict
) -> None:
    verifier = ScriptedModel([turn])
    services = StudioServices(executor(PARAPHRASE), folder, roles={"verifier": verifier})
    async with studio(ledger, services) as runner:
        report = await report_of(runner, ledger)

    assert [checked.verdict for checked in report.claims] == [verdict]
    seen = str(verifier.asked[0].messages[-1]["content"])
    assert "Insulin is produced" in seen
    assert "Which organ" not in seen


async def test_a_number_that_stands_nowhere_is_never_put_to_the_verifier(ledger: Ledger, folder: Path) -> None:
    verifier = ScriptedModel([])
    services = StudioServices(executor(WRONG_NUMBER), folder, roles={"verifier": verifier})
    async with studio(ledger, services) as runner:
        report = await report_of(runner, ledger)

    assert ([checked.verdict for checked in report.claims], verifier.asked) == (["not_found"], [])


@pytest.mark.parametrize(
    "made",
    [
        [call("write_file", path="own.txt", content=PARAPHRASE), call("read_file", path="own.txt")],
        [call("write_file", path="notes.txt", content=PARAPHRASE), call("read_file", path="notes.txt")],
        [call("shell", command="true"), call("python", code=f"print({PARAPHRASE!r})")],
        [call("shell", command="true"), call("shell", command=f"echo '{PARAPHRASE}'")],
    ],
)
async def test_what_the_run_wrote_itself_proves_nothing_and_is_never_put_to_the_verifier(
    ledger: Ledger, folder: Path, made: list[Reply]
) -> None:
    claims = [{"text": PARAPHRASE, "evidence": ["root.1.0"]}]
    model = ScriptedModel([*made, call("submit", answer=PARAPHRASE, claims=claims)])
    verifier = ScriptedModel([])
    services = StudioServices(model, folder, roles={"verifier": verifier})
    async with studio(ledger, services) as runner:
        report = await report_of(runner, ledger)

    assert (report.outcome, report.claims[0].verdict, verifier.asked) == ("unverified", "unverifiable", [])


@pytest.mark.parametrize(("reply", "outcome"), [("yes", "verified"), ("no", "unverified")])
async def test_a_sentence_that_no_claim_says_must_follow_from_those_that_are_proved(
    ledger: Ledger, folder: Path, reply: str, outcome: str
) -> None:
    said = "Insulin is produced by the pancreas."
    model = ScriptedModel(
        [
            call("read_file", path="notes.txt"),
            call(
                "submit",
                answer=f"{said} So the pancreas matters for insulin.",
                claims=[{"text": said, "evidence": ["root.0.0"]}],
            ),
        ]
    )
    verifier = ScriptedModel([f'{{"answer": "{reply}"}}'])
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier})) as runner:
        report = await report_of(runner, ledger)

    assert (report.claims[0].verdict, report.outcome) == ("supported", outcome)
    assert said in str(verifier.asked[0].messages[-1]["content"])


async def test_a_verifier_that_cannot_be_reached_pauses_the_run_which_then_goes_on(
    ledger: Ledger, folder: Path
) -> None:
    verifier = ScriptedModel([ModelUnavailable("down"), '{"answer": "yes"}'])
    services = StudioServices(executor(PARAPHRASE), folder, roles={"verifier": verifier})
    async with studio(ledger, services) as runner:
        file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(TEXT), size=len(TEXT))
        run_id = await runner.start(Task(goal="Which organ makes insulin?", files=(file,)))
        with pytest.raises(ModelUnavailable):
            await runner.wait(run_id)
        await runner.resume(run_id)
        report = await runner.wait(run_id)

    assert report.outcome == "verified"
