"""``plumbline bench documents``: questions over documents and computations over files."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.runtime.options import RunOptions
from agent.runtime.settings import home_folder
from evals.benchmarks.machine import machine_line
from evals.documents.suite import KINDS, PARTS, Agreement, Graded, Part, agreement, measurement, table
from evals.documents.working import run_suite
from evals.printed import print_table
from evals.records import keep


def documents(
    part: Annotated[str, typer.Argument(help=", ".join(PARTS))] = "blind",
    model: Annotated[str, typer.Option()] = "embedded",
    sandbox: Annotated[str, typer.Option()] = "auto",
    only: Annotated[list[str] | None, typer.Option(help="id of a single item, may be repeated")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Questions over documents and computations over files: right, wrong and withheld.

    The exit code is 1 if an answer that is shown as verified is wrong. The runs are kept: plumbline runs. So is what a
    whole part came to, for the web application's page of measurements.
    """
    chosen = next((name for name in PARTS if name == part), None)
    if chosen is None:
        raise UsageError(f"the suite has no part {part!r}; choose one of {', '.join(PARTS)}")
    results = asyncio.run(_documents(chosen, RunOptions(model=model, sandbox=sandbox), only or (), quiet=json))
    code = 1 if any(one.grade == "wrong" for one in results) else 0
    if results and not only:
        keep(home_folder(), measurement(chosen, model, results))
    counts = table(results)
    if json:
        rows = {f"{kind} {name}": dict(found) for (kind, name), found in counts.items()}
        agreed = {kind: agreement(one for one in results if one.kind == kind) for kind in KINDS}
        print_json({"machine": machine_line(), "part": part, "counts": rows, "agreement": agreed, "items": results})
        return code
    shown = Table("kind", "class", "right", "wrong", "withheld", box=box.SIMPLE)
    for (kind, name), found in counts.items():
        shown.add_row(kind, name, *(str(found[grade]) for grade in ("right", "wrong", "withheld")))
    print_table(f"documents, part {part}", shown, machine_line())
    agreed_shown = Table("kind", "answers found", "all believed", "verified", "nothing found", box=box.SIMPLE)
    for each in KINDS:
        found_ = agreement(one for one in results if one.kind == each)
        agreed_shown.add_row(each, *_shares(found_))
    print_table("the verdict on an answer agrees with what is right", agreed_shown, machine_line())
    seconds = sorted(one.seconds for one in results)
    if seconds:
        out().print(f"seconds per item: median {seconds[len(seconds) // 2]:.1f}, longest {seconds[-1]:.1f}")
    return code


def _shares(found: Agreement) -> tuple[str, ...]:
    shares = (f"{count} of {found.answers}" for count in (found.believed, found.verified))
    return (str(found.answers), *shares, str(found.unanswered))


async def _documents(part: Part, options: RunOptions, only: Iterable[str], *, quiet: bool) -> list[Graded]:
    def tell(news: Graded) -> None:
        answer = " ".join(news.report.answer.split())
        err().print(f"{news.grade:>8}  {news.item.id}  {news.seconds:5.1f} s  {news.item.question}  {answer}")

    async with open_ledger() as (ledger, settings, home):
        return await run_suite(
            ledger, settings, home, options, part, only=only, progress=(lambda news: None) if quiet else tell
        )
