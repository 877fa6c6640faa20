"""``plumbline try``: try an artefact out by criteria, each with a control that has to fail."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.artefact_page import Page, rendered
from agent.cli.artefact_view import acceptance_view, results_view, templates_view
from agent.cli.console import counted, err, out, print_json, run_async
from agent.cli.criteria_files import read_criteria
from agent.cli.given_artefact import given_artefact, given_kind
from agent.cli.html_files import check_place, write_page
from agent.cli.inputs import given_path
from agent.cli.looking import (
    HtmlOption,
    KindOption,
    Opened,
    PicturesOption,
    WithOption,
    model_of,
    opened,
    save_pictures,
)
from agent.cli.run import JsonOption, SandboxOption
from agent.domain.artefacts import ArtefactKind, Criteria, CriterionResult, Inspection
from agent.domain.errors import UsageError
from agent.ledger.blobs import FolderBlobs
from agent.runtime.run_files import trial_views
from agent.runtime.workshops import workshops_of
from agent.verification.artefacts.freezing import FrozenCriteria, completed, freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import ControlsByMeasure, World

app = typer.Typer(add_completion=False)


@app.command("try")
def try_(
    file: Annotated[
        Path | None, typer.Argument(parser=given_path, metavar="FILE", help="the artefact, or its program")
    ] = None,
    criteria: Annotated[
        Path | None, typer.Option(parser=given_path, metavar="FILE", help="what it must do, as JSON or YAML")
    ] = None,
    list_: Annotated[
        str | None, typer.Option("--list", metavar="KIND", help="list what can be tried with artefacts of a kind")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="of the first trial of each criterion")] = 0,
    kind: KindOption = None,
    other: WithOption = None,
    sandbox: SandboxOption = None,
    pictures: PicturesOption = None,
    html: HtmlOption = None,
    json: JsonOption = False,
) -> int:
    """Try an artefact out. Each criterion is tried a second time on a copy that was sabotaged, and has to fail there.

    The exit code is 0 when everything that the artefact must do passed and nothing stayed inconclusive, 3 otherwise,
    and 1 when it could not be made at all.
    """
    if list_ is not None:
        return _listed(list_, json=json)
    if file is None or criteria is None:
        raise UsageError("name the artefact and --criteria FILE, or --list KIND to see what can be tried")
    check_place(html)
    artefact, place = file, criteria

    async def main() -> int:
        with err().status(f"building {artefact.name}") as status:
            # mistakes in criteria are told before a sandbox is opened
            made = (await given_artefact(artefact, kind, other or ())).kind
            asked = await read_criteria(place, made)
            frozen = _frozen(made, asked, place)
            async with opened(artefact, kind, other or (), sandbox=sandbox) as one:
                inspection = await one.world.inspect(one.build)
                status.update(f"trying {artefact.name} out by {counted(len(asked.criteria), 'criterion', 'criteria')}")
                results = await judged(one.world, one.build, frozen.criteria, seed=seed)
                verdict = accepted(inspection, results, criteria=frozen.criteria)
                looks = trial_views(results)
                written = [] if pictures is None else await save_pictures(looks, one.blobs, pictures)
                if html is not None:
                    page = Page(
                        title=asked.wish,
                        outcome="accepted" if verdict.accepted else "not accepted",
                        accepted=verdict.accepted,
                        reasons=verdict.reasons,
                        views=await one.world.look(one.build),
                        inspection=inspection,
                        results=results,
                        untestable=asked.untestable,
                        sha256=frozen.sha256,
                        model=await model_of(one),
                        model_name=one.given.name,
                    )
                    write_page(await rendered(page, one.blobs), html)
        if json:
            told = _told(one, frozen, inspection, results) | {
                "accepted": verdict.accepted,
                "reasons": verdict.reasons,
                "seed": seed,
                "pictures": [str(path) for path in written],
            }
            print_json(told)
        else:
            console = out()
            console.print(
                f"{one.given.name}: {one.given.kind}; criteria {frozen.sha256[:12]}, seed {seed}", style="bold cyan"
            )
            console.print(results_view(results), soft_wrap=False)
            if written:
                console.print(f"{counted(len(written), 'picture')} in {pictures}")
            console.print(acceptance_view(verdict, asked.untestable), soft_wrap=False)
        return 0 if verdict.accepted else 3

    return run_async(main())


def _listed(name: str, *, json: bool) -> int:
    """Print the scenarios of a kind of artefacts."""
    templates = _world(given_kind(name)).scenarios()
    if json:
        print_json(
            [
                {
                    "name": one.name,
                    "description": one.description,
                    "measures": dict(one.measures),
                    "parameters": dict(one.parameters),
                    "control": one.control,
                    "controls": dict(one.controls) if isinstance(one, ControlsByMeasure) else {},
                }
                for one in templates
            ]
        )
    else:
        out().print(templates_view(templates), soft_wrap=False)
    return 0


def _world(kind: ArtefactKind) -> World[Any]:
    """Return a world that is asked only what can be tried; nothing is opened or kept by that."""
    return workshops_of(FolderBlobs(Path())).world(kind)


def _frozen(kind: ArtefactKind, criteria: Criteria, place: Path) -> FrozenCriteria:
    """Freeze criteria for a kind of artefacts with the usual controls for those without one.

    Raises:
        UsageError: they contradict each other or cannot be tested.
    """
    world = _world(kind)
    try:
        return freeze(world, completed(world, criteria))
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from error


def _told(
    one: Opened, frozen: FrozenCriteria, inspection: Inspection, results: tuple[CriterionResult, ...]
) -> dict[str, Any]:
    return {
        "kind": one.given.kind,
        "criteria_sha256": frozen.sha256,
        "untestable": frozen.criteria.untestable,
        "inspection": inspection,
        "results": results,
    }
