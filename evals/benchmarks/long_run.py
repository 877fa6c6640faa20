"""A run of many events, written into a real ledger as a run of many subtasks would have been."""

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any, Final

from agent.domain.budget import Budget, Usage
from agent.domain.events import RunStatus
from agent.domain.messages import Reply, ToolCall, ToolOutcome, canonical
from agent.domain.plan import Plan, Result, Subtask
from agent.domain.report import Report
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.ledger.writer import Append

GOAL: Final = "Survey the water works of forty towns and tell which of them need new pumps"
TOWNS: Final = 40
_GROUPS: Final = 8
_BEGAN: Final = 1_790_000_000.0
_SECONDS: Final = 0.7
_PROGRAM: Final = "import csv\nrows = list(csv.reader(open('pumps.csv')))\nprint(len(rows), 'pumps', {town!r}, {step})"
_OUTPUT: Final = "pump {step:04} of {town}: 14.2 m3/h at 31 m, bearing 61 C, last served in 2019\n"


async def write_long_run(ledger: Ledger, events: int) -> str:
    """Store a finished run of at least so many events and return its id.

    It has forty subtasks in eight groups, calls that fail, long outputs, notices, and questions that were answered.
    """
    run_id = await ledger.create(Task(goal=GOAL, budget=Budget(steps=None)))
    writing = _Writing(ledger, run_id)
    await writing.run(steps=math.ceil(events / (4 * TOWNS)))
    return run_id


@dataclass
class _Writing:
    """Appends events one after the other, each a moment after the one before."""

    ledger: Ledger
    run_id: str
    _number: int = 0
    _last: "asyncio.Future[int] | None" = None
    _usage: Usage = field(default_factory=Usage)

    async def run(self, *, steps: int) -> None:
        plan = _plan()
        await self._fact("run", None, {"status": "running", "reason": ""}, status="running")
        await self._effect("setting", "setting/0", {}, {"told": [], "sandbox": "local", "tools": ["shell", "python"]})
        await self._model("root/model/0", "planner", "make_plan")
        await self._fact("plan", "plan/1", {"plan": plan.model_dump(mode="json"), "why": "the towns are independent"})
        for number, leaf in enumerate(plan.leaves()):
            await self._subtask(leaf, number, steps)
        report = Report(goal=GOAL, answer="Nine towns need new pumps.", outcome="unverified", usage=self._usage)
        await self._fact("report", "report", {"report": report.model_dump(mode="json")})
        await self._fact("run", None, {"status": "finished", "reason": "unverified"}, status="finished")
        if self._last is not None:
            await self._last

    async def _subtask(self, leaf: Subtask, number: int, steps: int) -> None:
        await self._fact("subtask", f"{leaf.id}/began", {"id": leaf.id, "goal": leaf.goal})
        for step in range(steps):
            await self._model(f"{leaf.id}/model/{step}", "executor", "python")
            code = _PROGRAM.format(town=leaf.id, step=step)
            request = {"tool": "python", "arguments": {"code": code}, "where": "sandbox", "effects": ["executes"]}
            lines = 90 if step % 50 == 7 else 3
            text = _OUTPUT.format(step=step, town=leaf.id) * lines
            outcome = ToolOutcome(ok=step % 41 != 17, text=text, data={"exit_code": 0})
            await self._effect("tool", f"{leaf.id}/tool/{step}.0", request, outcome.model_dump(mode="json"))
        if number % 13 == 6:
            key = f"{leaf.id}/ask/0"
            question = {"question": f"Does {leaf.id} count its reserve pumps?", "options": ["yes", "no"]}
            await self._effect("person", key, question, {"text": "yes"})
        if number % 9 == 4:
            failure = {"of": f"{leaf.id}/model/0", "reason": "the server is busy", "wait_seconds": 2.0, "attempt": 1}
            await self._fact("retry", None, failure)
        result = Result(answer=f"{leaf.id} has {number} pumps, all of which run.", success=number != 31)
        ended = {"id": leaf.id, "result": result.model_dump(mode="json")}
        await self._fact("subtask", f"{leaf.id}/ended", ended)

    async def _model(self, key: str, role: str, tool: str) -> None:
        usage = Usage(calls=1, input_tokens=1_800, output_tokens=90)
        self._usage += usage
        call = ToolCall(id="call_0", name=tool, arguments="{}")
        reply = Reply(text="Next the list of pumps is read and counted.", calls=(call,), finish="calls", usage=usage)
        request = {"role": role, "after": 2, "messages": [{"role": "user", "content": "Go on with the next pump."}]}
        await self._effect("model", key, request, reply.model_dump(mode="json"))

    async def _effect(self, kind: str, key: str, request: dict[str, Any], result: dict[str, Any]) -> None:
        await self._append(kind, key, "started", {"request": request})
        await self._append(kind, key, "done", {"result": result})

    async def _fact(
        self, kind: str, key: str | None, payload: dict[str, Any], *, status: RunStatus | None = None
    ) -> None:
        await self._append(kind, key, "fact", payload, status=status, reason=payload.get("reason", ""))

    async def _append(
        self,
        kind: str,
        key: str | None,
        phase: str,
        payload: dict[str, Any],
        *,
        status: RunStatus | None = None,
        reason: str = "",
    ) -> None:
        data = await self.ledger.stored_form(canonical(payload))
        self._number += 1
        at = _BEGAN + self._number * _SECONDS
        append = Append(self.run_id, None, at, kind, key, phase, data, status=status, reason=reason)
        self._last = self.ledger.submit(append)
        if self._number % 500 == 0:
            await self._last


def _plan() -> Plan:
    groups = [
        Subtask(id=f"group-{number + 1}", goal=f"Survey the towns of district {number + 1}")
        for number in range(_GROUPS)
    ]
    towns = [
        Subtask(
            id=f"town-{number + 1}",
            goal=f"Count the pumps of town {number + 1} and look at what they are worth",
            parent=groups[number * _GROUPS // TOWNS].id,
            depends_on=(f"town-{number}",) if number % 5 else (),
        )
        for number in range(TOWNS)
    ]
    return Plan(version=1, subtasks=tuple(groups + towns))
