"""``plumbline doctor``: check this machine, with a fix for each problem."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.findings import Finding, checks_of
from agent.runtime.settings import home_folder

app = typer.Typer(add_completion=False)

_MARK = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "red")}


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Check model, sandbox, database, browser and disk. The exit code is 1 when something needed is missing."""
    findings = run_async(_findings(home_folder()))
    if json:
        print_json([finding.model_dump() for finding in findings])
    else:
        table = Table("", "part", "found", "fix", box=box.SIMPLE)
        for finding in findings:
            mark, style = _MARK[finding.state]
            table.add_row(Text(mark, style=style), finding.part, Text(clean(finding.found)), Text(clean(finding.fix)))
        out().print(table)
    return 1 if any(finding.state == "problem" for finding in findings) else 0


async def _findings(home: Path) -> list[Finding]:
    findings = []
    with err().status("checking") as status:
        for part, check in checks_of(home).items():
            status.update(f"checking {part}")
            findings.append(await check())
    return findings
