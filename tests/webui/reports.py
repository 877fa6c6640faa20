"""Runs whose reports have everything a report can have, written into a ledger as a runner writes them."""

from pathlib import Path
from typing import get_args

from agent.domain.artefacts import Artefact, Criterion, CriterionResult, Gate, Mutation, Scenario, Trial, View
from agent.domain.asking import Answered, Question, Reasoning
from agent.domain.budget import Usage
from agent.domain.checks import ArtefactCheck, CheckResult, CommandCheck, FileCheck
from agent.domain.claims import ChainScore, CheckedClaim, Checking, Claim, Finding, Judgement, Round, Statement, Verdict
from agent.domain.events import RunStatus
from agent.domain.evidence import Evidence, Quote, Source, ToolResult, Triple
from agent.domain.messages import Picture
from agent.domain.plan import Milestone, Plan, Subtask
from agent.domain.report import DrawnPicture, Report
from agent.domain.task import Task
from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from agent.runtime.run_files import media_type_of
from agent.verification.quotes import text_digest
from tests.webui.files.conftest import png

HERE = Path(__file__).parents[1]
DESIGNS = HERE / "runtime" / "designs"
BROWSED = HERE / "browsing" / "cassettes"

PAGE = (
    "Harrow Lock was built in 1811. " * 30
    + "When the pound is full, the water over the sill is 1.52 metres deep. "
    + "The gates are of oak. " * 40
)
_DEPTH = "the water over the sill is 1.52 metres deep"
_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


async def designed(ledger: Ledger, name: str = "step-stool") -> str:
    """Take in a recorded design with its pictures and return the run's id."""
    return (await import_run(ledger, DESIGNS / f"{name}.jsonl")).run_id


async def browsed(ledger: Ledger, name: str = "harrow-lock") -> str:
    """Take in a recorded browsing run and return its id."""
    return (await import_run(ledger, BROWSED / f"{name}.jsonl")).run_id


async def reported(ledger: Ledger, report: Report) -> str:
    """Write a run that ended with a report, and a step of it for each tool result that the report names."""
    run_id = await ledger.create(Task(goal=report.goal))
    for item in report.evidence:
        if item.kind == "tool_result":
            request = {"tool": item.tool, "arguments": {"code": "print(1.52)"}}
            await ledger.append(run_id, None, "tool", item.key, "started", {"request": request})
            await ledger.append(run_id, None, "tool", item.key, "done", {"result": {"ok": True, "text": item.output}})
    status: RunStatus = "finished" if report.outcome != "failed" else "failed"
    payload = {"report": report.model_dump(mode="json")}
    await ledger.append(run_id, None, "report", "report", "fact", payload, status=status)
    return run_id


async def long_report(ledger: Ledger, *, claims: int = 60) -> Report:
    """Return a report that is not verified, with claims of every verdict and everything else that a report can hold."""
    evidence = await _evidence(ledger)
    checked = []
    answer = "# The lock\n\n"
    for number in range(1, claims + 1):
        verdict = "supported" if number <= 2 or number % 3 else _VERDICTS[(number // 3) % len(_VERDICTS)]
        text = f"The *lock* number {number} is {number * 3} metres long"
        start = len(answer)
        answer += f"{text} [{'E1, E2' if number == 1 else 'E1'}]. "
        checked.append(_claim(number, text.replace("*", ""), start, len(answer) - 1, verdict))
        answer += "\n\n" if number % 6 == 0 else ""
    picture = await _picture(ledger, 320, 240)
    artefacts = [
        await _artefact(ledger, path, data)
        for path, data in {
            "locks.csv": b"lock,length_m\nHarrow,21.5\nSill,9\n",
            "notes.md": b"# Notes\n\n- one\n- two\n",
            "survey.py": b"def depth(pound):\n    return 1.52  # metres\n",
        }.items()
    ]
    plan = Plan(
        version=3,
        subtasks=(
            Subtask(
                id="measure",
                goal="Measure the locks",
                status="done",
                milestones=(Milestone(id="rows", text="The table has two rows"), Milestone(id="seen", text="Seen it")),
            ),
            Subtask(id="write", goal="Write the notes", status="failed", depends_on=("measure",)),
        ),
    )
    return Report(
        goal="How long are the locks of the Aldwater canal, and how deep is the water over the sill of Harrow Lock? "
        * 3,
        answer=answer,
        outcome="unverified",
        claims=tuple(checked),
        checking=_checking(answer, checked),
        evidence=evidence,
        artefacts=tuple(artefacts),
        pictures=(DrawnPicture(evidence="T1", **picture.model_dump()),),
        removed=("old/draft.txt",),
        checks=await _checks(ledger),
        plan=plan,
        usage=Usage(calls=41, input_tokens=182_400, output_tokens=9_120, cost="0.4312"),
        models=("large", "small"),
        untrusted=True,
        notes=("The register of 1902 could not be read.",),
    )


def failed_report() -> Report:
    """Return the report of a run that failed."""
    return Report(
        goal="Count the boats.", answer="The model could not be reached: 503 Service Unavailable", outcome="failed"
    )


def answered_report() -> Report:
    """Return the report on a question that was answered with triples and hints, and not verified."""
    question = Question(text="Is Harrow Lock deeper than Lister Lock?", kind="yes/no")
    deeper = Statement(subject="Harrow Lock", relation="deeper than", object="Lister Lock")
    reasoning = Reasoning(answer="yes", triples=(deeper,), hints=("1.52 m is more than 1.2 m.",))
    answered = Answered(question=question, mode="cok", reasoning=reasoning)
    return Report(goal=question.text, answer="yes", outcome="unverified", answered=answered)


async def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    await ledger.blobs.put(PAGE.encode())
    source = Source(
        title="Harrow Lock",
        location="https://locks.example/harrow",
        text_sha256=text_digest(PAGE),
        retrieved_at="2026-01-02T10:00:00Z",
    )
    start = PAGE.index(_DEPTH)
    quote = Quote(
        id="E1",
        source=source,
        start=start,
        end=start + len(_DEPTH),
        text=_DEPTH,
        prefix=PAGE[start - 32 : start],
        suffix=PAGE[start + len(_DEPTH) : start + len(_DEPTH) + 32],
    )
    forged = quote.model_copy(update={"id": "E2", "text": "the water over the sill is 9.99 metres deep"})
    tool = ToolResult(id="T1", key="measure/tool/1", tool="notebook", arguments='{"code":"print(1.52)"}', output="1.52")
    triple = Triple(id="K1", subject="Harrow Lock", relation="lies on", object="Aldwater canal", source=source)
    return (quote, forged, tool, triple)


def _claim(number: int, text: str, start: int, end: int, verdict: Verdict) -> CheckedClaim:
    triples = (
        Statement(subject=f"lock {number}", relation="length", object=f"{number * 3} m", qualifiers={"in": "1902"}),
        Statement(subject=f"lock {number}", relation="lies on", object="Aldwater canal", positive=number != 3),
    )
    claim = Claim(
        id=f"c{number}",
        text=text,
        evidence=("E1",) if number != 2 else ("T1",),
        kind="number",
        start=start,
        end=end,
        triples=triples if number <= 8 else (),
    )
    said = Judgement(
        judge="wording",
        tier="T1",
        verdict=verdict,
        detail="the evidence says it in the same words" if verdict == "supported" else "the evidence says otherwise",
        evidence=("E1", "E2") if number == 1 else claim.evidence,
        quote=_DEPTH if verdict == "supported" else "",
    )
    found = Finding(method="quote", passed=True, detail="E1 is valid")
    return CheckedClaim(claim=claim, verdict=verdict, findings=(found,), judgements=(said,) if number != 9 else ())


def _checking(answer: str, claims: list[CheckedClaim]) -> Checking:
    score = ChainScore(
        factuality=0.81,
        faithfulness=0.9,
        coverage=0.95,
        gamma=0.5,
        threshold=0.7,
        score=0.855,
        checked=50,
        claims=len(claims),
        uncovered=("Many boats have touched the sill.",),
    )
    usage = Usage(calls=3, input_tokens=4_000, output_tokens=300, cost="0.01")
    contradicted = tuple(one.claim.id for one in claims if one.verdict == "contradicted")
    draft = Round(number=0, answer=answer, score=score.model_copy(update={"score": 0.6}), contradicted=contradicted)
    second = Round(number=1, answer=answer, score=score, changed=("The lock is 99 metres long.",), usage=usage)
    return Checking(rounds=(draft, second), best=1, stopped="no gain", unchecked=("Two tables were not read.",))


async def _checks(ledger: Ledger) -> tuple[CheckResult, ...]:
    criterion = Criterion(
        id="rows",
        wish="The table has at least two rows",
        scenario=Scenario(name="counts_rows"),
        measure="rows",
        relation=">=",
        threshold=2,
        control=Mutation(name="drop_rows"),
    )
    view = View(name="rows", picture=await _picture(ledger, 200, 120), description="two rows", drawn_by="pillow")
    gate = Gate(name="readable", holds=True, detail="the file is a table")
    trial = Trial(
        value=2.0, detail="2 rows were counted", seed=7, gates=(gate,), views=(view,), versions={"pandas": "2.3"}
    )
    control = Trial(value=0.0, detail="no rows were counted", seed=7)
    tried = CriterionResult(
        criterion=criterion, outcome="pass", detail="2 rows, as asked", trials=(trial,), control=(control,)
    )
    check = ArtefactCheck(artefact="data_file", paths=("locks.csv",), scenario="counts_rows", measure="rows")
    return (
        CheckResult(check=CommandCheck(command="pytest -q"), outcome="fail", detail="exit code 1: 1 failed"),
        CheckResult(check=FileCheck(path="notes.md"), outcome="pass", detail="notes.md has 22 bytes"),
        CheckResult(
            check=check, outcome="pass", detail="2 rows, as asked", subtask="measure", milestone="rows", tried=tried
        ),
    )


async def _picture(ledger: Ledger, width: int, height: int) -> Picture:
    sha256 = await ledger.blobs.put(png(width, height))
    return Picture(sha256=sha256, media_type="image/png", width=width, height=height)


async def _artefact(ledger: Ledger, path: str, data: bytes) -> Artefact:
    return Artefact(path=path, sha256=await ledger.blobs.put(data), size=len(data), media_type=media_type_of(path))
