"""A rehearsal of training data: 100 failed trajectories, of which what was corrected and passes may be exported."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.task import Task
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger
from agent.runtime.history import report_of
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from evals.batch.acting import acts_of
from evals.batch.order import BatchFolder, BatchOrder, Failed, Reflection, attempts_of, new_order
from evals.batch.results import Result
from evals.batch.running import BatchRunner
from evals.batch.tasks import Tasks
from evals.benchmarks.services import BenchmarkServices
from evals.benchmarks.training_cast import Cast, Lot, lots, write_suite
from evals.suite.definition import Suite
from evals.suite.reading import read_suite
from evals.training.advice import AdviceBook
from evals.training.exporting import Exporter, Seen, Wanted
from evals.training.files import read_preference, read_sft, write_lines
from evals.training.forms import PreferenceExample, SftExample
from evals.training.reflecting import CorrectionRunner, work_in_rounds
from evals.training.reflector import Reflector
from evals.training.texts import has, joined
from toolserver.client import EgressEvent, Sandbox
from toolserver.testing import InProcessSandbox

_CONCURRENCY = 8


class Rehearsed(Fact):
    """What came of the rehearsal.

    Attributes:
        failed: first attempts that failed, by the way they did.
        passed: first attempts that passed.
        corrected: corrections that passed all scorers.
        exported: examples that were exported, by format.
        wanted: those that were to be.
        reasons: by format, how many corrections were left out for which reason.
        wrong: what is not as it has to be, one line each.
    """

    failed: dict[str, int]
    passed: int
    corrected: int
    exported: dict[str, int]
    wanted: dict[str, int]
    reasons: dict[str, dict[str, int]]
    wrong: tuple[str, ...] = ()
    seconds: float = Field(ge=0)


class _Services(BenchmarkServices):
    """A model in every role, and sandboxes in this process."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        super().__init__(cast, lambda name, arguments: "")
        self._folder = folder

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox | None:
        """Open one; it isolates nothing, and nothing but the cast works in it."""
        return await InProcessSandbox.open(run_id, folder=self._folder / run_id)

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return none: the sandbox has all that is needed."""
        return ()


async def rehearse(told: Callable[[str], None] = lambda line: None, *, share: float = 1.0) -> Rehearsed:
    """Let the cast, or a share of it, fail, be corrected and be exported, and look at what was exported."""
    started = time.perf_counter()
    cast = lots(share)
    with tempfile.TemporaryDirectory(prefix="plumbline-") as name:
        folder = Path(name)
        write_suite(folder / "suite", cast)
        suite = read_suite(folder / "suite")
        ledger = await Ledger.open(folder / "home")
        try:
            found = await _rehearsed(ledger, folder, suite, cast, told)
        finally:
            await ledger.close()
    return found.model_copy(update={"seconds": round(time.perf_counter() - started, 2)})


async def _rehearsed(
    ledger: Ledger, folder: Path, suite: Suite, cast: Sequence[Lot], told: Callable[[str], None]
) -> Rehearsed:
    model, settings = Cast(cast), Settings(concurrency=_CONCURRENCY)
    services = _Services(model, folder / "runs")
    runner = Runner(ledger, services, settings)
    try:
        told("failing")
        tasks = Tasks(suite, settings, folder / "home", ledger.blobs)
        first = _order(suite, "first", tuple(lot.id for lot in cast))
        (home := folder / "home").mkdir(exist_ok=True)
        with BatchFolder(home, first.id) as place:
            place.begin(first)
        acts = acts_of(first, suite, ledger, home)
        batch = BatchRunner(
            runner, suite, tasks, first.options, budget=first.budget, concurrency=_CONCURRENCY, acts=acts
        )
        results = list((await batch.work(attempts_of(first, suite))).values())
        told("correcting")
        failed = tuple(
            Failed(sample=one.sample, attempt=1, run_id=one.run_id)
            for one in sorted(results, key=lambda one: one.run_id)
            if one.state == "failed"
        )
        reflection = Reflection(batch=first.id, failed=failed)
        second = _order(suite, "second", tuple(one.sample for one in failed), reflection)
        with BatchFolder(home, second.id) as place:
            place.begin(second)
        book = AdviceBook(folder / "home", second.id, ledger.redactor)
        reflector = Reflector(await services.models(second.options))
        corrections = CorrectionRunner(
            runner, suite, tasks, second, reflector, book, concurrency=_CONCURRENCY,
            acts=acts_of(second, suite, ledger, home), before=acts,
        )  # fmt: skip
        corrected = list((await work_in_rounds(corrections, second, attempts_of(second, suite))).values())
    finally:
        await runner.close()
        await services.close()
    told("exporting")
    return await _exported(ledger, folder, suite, second, cast, results, corrected, model.shown)


def _order(suite: Suite, name: str, samples: tuple[str, ...], reflection: Reflection | None = None) -> BatchOrder:
    return new_order(
        suite, str(suite.folder), RunOptions(), samples=samples, attempts=1, budget=Budget(steps=None), name=name,
        reflection=reflection,
    )  # fmt: skip


async def _exported(
    ledger: Ledger,
    folder: Path,
    suite: Suite,
    order: BatchOrder,
    cast: Sequence[Lot],
    results: Sequence[Result],
    corrected: Sequence[Result],
    shown: Sequence[str],
) -> Rehearsed:
    by_id = {lot.id: lot for lot in cast}
    sft = [one async for one in Exporter(ledger, folder / "home", Wanted(kind="sft")).seen(order, suite)]
    pairs = [one async for one in Exporter(ledger, folder / "home", Wanted(kind="preference")).seen(order, suite)]
    for name, seen in (("sft", sft), ("preference", pairs)):
        write_lines(folder / f"{name}.jsonl", (example for one in seen for example in one.examples), ledger.redactor)
    examples: dict[str, list[SftExample] | list[PreferenceExample]] = {
        "sft": list(read_sft(folder / "sft.jsonl")),
        "preference": list(read_preference(folder / "preference.jsonl")),
    }
    right = [lot for lot in cast if lot.sort == "right"]
    # arguments that are no JSON cannot stand in a pair, whose arguments are objects
    wanted = {
        "sft": {lot.id for lot in right},
        "preference": {lot.id for lot in right if lot.way != "broken tool use"},
    }
    return Rehearsed(
        failed=dict(Counter(by_id[one.sample].way for one in results if one.state == "failed")),
        passed=sum(one.state == "passed" for one in results),
        corrected=sum(one.state == "passed" for one in corrected),
        exported={name: len(found) for name, found in examples.items()},
        wanted={name: len(samples) for name, samples in wanted.items()},
        reasons={"sft": dict(_reasons(sft).most_common()), "preference": dict(_reasons(pairs).most_common())},
        wrong=(
            *_wrong_runs(examples, wanted),
            *[line for found in examples.values() for line in await _wrong_texts(ledger, found, by_id)],
            *(f"the reflector was shown the answer to {lot.id}" for lot in cast if _shown_answer(lot, shown)),
        ),
        seconds=0,
    )


def _reasons(seen: Sequence[Seen]) -> Counter[str]:
    return sum((one.reasons for one in seen), Counter[str]())


def _wrong_runs(
    examples: Mapping[str, Sequence[SftExample | PreferenceExample]], wanted: Mapping[str, set[str]]
) -> tuple[str, ...]:
    """Return what was exported and was not to be, and the other way round."""
    wrong = []
    for name, found in examples.items():
        samples = {one.provenance.sample for one in found}
        wrong += [f"{name} has {one}, which was not to be exported" for one in sorted(samples - wanted[name])]
        wrong += [f"{name} lacks {one}, which was corrected and passes" for one in sorted(wanted[name] - samples)]
    return tuple(wrong)


async def _wrong_texts(
    ledger: Ledger, examples: Sequence[SftExample | PreferenceExample], cast: Mapping[str, Lot]
) -> list[str]:
    """Return where an exported line has the answer in a prompt or any advice, or its run a check that fails."""
    wrong = []
    for one in examples:
        lot, line = cast[one.provenance.sample], one.model_dump_json()
        messages = one.messages if isinstance(one, SftExample) else one.prompt
        told = joined(message.content or "" for message in messages if message.role in ("system", "user"))
        if has(told, str(lot.amount)):
            wrong.append(f"a prompt of {lot.id} holds the answer")
        if "[person]" in line or "before anything else" in line:
            wrong.append(f"{lot.id} shows advice")
        known = await report_of(ledger, one.provenance.run)
        checks = () if known is None else known[0].checks
        if bool(checks) != lot.checked or any(check.outcome != "pass" for check in checks):
            wrong.append(f"a check of {lot.id} fails")
    return wrong


def _shown_answer(lot: Lot, shown: Sequence[str]) -> bool:
    """Whether the reflector was shown a right answer that the attempt had not seen."""
    if lot.way in ("wrong answer", "failed check"):
        return False
    return any(lot.goal in text and has(joined((text,)), str(lot.amount)) for text in shown)
