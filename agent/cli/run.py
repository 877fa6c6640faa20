"""``plumbline run``: do a task and show its report."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from agent.cli.console import err, run_async
from agent.cli.driving import drive
from agent.cli.inputs import document_corpus, given_path, read_files
from agent.cli.terminal import asker_for
from agent.cli.trusting import ask_about_servers
from agent.cli.workshop import open_workshop
from agent.domain.budget import Budget
from agent.domain.checks import CommandCheck
from agent.domain.errors import UsageError
from agent.domain.task import GOAL_LIMIT, Mode, Task
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX

app = typer.Typer(add_completion=False)

ModelOption = Annotated[
    str | None,
    typer.Option("--model", "-m", help="embedded, person, person:FOLDER, NAME, NAME@URL, or a name from the settings"),
]
FileOption = Annotated[
    list[Path] | None,
    typer.Option("--file", "-f", parser=given_path, metavar="PATH", help="input file or folder, may be repeated"),
]
DocsOption = Annotated[
    list[Path] | None, typer.Option(parser=given_path, metavar="PATH", help="documents to search, may be repeated")
]
SandboxOption = Annotated[str | None, typer.Option(help="auto, docker, local or none")]
WebOption = Annotated[
    bool | None, typer.Option("--web/--no-web", help="research the web; by default as browsing.enabled says")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print the answer only")]


@app.command()
def run(
    goal: Annotated[str, typer.Argument(help="what to do; - reads it from standard input")],
    file: FileOption = None,
    docs: DocsOption = None,
    corpus: Annotated[str | None, typer.Option(help="name of an index made by plumbline index")] = None,
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    egress: Annotated[
        str | None, typer.Option(help="what the sandbox may reach: none, packages or open; more in the settings")
    ] = None,
    mode: Annotated[
        str, typer.Option(help="auto, manual (approve risky calls) or review (approve plan, report)")
    ] = "auto",
    web: WebOption = None,
    constraint: Annotated[list[str] | None, typer.Option(help="a rule to keep, may be repeated")] = None,
    check: Annotated[
        list[str] | None, typer.Option(help="command that must succeed in the workspace at the end")
    ] = None,
    tokens: Annotated[int | None, typer.Option(help="budget in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="budget in the currency of the price table")] = None,
    seconds: Annotated[float | None, typer.Option(help="budget in seconds")] = None,
    steps: Annotated[int | None, typer.Option(help="budget in executor steps")] = None,
    save: Annotated[Path | None, typer.Option(help="folder to save the artefacts to")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Do a task and show its report.

    Ctrl-C pauses the run and tells how to resume it. The exit code is 0 when everything in the answer was verified, 3
    when something was not, 1 on failure, 4 when the budget is used up, 5 when the run waits for a person.
    """
    text = _typed_goal() if goal == "-" else goal
    values: dict[str, Any] = {
        "goal": checked_goal(text),
        "mode": _mode(mode),
        "constraints": tuple(constraint or ()),
        "checks": tuple(CommandCheck(command=command) for command in check or ()),
    }
    options = RunOptions(model=model, sandbox=sandbox, egress=egress)
    limits = {"tokens": tokens, "money": money, "seconds": seconds, "steps": steps}

    async def main() -> int:
        asker = asker_for(json=json, quiet=quiet)
        async with open_workshop(asker) as shop:
            await shop.services.check(options)
            if options.sandbox != NO_SANDBOX:
                await ask_about_servers(shop.settings, shop.home, asker)
            values["budget"] = budget_of(shop.settings.budget, limits)
            console = None if json or quiet else err()
            values["web"] = shop.settings.browsing.enabled if web is None else web
            values["files"] = await read_files(file or (), shop.ledger.blobs, console)
            values["corpus"] = await document_corpus(shop, docs or (), corpus, console)
            task = make_task(values)
            await shop.services.check_world(task, shop.ledger.blobs)
            run_id = await shop.runner.start(task, options)
            return await drive(shop, run_id, quiet=quiet, json=json, save=save)

    return run_async(main())


def _typed_goal() -> str:
    """Return what stands on standard input; nothing where that is closed."""
    if sys.stdin is None:
        return ""
    return sys.stdin.buffer.read(GOAL_LIMIT * 8).decode("utf-8", "replace")


def checked_goal(text: str) -> str:
    """Return a goal that can be used.

    Raises:
        UsageError: it is empty or too long.
    """
    if not text.strip():
        raise UsageError("the task is empty; say what to do")
    if len(text) > GOAL_LIMIT:
        raise UsageError(
            f"the task has {len(text):,} characters, the limit is {GOAL_LIMIT:,}; put the text into a file "
            "and pass it with --file"
        )
    return text.encode("utf-8", "replace").decode()


def make_task(values: dict[str, Any]) -> Task:
    """Return a task made of checked values.

    Raises:
        UsageError: one of them is wrong.
    """
    try:
        return Task(**values)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise UsageError(f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}") from error


def budget_of(default: Budget, limits: dict[str, Any]) -> Budget:
    """Return a budget with the given limits in place of the default ones.

    Raises:
        UsageError: a limit is not a positive number.
    """
    given = {name: value for name, value in limits.items() if value is not None}
    try:
        return Budget.model_validate({**default.model_dump(), **given})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise UsageError(f"--{problem['loc'][0]}: {problem['msg']}") from error


def _mode(mode: str) -> Mode:
    match mode:
        case "auto" | "manual" | "review":
            return mode
    raise UsageError(f"--mode is auto, manual or review, not {mode!r}")
