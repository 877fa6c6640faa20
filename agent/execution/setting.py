"""What a run works with and how far it may go, recorded once at its start."""

import datetime

from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.checks import TriedKind
from agent.execution.toolbox import Tool
from agent.execution.world import Browsing
from agent.memory.corrections.recalling import Recalled
from agent.models.port import Strategy
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.chain.config import CheckingConfig


class Limits(Form):
    """How far planning and execution may go.

    Attributes:
        steps: executor steps of one subtask; the last one must submit.
        parallel: subtasks worked on at the same time.
        depth, width: of the plan's tree.
        rejections: how often a submission whose checks fail is sent back.
        compact_at: share of the model's context at which older tool results are replaced by references.
        revisions: how often the planner may revise the plan on its own account.
        tools_offered: tools that an executor is offered at its start; of more, those that fit its subtask.
        tools_share: share of the model's context that the descriptions of tools may take.
        tests: tests of what the task makes that are written before the work is begun; 0 has none written.
    """

    steps: int = Field(default=30, ge=1)
    parallel: int = Field(default=4, ge=1)
    depth: int = Field(default=3, ge=1)
    width: int = Field(default=8, ge=1)
    rejections: int = Field(default=2, ge=0)
    compact_at: float = Field(default=0.6, gt=0, le=1)
    revisions: int = Field(default=10, ge=0)
    tools_offered: int = Field(default=40, ge=1)
    tools_share: float = Field(default=0.25, gt=0, le=1)
    tests: int = Field(default=12, ge=0, le=30)


class Setting(Fact):
    """What a run works with, recorded once at its start so that a re-run works with the same.

    Attributes:
        date: day of the run, as models are told it.
        sandbox: what sandbox there is and how strongly it isolates.
        tools: tools of the sandbox and our own.
        models: name of the model in each role.
        strategy: who drives: the model (``free``) or the loop (``guided``).
        limited: the model can do guided tasks only.
        weights: the executor model's weights, where they are known.
        context: the executor model's context in tokens.
        vision: whether the executor model can see pictures.
        sees: whether the model in the role ``vision`` can, which looks at what is made.
        corpus: what the document corpus holds, empty when there is none.
        browsing: how the web is researched; None where it is not.
        checking: how claims are checked; None in records of earlier versions.
        design: limits of designs.
        memory: what a person has corrected before that applies to the goal.
        told: one line for each of these corrections, which says whether the run goes by it.
        tries: kinds of artefacts that checks of the run may try out; none in records of earlier versions.
        wary: addresses that are not the user's are asked about, questions say what others wrote, and what a person has
            refused is not asked again; False in records of earlier versions.
    """

    date: str
    sandbox: str
    tools: tuple[Tool, ...]
    models: dict[str, str]
    strategy: Strategy = "free"
    limited: bool = False
    weights: str = ""
    context: int = 128_000
    vision: bool = False
    sees: bool = False
    limits: Limits = Field(default_factory=Limits)
    corpus: str = ""
    browsing: Browsing | None = None
    checking: CheckingConfig | None = None
    design: DesignConfig = Field(default_factory=DesignConfig)
    memory: Recalled = Field(default_factory=Recalled)
    told: tuple[str, ...] = ()
    tries: tuple[TriedKind, ...] = ()
    wary: bool = False

    @property
    def day(self) -> datetime.date | None:
        """The day of the run; None where it was not recorded as a date."""
        try:
            return datetime.datetime.strptime(self.date, "%A, %d %B %Y").replace(tzinfo=datetime.UTC).date()
        except ValueError:
            return None

    @property
    def strict(self) -> bool:
        """Whether a branch that has read text of unknown origin asks before anything that is not mere reading."""
        return self.browsing is not None and self.browsing.after_reading == "ask"
