"""``python -m evals.made``: print what the checks say of thirty artefacts with sixty planted defects."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.status import Status
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import UsageError
from agent.verification.artefacts.program_sandbox import ProgramSandbox
from evals.checks import HEADINGS
from evals.made.catalogue import KINDS, Artefact, artefacts
from evals.made.measuring import Judged, Told, Workbench, measured
from toolserver.client import (
    AutoSandbox,
    LocalSandbox,
    Sandbox,
    SandboxConfig,
    ToolServerError,
    open_pages,
    open_sandbox,
)


def made(
    only: Annotated[str | None, typer.Option(help="a kind (program, web_page, data_file) or the name of one")] = None,
    local: Annotated[bool, typer.Option(help="in bubblewrap, even where Docker is there")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Try thirty good artefacts, and each with two planted defects, and tell what was found."""
    chosen = [one for one in artefacts() if only in (None, one.kind, one.name)]
    if not chosen:
        err().print(f"there is no artefact {only!r}; give one of {', '.join(KINDS)}, or a name")
        raise typer.Exit(2)
    config: SandboxConfig = LocalSandbox(require_isolation=True) if local else AutoSandbox()
    try:
        with err().status("opening sandboxes") as status:
            found = asyncio.run(_measured(chosen, config, status))
    except (ToolServerError, UsageError) as error:
        err().print(str(error), markup=False)
        raise typer.Exit(1) from None
    if json:
        print_json(found)
        return
    _print(found)


async def _measured(chosen: Sequence[Artefact], config: SandboxConfig, status: Status) -> Told:
    with tempfile.TemporaryDirectory(prefix="plumbline-made-") as folder:
        state = Path(folder)

        async def programs() -> Sandbox:
            return await open_sandbox(config, "made-programs", state_dir=state, keep=False)

        def tell(one: Judged) -> None:
            status.update(f"{one.kind}: {one.artefact}{f', {one.defect}' if one.defect else ''}")

        bench = ProgramSandbox(programs)
        try:
            async with await open_pages(config, "made-pages", state_dir=state) as pages:
                return await measured(Workbench(bench, pages), chosen, tell)
        finally:
            await bench.close()


def _print(found: Told) -> None:
    table = Table("kind", "check", *HEADINGS, box=box.SIMPLE)
    for row in found.rows:
        table.add_row(row.kind, row.check, *row.columns)
    out().print(table)
    out().print(
        f"defects found {found.found} of {found.defects}; false alarms {len(found.alarms)} of {found.checks} checks of "
        f"{found.artefacts} good artefacts; accepted with a defect {found.accepted_bad}; {found.seconds:.0f} s"
    )
    for line in (*(f"missed: {one}" for one in found.missed), *(f"alarm: {one}" for one in found.alarms)):
        out().print(line, markup=False)


if __name__ == "__main__":
    typer.run(made)
