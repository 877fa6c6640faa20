"""What people submit: a task and how it is to be worked on."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.budget import Budget
from agent.domain.checks import Check
from agent.domain.errors import UsageError
from agent.domain.task import GOAL_LIMIT, AskOrder, BrowseOrder, BuildOrder, CheckOrder, Mode, Task, WorkspaceFile
from agent.ledger.filing import MOST_TAGS, Tag, Title
from agent.ledger.store import Ledger
from agent.runtime.options import RunOptions

MOST_FILES = 200


class Submission(Form):
    """A task to work on. Files are uploaded before; fields are those of a task, and mean the same.

    Attributes:
        options: models, sandbox and egress; what is not chosen is as the settings say.
        budget: limits of the run; those of the settings where it is left out.
        title: what the run is called; empty for its goal.
    """

    goal: str = Field(min_length=1, max_length=GOAL_LIMIT)
    files: list[WorkspaceFile] = Field(default_factory=list, max_length=MOST_FILES)
    corpus: str | None = Field(default=None, pattern=r"^[\w-]{1,200}$")
    web: bool = False
    constraints: list[str] = Field(default_factory=list, max_length=100)
    budget: Budget | None = None
    checks: list[Check] = Field(default_factory=list, max_length=100)
    mode: Mode = "auto"
    browse: BrowseOrder | None = None
    check: CheckOrder | None = None
    ask: AskOrder | None = None
    build: BuildOrder | None = None
    options: RunOptions = Field(default_factory=RunOptions)
    title: Title = ""
    tags: list[Tag] = Field(default_factory=list, max_length=MOST_TAGS)

    def task(self, default: Budget) -> Task:
        """Return the task, with a budget where none is given."""
        fields = {name: getattr(self, name) for name in Task.model_fields if name in Submission.model_fields}
        return Task.model_validate({**fields, "budget": self.budget or default})


async def check_uploads(task: Task, ledger: Ledger) -> None:
    """Raise if a task names contents that nobody has uploaded.

    Raises:
        UsageError: names the first one that is missing.
    """
    named = {file.path: file.sha256 for file in task.files}
    sizes = {file.path: file.size for file in task.files}
    if len(named) < len(task.files):
        raise UsageError("two files have the same name in the workspace; rename one of them")
    if task.check is not None and task.check.sha256:
        named["the text to check"] = task.check.sha256
    if task.ask is not None and task.ask.exemplars:
        named["the exemplars"] = task.ask.exemplars
    if task.build is not None and task.build.criteria:
        named["the criteria"] = task.build.criteria
    for name, sha256 in named.items():
        size = await ledger.blobs.size(sha256)
        if size is None or size != sizes.get(name, size):
            raise UsageError(f"{name} was not uploaded; upload it, then submit again")
