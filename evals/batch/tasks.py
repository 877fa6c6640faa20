"""Makes tasks of samples."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

from agent.browsing.corpus import Corpus
from agent.domain.artefacts import Criteria
from agent.domain.budget import Budget
from agent.domain.errors import UsageError
from agent.domain.task import CheckOrder, Setup, Task, WorkspaceFile
from agent.ledger.blobs import BlobStore
from agent.runtime.services import corpus_file
from agent.runtime.settings import Settings
from evals.suite.definition import Suite
from evals.suite.sample import Sample


class Tasks:
    """Makes the tasks of a suite's samples; each corpus is indexed once, where it is first needed.

    Args:
        suite: whose samples they are.
        settings: for what neither the sample nor the suite says.
        home: the data folder, where indexes are.
        blobs: where files are put.
    """

    def __init__(self, suite: Suite, settings: Settings, home: Path, blobs: BlobStore) -> None:
        self._suite = suite
        self._settings = settings
        self._home = home
        self._blobs = blobs
        self._turn = asyncio.Lock()
        self._corpora: dict[str, str] = {}

    async def task_of(self, sample: Sample) -> Task:
        """Return the task of a sample.

        Raises:
            UsageError: a file is missing or the task is none.
        """
        own, shared = sample.task, self._suite.file.task
        corpus = own.corpus if own.corpus is not None else shared.corpus
        ask = own.ask or shared.ask
        if ask is not None and sample.choices:
            ask = ask.model_copy(update={"choices": sample.choices, "kind": "choice"})
        build = own.build or shared.build
        if build is not None and sample.criteria:
            asked = Criteria(wish=sample.goal, kind=build.artefact, criteria=sample.criteria)
            kept = await self._blobs.put(asked.model_dump_json().encode())
            build = build.model_copy(update={"criteria": kept})
        budget = own.budget or shared.budget or self._settings.budget
        return Task(
            goal=sample.goal,
            files=await self._files(sample.files),
            corpus=await self._corpus(corpus) if corpus else None,
            web=own.web if own.web is not None else bool(shared.web),
            constraints=(*shared.constraints, *own.constraints),
            checks=(*shared.checks, *own.checks),
            budget=budget if budget.seconds is not None else _bounded(budget),
            mode=own.mode or shared.mode or "auto",
            ask=ask,
            browse=own.browse or shared.browse,
            check=CheckOrder(sha256=await self._blobs.put(sample.text.encode())) if sample.text else None,
            build=build,
            setup=await self._setup(sample),
        )

    async def _setup(self, sample: Sample) -> Setup | None:
        if sample.setup is None:
            return None
        return Setup(files=await self._files(sample.setup.files), program=sample.setup.program)

    async def _files(self, named: Mapping[str, str]) -> tuple[WorkspaceFile, ...]:
        return tuple([await self._file(path, place) for path, place in sorted(named.items())])

    async def _file(self, path: str, named: str) -> WorkspaceFile:
        data = await asyncio.to_thread(self._read, named)
        return WorkspaceFile(path=path, sha256=await self._blobs.put(data), size=len(data))

    def _read(self, named: str) -> bytes:
        try:
            return (self._suite.folder / named).read_bytes()
        except OSError as error:
            raise UsageError(f"{self._suite.folder / named} cannot be read: {error.strerror}") from error

    async def _corpus(self, named: str) -> str:
        async with self._turn:
            if named not in self._corpora:
                folder = (self._suite.folder / named).resolve()
                name = f"suite-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
                place = corpus_file(self._home, name)
                await asyncio.to_thread(place.parent.mkdir, parents=True, exist_ok=True)
                corpus = Corpus(place)
                try:
                    await corpus.add([folder])
                finally:
                    await corpus.close()
                self._corpora[named] = name
            return self._corpora[named]


SAMPLE_SECONDS = 1800.0
"""Time of a sample that has no limit of its own: nothing may hold up a batch for ever."""


def _bounded(budget: Budget) -> Budget:
    return budget.model_copy(update={"seconds": SAMPLE_SECONDS})
