"""Luban's five tasks given to a model that designs, by criteria that were frozen before: with the hint, or without."""

from collections.abc import Callable, Sequence

from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.design import Design
from agent.domain.task import BuildOrder, Task
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from evals.luban.tasks import TASKS, LubanTask


class DesignRow(Fact):
    """What became of one task.

    Attributes:
        passed: criteria that the best candidate passed, each with its control failing.
        first: those that the best candidate of the first round passed.
        stop: why the design ended; why there is none where nothing was made.
        run: id of the run, which holds all programs and trials.
    """

    task: str
    accepted: bool
    passed: int
    first: int
    criteria: int
    rounds: int
    stop: str
    calls: int
    tokens: int
    run: str


class Designed(Fact):
    """All tasks, with the hint or without it."""

    hint: bool
    rows: tuple[DesignRow, ...]

    @property
    def accepted(self) -> int:
        """How many designs were accepted."""
        return sum(row.accepted for row in self.rows)


async def designed(
    runner: Runner,
    *,
    hint: bool,
    options: RunOptions | None = None,
    names: Sequence[str] = (),
    candidates: int = 2,
    rounds: int = 3,
    tokens: int | None = None,
    tell: Callable[[str], None] = lambda name: None,
) -> Designed:
    """Have each task designed, one after the other, and count what came of it.

    Args:
        runner: runs the designs; all are kept in its ledger.
        hint: tell the key design parameter, as the paper's tasks do; the criteria are the same.
        options: such as the model.
        names: of the tasks; all of them by default.
        candidates: programs written side by side in each round.
        rounds: at most.
        tokens: budget of each design.
        tell: is told the name of each task when it begins.
    """
    rows = []
    for task in TASKS:
        if names and task.name not in names:
            continue
        tell(task.name)
        criteria = await runner.ledger.blobs.put(task.frozen(hint=hint).model_dump_json().encode())
        order = BuildOrder(artefact="voxel", candidates=candidates, rounds=rounds, criteria=criteria)
        goal = Task(goal=task.text(hint=hint), build=order, budget=Budget(tokens=tokens, steps=None))
        run_id = await runner.start(goal, options)
        report = await runner.wait(run_id)
        rows.append(_row(task, report.design, run_id, report.usage.calls, report.usage.tokens, report.answer))
    return Designed(hint=hint, rows=tuple(rows))


def _row(task: LubanTask, made: Design | None, run: str, calls: int, tokens: int, answer: str) -> DesignRow:
    return DesignRow(
        task=task.name,
        accepted=made is not None and made.accepted,
        passed=0 if made is None else _passed(made, made.best),
        first=0 if made is None or not made.rounds else _passed(made, made.rounds[0].best),
        criteria=len(task.criteria),
        rounds=0 if made is None else len(made.rounds),
        stop=answer if made is None else made.stop,
        calls=calls,
        tokens=tokens,
        run=run,
    )


def _passed(made: Design, name: str | None) -> int:
    """Return how many criteria a candidate passed."""
    candidates = (one for each in made.rounds for one in each.candidates if one.id == name)
    best = next(candidates, None)
    return 0 if best is None else sum(result.outcome == "pass" for result in best.results)
