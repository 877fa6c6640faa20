"""One sample of a suite: a task, what counts as a right result, and what it may use."""

from pydantic import Field, field_validator, model_validator

from agent.domain.artefacts import Criterion
from agent.domain.asking import Choice
from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.checks import Check
from agent.domain.claims import Verdict
from agent.domain.programs import Program
from agent.domain.task import AskOrder, BrowseOrder, BuildOrder, Mode
from evals.scorers.forms import Scorer

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Ids of samples and names of suites: they become parts of file names and of run ids."""


class TaskFields(Fact):
    """What a task has beside its goal and its files; where a suite and a sample both give one, the sample's counts.

    Attributes:
        corpus: folder of the suite whose documents may be searched; empty for none.
        ask: the goal is a question put to the model in this way, and nothing else.
        browse: the goal is a question that is browsed for, and nothing else.
        build: the goal is something to be made, and nothing else.
    """

    mode: Mode | None = None
    web: bool | None = None
    corpus: str | None = None
    constraints: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    budget: Budget | None = None
    ask: AskOrder | None = None
    browse: BrowseOrder | None = None
    build: BuildOrder | None = None


class SampleSetup(Fact):
    """What the workspace is prepared with before the run begins; the run is told of none of it.

    Attributes:
        files: by their paths in the workspace, their paths in the suite's folder.
        program: run once in the sandbox when all files are there. What it leaves counts as given; where it ends
            otherwise than with exit code 0, the sample is an error.
    """

    files: dict[str, str] = Field(default_factory=dict)
    program: Program | None = None


class Sample(Fact):
    """One sample.

    Attributes:
        id: unique in its suite.
        goal: what is to be done.
        files: input files: by their paths in the workspace, their paths in the suite's folder.
        setup: what else is in the workspace, and a program that prepares it.
        task: what else the task has.
        gold: answers that are right, any of them; empty where scorers need none.
        cites: texts one of which a quote of the evidence must contain; empty where any will do.
        text: what is to be checked claim by claim, and nothing else; empty where that is not the task.
        verdicts: by words of a claim, the verdict that it must get, or any of several.
        criteria: of what is to be built; empty where they are written from the goal.
        choices: the answers to choose from, where one is to be chosen; ``gold`` then holds labels.
        refuse: the right result is that no answer is given, or none that is verified.
        scorers: in place of those of the suite; None for the suite's.
        tags: for figures by kind.
    """

    id: str = Field(pattern=IDENTIFIER)
    goal: str = Field(min_length=1)
    files: dict[str, str] = Field(default_factory=dict)
    setup: SampleSetup | None = None
    task: TaskFields = Field(default_factory=TaskFields)
    gold: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    text: str = ""
    verdicts: dict[str, tuple[Verdict, ...]] = Field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    choices: tuple[Choice, ...] = ()
    refuse: bool = False
    scorers: tuple[Scorer, ...] | None = None
    tags: tuple[str, ...] = ()

    @field_validator("gold", mode="before")
    @classmethod
    def _texts(cls, gold: object) -> object:
        """Take one answer for a list of one, and numbers as they are written."""
        several = gold if isinstance(gold, list | tuple) else [gold]
        numbers = (int, float)
        return [str(one) if isinstance(one, numbers) and not isinstance(one, bool) else one for one in several]

    @field_validator("verdicts", mode="before")
    @classmethod
    def _several(cls, verdicts: object) -> object:
        """Take one verdict for a list of one."""
        if not isinstance(verdicts, dict):
            return verdicts
        return {words: [one] if isinstance(one, str) else one for words, one in verdicts.items()}

    @model_validator(mode="after")
    def _each_file_once(self) -> "Sample":
        if self.setup is not None and (twice := sorted(self.files.keys() & self.setup.files.keys())):
            raise ValueError(f"setup: the file {twice[0]!r} is among the files of the sample already")
        return self

    @property
    def named_files(self) -> dict[str, str]:
        """All files that are in the workspace at the beginning: by their paths there, their paths in the suite."""
        return {**self.files, **(self.setup.files if self.setup is not None else {})}
