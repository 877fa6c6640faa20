"""``plumbline verify``: check a run's quotes."""

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from agent.browsing.config import CacheConfig
from agent.browsing.corpus import Corpus
from agent.browsing.verifying import GOOD, QuoteCheck, Verification, VerifyState
from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.opening import open_ledger
from agent.ledger.store import Ledger
from agent.runtime.browsing import open_pages
from agent.runtime.services import corpus_file
from agent.runtime.settings import Settings
from agent.runtime.verifying import texts_of_pages, verify_kept, verify_now

app = typer.Typer(add_completion=False)

NOT_ALL_GOOD = 3
"""Exit code where a quote is neither valid nor moved, or could not be looked at."""
_EXCERPT = 80
_STYLES: dict[VerifyState, str] = {
    "valid": "green",
    "moved": "cyan",
    "changed": "yellow",
    "gone": "red",
    "unchecked": "magenta",
}


@app.command()
def verify(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    refetch: Annotated[
        bool, typer.Option("--refetch", help="fetch the pages anew and look for the quotes in them")
    ] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Check every quote of a run's report and sessions: its text's hash, and the words at its place.

    With --refetch the pages are fetched anew: a quote is valid, moved, changed or gone, or unchecked where the page
    could not be had. Ends with 0 when all are valid or moved, else with 3.
    """

    async def main() -> int:
        async with open_ledger() as (ledger, settings, home):
            run_id = (await ledger.find(run)).id
            found = await (_refetched(ledger, settings, home, run_id) if refetch else verify_kept(ledger, run_id))
        if json:
            values = found.model_dump(mode="json")
            print_json({**values, "counts": found.counts, "good": found.good})
        else:
            _print(found)
        return 0 if found.good else NOT_ALL_GOOD

    return run_async(main())


async def _refetched(ledger: Ledger, settings: Settings, home: Path, run_id: str) -> Verification:
    task, _ = await ledger.created(run_id)
    place = None if task.corpus is None else corpus_file(home, task.corpus)
    corpus = Corpus(place) if place is not None and place.exists() else None
    pages = open_pages(
        # what is in the cache is not what the page says now
        settings.browsing.model_copy(update={"cache": CacheConfig(mode="live")}),
        settings=settings,
        home=home,
        # a sandbox of its own: the run itself may be at work
        run_id=f"verify-{secrets.token_hex(6)}",
        corpus=None,
        blobs=ledger.blobs,
    )
    try:
        return await verify_now(ledger, run_id, texts_of_pages(pages.fetcher, pages.browser, corpus))
    finally:
        await pages.close()
        if corpus is not None:
            await corpus.close()


def _print(found: Verification) -> None:
    console = out()
    where = "pages as they are now" if found.refetched else "kept texts"
    if not found.checks:
        console.print(f"run {found.run_id} has no quotes")
    else:
        columns = [Column(name, overflow="fold") for name in ("quote", "state", "page", "words", "why")]
        table = Table(*columns, title=f"run {found.run_id}: quotes in {where}")
        for check in found.checks:
            table.add_row(*_row(check), style=None if check.state in GOOD else _STYLES[check.state])
        console.print(table, soft_wrap=False)
        console.print(", ".join(f"{count} {state}" for state, count in found.counts.items()))
    for note in found.notes:
        err().print(f"! {clean(note)}", style="yellow")


def _row(check: QuoteCheck) -> tuple[str, ...]:
    now = f"; now: {_short(check.now)}" if check.now else ""
    page = f"{_short(check.title)}\n{clean(check.location)}"
    return clean(check.id), check.state, page, _short(check.text), f"{clean(check.detail)}{now}"


def _short(text: str) -> str:
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= _EXCERPT else f"{flat[:_EXCERPT]}..."
