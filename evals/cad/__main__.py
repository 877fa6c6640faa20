"""``python -m evals.cad``: print the confusion table of the ten reference wishes."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import ServiceError, UsageError
from evals.cad.measuring import CheckRow, Confusion, Tried, confusion, of_scenarios
from evals.cad.opening import local_world
from evals.cad.wish import Wish
from evals.cad.wishes import WISHES
from toolserver.client import ToolServerError


def cad(
    wish: Annotated[list[str] | None, typer.Argument(help=", ".join(one.name for one in WISHES))] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="programs that are tried at a time")] = 2,
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table for a document")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Try good and sabotaged programs of the ten reference wishes in a CAD sandbox and tell what was found."""
    try:
        found = asyncio.run(_measured(_chosen(wish or []), workers, quiet=json))
    except UsageError as error:
        err().print(str(error), markup=False)
        raise typer.Exit(2) from error
    except (ServiceError, ToolServerError) as error:
        err().print(str(error), markup=False)
        raise typer.Exit(1) from error
    if json:
        print_json({**found.model_dump(mode="json"), "found": found.found, "sabotaged": found.sabotaged})
        return
    if markdown:
        out().print(_MARKDOWN, markup=False, highlight=False)
        for row in of_scenarios(found):
            line = f"| {row.check} | {' | '.join(map(str, _counts(row)))} |"
            out().print(line, markup=False, highlight=False)
    else:
        out().print(_table("check", of_scenarios(found)))
        out().print(_table("wish", found.rows))
    out().print(
        f"defects found {found.found} of {found.sabotaged}; sabotaged programs accepted {len(found.slipped)}; "
        f"good programs accepted {found.good - len(found.refused)} of {found.good}; "
        f"checks of good programs that did not pass {found.alarms} of {found.good_checks}; {found.seconds:.0f} s"
    )
    for title, lines in (("missed", found.missed), ("accepted", found.slipped), ("refused", found.refused)):
        for line in lines:
            out().print(f"{title}: {line}", markup=False, soft_wrap=True)


def _chosen(names: list[str]) -> list[Wish]:
    known = {one.name: one for one in WISHES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"there is no wish {unknown[0]!r}; choose from {', '.join(known)}")
    return [known[name] for name in names] or list(WISHES)


async def _measured(wishes: list[Wish], workers: int, *, quiet: bool) -> Confusion:
    def tell(tried: Tried) -> None:
        if not quiet:
            failed = ", ".join(check for check, outcome in tried.outcomes.items() if outcome == "fail")
            opened = ", ".join(check for check, outcome in tried.outcomes.items() if outcome == "inconclusive")
            said = "accepted" if tried.accepted else f"failed {failed or '-'}; open {opened or '-'}"
            err().print(f"{tried.seconds:5.1f} s  {tried.name}: {said}", markup=False, highlight=False, soft_wrap=True)

    async with local_world() as here:
        return await confusion(here.world, wishes, workers=workers, told=tell)


def _table(first: str, rows: tuple[CheckRow, ...]) -> Table:
    names = (first,) if first == "check" else (first, "check")
    table = Table(*names, *("good passed", "blamed", "open", "bad failed", "passed", "open"), box=box.SIMPLE)
    for row in rows:
        table.add_row(*((row.check,) if first == "check" else (row.wish, row.check)), *map(str, _counts(row)))
    return table


def _counts(row: CheckRow) -> tuple[int, ...]:
    return row.good_passed, row.good_blamed, row.good_open, row.bad_failed, row.bad_passed, row.bad_open


_MARKDOWN = "| check | good passed | blamed | open | bad failed | passed | open |\n|---|---|---|---|---|---|---|"


if __name__ == "__main__":
    typer.run(cad)
