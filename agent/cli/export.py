"""``plumbline export``: write a run to a file: a cassette, a page, its report as Markdown, or JSON."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import typer

from agent.cli.console import clean, err, json_text, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.ledger.cassette import export_run, not_carried
from agent.ledger.store import Ledger

app = typer.Typer(add_completion=False)

Form = Literal["cassette", "html", "markdown", "json"]
_ENDINGS: Final[Mapping[Form, str]] = {"cassette": "jsonl", "html": "html", "markdown": "md", "json": "json"}


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write; by default RUN with the ending of its format")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="cassette, which plumbline import reads; html, markdown or json")
    ] = "cassette",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Write a run into one file: all of it as a cassette, or its report for people.

    As html it is one page that opens from a disk without a network, with plan, report, evidence, pictures and steps.
    """
    chosen = next((one for one in get_args(Form) if one == form), None)
    if chosen is None:
        raise UsageError(f"there is no format {form!r}; there are {', '.join(get_args(Form))}")

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            summary = await ledger.find(run)
            target = output or Path(f"{summary.id}.{_ENDINGS[chosen]}")
            data = await _content(ledger, summary.id, chosen)
            left_out = await not_carried(ledger, summary.id) if chosen == "cassette" else {}
        try:
            await asyncio.to_thread(target.write_bytes, data)
        except OSError as error:
            raise UsageError(f"cannot write {str(target)!r}: {error.strerror}; choose another with --output") from error
        if json:
            values: dict[str, Any] = {"run_id": summary.id, "file": str(target), "format": chosen, "bytes": len(data)}
            if chosen == "cassette":
                values |= {"lines": data.count(b"\n"), "raw_left_out": sorted(left_out.values())}
            print_json(values)
        else:
            for url in sorted(left_out.values()):
                err().print(f"! what came for {clean(url)} was too large to keep; its text is there", style="yellow")
            err().print(f"run {summary.id} is in {target} ({len(data):,} bytes)")
        return 0

    return run_async(main())


async def _content(ledger: Ledger, run_id: str, form: Form) -> bytes:
    if form == "cassette":
        return b"".join([line async for line in export_run(ledger, run_id)])
    # a cassette needs none of what makes pages
    from agent.cli.sharing.gathering import gathered
    from agent.cli.sharing.page import shared_page
    from agent.cli.sharing.writing import report_as_markdown

    if form == "html":
        return (await shared_page(ledger, run_id)).html.encode("utf-8", "replace")
    run = await gathered(ledger, run_id)
    if form == "markdown":
        return report_as_markdown(run).encode("utf-8", "replace")
    return json_text({"run": run.run, "view": run.view, "origins": run.origins}).encode()
