"""``plumbline bench design``: what looking and trying out are worth, by criteria that no designer has seen."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from agent.cli.compared_runs import designed_run, entries_of, print_standings, tried_anew
from agent.cli.console import counted, err, out, print_json, run_async
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.errors import PlumblineError, UsageError
from agent.domain.task import BuildOrder, Task
from agent.runtime.options import RunOptions
from agent.verification.artefacts.comparing import Entry, claims_of, games_of
from agent.verification.artefacts.elo import rated
from evals.luban.tasks import TASKS, LubanTask

VARIANTS: Final[Mapping[str, tuple[bool, bool]]] = {
    "full": (True, True),
    "without visual": (False, True),
    "without pragmatic": (True, False),
    "without both": (False, False),
}
"""Whether candidates are looked at, and tried out."""


def design(
    model: Annotated[str | None, typer.Option("--model", "-m", help="who designs")] = None,
    wish: Annotated[list[str] | None, typer.Option(help="name of a task of Luban's, may be repeated; else all")] = None,
    ablations: Annotated[
        bool, typer.Option("--ablations/--full", help="also without looking, without trying out, and without both")
    ] = True,
    candidates: Annotated[int, typer.Option(min=1, max=8)] = 2,
    rounds: Annotated[int, typer.Option(min=1, max=10)] = 3,
    hint: Annotated[bool, typer.Option(help="tell the design parameter, as the paper's tasks do")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Design Luban's tasks with and without looking and trying out, and set claims against what holds.

    Each design writes criteria of its own. What it hands over is then tried out by the task's criteria, which nobody
    who designed has seen: that gives the share of claimed successes that are none.
    """
    tasks = _tasks(wish or [])
    variants = dict(VARIANTS) if ablations else {"full": VARIANTS["full"]}

    async def main() -> int:
        entries: list[Entry] = []
        failed: list[str] = []
        async with open_workshop() as shop:
            options = RunOptions(model=model)
            await shop.services.check(options)
            with err().status("designing") as status:
                for task in tasks:
                    for name, (visual, pragmatic) in variants.items():
                        status.update(f"{task.name}, {name}: {counted(len(entries), 'design')} so far")
                        order = BuildOrder(
                            artefact="voxel", candidates=candidates, rounds=rounds, visual=visual, pragmatic=pragmatic
                        )
                        try:
                            entries.append(await _entry(shop, task, order, name, options, hint=hint))
                        except PlumblineError as error:
                            failed.append(f"{task.name}, {name}: {error}")
            standings = rated(await games_of(entries)) if len(variants) > 1 and len(entries) > 1 else ()
        claims = claims_of(entries)
        if json:
            print_json({"claims": claims, "standings": standings, "entries": entries, "failed": failed})
        else:
            print_standings(out(), standings, claims)
            for line in failed:
                err().print(f"not designed: {line}", style="yellow")
        return 1 if failed else 0

    return run_async(main())


async def _entry(
    shop: Workshop, task: LubanTask, order: BuildOrder, variant: str, options: RunOptions, *, hint: bool
) -> Entry:
    """Design one task in one way, and try out what came of it by criteria that were not shown."""
    run_id = await shop.runner.start(Task(goal=task.text(hint=hint), build=order), options)
    await shop.runner.wait(run_id)
    known = await designed_run(shop, run_id)
    entries = entries_of(known, "run", several=True)
    (entry,) = await tried_anew(shop, entries, [known], task.frozen(hint=hint), 0, None)
    return entry.model_copy(update={"player": variant})


def _tasks(names: list[str]) -> tuple[LubanTask, ...]:
    known = {task.name: task for task in TASKS}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no task {name!r}; there are {', '.join(known)}")
    return tuple(known[name] for name in names) or tuple(TASKS)
