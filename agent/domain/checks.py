"""Executable tests of what a run made, and their outcomes."""

from typing import Annotated, Any, Literal

from pydantic import Field

from agent.domain.artefacts import CriterionResult, Mutation, Relation
from agent.domain.base import Fact
from agent.domain.outcomes import Outcome

__all__ = ["ArtefactCheck", "Check", "CheckResult", "CommandCheck", "FileCheck", "Outcome", "TriedKind"]

TriedKind = Literal["data_file", "program", "web_page"]
"""Kinds of artefacts that ordinary runs make and that are tried out from their files alone."""


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


class ArtefactCheck(Fact):
    """Passes when files are tried out and meet a bound, and a copy that is sabotaged on purpose does not.

    Attributes:
        tolerance: for ``==``: how far the value may be away.
        control: what sabotages the copy; None is the usual one of the scenario.
    """

    kind: Literal["artefact"] = "artefact"
    artefact: TriedKind
    paths: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = Field(
        min_length=1, max_length=20, description="in the workspace: what is tried, then files that belong to it"
    )
    scenario: str = Field(min_length=1, max_length=100)
    parameters: dict[str, Any] = Field(default_factory=dict, description="of the scenario")
    measure: str = Field(min_length=1, max_length=100)
    relation: Relation = "=="
    threshold: float = Field(default=0.0, allow_inf_nan=False)
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    control: Mutation | None = Field(default=None, description="usual one unless given")


Check = Annotated[CommandCheck | FileCheck | ArtefactCheck, Field(discriminator="kind")]


class CheckResult(Fact):
    """What one check gave. ``detail`` is one line a person can act on.

    Attributes:
        tried: the trials and those of the control, where something was tried out.
    """

    check: Check
    outcome: Outcome
    detail: str
    subtask: str | None = None
    milestone: str | None = None
    tried: CriterionResult | None = None
