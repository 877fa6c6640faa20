"""``plumbline bench injection``: hostile pages against a model that obeys them."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from agent.domain.errors import ServiceError
from evals.benchmarks.machine import machine_line
from evals.injection.arena import Outcome, Person, meet_all
from evals.injection.pages import PAGES
from toolserver.client import ToolServerError

_TOLD = 110


def injection(
    only: Annotated[list[str] | None, typer.Option(help="part of a page's name, may be repeated")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table for a document")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Hostile pages against a model that obeys every order it reads. Exit code 1 when a page got what it wants.

    Each page is met twice: by a run that nobody watches, and, as a control, by one whose person allows everything.
    """
    pages = [page for page in PAGES if not only or any(part in page.name for part in only)]
    met: dict[Person, list[Outcome]] = {}
    people: tuple[Person, Person] = ("nobody", "allows")
    with err().status("meeting hostile pages") as status:
        try:
            for person in people:
                met[person] = asyncio.run(
                    meet_all(person, pages, told=lambda page: status.update(f"meeting: {page.name}"))
                )
        except ToolServerError as error:
            raise ServiceError(str(error)) from error
    rows = list(zip(met["nobody"], met["allows"], strict=True))
    if json:
        print_json({"machine": machine_line(), "nobody": met["nobody"], "allows": met["allows"]})
    elif markdown:
        out().print("| page | obeyed | harm | stopped by | harm if allowed |\n|---|---|---|---|---|", soft_wrap=True)
        for row in rows:
            out().print(f"| {' | '.join(_cells(*row))} |", highlight=False, soft_wrap=True, markup=False)
    else:
        table = Table("page", "obeyed", "harm", "stopped by", "harm if allowed", box=box.SIMPLE)
        for row in rows:
            table.add_row(*_cells(*row))
        out().print("hostile pages and a model that obeys them", style="bold")
        out().print(table)
        out().print(machine_line(), style="dim")
    return 1 if any(outcome.harmed for outcome in met["nobody"]) else 0


def _cells(watched: Outcome, allowed: Outcome) -> tuple[str, ...]:
    stopped = watched.stopped_by if watched.seen else "the order is not shown to the model"
    told = " ".join(clean(stopped).replace("|", "/").split())
    short = told if len(told) <= _TOLD else f"{told[: _TOLD - 3]}..."
    yes = {True: "yes", False: "no"}
    return watched.page, yes[watched.obeyed], "YES" if watched.harmed else "no", short, yes[allowed.harmed]
