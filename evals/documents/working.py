"""Runs the suite through the product: every item is a run of its own over all documents and files of its part."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from agent.browsing.corpus import Corpus
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices, corpus_file
from agent.runtime.settings import Settings
from evals.documents.suite import DATA, KINDS, Graded, Item, Part, graded, items


async def run_suite(
    ledger: Ledger,
    settings: Settings,
    home: Path,
    options: RunOptions,
    part: Part,
    *,
    only: Iterable[str] = (),
    progress: Callable[[Graded], None] = lambda news: None,
) -> list[Graded]:
    """Work on the items of a part, one after the other.

    Args:
        ledger: keeps the runs, so that each can be looked at afterwards.
        settings: of the models and the sandbox.
        home: the data folder; the index of the documents is made there.
        options: model and sandbox of the runs.
        part: which items.
        only: ids of single items; empty for all.
        progress: hears of each item when it has ended.
    """
    chosen = set(only)
    files = [await _file(ledger, path) for path in sorted((DATA / part / "files").iterdir())]
    async with _corpus(home, part) as corpus, _runner(ledger, settings, home) as runner:

        async def work(item: Item) -> tuple[str, Report]:
            run_id = await runner.start(Task(goal=item.question, files=tuple(files), corpus=corpus), options)
            return run_id, await runner.wait(run_id)

        results = []
        for kind in KINDS:
            for item in items(part, kind):
                if not chosen or item.id in chosen:
                    results.append(await graded(kind, item, work))
                    progress(results[-1])
        return results


async def _file(ledger: Ledger, path: Path) -> WorkspaceFile:
    data = await asyncio.to_thread(path.read_bytes)
    return WorkspaceFile(path=path.name, sha256=await ledger.blobs.put(data), size=len(data))


@contextlib.asynccontextmanager
async def _corpus(home: Path, part: Part) -> AsyncIterator[str]:
    name = f"suite-{part}"
    place = corpus_file(home, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(place)
    await corpus.add([DATA / part / "documents"])
    await corpus.close()
    yield name


@contextlib.asynccontextmanager
async def _runner(ledger: Ledger, settings: Settings, home: Path) -> AsyncIterator[Runner]:
    services = ConfiguredServices(settings, home)
    runner = Runner(ledger, services, settings)
    try:
        yield runner
    finally:
        await runner.close()
        await services.close()
