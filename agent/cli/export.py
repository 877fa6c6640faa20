"""``plumbline export``: write a run to a cassette file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.console import clean, err, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.ledger.cassette import export_run, not_carried

app = typer.Typer(add_completion=False)


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="file to write; by default RUN.jsonl")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Write a run with everything it refers to into one file that plumbline import reads."""

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            summary = await ledger.find(run)
            target = output or Path(f"{summary.id}.jsonl")
            lines = [line async for line in export_run(ledger, summary.id)]
            left_out = await not_carried(ledger, summary.id)
        try:
            await asyncio.to_thread(target.write_bytes, b"".join(lines))
        except OSError as error:
            raise UsageError(f"cannot write {str(target)!r}: {error.strerror}; choose another with --output") from error
        if json:
            values = {"run_id": summary.id, "file": str(target), "lines": len(lines)}
            print_json({**values, "raw_left_out": sorted(left_out.values())})
        else:
            for url in sorted(left_out.values()):
                err().print(f"! what came for {clean(url)} was too large to keep; its text is there", style="yellow")
            err().print(f"run {summary.id} is in {target} ({sum(map(len, lines)):,} bytes)")
        return 0

    return run_async(main())
