"""``plumbline inspect``: what an artefact is made of, what was measured of it, and what is wrong with it."""

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.artefact_page import Page, rendered
from agent.cli.artefact_view import inspection_view, views_text
from agent.cli.console import counted, err, out, print_json, run_async
from agent.cli.html_files import check_place, write_page
from agent.cli.inputs import given_path
from agent.cli.looking import HtmlOption, KindOption, PicturesOption, WithOption, model_of, opened, save_pictures
from agent.cli.run import JsonOption, SandboxOption

app = typer.Typer(add_completion=False)


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(parser=given_path, metavar="FILE", help="the artefact, or its program")],
    kind: KindOption = None,
    other: WithOption = None,
    sandbox: SandboxOption = None,
    pictures: PicturesOption = None,
    views: Annotated[bool, typer.Option("--views", help="print what can be seen of it in words")] = False,
    html: HtmlOption = None,
    json: JsonOption = False,
) -> int:
    """Tell what an artefact is made of, and what makes it unusable whatever is wished of it.

    The exit code is 0 when it is sound, 3 when it is not, and 1 when it could not be made at all.
    """
    check_place(html)

    async def main() -> int:
        with err().status(f"inspecting {file.name}"):
            async with opened(file, kind, other or (), sandbox=sandbox) as artefact:
                inspection = await artefact.world.inspect(artefact.build)
                looks = await artefact.world.look(artefact.build)
                written = [] if pictures is None else await save_pictures(looks, artefact.blobs, pictures)
                if html is not None:
                    sound = "sound: it can be tried out" if inspection.sound else "unsound"
                    page = Page(
                        title=artefact.given.name,
                        outcome=sound,
                        accepted=inspection.sound,
                        views=looks,
                        inspection=inspection,
                        model=await model_of(artefact),
                        model_name=artefact.given.name,
                    )
                    write_page(await rendered(page, artefact.blobs), html)
        if json:
            print_json(
                {
                    "kind": artefact.given.kind,
                    "inspection": inspection,
                    "views": looks,
                    "pictures": list(map(str, written)),
                }
            )
            return 0 if inspection.sound else 3
        console = out()
        console.print(f"{artefact.given.name}: {artefact.given.kind}", style="bold cyan")
        console.print(inspection_view(inspection), soft_wrap=False)
        for line in views_text(looks) if views else ():
            console.print(line)
        drawn = sum(view.picture is not None for view in looks)
        if written:
            console.print(f"{counted(len(written), 'picture')} in {pictures}")
        elif drawn:
            console.print(f"{counted(drawn, 'picture')}: write them with --pictures FOLDER or --html OUT", style="dim")
        return 0 if inspection.sound else 3

    return run_async(main())
