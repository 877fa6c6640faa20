"""What the checks without a model leave open is put to the verifier, one claim and one piece of evidence at a time."""

from pathlib import Path

import pytest

from agent.domain.budget import Budget, Usage
from agent.domain.claims import Verdict
from agent.domain.errors import ModelRefused, ModelUnavailable
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel, Turn
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from agent.verification.chain.config import CheckingConfig
from tests.studio import StudioServices, studio

TEXT = b"Insulin is produced by the pancreas.\n"
SAID = "Insulin is produced by the pancreas."
PARAPHRASE = "The pancreas makes insulin."
WRONG_NUMBER = "The pancreas produces 7 hormones."
CHECKED_ONCE = Settings(checking=CheckingConfig(rounds=0))


def judged(verdict: str, quote: str = "") -> Reply:
    return call("judge_claim", verdict=verdict, quote=quote, reason="so it says")


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
    ("turns", "verdict"),
    [
        ([judged("supported", SAID)], "supported"),
        ([judged("not_found")], "not_found"),
        ([judged("supported", "The pancreas makes it.")] * 2, "error"),
        (["I would say so."] * 2, "error"),
        ([ModelRefused("content policy")], "error"),
        ([ModelUnavailable("down")] * 2, "error"),
    ],
)
async def test_the_verifier_decides_and_a_reply_that_cannot_be_used_is_an_error(
    ledger: Ledger, folder: Path, turns: list[Turn], verdict: Verdict
) -> None:
    verifier = ScriptedModel([*turns, *turns])
    services = StudioServices(executor(PARAPHRASE), folder, roles={"verifier": verifier})
    async with studio(ledger, services, settings=CHECKED_ONCE) as runner:
        report = await report_of(runner, ledger)

    assert [checked.verdict for checked in report.claims] == [verdict]
    assert report.exit_code == (0 if verdict == "supported" else 3)
    seen = str(verifier.asked[0].messages[-1]["content"])
    assert "Insulin is produced" in seen
    assert "Which organ" not in seen


async def test_a_number_that_stands_nowhere_is_never_put_to_the_verifier(ledger: Ledger, folder: Path) -> None:
    verifier = ScriptedModel([])
    services = StudioServices(executor(WRONG_NUMBER), folder, roles={"verifier": verifier})
    async with studio(ledger, services, settings=CHECKED_ONCE) as runner:
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


async def test_a_wrong_sentence_is_written_anew_from_the_evidence_and_the_others_stay(
    ledger: Ledger, folder: Path
) -> None:
    text = b"The bridge was opened in 1931. It is 120 metres long.\n"
    wrong, right = "The bridge was opened in 1913.", "The bridge was opened in 1931."
    draft = f"# The bridge\n\n{wrong} It is 120 metres long."
    claims = [
        {"text": wrong, "evidence": ["root.0.0"]},
        {"text": "The bridge is 120 metres long.", "evidence": ["root.0.0"]},
    ]
    model = ScriptedModel([call("read_file", path="notes.txt"), call("submit", answer=draft, claims=claims)])
    verifier = ScriptedModel([judged("supported", "It is 120 metres long."), call("rewrite_sentence", text=right)])
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier})) as runner:
        file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(text), size=len(text))
        report = await runner.wait(await runner.start(Task(goal="Tell of the bridge.", files=(file,))))

    assert report.answer == draft.replace(wrong, right)
    assert report.checking is not None
    assert [one.changed for one in report.checking.rounds] == [(), (wrong,)]
    assert {checked.claim.text: checked.verdict for checked in report.claims}[right] == "supported"


async def test_checking_stays_within_its_share_of_the_budget_and_says_what_was_not_judged(
    ledger: Ledger, folder: Path
) -> None:
    texts = [PARAPHRASE, "The pancreas is what insulin comes from."]
    claims = [{"text": text, "evidence": ["root.0.0"]} for text in texts]
    model = ScriptedModel([call("read_file", path="notes.txt"), call("submit", answer=" ".join(texts), claims=claims)])
    verifier = ScriptedModel([judged("supported", SAID).model_copy(update={"usage": Usage(calls=1, input_tokens=60)})])
    settings = Settings(checking=CheckingConfig(share=0.5, parallel=1))
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier}), settings=settings) as runner:
        file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(TEXT), size=len(TEXT))
        task = Task(goal="Which organ makes insulin?", files=(file,), budget=Budget(tokens=100))
        report = await runner.wait(await runner.start(task))

    assert report.checking is not None
    assert [checked.verdict for checked in report.claims] == ["supported", "not_found"]
    assert len(verifier.asked) == 1
    assert "root.c2 was not judged by a model: the share of the budget" in " ".join(report.checking.unchecked)
    assert (report.outcome, report.exit_code) == ("unverified", 3)


async def test_checking_without_a_budget_still_ends(ledger: Ledger, folder: Path) -> None:
    texts = [PARAPHRASE, "The pancreas is what insulin comes from."]
    claims = [{"text": text, "evidence": ["root.0.0"]} for text in texts]
    model = ScriptedModel([call("read_file", path="notes.txt"), call("submit", answer=" ".join(texts), claims=claims)])
    verifier = ScriptedModel([judged("supported", SAID)])
    settings = Settings(checking=CheckingConfig(calls=1, parallel=1))
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier}), settings=settings) as runner:
        report = await report_of(runner, ledger)

    assert [checked.verdict for checked in report.claims] == ["supported", "not_found"]
    assert len(verifier.asked) == 1


@pytest.mark.parametrize(("tolerance", "code"), [(0.0, 3), (0.4, 3), (0.5, 0)])
async def test_claims_may_stay_open_up_to_the_tolerance(
    ledger: Ledger, folder: Path, tolerance: float, code: int
) -> None:
    other = "The liver makes bile."
    claims = [{"text": text, "evidence": ["root.0.0"]} for text in (SAID, other)]
    model = ScriptedModel(
        [call("read_file", path="notes.txt"), call("submit", answer=f"{SAID} {other}", claims=claims)]
    )
    settings = Settings(checking=CheckingConfig(rounds=0, tolerance=tolerance))
    verifier = ScriptedModel([judged("not_found")])
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier}), settings=settings) as runner:
        report = await report_of(runner, ledger)

    assert [checked.verdict for checked in report.claims] == ["supported", "not_found"]
    assert report.exit_code == code


async def test_a_false_computation_in_an_answer_is_contradicted_however_tolerant_the_settings(
    ledger: Ledger, folder: Path
) -> None:
    model = ScriptedModel([call("submit", answer="12 * 12 = 142.", claims=[])])
    settings = Settings(checking=CheckingConfig(rounds=0, tolerance=1.0))
    async with studio(ledger, StudioServices(model, folder), settings=settings) as runner:
        report = await runner.wait(await runner.start(Task(goal="What is 12 * 12?")))

    assert [checked.verdict for checked in report.claims] == ["contradicted"]
    assert report.exit_code == 3


@pytest.mark.parametrize(
    ("sentence", "claim", "kind", "outcome"),
    [
        ("You should visit it in spring.", "You should visit it in spring.", "opinion", "verified"),
        ("Please note that it lies in the brain.", "Please note that it lies in the brain.", "fact", "unverified"),
        ("It has 7 lobes, doesn't it?", "It has 7 lobes.", "number", "unverified"),
    ],
)
async def test_what_no_claim_says_is_of_its_kind_and_only_opinions_are_left_aside(
    ledger: Ledger, folder: Path, sentence: str, claim: str, kind: str, outcome: str
) -> None:
    claims = [{"text": SAID, "evidence": ["root.0.0"]}]
    model = ScriptedModel(
        [call("read_file", path="notes.txt"), call("submit", answer=f"{SAID} {sentence}", claims=claims)]
    )
    verifier = ScriptedModel(lambda asked: Reply(text='{"answer": "no"}'))
    services = StudioServices(model, folder, roles={"verifier": verifier})
    async with studio(ledger, services, settings=CHECKED_ONCE) as runner:
        report = await report_of(runner, ledger)

    assert [(checked.claim.text, checked.claim.kind) for checked in report.claims][1:] == [(claim, kind)]
    assert report.outcome == outcome


async def test_a_report_has_the_programs_that_were_run_again_for_it(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="`sum(range(10))` returns 45.", claims=[])])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="What does it return?")))

    (checked,) = report.claims
    assert (checked.verdict, report.outcome) == ("supported", "verified")
    assert (
        {item.id for item in report.evidence} == {name for one in checked.judgements for name in one.evidence} != set()
    )


@pytest.mark.parametrize("mark", ["[E1]", "[root.0.E1]"])
async def test_a_mark_that_names_nothing_does_not_keep_a_sentence_from_following(
    ledger: Ledger, folder: Path, mark: str
) -> None:
    claims = [{"text": SAID, "evidence": ["root.0.0"]}]
    answer = f"{SAID} So the pancreas matters for insulin {mark}."
    model = ScriptedModel([call("read_file", path="notes.txt"), call("submit", answer=answer, claims=claims)])
    said = {True: '{"answer": "yes"}', False: '{"answer": "no"}'}
    verifier = ScriptedModel(lambda asked: Reply(text=said[SAID in str(list(asked.messages))]))
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier})) as runner:
        report = await report_of(runner, ledger)

    assert [checked.verdict for checked in report.claims] == ["supported", "supported"]


async def test_a_budget_that_checking_uses_up_leaves_the_run_its_report(ledger: Ledger, folder: Path) -> None:
    claims = [{"text": text, "evidence": ["root.0.0"]} for text in (PARAPHRASE, "Insulin comes from the pancreas.")]
    answer = " ".join(str(claim["text"]) for claim in claims)
    model = ScriptedModel([call("read_file", path="notes.txt"), call("submit", answer=answer, claims=claims)])
    costly = judged("supported", SAID).model_copy(update={"usage": Usage(calls=1, input_tokens=80)})
    verifier = ScriptedModel([costly, costly])
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier})) as runner:
        file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(TEXT), size=len(TEXT))
        task = Task(goal="Which organ makes insulin?", files=(file,), budget=Budget(tokens=100))
        report = await runner.wait(await runner.start(task))

    assert (report.usage.tokens, report.outcome) == (160, "verified")
