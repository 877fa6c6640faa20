"""Programs that a judge runs through a branch of a run: recorded, replayed, and not made again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from agent.domain.claims import Claim, Judgement
from agent.domain.errors import ReplayDivergence
from agent.domain.messages import ToolOutcome, ToolSpec
from agent.domain.task import Task
from agent.execution.context import RunContext
from agent.execution.evidence import EvidenceBook
from agent.execution.meter import Meter
from agent.execution.reruns import programs_of
from agent.execution.setting import Setting
from agent.execution.taking import Collected
from agent.execution.toolbox import ProgressListener, Tool, Toolbox
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.verification.judges.choosing import deterministic_judges
from agent.verification.judges.code import CodeJudge
from toolserver.testing import InProcessSandbox

PYTHON = Tool(
    spec=ToolSpec(name="python", description="Run Python code.", parameters={"type": "object"}),
    effects=("reads", "writes", "executes"),
)
CLAIM = Claim(id="c1", text="`sum(range(10))` returns 45", kind="code")


class Nobody:
    async def answer(self, key: str, question: str, options: Sequence[str]) -> str:
        raise AssertionError("nobody is to be asked")


@pytest.fixture
async def sandbox() -> AsyncIterator[InProcessSandbox]:
    opened = await InProcessSandbox.open()
    yield opened
    await opened.close()


async def run_of(ledger: Ledger, run_id: str, sandbox: InProcessSandbox | None, *tools: Tool) -> RunContext:
    """A run with the given tools, live in a sandbox, or a replay without one."""
    fence = (await ledger.leases.claim(run_id, "test", seconds=-1)).fence if sandbox is not None else None
    run = RunLedger(ledger, run_id, fence=fence, mode="live" if sandbox is not None else "replay")
    await run.load()

    async def call(
        call_id: str, tool: str, arguments: Mapping[str, Any], listener: ProgressListener | None
    ) -> ToolOutcome:
        if sandbox is None:
            raise ReplayDivergence("a program was to be run in a replay")
        outcome = await sandbox.call(call_id, tool, arguments)
        return ToolOutcome(ok=outcome.ok, text=outcome.text, data=dict(outcome.data), error=outcome.error)

    async def no_files() -> Collected:
        return Collected()

    task, _ = await ledger.created(run_id)
    return RunContext(
        ledger=run,
        task=task,
        models={},
        toolbox=Toolbox(tools={tool.spec.name: tool for tool in tools}, host={}, sandbox=call),
        evidence=EvidenceBook(_no_text),
        meter=Meter(task.budget),
        setting=Setting(date="Saturday, 21 November 2026", sandbox="in process", tools=tuple(tools), models={}),
        person=Nobody(),
        pending=lambda seq: [],
        collect=no_files,
    )


async def _no_text(sha256: str) -> str:
    raise LookupError(sha256)


async def judged(run: RunContext) -> Sequence[Judgement]:
    branch = run.branch("report")
    (judge,) = (
        one
        for one in deterministic_judges(run_program=programs_of(branch), reference=run.setting.day)
        if isinstance(one, CodeJudge)
    )
    return await judge.judge("r0/c1/code", CLAIM, ())


async def test_runs_of_programs_are_recorded_can_be_cited_and_are_not_made_again(
    ledger: Ledger, sandbox: InProcessSandbox
) -> None:
    run_id = await ledger.create(Task(goal="Check."))
    run = await run_of(ledger, run_id, sandbox, PYTHON)
    (live,) = await judged(run)
    await run.ledger.flush()
    (again,) = await judged(await run_of(ledger, run_id, None, PYTHON))
    assert live == again
    assert live.verdict == "supported"
    assert [(await run.evidence.find(name)).kind for name in live.evidence] == ["tool_result", "tool_result"]
    keys = [event.key async for event in ledger.events(run_id) if event.kind == "tool" and event.phase == "done"]
    assert keys == ["report/r0/c1/code/1", "report/r0/c1/code/2"]


async def test_a_run_without_a_sandbox_has_no_judge_of_code(ledger: Ledger, sandbox: InProcessSandbox) -> None:
    run = await run_of(ledger, await ledger.create(Task(goal="Check.")), sandbox)
    assert programs_of(run.branch("report")) is None
    assert [one.name for one in deterministic_judges(run_program=programs_of(run.branch("report")))] == ["arithmetic"]


async def test_the_day_of_a_run_is_what_today_means(ledger: Ledger, sandbox: InProcessSandbox) -> None:
    run = await run_of(ledger, await ledger.create(Task(goal="Check.")), sandbox)
    (judge,) = deterministic_judges(reference=run.setting.day)
    (found,) = await judge.judge("s", Claim(id="c1", text="Today is a Saturday."), ())
    assert found.verdict == "supported"
