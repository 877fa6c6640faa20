"""The tree of subtasks and the edits that change it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from agent.domain.artefacts import Artefact
from agent.domain.asking import Answered
from agent.domain.base import Fact, Form
from agent.domain.checks import ArtefactCheck, Check, CheckResult
from agent.domain.claims import CheckedClaim, Claim, Finding
from agent.domain.design import Design
from agent.domain.errors import PlanEditError
from agent.domain.wishes import Wished

SubtaskId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="short name in kebab-case")]
Status = Literal["pending", "running", "done", "failed", "dropped"]

ROOT = "root"
"""Stands for the whole task where subtasks go by their ids."""

RESERVED = frozenset({ROOT, "command", "plan", "report", "run", "setting"})
"""Ids that no subtask may have, because a run records under them what is no subtask's."""


class Milestone(Form):
    """Something that must be true when a subtask ends; with a check where it can be tested by running something."""

    id: SubtaskId
    text: str = Field(min_length=1, max_length=500)
    check: Check | None = None


class NewSubtask(Form):
    """A piece of work that one executor can finish on its own."""

    id: SubtaskId
    goal: str = Field(min_length=1, max_length=4000)
    depends_on: list[SubtaskId] = Field(default_factory=list, description="ids of subtasks that must be done first")
    milestones: list[Milestone] = Field(default_factory=list, max_length=8)


class Result(Fact):
    """What an executor handed in for its subtask, and what our own checks said about it.

    Attributes:
        assembled: the answer was put together from its claims and what it withholds, and states nothing else.
        judgements: what was found about a claim while it was made, by its id; it counts where the checks of the report
            leave the claim open.
        untrusted: text of unknown origin was read on the way, so the answer may say what somebody else wants.
        withheld: what the answer leaves out because it could not be verified, as it says so itself, part by part.
        doubted: what was found and could not be verified, which the answer names as such.
        answered: what came of a question that was put in one way, and is the whole task.
        design: the course of a design that is the whole task; ``made`` are the files in which it is handed over.
    """

    answer: str
    success: bool
    claims: tuple[Claim, ...] = ()
    assembled: bool = False
    judgements: dict[str, tuple[Finding, ...]] = Field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    doubted: tuple[CheckedClaim, ...] = ()
    artefacts: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    untrusted: bool = False
    surprise: str = Field(default="", description="what the planner should know before going on; empty if nothing")
    answered: Answered | None = None
    design: Design | None = None
    made: tuple[Artefact, ...] = ()


class Subtask(Fact):
    """A node of the plan. ``parent`` is the subtask it was split from."""

    id: str
    goal: str
    depends_on: tuple[str, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    parent: str | None = None
    status: Status = "pending"


class Split(Form):
    """Replace a pending subtask by several; what depended on it then depends on all of them."""

    op: Literal["split"]
    target: SubtaskId
    into: list[NewSubtask] = Field(min_length=2)


class Add(Form):
    """Add a subtask."""

    op: Literal["add"]
    subtask: NewSubtask


class Update(Form):
    """Change a pending subtask; fields left out stay as they are."""

    op: Literal["update"]
    target: SubtaskId
    goal: str | None = Field(default=None, min_length=1, max_length=4000)
    depends_on: list[SubtaskId] | None = None
    milestones: list[Milestone] | None = None


class Remove(Form):
    """Remove a pending subtask; what depended on it no longer waits for it."""

    op: Literal["remove"]
    target: SubtaskId


class Reorder(Form):
    """Give the pending subtasks a new order; name all of them."""

    op: Literal["reorder"]
    order: list[SubtaskId]


class Stop(Form):
    """Drop everything that is pending and go to the report."""

    op: Literal["stop"]
    reason: str = Field(min_length=1, max_length=500)


Edit = Annotated[Split | Add | Update | Remove | Reorder | Stop, Field(discriminator="op")]


class Plan(Fact):
    """A tree of subtasks in order. Each batch of edits gives a new version.

    Attributes:
        wishes: what the task asks of what it makes, frozen before the work was begun. No edit changes it.
    """

    schema_version: Literal[1] = 1
    version: int = 0
    subtasks: tuple[Subtask, ...] = ()
    wishes: tuple[Wished, ...] = ()

    def __iter__(self) -> Iterator[Subtask]:  # type: ignore[override]
        return iter(self.subtasks)

    def find(self, subtask_id: str) -> Subtask | None:
        """Return a subtask by id."""
        return next((subtask for subtask in self.subtasks if subtask.id == subtask_id), None)

    def children(self, subtask_id: str | None) -> tuple[Subtask, ...]:
        """Return the subtasks that a subtask was split into; None asks for the top of the tree."""
        return tuple(subtask for subtask in self.subtasks if subtask.parent == subtask_id)

    def leaves(self) -> tuple[Subtask, ...]:
        """Return the subtasks that are worked on themselves, in order."""
        parents = {subtask.parent for subtask in self.subtasks}
        return tuple(subtask for subtask in self.subtasks if subtask.id not in parents)

    def ready(self) -> tuple[Subtask, ...]:
        """Return the pending leaves whose dependencies are done, in order. Parts wait for what the whole waits for."""
        done = {subtask.id for subtask in self.subtasks if subtask.status == "done"}
        return tuple(s for s in self.leaves() if s.status == "pending" and done.issuperset(self.needs(s)))

    def above(self, subtask: Subtask) -> Subtask | None:
        """Return the subtask that a subtask was split from; None at the top of the tree."""
        return None if subtask.parent is None else self.find(subtask.parent)

    def depth(self, subtask: Subtask) -> int:
        """Return how many subtasks stand above a subtask; 0 at the top of the tree."""
        above = self.above(subtask)
        return 0 if above is None else 1 + self.depth(above)

    def needs(self, subtask: Subtask) -> tuple[str, ...]:
        """Return the ids of all that a subtask waits for: its own dependencies and those of the subtasks above it."""
        ids, above = list(subtask.depends_on), self.above(subtask)
        while above is not None:
            ids += above.depends_on
            above = self.above(above)
        return tuple(dict.fromkeys(ids))

    def with_status(self, statuses: Mapping[str, Status]) -> "Plan":
        """Return the plan with new statuses; a parent is done when its children are, and fails when one of them did."""
        subtasks = {s.id: s.model_copy(update={"status": statuses.get(s.id, s.status)}) for s in self.subtasks}
        for subtask in sorted(self.subtasks, key=self.depth, reverse=True):
            children = [subtasks[child.id].status for child in self.children(subtask.id)]
            if children:
                subtasks[subtask.id] = subtasks[subtask.id].model_copy(update={"status": _rolled_up(children)})
        return self.model_copy(update={"subtasks": tuple(subtasks.values())})

    def edited(self, edits: Iterable[Edit], *, max_depth: int = 3, max_width: int = 8) -> "Plan":
        """Return the plan after a batch of edits, all or none of them.

        Raises:
            PlanEditError: an unknown, repeated or reserved id, a subtask that is no longer pending, a cycle, or a limit
                passed.
        """
        draft = list(self.subtasks)
        for edit in edits:
            _apply(draft, edit)
        plan = self.model_copy(update={"version": self.version + 1, "subtasks": tuple(draft)})
        _check_shape(plan, max_depth=max_depth, max_width=max_width)
        # what was removed may have been the last that its parent waited for
        return plan.with_status({})


def _rolled_up(children: list[Status]) -> Status:
    kept = [status for status in children if status != "dropped"]
    if not kept:
        return "dropped"
    for status in ("failed", "running", "pending"):
        if status in kept:
            return "running" if status == "pending" and "done" in kept else status
    return "done"


def _pending(draft: list[Subtask], subtask_id: str) -> int:
    for index, subtask in enumerate(draft):
        if subtask.id == subtask_id:
            if subtask.status != "pending":
                raise PlanEditError(f"subtask {subtask_id} is {subtask.status}; only pending subtasks can change")
            return index
    known = ", ".join(subtask.id for subtask in draft) or "none"
    raise PlanEditError(f"there is no subtask {subtask_id}; the plan has: {known}")


def _made(new: NewSubtask, parent: str | None) -> Subtask:
    return Subtask(
        id=new.id,
        goal=new.goal,
        depends_on=tuple(new.depends_on),
        milestones=tuple(new.milestones),
        parent=parent,
    )


def _split(draft: list[Subtask], edit: Split) -> None:
    index = _pending(draft, edit.target)
    target = draft[index]
    parts = [_made(new, target.id) for new in edit.into]
    parts = [
        p.model_copy(update={"depends_on": tuple(dict.fromkeys((*target.depends_on, *p.depends_on)))}) for p in parts
    ]
    draft[index + 1 : index + 1] = parts


def _update(draft: list[Subtask], edit: Update) -> None:
    index = _pending(draft, edit.target)
    changes: dict[str, object] = {}
    if edit.goal is not None:
        changes["goal"] = edit.goal
    if edit.depends_on is not None:
        changes["depends_on"] = tuple(edit.depends_on)
    if edit.milestones is not None:
        _require_as_strict(draft[index], edit.milestones)
        changes["milestones"] = tuple(edit.milestones)
    draft[index] = draft[index].model_copy(update=changes)


def _require_as_strict(subtask: Subtask, milestones: list[Milestone]) -> None:
    """Raise if a milestone that tries something out would be dropped or measured by another bound.

    How it is tried may be mended; what is measured, and the threshold, never change.
    """
    after = {milestone.id: milestone.check for milestone in milestones}
    for milestone in subtask.milestones:
        before, now = milestone.check, after.get(milestone.id)
        if not isinstance(before, ArtefactCheck):
            continue
        if not isinstance(now, ArtefactCheck) or any(
            getattr(before, name) != getattr(now, name) for name in _UNCHANGED
        ):
            bound = f"{before.measure} {before.relation} {before.threshold:g} of {before.paths[0]}"
            raise PlanEditError(
                f"milestone {milestone.id} of subtask {subtask.id} asks for {bound}; keep it, only its scenario, "
                "parameters and control may be mended"
            )


_UNCHANGED = ("artefact", "paths", "measure", "relation", "threshold", "tolerance")


def _remove(draft: list[Subtask], edit: Remove) -> None:
    del draft[_pending(draft, edit.target)]
    for index, subtask in enumerate(draft):
        if subtask.parent == edit.target:
            raise PlanEditError(f"subtask {edit.target} was split; remove {subtask.id} and its siblings instead")
        if edit.target in subtask.depends_on:
            kept = tuple(name for name in subtask.depends_on if name != edit.target)
            draft[index] = subtask.model_copy(update={"depends_on": kept})


def _reorder(draft: list[Subtask], edit: Reorder) -> None:
    pending = {subtask.id for subtask in draft if subtask.status == "pending"}
    if pending != set(edit.order) or len(edit.order) != len(pending):
        raise PlanEditError(f"reorder must name each pending subtask once: {', '.join(sorted(pending))}")
    by_id = {subtask.id: subtask for subtask in draft}
    order = iter(edit.order)
    draft[:] = [by_id[next(order)] if subtask.status == "pending" else subtask for subtask in draft]


def _apply(draft: list[Subtask], edit: Edit) -> None:
    match edit:
        case Split():
            _split(draft, edit)
        case Add():
            draft.append(_made(edit.subtask, None))
        case Update():
            _update(draft, edit)
        case Remove():
            _remove(draft, edit)
        case Reorder():
            _reorder(draft, edit)
        case Stop():
            draft[:] = [s.model_copy(update={"status": "dropped"}) if s.status == "pending" else s for s in draft]


def _check_shape(plan: Plan, *, max_depth: int, max_width: int) -> None:
    ids = [subtask.id for subtask in plan.subtasks]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise PlanEditError(f"subtask ids must be unique; {', '.join(repeated)} appears twice")
    reserved = sorted(RESERVED.intersection(ids))
    if reserved:
        names = " and ".join(f"{name} (call it {name}-part)" for name in reserved)
        raise PlanEditError(f"subtask ids may not be names the run itself uses: {names}")
    by_id = {subtask.id: subtask for subtask in plan.subtasks}
    for subtask in plan.subtasks:
        unknown = [name for name in subtask.depends_on if name not in by_id]
        if unknown:
            raise PlanEditError(f"subtask {subtask.id} depends on {', '.join(unknown)}, which the plan does not have")
    for parent in (None, *ids):
        if len(plan.children(parent)) > max_width:
            raise PlanEditError(f"{parent or 'the plan'} has more than {max_width} subtasks; group them")
    for subtask in plan.subtasks:
        if plan.depth(subtask) >= max_depth:
            raise PlanEditError(f"subtask {subtask.id} is deeper than {max_depth} levels")
    _check_order(plan)


def _check_order(plan: Plan) -> None:
    """Raise if the dependencies, with those that a parent hands down to its children, have a cycle."""
    waiting = {s.id: {*plan.needs(s), *(child.id for child in plan.children(s.id))} for s in plan.subtasks}
    while waiting:
        free = [name for name, needs in waiting.items() if not needs & waiting.keys()]
        if not free:
            raise PlanEditError(f"these subtasks wait for each other: {', '.join(sorted(waiting))}")
        for name in free:
            del waiting[name]
