"""Prepares a run's workspace as its task says, once: it is an effect of the run like any other."""

import shlex
from typing import Any, Final

from agent.domain.errors import SetupFailed
from agent.domain.messages import ToolOutcome
from agent.domain.programs import Program
from agent.domain.task import Task
from agent.execution.context import call_id
from agent.ledger.effects import RunLedger
from agent.runtime.sandbox import RunSandbox

KEY: Final = "setup/0"
"""Key of the effect; no subtask can have this name."""

_DETAIL: Final = 300


class SetUp(ToolOutcome):
    """What the program of a setup gave, and the files that were there after it.

    Attributes:
        left: path and SHA-256 of each, as the sandbox says: pairs, as such a hash is no claim to a stored blob.
    """

    left: tuple[tuple[str, str], ...] = ()


async def set_up(ledger: RunLedger, task: Task, sandbox: RunSandbox) -> None:
    """Run the program of a task's setup, or take what it left when it was run before.

    It is recorded as a call of the sandbox, so that a workspace which has to be rebuilt begins with it.

    Raises:
        SetupFailed: it ended otherwise than with exit code 0.
        SandboxUnavailable: there is no sandbox, or it was lost.
    """
    if task.setup is None or task.setup.program is None:
        return
    tool, arguments = call_of(task.setup.program)

    async def perform() -> SetUp:
        outcome = await sandbox.call(call_id(ledger.run_id, KEY), tool, arguments)
        return SetUp(
            **{name: getattr(outcome, name) for name in ToolOutcome.model_fields}, left=await sandbox.present()
        )

    request = {"tool": tool, "arguments": arguments, "where": "sandbox", "effects": ["reads", "writes", "executes"]}
    done = await ledger.effect(KEY, "tool", request, SetUp, perform, repeat="same_id")
    if not done.ok or done.data.get("exit_code") != 0:
        raise SetupFailed(f"the workspace could not be prepared: {_why(done)}"[:_DETAIL])
    sandbox.regard_as_given(dict(done.left))


def call_of(program: Program) -> tuple[str, dict[str, Any]]:
    """Return the tool that runs a program in a sandbox, and the arguments of the call."""
    if program.python:
        return "python", {"code": program.python, "seconds": program.seconds}
    return "shell", {"command": shlex.join(program.argv), "seconds": program.seconds, "session": "setup"}


def _why(outcome: ToolOutcome) -> str:
    told = str(outcome.data.get("stderr") or outcome.text).strip().splitlines()
    ending = outcome.error or f"exit code {outcome.data.get('exit_code')}"
    return f"{ending}: {told[-1]}" if told else ending
