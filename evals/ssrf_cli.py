"""``plumbline bench ssrf``: what of the ways past the proxy reaches a canary."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Column, Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.machine import machine_line
from evals.benchmarks.ssrf import try_all

JsonOption = Annotated[bool, typer.Option("--json")]


def ssrf(
    browser: Annotated[bool, typer.Option(help="also in a real browser")] = True,
    json: JsonOption = False,
) -> int:
    """Try to get past the proxy in every way: redirects, scripts, pictures, sockets, spellings, rebinding."""
    with err().status("opening pages that try to get out"):
        ways = asyncio.run(try_all(browser=browser))
    if json:
        print_json({"machine": machine_line(), "leaks": ways.leaks, "proved": ways.proved, "ways": ways})
        return 1 if ways.leaks else 0
    heads = [*(f"{t.tier}, refused" for t in ways.refused), *(f"{t.tier}, {t.mode} (control)" for t in ways.controls)]
    table = Table(Column("way", no_wrap=True, min_width=28), *heads, box=box.SIMPLE)
    for way in sorted({*ways.proved, *(way for trial in ways.refused for way in trial.reached)}):
        table.add_row(way, *map(str, (*ways.count(way, "refused"), *ways.count(way, "controls"))))
    console = out()
    console.print("how often each way reached the canary", style="bold")
    console.print(table)
    pages = ", ".join(f"{trial.tier}: {trial.pages} pages, {trial.refused} refusals" for trial in ways.refused)
    console.print(
        f"{ways.leaks} times reached although not allowed ({pages}); {len(ways.proved)} ways work in a control"
    )
    console.print(machine_line(), style="dim")
    return 1 if ways.leaks else 0
