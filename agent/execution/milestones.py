"""Running the checks of milestones: what can be tested is tested by us, not believed."""

from agent.domain.checks import ArtefactCheck, Check, CheckResult, CommandCheck, FileCheck, Outcome
from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolOutcome
from agent.execution.context import Branch
from agent.execution.trying_out import try_out

_DETAIL = 300


async def run_check(steps: Branch, step: str, check: CommandCheck | FileCheck) -> tuple[Outcome, str]:
    """Run one check in the workspace and return its outcome with one line of detail.

    A check that could not be run is ``inconclusive``, never a pass.
    """
    try:
        match check:
            case CommandCheck():
                arguments = {"command": check.command, "seconds": check.seconds, "session": "checks"}
                return _command_outcome(check, await steps.call(step, "shell", arguments))
            case FileCheck():
                return _file_outcome(check, await steps.call(step, "python", {"code": _look_at(check)}))
    except ModelOutputError as error:
        return "inconclusive", f"the check could not be run: {error}"[:_DETAIL]


async def run_checks(
    steps: Branch, step: str, checks: list[tuple[str | None, Check]], *, subtask: str | None
) -> tuple[CheckResult, ...]:
    """Run the checks of several milestones, in order, and return their results."""
    results = []
    for index, (milestone, check) in enumerate(checks):
        named = f"{step}.{index}"
        made = CheckResult(check=check, outcome="inconclusive", detail="", subtask=subtask, milestone=milestone)
        if isinstance(check, ArtefactCheck):
            found = await try_out(steps, named, milestone or "task", check)
            told = {"outcome": found.outcome, "detail": found.text, "tried": found.result}
        else:
            outcome, detail = await run_check(steps, named, check)
            told = {"outcome": outcome, "detail": detail}
        results.append(made.model_copy(update=told))
    return tuple(results)


def _command_outcome(check: CommandCheck, outcome: ToolOutcome) -> tuple[Outcome, str]:
    if "exit_code" not in outcome.data:
        return "inconclusive", f"the command was not run to its end: {outcome.text}"[:_DETAIL]
    printed, code = str(outcome.data.get("stdout", "")), outcome.data["exit_code"]
    if code != 0:
        return "fail", f"{check.command!r} ended with exit code {code}: {_tail(outcome)}"[:_DETAIL]
    if check.prints is not None and check.prints not in printed:
        return "fail", f"{check.command!r} did not print {check.prints!r}"[:_DETAIL]
    return "pass", f"{check.command!r} ended with exit code 0"[:_DETAIL]


def _look_at(check: FileCheck) -> str:
    """Return a program that prints a file's size and whether it contains the text, or nothing if it is no file.

    It imports nothing that a file of the workspace could stand in for.
    """
    return (
        "import os\n"
        f"path, text = {check.path!r}, {check.contains!r}\n"
        "if os.path.isfile(path):\n"
        "    data = open(path, 'rb').read()\n"
        "    print(len(data), int(text is None or text.encode() in data))\n"
    )


def _file_outcome(check: FileCheck, outcome: ToolOutcome) -> tuple[Outcome, str]:
    if outcome.data.get("exit_code") != 0:
        return "inconclusive", f"{check.path} could not be looked at: {_tail(outcome)}"[:_DETAIL]
    printed = str(outcome.data.get("stdout", "")).strip()
    if not printed:
        return "fail", f"{check.path} is not there"
    size, contains = (int(part) for part in printed.split())
    if size < check.min_bytes:
        return "fail", f"{check.path} has {size} bytes, fewer than {check.min_bytes}"
    if not contains:
        return "fail", f"{check.path} does not contain {check.contains!r}"[:_DETAIL]
    return "pass", f"{check.path} is there with {size} bytes"


def _tail(outcome: ToolOutcome) -> str:
    text = str(outcome.data.get("stderr") or outcome.data.get("stdout") or "").strip()
    return text.splitlines()[-1] if text else "no output"
