"""Runs a suite's own checks over what a run left, in a sandbox that nothing else has ever been in."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import NotInRun, SandboxUnavailable
from agent.domain.messages import ToolOutcome
from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.runtime.last_workspace import fill_as_left
from agent.runtime.setting_up import call_of
from evals.scorers.answers import unclear
from evals.scorers.forms import ProgramCheck, Score
from toolserver.client import Sandbox, ToolServerError, TransferRefused

OpenSandbox = Callable[[str], Awaitable[Sandbox | None]]
"""Opens a sandbox of a name; None where there is to be none."""

CANNOT_TELL: Final = 70
"""Exit code by which a check says that it cannot tell: ``EX_SOFTWARE``."""

_NOT_RUN: Final = frozenset({126, 127})
"""Exit codes of a shell that did not find a command or may not run it."""

_DETAIL: Final = 300

_GUARD: Final = """
import os, sys
home, own = os.path.realpath(os.getcwd()), {own!r}
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]
sys.argv = ["check"]
try:
    exec(compile({source!r}, "<check>", "exec"), {{"__name__": "__main__"}})
except (AssertionError, FileNotFoundError) as error:
    print(f"{{type(error).__name__}}: {{error}}", file=sys.stderr)
    sys.exit(1)
except SystemExit as ending:
    import traceback
    files = [os.path.join(home, frame.filename) for frame in traceback.extract_tb(ending.__traceback__)]
    places = [os.path.relpath(os.path.realpath(file), home) for file in files if os.path.exists(file)]
    left = [place for place in places if not place.startswith("..")]
    if not left or left[-1] in own:
        raise
    print("the check was ended before its end by", left[-1], file=sys.stderr)
    sys.exit(1)
except Exception:
    import traceback
    traceback.print_exc()
    sys.exit({code})
"""
"""Runs the text of a check: what the run left is not imported in place of the standard library, nor ends the check."""


class Told(Fact):
    """What a check may print as its last line."""

    value: float = Field(ge=0, le=1, allow_inf_nan=False)
    detail: str = ""


async def program_score(
    scorer: ProgramCheck, ledger: Ledger, run_id: str, report: Report, files: Mapping[str, bytes], opener: OpenSandbox
) -> Score:
    """Return what a check says of what a run left.

    Args:
        scorer: the check.
        ledger: where the run is.
        run_id: of the run.
        report: its report.
        files: contents of the check's own files, by their paths in the workspace.
        opener: opens the sandbox.

    Raises:
        SandboxUnavailable: there is no sandbox, or it was lost: nothing is said of the run.
        LedgerUnavailable: the run's files cannot be read.
    """
    try:
        sandbox = await opener(f"check-{secrets.token_hex(6)}")
    except ToolServerError as error:
        raise SandboxUnavailable(str(error)) from error
    if sandbox is None:
        raise SandboxUnavailable("a check needs a sandbox, and the batch has none; begin one without --sandbox none")
    try:
        missing = await fill_as_left(ledger, run_id, report, sandbox)
        for path, data in files.items():
            await sandbox.upload(path, data)
        tool, arguments = _call_of(scorer)
        outcome = await sandbox.call("check", tool, arguments)
    except (NotInRun, TransferRefused) as error:
        return unclear(scorer, f"the workspace cannot be brought back: {error}"[:_DETAIL])
    except ToolServerError as error:
        raise SandboxUnavailable(str(error)) from error
    finally:
        await sandbox.close()
    found = score_of(scorer, ToolOutcome(ok=outcome.ok, text=outcome.text, data=outcome.data, error=outcome.error))
    if found.passed is False and missing:
        return unclear(scorer, f"{found.detail}; but not all that the run left was kept: {missing[0]}"[:_DETAIL])
    return found


def score_of(scorer: ProgramCheck, outcome: ToolOutcome) -> Score:
    """Return the score that the ending of a check stands for."""
    code, signal = outcome.data.get("exit_code"), outcome.data.get("signal")
    if not outcome.ok or not isinstance(code, int):
        ending = outcome.error or f"signal {signal}"
        return unclear(scorer, f"the check was ended by {ending}: {_last(outcome)}"[:_DETAIL])
    if code in _NOT_RUN and scorer.program.argv:
        return unclear(scorer, f"{scorer.program.argv[0]} cannot be run: {_last(outcome)}"[:_DETAIL])
    if code == CANNOT_TELL or code > 128:
        return unclear(scorer, f"the check failed itself (exit code {code}): {_last(outcome)}"[:_DETAIL])
    printed = str(outcome.data.get("stdout", "")).strip().rpartition("\n")[2]
    told = Told(value=float(code == 0), detail=_last(outcome))
    if printed.startswith("{"):
        try:
            told = Told.model_validate(json.loads(printed))
        except (ValueError, ValidationError, RecursionError) as error:
            return unclear(scorer, f"what the check printed is no value: {printed} ({_one_line(error)})"[:_DETAIL])
    elif scorer.to_the_end and code == 0:
        told = Told(value=0, detail="the check was ended before its end by what it tried out")
    ended = printed.startswith("{") or not scorer.to_the_end
    passed = code == 0 and ended and told.value >= scorer.threshold
    detail = f"exit code {code}" + (f": {told.detail}" if told.detail else "")
    return Score(
        scorer=scorer.kind,
        value=told.value,
        passed=passed,
        required=scorer.required,
        detail=_one_line(detail)[:_DETAIL],
    )


def _call_of(scorer: ProgramCheck) -> tuple[str, dict[str, Any]]:
    program = scorer.program
    if program.python:
        code = _GUARD.format(source=program.python, own=sorted(scorer.files), code=CANNOT_TELL)
        return "python", {"code": code, "seconds": program.seconds}
    return call_of(program)


def _last(outcome: ToolOutcome) -> str:
    """Return the last line that a program printed, of its errors first."""
    for name in ("stderr", "stdout"):
        if text := str(outcome.data.get(name, "")).strip():
            return text.rpartition("\n")[2].strip()
    return ""


def _one_line(told: object) -> str:
    return " ".join(str(told).split())
