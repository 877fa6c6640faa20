"""``plumbline bench toolserver`` and ``attacks``: what a sandbox costs, and what it stops."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import ServiceError, UsageError
from evals.attacks.suite import attack_all, target
from evals.benchmarks.machine import machine_line
from evals.benchmarks.toolserver import DEPLOYMENTS, toolserver_costs
from evals.printed import print_table
from toolserver.client import SandboxUnavailable, ToolServerError

JsonOption = Annotated[bool, typer.Option("--json")]
_VERDICTS = {True: "yes", False: "NO", None: "not tried"}


def toolserver(
    deployment: Annotated[list[str] | None, typer.Argument(help=", ".join(DEPLOYMENTS))] = None,
    opens: Annotated[int, typer.Option(min=1, help="sandboxes that are opened")] = 4,
    calls: Annotated[int, typer.Option(min=10, help="repetitions of the cheapest calls")] = 300,
    json: JsonOption = False,
) -> int:
    """What a sandbox costs: opening it, calling it, and letting it wait."""
    unknown = [name for name in deployment or () if name not in DEPLOYMENTS]
    if unknown:
        raise UsageError(f"there is no deployment {unknown[0]!r} to measure; choose from {', '.join(DEPLOYMENTS)}")
    rows = []
    for name in DEPLOYMENTS:
        if deployment and name not in deployment:
            continue
        try:
            with err().status(f"{opens} sandboxes, {name}"):
                rows += asyncio.run(toolserver_costs(name, opens=opens, calls=calls))
        except SandboxUnavailable as error:
            if deployment:
                raise ServiceError(str(error)) from error
            err().print(f"{name} was not measured: {error}", markup=False)
    if json:
        print_json({"machine": machine_line(), "rows": rows})
        return 0
    table = Table("deployment", "what", "unit", "p50", "p95", "min", "samples", box=box.SIMPLE)
    for row in rows:
        values = (f"{value:.2f}" for value in (row.p50, row.p95, row.least))
        table.add_row(row.deployment, row.what, row.unit, *values, str(row.samples))
    print_table("the cost of a sandbox", table, machine_line())
    return 0


def attacks(
    sandbox: Annotated[str, typer.Option(help="docker or local")] = "docker",
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table for a document")] = False,
    json: JsonOption = False,
) -> int:
    """Attack a sandbox from inside and say what it stops. Exit code 1 when something got through."""
    if sandbox not in ("docker", "local"):
        raise UsageError(f"--sandbox is docker or local, not {sandbox!r}")
    with err().status(f"attacking: {sandbox}") as status:
        try:
            found = asyncio.run(
                attack_all(target(sandbox), told=lambda attack: status.update(f"{attack.number}: {attack.name}"))
            )
        except ToolServerError as error:
            raise ServiceError(str(error)) from error
    rows = [{"number": a.number, "name": a.name, "stopped": f.stopped, "seen": f.seen} for a, f in found]
    if json:
        print_json({"machine": machine_line(), "sandbox": sandbox, "attacks": rows})
    elif markdown:
        out().print("| # | attack | stopped | seen |\n|---|---|---|---|", highlight=False, soft_wrap=True)
        for attack, finding in found:
            line = f"| {attack.number} | {attack.name} | {_VERDICTS[finding.stopped]} | {finding.seen} |"
            out().print(line, highlight=False, soft_wrap=True, markup=False)
    else:
        table = Table("#", "attack", "stopped", "seen", box=box.SIMPLE)
        for attack, finding in found:
            table.add_row(attack.number, attack.name, _VERDICTS[finding.stopped], finding.seen)
        print_table(f"attacks on a sandbox: {sandbox}", table, machine_line())
    return 1 if any(finding.stopped is False for _, finding in found) else 0
