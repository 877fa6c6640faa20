"""A conversation: tasks in a row, each of which starts from the files, answers and evidence of those before it."""

import contextlib
from dataclasses import dataclass, field

from pydantic import ValidationError

from agent.domain.budget import Budget, Usage
from agent.domain.evidence import Evidence
from agent.domain.report import Report
from agent.domain.task import Exchange, Task, WorkspaceFile
from agent.runtime.options import RunOptions

_REMEMBERED = 20


@dataclass(frozen=True)
class Turn:
    """One finished task of a conversation."""

    run_id: str
    report: Report


@dataclass
class Conversation:
    """What a follow-up starts from. Each turn's workspace is kept by content, so that undoing one is exact."""

    files: tuple[WorkspaceFile, ...]
    corpus: str | None
    options: RunOptions
    web: bool = False
    turns: list[Turn] = field(default_factory=list)
    _before: list[tuple[WorkspaceFile, ...]] = field(default_factory=list)

    def task(self, goal: str, budget: Budget) -> Task:
        """Return the task of a new turn."""
        recent = self.turns[-_REMEMBERED:]
        evidence: dict[str, Evidence] = {}
        for turn in recent:
            evidence.update({f"{turn.run_id}/{item.id}": item for item in turn.report.evidence})
        return Task(
            goal=goal,
            files=self.files,
            corpus=self.corpus,
            web=self.web,
            budget=budget,
            history=tuple(
                Exchange(
                    goal=turn.report.goal,
                    answer=turn.report.answer,
                    run_id=turn.run_id,
                    untrusted=turn.report.untrusted,
                )
                for turn in recent
            ),
            evidence=tuple(item.model_copy(update={"id": name}) for name, item in evidence.items()),
        )

    def add(self, turn: Turn) -> None:
        """Take in a finished turn: its artefacts are the next turn's files, and what it deleted is none of them."""
        self._before.append(self.files)
        self.turns.append(turn)
        files = {file.path: file for file in self.files if file.path not in turn.report.removed}
        for artefact in turn.report.artefacts:
            # the run chose the name, and a workspace may not be given every name
            with contextlib.suppress(ValidationError):
                files[artefact.path] = WorkspaceFile(path=artefact.path, sha256=artefact.sha256, size=artefact.size)
        self.files = tuple(files.values())

    def undo(self) -> str:
        """Forget the last turn and restore the files to what they were before it; returns what was done."""
        if not self.turns:
            return "there is nothing to undo"
        self.files = self._before.pop()
        return f"forgotten: {self.turns.pop().report.goal[:80]}"

    def cost(self) -> str:
        """Return in one line what all turns used."""
        total = sum((turn.report.usage for turn in self.turns), Usage())
        cost = f", cost {total.cost:.4f}" if total.cost else ""
        return f"{len(self.turns)} tasks, {total.calls} model calls, {total.tokens:,} tokens{cost}"
