"""The agent: a sample of Inspect becomes a task of ours, and our report its answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from inspect_ai import Task as InspectTask
from inspect_ai import task_with
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.model import ChatMessage, ModelOutput, get_model
from inspect_ai.solver import Generate, Solver, TaskState, chain, solver
from inspect_ai.tool import Tool, ToolDef, bash, python
from inspect_ai.util import registry_info, sandbox, store

from agent.cli.opening import open_ledger
from agent.domain.errors import PlumblineError, RunStopped
from agent.domain.report import Report
from agent.domain.task import Task
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger
from agent.models.port import ChatModel
from agent.runtime.calls import model_calls
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX, ConfiguredServices
from agent.runtime.settings import ROLES, Settings
from evals.inspect_agent.model import InspectModel
from evals.inspect_agent.tools import BridgedTool, bridged, not_text
from evals.inspect_log.messages import conversation, model_output

_NOBODY = "Nobody can answer here. Decide by what you have, and say what you assumed."
_SECONDS = 180


class _InspectServices(ConfiguredServices):
    """What runs need from outside, with the models and the tools of an Inspect sample."""

    def __init__(
        self, settings: Settings, home: Path, models: Mapping[str, InspectModel], tools: Sequence[BridgedTool]
    ) -> None:
        super().__init__(settings, home)
        self._inspect_models = models
        self._bridged = tools

    async def models(self, options: RunOptions) -> dict[str, ChatModel]:
        """Return the sample's model for each role, or the one that Inspect was given for that role."""
        return dict(self._inspect_models)

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the tools of the task beside ours."""
        ours = await super().host_tools(task, blobs)
        return (*ours, *(tool for tool in self._bridged if tool not in ours))


def _solver(sandbox: str = NO_SANDBOX) -> Solver:
    """Solve samples with Plumbline, by the sample's model, tools and sandbox.

    Args:
        sandbox: kind of sandbox of our own that runs have beside the task's tools; none by default.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        choices = [f"{chr(ord('A') + place)}) {choice.value}" for place, choice in enumerate(state.choices)]
        task = _task(state.messages, choices)
        await _worked(state, task, state.tools, sandbox)
        return state

    return solve


def _agent(tools: Sequence[Tool | ToolDef] = (), sandbox: str = NO_SANDBOX) -> Agent:
    """Return Plumbline as an agent of Inspect, for its agent functions such as ``handoff`` and ``run``.

    Args:
        tools: what it may use; where there are none, ``bash`` and ``python`` of the sample's sandbox, if it has one.
        sandbox: kind of sandbox of our own that runs have beside them; none by default.
    """

    async def execute(state: AgentState) -> AgentState:
        """An agent that checks its own work."""
        await _worked(state, _task(state.messages, ()), tools, sandbox)
        return state

    return execute


_PACKAGE = "evals/"
_TOLD = "An agent that checks its own work."

plumbline = solver(name="plumbline")(_solver)
plumbline_agent = agent(name="plumbline_agent", description=_TOLD)(_agent)
if not registry_info(plumbline).name.startswith(_PACKAGE):
    # Inspect names us by our package only where it finds it among installed ones, and not in an editable install
    plumbline = solver(name=f"{_PACKAGE}plumbline")(_solver)
    plumbline_agent = agent(name=f"{_PACKAGE}plumbline_agent", description=_TOLD)(_agent)


def with_plumbline(task: InspectTask, **options: Any) -> InspectTask:
    """Return a task of Inspect in which Plumbline does what the last step of its solver does.

    The steps before it, which set the task's tools and its system message, stay. ``--solver`` replaces all of them.
    """
    # a chain of solvers is a sequence of them
    steps = list(task.solver) if isinstance(task.solver, Sequence) else [task.solver]
    return task_with(task, solver=chain([*steps[:-1], plumbline(**options)]))


async def _worked(state: TaskState | AgentState, task: Task, tools: Sequence[Tool | ToolDef], sandboxed: str) -> None:
    """Run a task, and put into the state what came of it.

    Raises:
        LimitExceededError: the run met a limit of Inspect; it is paused, and the state has what it came to.
    """
    models: dict[str, InspectModel] = {role: InspectModel(get_model(role=role)) for role in ROLES}
    given = bridged(tools or _of_sandbox())
    async with open_ledger() as (ledger, settings, home):
        services = _InspectServices(settings, home, models, given)
        runner = Runner(ledger, services, settings, asker=_nobody)
        run_id = await runner.start(task, RunOptions(model=models["executor"].name, sandbox=sandboxed))
        report: Report | None = None
        stopped = ""
        try:
            report = await runner.wait(run_id)
        except (RunStopped, PlumblineError) as error:
            stopped = str(error)
        finally:
            # also where Inspect cuts the sample off: the run is paused in good order, and can be looked at
            with anyio.CancelScope(shield=True):
                await runner.close()
                await services.close()
                view = await read_view(ledger, run_id)
                report = report or view.report
                _keep(state, _told(run_id, report, stopped if view.status == "finished" else view.reason))
                answer = report.answer if report is not None else ""
                state.output = ModelOutput.from_content(models["executor"].name, answer)
                worked = await _conversation(ledger, run_id)
                state.messages = [*state.messages, *worked, state.output.choices[0].message]
    limits = [*(model.limit for model in models.values()), *(tool.limit for tool in given)]
    reached = [limit for limit in limits if limit is not None]
    if reached:
        raise reached[0]
    if report is None:
        raise RuntimeError(f"run {run_id} has no answer: {stopped}")


def _task(messages: Sequence[ChatMessage], choices: Sequence[str]) -> Task:
    """Return our task: what the user says is its goal, and what the system says its constraints.

    Raises:
        RuntimeError: the sample holds more than text, without which its answer would say nothing.
    """
    if others := sorted({kind for message in messages if message.role == "user" for kind in not_text(message)}):
        raise RuntimeError(f"Plumbline takes text alone, and this sample holds {', '.join(others)}")
    said = [message.text for message in messages if message.role in ("user", "assistant") and message.text]
    offered = ["Choose one of:\n" + "\n".join(choices)] if choices else []
    rules = [message.text for message in messages if message.role == "system" and message.text]
    return Task(goal="\n\n".join([*said, *offered]) or "(nothing was asked)", constraints=tuple(rules))


def _of_sandbox() -> list[Tool]:
    """Return the tools that reach the sample's sandbox; none where it has none."""
    try:
        sandbox()
    except ProcessLookupError:
        # so Inspect says that the sample has none
        return []
    return [bash(timeout=_SECONDS), python(timeout=_SECONDS)]


def _told(run_id: str, report: Report | None, stopped: str) -> dict[str, Any]:
    told: dict[str, Any] = {"run_id": run_id}
    if stopped:
        told["stopped"] = stopped
    if report is not None:
        told.update(report.model_dump(mode="json", include={"outcome", "claims", "evidence", "checks", "notes"}))
    return told


def _keep(state: TaskState | AgentState, told: dict[str, Any]) -> None:
    store().set("plumbline", told)
    if isinstance(state, TaskState):
        state.metadata["plumbline"] = {name: told[name] for name in ("run_id", "outcome", "stopped") if name in told}


async def _conversation(ledger: Ledger, run_id: str) -> list[ChatMessage]:
    """Return what the executor said and called, subtask by subtask: scorers look at it."""
    last = {}
    for call in await model_calls(ledger.events(run_id)):
        if call.role == "executor" and call.reply is not None:
            last[call.branch] = call
    found: list[ChatMessage] = []
    for call in last.values():
        if call.reply is not None:
            messages = [message for message in await conversation(call.messages, None) if message.role in _WORK]
            found.extend([*messages, *(choice.message for choice in (await model_output(call.reply)).choices)])
    return found


_WORK = ("assistant", "tool")


async def _nobody(question: str, options: Sequence[str]) -> str:
    """Answer a question for a person who is not there."""
    return _NOBODY if not options else options[-1]
