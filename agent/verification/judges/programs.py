"""How judges have programs run: in a sandbox, outside the run's files, as an effect of the run."""

from typing import Literal, Protocol

from agent.domain.base import Fact

Language = Literal["python", "shell"]


class ProgramRun(Fact):
    """How a program ran.

    Attributes:
        exit_code: None where it was ended, by its time limit for one.
        cut: more was printed than is here.
        sha256: hash of all that was printed, as it was printed.
        failure: why it was not run at all; empty where it was.
        evidence: id under which the run can be cited; empty where it cannot.
    """

    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    cut: bool = False
    sha256: str = ""
    failure: str = ""
    evidence: str = ""


class RunProgram(Protocol):
    """Runs programs in a sandbox."""

    async def __call__(self, step: str, program: str, language: Language) -> ProgramRun:
        """Run a program on a copy of the workspace, to its end or its time limit.

        Everything that keeps it from being run is a ``failure``.
        """
