"""Runs programs for the judge of code: through a branch of the run, on a copy of the workspace."""

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolOutcome
from agent.execution.context import Branch
from agent.execution.programs import apart_source
from agent.verification.judges.programs import Language, ProgramRun

SECONDS = 20.0
"""Time limit of one program."""
_STARTING = 20.0
"""Seconds beyond that in which the workspace is copied."""
_ALONE = (
    "import os, sys\n"
    "sys.path[:] = [one for one in sys.path if one not in ('', os.getcwd(), os.environ.get('PLUMBLINE_PACKAGES'))]\n\n"
)
"""Keeps files of the workspace from standing in for the modules that our own program imports."""


class Caller(Protocol):
    """Calls tools by name, as a branch of a run does."""

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run a tool and return its outcome.

        Raises:
            ModelOutputError: there is no such tool.
        """

    def evidence_id(self, step: str) -> str:
        """Return the id under which the outcome of a call can be cited."""


class _Ended(BaseModel):
    """What our own program printed in the sandbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    cut: bool = False
    sha256: str = ""
    failure: str = ""


class SandboxPrograms:
    """Runs programs in a run's sandbox. Implements ``RunProgram``; the files of the run stay as they are.

    Each run of a program is a call of the tool ``python``: it is recorded, may need a person's approval like any other,
    and can be cited.

    Args:
        branch: a branch of the run, through which it is called.
        seconds: time limit of a program.
    """

    def __init__(self, branch: Caller, *, seconds: float = SECONDS) -> None:
        self._branch = branch
        self._seconds = seconds

    async def __call__(self, step: str, program: str, language: Language) -> ProgramRun:
        """Run a program to its end or its time limit."""
        code = f"{_ALONE}{apart_source()}\n\nrun_apart({program!r}, {language!r}, {self._seconds!r})\n"
        try:
            arguments: dict[str, Any] = {"code": code, "seconds": self._seconds + _STARTING}
            outcome = await self._branch.call(step, "python", arguments)
        except ModelOutputError as error:
            return ProgramRun(failure=f"there is nothing to run programs with: {error}")
        if not outcome.ok:
            return ProgramRun(failure=f"the sandbox did not run it: {outcome.text}")
        try:
            ended = _Ended.model_validate_json(str(outcome.data.get("stdout", "")))
        except ValidationError:
            return ProgramRun(failure=f"the sandbox did not say how the program ended: {outcome.text}")
        return ProgramRun(
            exit_code=ended.exit_code,
            stdout=_text(ended.stdout),
            stderr=_text(ended.stderr),
            cut=ended.cut,
            sha256=ended.sha256,
            failure=ended.failure,
            evidence=self._branch.evidence_id(step),
        )


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode("utf-8", "replace")


def programs_of(branch: Branch) -> SandboxPrograms | None:
    """Return what runs programs for a branch of a run; None where the run has no sandbox for them."""
    return SandboxPrograms(branch) if "python" in branch.run.toolbox.tools else None
