"""Short programs that are run in a sandbox for us, and not for a model."""

from typing import Annotated

from pydantic import Field, model_validator

from agent.domain.base import Fact


class Program(Fact):
    """A short program that is run in the workspace: a command with its arguments, or the text of a Python program.

    Attributes:
        argv: the command, looked up in the sandbox's ``PATH``, and its arguments; no shell reads them.
        python: text of a program, which may import modules of the workspace.
        seconds: time limit.
    """

    argv: tuple[Annotated[str, Field(max_length=20_000)], ...] = Field(default=(), max_length=200)
    python: str = Field(default="", max_length=100_000)
    seconds: float = Field(default=60, gt=0, le=600, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Program":
        if bool(self.argv) == bool(self.python.strip()):
            raise ValueError("a program has either argv or python")
        if self.argv and not self.argv[0].strip():
            raise ValueError("argv begins with the name of a command")
        if "\0" in "".join(self.argv) + self.python:
            raise ValueError("a program holds no NUL character")
        return self
