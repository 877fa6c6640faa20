"""What people submit: a task and how it is to be worked on."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.budget import Budget
from agent.domain.checks import Check
from agent.domain.errors import UsageError
from agent.domain.task import GOAL_LIMIT, AskOrder, BrowseOrder, BuildOrder, CheckOrder, Mode, Task, WorkspaceFile
from agent.ledger.filing import MOST_TAGS, Tag, Title
from agent.ledger.store import Ledger
from agent.ledger.uploads import Uploads
from agent.runtime.options import RunOptions
from webui.files.belonging import belongs_to_some

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


async def check_uploads(task: Task, ledger: Ledger, who: str, *, shown_to: str | None) -> None:
    """Raise if a task names contents that are not for whoever submits it: neither uploaded by them nor in their runs.

    What others uploaded is answered in the same words, after the same looking, as what is not there at all.

    Args:
        task: as it was submitted.
        ledger: where uploads and runs are.
        who: name of whoever submits it.
        shown_to: whose runs they may see; None for everybody's.

    Raises:
        UsageError: names the first one that is missing.
    """
    if len({file.path for file in task.files}) < len(task.files):
        raise UsageError("two files have the same name in the workspace; rename one of them")
    orders = (
        ("the text to check", task.check.sha256 if task.check is not None else ""),
        ("the exemplars", task.ask.exemplars if task.ask is not None else ""),
        ("the criteria", task.build.criteria if task.build is not None else ""),
    )
    named: list[tuple[str, str, int | None]] = [(file.path, file.sha256, file.size) for file in task.files]
    named += [(name, sha256, None) for name, sha256 in orders if sha256]
    theirs = set(await Uploads(ledger).of(who, {sha256 for _, sha256, _ in named}))
    for name, sha256, told in named:
        may = sha256 in theirs or await belongs_to_some(ledger, sha256, owner=shown_to)
        size = await ledger.blobs.size(sha256)
        if not may or size is None or told not in (None, size):
            raise UsageError(f"{name} was not uploaded; upload it, then submit again")
