"""``plumbline build``: make something that does what is wished, looked at and tried out."""

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.artefact_page import design_page
from agent.cli.artefacts import files_of, save_artefacts
from agent.cli.console import clean, counted, err, out, run_async
from agent.cli.criteria_files import read_criteria
from agent.cli.driving import drive
from agent.cli.given_artefact import given_kind
from agent.cli.html_files import check_place, write_page
from agent.cli.inputs import given_path, read_files
from agent.cli.looking import HtmlOption
from agent.cli.run import (
    FileOption,
    JsonOption,
    ModelOption,
    QuietOption,
    SandboxOption,
    budget_of,
    checked_goal,
    make_task,
)
from agent.cli.terminal import asker_for
from agent.cli.wishes import kind_wished_for
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.artefacts import ArtefactKind, Criteria
from agent.domain.errors import UsageError
from agent.domain.task import BuildOrder
from agent.execution.workshops import Workshops
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.run_files import PICTURES
from agent.runtime.workshops import workshops_of
from agent.verification.artefacts.freezing import completed, freeze

app = typer.Typer(add_completion=False)


@app.command()
def build(
    wish: Annotated[str, typer.Argument(help='what is wished for, such as "a stool a child of 30 kg can sit on"')],
    kind: Annotated[
        str | None,
        typer.Option(help="voxel, cad, program, web_page, data_file or document; else the wish's words tell"),
    ] = None,
    candidates: Annotated[int, typer.Option(min=1, max=8, help="programs written side by side in each round")] = 2,
    rounds: Annotated[int, typer.Option(min=1, max=10, help="rounds at most")] = 3,
    criteria: Annotated[
        Path | None,
        typer.Option(
            parser=given_path, metavar="FILE", help="what it must do, as JSON or YAML; else a model writes it"
        ),
    ] = None,
    visual: Annotated[bool, typer.Option("--visual/--no-visual", help="look at candidates")] = True,
    pragmatic: Annotated[
        bool, typer.Option("--pragmatic/--no-pragmatic", help="try candidates out; else none is accepted")
    ] = True,
    hint: Annotated[list[str] | None, typer.Option(help="told to those who write programs, may be repeated")] = None,
    seed: Annotated[int, typer.Option(min=0, help="of the first trial of each criterion")] = 0,
    file: FileOption = None,
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    tokens: Annotated[int | None, typer.Option(help="budget in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="budget in the currency of the price table")] = None,
    seconds: Annotated[float | None, typer.Option(help="budget in seconds")] = None,
    save: Annotated[
        Path | None, typer.Option(help="folder for files and pictures; by default one of the data folder")
    ] = None,
    html: HtmlOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Make something that does what is wished: criteria first, then programs that are looked at and tried out.

    Criteria are frozen before the first program. Each round writes candidates, looks at them, tries the best out, and
    tells the next round what failed. The exit code is 0 only when the best one is accepted, and 3 when it is not.
    """
    check_place(html)
    goal = checked_goal(wish)
    chosen = given_kind(kind) if kind is not None else None
    limits = {"tokens": tokens, "money": money, "seconds": seconds}
    options = RunOptions(model=model, sandbox=sandbox)

    async def main() -> int:
        asked = None if criteria is None else await read_criteria(criteria, chosen)
        made = _kind(goal, chosen, asked)
        async with open_workshop(asker_for(json=json, quiet=quiet)) as shop:
            worlds = workshops_of(shop.ledger.blobs)
            worlds.world(made)
            frozen = "" if asked is None or criteria is None else await _kept(shop, worlds, asked, criteria)
            order = BuildOrder(
                artefact=made,
                candidates=candidates,
                rounds=rounds,
                criteria=frozen,
                visual=visual,
                pragmatic=pragmatic,
                hints=tuple(hint or ()),
                seed=seed,
            )
            values = {"goal": goal, "build": order, "budget": budget_of(shop.settings.budget, limits)}
            await shop.services.check(options)
            values["files"] = await read_files(file or (), shop.ledger.blobs, None if json or quiet else err())
            run_id = await shop.runner.start(make_task(values), options)
            code = await drive(shop, run_id, quiet=quiet, json=json)
            await _handed_over(shop, run_id, save or shop.home / "built" / run_id, html, told=not (json or quiet))
            return code

    return run_async(main())


def _kind(wish: str, chosen: ArtefactKind | None, criteria: Criteria | None) -> ArtefactKind:
    """Return what is to be made; criteria that are at hand tell it too."""
    if chosen is None:
        return criteria.kind if criteria is not None else kind_wished_for(wish)
    if criteria is not None and criteria.kind != chosen:
        raise UsageError(f"the criteria are for the kind {criteria.kind}, and --kind is {chosen}; write them for it")
    return chosen


async def _kept(shop: Workshop, worlds: Workshops, criteria: Criteria, place: Path) -> str:
    """Store criteria that a person wrote and return their blob.

    Raises:
        UsageError: they contradict each other or cannot be tested, so that no run has to find out.
    """
    world = worlds.world(criteria.kind)
    try:
        freeze(world, completed(world, criteria))
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from error
    return await shop.ledger.blobs.put(criteria.model_dump_json().encode())


async def _handed_over(shop: Workshop, run_id: str, folder: Path, html: Path | None, *, told: bool) -> None:
    """Write what a run has made, its pictures, and the page on it."""
    report = (await read_view(shop.ledger, run_id)).report
    if report is None or report.design is None:
        return
    problems = await save_artefacts(shop.ledger, report, folder)
    for problem in problems:
        err().print(f"plumbline: {clean(str(problem))}", style="yellow")
    # beside what was made, which may have any name of its own
    page = folder.with_name(f"{folder.name}.html") if html is None else html
    write_page(await design_page(report, shop.ledger.blobs), page)
    if told:
        for artefact in report.artefacts:
            out().print(clean(str(folder / artefact.path)))
        drawn = len(files_of(report)) - len(report.artefacts)
        if drawn:
            out().print(f"{counted(drawn, 'picture')} in {folder / PICTURES}")
        out().print(f"{page}: the whole course with pictures")
