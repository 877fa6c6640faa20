"""Executable tests of what a run made, and their outcomes."""

from typing import Annotated, Literal

from pydantic import Field

from agent.domain.base import Fact


class CommandCheck(Fact):
    """Passes when a shell command run in the workspace ends with exit code 0 and, where given, prints the text."""

    kind: Literal["command"] = "command"
    command: str = Field(min_length=1, max_length=4000, description="shell command, run in the workspace")
    prints: str | None = Field(default=None, description="text that its standard output must contain")
    seconds: float = Field(default=60, gt=0, le=600)


class FileCheck(Fact):
    """Passes when a file of the workspace exists, is large enough and, where given, contains the text."""

    kind: Literal["file"] = "file"
    path: str = Field(min_length=1, max_length=1000, description="path inside the workspace")
    min_bytes: int = Field(default=1, ge=0)
    contains: str | None = Field(default=None, description="text that the file must contain")


Check = Annotated[CommandCheck | FileCheck, Field(discriminator="kind")]

Outcome = Literal["pass", "fail", "inconclusive", "not_applicable"]


class CheckResult(Fact):
    """What one check gave. ``detail`` is one line a person can act on."""

    check: Check
    outcome: Outcome
    detail: str
    subtask: str | None = None
    milestone: str | None = None
