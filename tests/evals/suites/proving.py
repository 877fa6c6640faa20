"""Proofs that samples can be solved and can be failed: what a model by script does in real runs, scored as any batch.

A proof is data: ``proofs/SUITE.yaml`` has, for each sample, a way of working that passes and one that looks plausible
and does not. A third one, the same for all, gives no answer. Proofs are no part of the package: they hold the answers.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import Field

from agent.browsing.corpus import Corpus
from agent.browsing.documents import read_document
from agent.browsing.ports import World
from agent.browsing.search.corpus import CorpusFetcher, CorpusSearch
from agent.browsing.search.person import Ask
from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.execution.document_tools import document_tools
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger
from agent.models.asking import Models
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.benches import Benches
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX, corpus_file
from agent.runtime.settings import Settings
from evals.batch.order import Attempt
from evals.batch.results import Result
from evals.batch.running import BatchRunner
from evals.batch.tasks import Tasks
from evals.cad.wishes import WISHES
from evals.luban.builds import GOOD
from evals.luban.sabotages import SABOTAGES
from evals.luban.tasks import TASKS
from evals.scorers.acting import Acting, Means
from evals.scorers.agreement import Agreements
from evals.scorers.kept import KeptScores
from evals.suite.definition import Suite
from evals.suite.sample import Sample
from evals.suite.ways import WAYS
from tests.studio import StudioServices
from toolserver.client import CadSandbox, LocalSandbox, Sandbox, open_cad
from toolserver.testing import InProcessSandbox

PROOFS: Final = Path(__file__).parent / "proofs"
_NAMED: Final = frozenset(way.replace("+", "-") for way in WAYS)
_AT_A_TIME = 4
_BOUND = 240.0
"""Seconds after which a run that a script cannot end is given up."""

_TOOLLESS: Final = RunOptions(sandbox=NO_SANDBOX)
"""Of runs that have no files and run no programs; opening a sandbox takes most of their time."""

Way = Literal["solved", "wrong", "empty"]


class Stated(Fact):
    """A claim that is handed in.

    Attributes:
        words: verbatim text of documents that it cites.
        calls: places of tool calls that it cites, counted from 0.
        shown: verbatim text of what these calls gave, which decides it.
    """

    text: str
    words: tuple[str, ...] = ()
    calls: tuple[int, ...] = ()
    shown: str = ""


class Hop(Fact):
    """One page that is searched for, opened by its title, and quoted."""

    search: str
    page: str
    quote: str


class Judged(Fact):
    """What a judge says of the claim that has some words: the verdict, and the verbatim text that decides it."""

    verdict: Literal["supported", "contradicted", "qualified", "not_found"]
    quote: str = ""


class Script(Fact):
    """What a model does in one run.

    Attributes:
        calls: tool calls of the executor, one a turn, before it hands in.
        answer: what it hands in; of a session that browses, ends it.
        success: false where it says that the goal was not reached.
        files: paths that it names as results.
        hops: of a session that browses.
        judged: by words of a claim, what the judge says.
        fields: of a form by which a question is answered, beside the answer.
        program: of something that is built: ``design``, a good one, or ``sabotage: `` and what is wrong with it.
    """

    calls: tuple[Mapping[str, Any], ...] = ()
    answer: str | bool | int | float = "-"
    claims: tuple[Stated, ...] = ()
    success: bool = True
    files: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    judged: Mapping[str, Judged] = {}
    fields: Mapping[str, Any] = {}
    program: str = ""


class Proof(Fact):
    """That a sample can be solved, and that it can be failed."""

    solved: Script
    wrong: Script = Field(description="plausible, and not right")


EMPTY: Final = Script(answer="I do not know.", success=False)
"""Gives no answer."""


def proofs_of(suite: Suite) -> dict[str, Proof]:
    """Return the proofs of a suite, by sample; one proof is for a question in all the ways it is asked.

    Raises:
        AssertionError: a proof is missing, or is for no sample.
    """
    values = yaml.safe_load((PROOFS / f"{suite.name}.yaml").read_text(encoding="utf-8"))
    proofs = {name: Proof.model_validate(value) for name, value in values.items()}
    names = {sample.id: sample.id if sample.id in proofs else sample.id.rpartition(".")[0] for sample in suite.samples}
    assert set(names.values()) == set(proofs), set(names.values()) ^ set(proofs)
    return {sample: proofs[name] for sample, name in names.items()}


def each_question_once(suite: Suite) -> Suite:
    """Return a suite whose questions that are asked in several ways are asked in one of them, each in another one."""
    number = len(WAYS)
    asked = [sample for sample in suite.samples if sample.id.rpartition(".")[2] in _NAMED]
    kept = {sample.id for place, sample in enumerate(asked) if place % number == place // number % number}
    samples = tuple(sample for sample in suite.samples if sample not in asked or sample.id in kept)
    return suite.model_copy(update={"samples": samples})


@dataclass
class Scripted:
    """Plays a script in whatever role it is asked. Judges believe what the script's claims quote, and nothing else.

    Attributes:
        citing: ids of evidence by verbatim text of documents.
    """

    script: Script
    citing: Mapping[str, str]
    program: str = ""
    turns: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer as a ``ScriptedModel`` does."""
        names = [tool.name for tool in asked.tools]
        shown = "\n".join(str(message["content"]) for message in asked.messages)
        self.asked.append(names[0] if names else "")
        if "submit" in names:
            return self._work(shown)
        if "finish" in names or "search" in names or "reject" in names:
            return self._browse(shown)
        match names[0] if names else "":
            case "judge_claim":
                return self._judge(shown)
            case "tell_dispute":
                return self._dispute(shown)
            case "give_answer" | "reason_and_answer" | "prove_and_answer" | "compute_and_answer" | "tell_what_follows":
                return self._answer(names[0])
            case "write_criteria" | "write_tests" | "promise":
                return call(names[0])
            case "plan_parts":
                return call("plan_parts", parts=[{"name": "whole", "purpose": "as wished", "shape": "one piece"}])
            case "mend_check":
                return call("mend_check", action="leave", reason="nothing is wrong with the check")
            case "critique_artefact":
                seen = dict.fromkeys(("position", "proportion", "orientation"), "right")
                return call("critique_artefact", parts=[{"part": "whole", "present": "yes", **seen}], whole=[], score=8)
            case "compare_artefacts":
                return call("compare_artefacts", better="equal", reason="they are alike")
            case "":
                return say(f"```\n{self.program}\n```\n")
            case other:
                return call(other)

    def _work(self, shown: str) -> Reply:
        place, self.turns = self.turns, self.turns + 1
        # what a claim cites has to have been read
        cited = dict.fromkeys(self.citing[words].partition(":")[0] for one in self.script.claims for words in one.words)
        planned = [*self.script.calls, *({"read_document": {"document": name}} for name in cited)]
        if place < len(planned):
            ((name, arguments),) = planned[place].items()
            return call(name, **arguments)
        claims = [
            {
                "text": one.text,
                "evidence": [*(self.citing[words] for words in one.words), *(f"root.{turn}.0" for turn in one.calls)],
            }
            for one in self.script.claims
        ]
        return call(
            "submit",
            answer=str(self.script.answer),
            claims=claims,
            artefacts=list(self.script.files),
            success=self.script.success,
        )

    def _browse(self, shown: str) -> Reply:
        place, self.turns = self.turns, self.turns + 1
        if place >= 3 * len(self.script.hops):
            if not self.script.success:
                return call("reject", reason=str(self.script.answer))
            return call("finish", answer=str(self.script.answer))
        hop = self.script.hops[place // 3]
        if place % 3 == 0:
            return call("search", query=hop.search)
        if place % 3 == 1:
            return call("open", result=_number_of(hop.page, shown))
        return call("quote", text=hop.quote)

    def _judge(self, shown: str) -> Reply:
        about = shown.rpartition("Claim:")[2] or shown
        for words, judged in self.script.judged.items():
            if words in about.partition("Evidence:")[0] and (not judged.quote or judged.quote in about):
                return call("judge_claim", verdict=judged.verdict, quote=judged.quote, reason="the words say so")
        for one in self.script.claims:
            for words in (*one.words, *([one.shown] if one.shown else ())):
                if one.text in about and words in about:
                    return call("judge_claim", verdict="supported", quote=words, reason="the words say so")
        return call("judge_claim", verdict="not_found", quote="", reason="the words do not say it")

    def _dispute(self, shown: str) -> Reply:
        relation = {"contradicted": "disputes", "qualified": "limits"}
        for words, judged in self.script.judged.items():
            if words in shown and judged.quote and judged.quote in shown and judged.verdict in relation:
                said = relation[judged.verdict]
                return call("tell_dispute", relation=said, quote=judged.quote, reason="the words say so")
        return call("tell_dispute", relation="neither", quote="", reason="the words do not say it")

    def _answer(self, form: str) -> Reply:
        fields: dict[str, dict[str, Any]] = {
            "give_answer": {},
            "reason_and_answer": {"steps": ["So it is."]},
            "prove_and_answer": {
                "triples": [{"subject": "it", "relation": "is", "object": "so"}],
                "hints": ["So it is."],
            },
            "compute_and_answer": {
                "triples": [{"subject": "it", "relation": "is", "object": "so"}],
                "hints": ["1 + 1 = 2"],
            },
            "tell_what_follows": {"follows": True},
        }
        return call(form, **{**fields[form], **self.script.fields}, answer=self.script.answer)


def _number_of(title: str, shown: str) -> int:
    """Return the number of the result with a title in the view of a session."""
    for line in shown.splitlines():
        number, _, rest = line.strip().partition(" ")
        if title in rest and number.strip("[].").isdigit():
            return int(number.strip("[]."))
    raise AssertionError(f"no result is called {title!r} in:\n{shown}")


@dataclass
class ProvingServices(StudioServices):
    """Services of one run, with the corpora that tasks have made of the suite's folders."""

    home: Path = Path()

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the document tools of the task's corpus."""
        return () if task.corpus is None else document_tools(self._opened(task.corpus), blobs)

    async def world(
        self, task: Task, run_id: str, blobs: BlobStore, on_egress: Any = None, ask: Ask | None = None
    ) -> World | None:
        """Return the corpus as what is browsed."""
        if task.browse is None or task.corpus is None:
            return None
        corpus = self._opened(task.corpus)

        async def close() -> None:
            """Nothing to free."""

        return World(CorpusFetcher(corpus), CorpusSearch(corpus), None, close)

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        """Return a sandbox for solids."""

        async def cad() -> CadSandbox:
            return await open_cad(LocalSandbox(), f"cad-{run_id}", state_dir=self.folder)

        return Benches(cad=cad)

    def _opened(self, name: str) -> Corpus:
        if self.corpus is None:
            self.corpus = Corpus(corpus_file(self.home, name))
        return self.corpus


async def proved(suite: Suite, scripts: Mapping[str, Script], ledger: Ledger, folder: Path, way: Way) -> list[Result]:
    """Run each sample once by its script, and return the results as a batch has them."""
    tasks = Tasks(suite, Settings(), folder, ledger.blobs)
    citing = _citations(suite)
    means = Means(partial(_for_checks, folder / "checks"), _no_judge)
    acts = Acting(ledger, suite, KeptScores(folder), agreements=Agreements(folder), means=means)
    free = asyncio.Semaphore(_AT_A_TIME)

    async def one(number: int, sample: Sample) -> Result:
        script = Scripted(scripts[sample.id], citing, _program_of(sample, scripts[sample.id]))
        attempt = Attempt(sample, 1, f"{way}-{number:03d}")
        async with free, _runner(ledger, script, folder) as runner:
            tooled = script.script.calls or sample.files or suite.file.task.checks or sample.task.checks
            options = RunOptions() if tooled else _TOOLLESS
            batch = BatchRunner(runner, suite, tasks, options, budget=Budget(steps=None), concurrency=1, acts=acts)
            async with asyncio.timeout(_BOUND):
                return (await batch.work([attempt]))[attempt.run_id]

    return list(await asyncio.gather(*(one(number, sample) for number, sample in enumerate(suite.samples))))


async def _for_checks(folder: Path, name: str) -> Sandbox:
    return await InProcessSandbox.open(name, folder=folder / name)


async def _no_judge(name: str) -> Models:
    raise AssertionError(f"no sample needs a model to judge it, and {name} was asked")


@asynccontextmanager
async def _runner(ledger: Ledger, script: Scripted, folder: Path) -> AsyncIterator[Runner]:
    services = ProvingServices(ScriptedModel(script), folder / "sandboxes", home=folder)
    runner = Runner(ledger, services, Settings())
    try:
        yield runner
    finally:
        await runner.close()
        if services.corpus is not None:
            await services.corpus.close()


class _Citations(dict[str, str]):
    """Ids of the sentences of a folder's documents, by any words that stand in them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        documents = [read_document(path) for path in sorted(folder.rglob("*")) if path.is_file()]
        self._sentences = [
            (document.text[start:end], f"{document.id}:{number}-{number}")
            for document in documents
            for number, (start, end) in enumerate(document.sentences, 1)
        ]

    def __missing__(self, words: str) -> str:
        found = {name for text, name in self._sentences if words in text}
        assert len(found) == 1, f"{words!r} stands in {len(found)} sentences"
        return found.pop()


def _program_of(sample: Sample, script: Script) -> str:
    """Return the program that a script speaks of, of the reference designs and sabotages of its wish."""
    wrong = script.program.partition("sabotage: ")[2]
    if not script.program:
        return ""
    if (cells := next((task.name for task in TASKS if task.wish == sample.goal), None)) is not None:
        return (SABOTAGES[cells][wrong] if wrong else GOOD[cells][0])().program()
    wish = next(wish for wish in WISHES if wish.text == sample.goal)
    if wrong:
        return wish.sabotaged(next(one for one in wish.sabotages if one.wrong == wrong))
    return wish.good[script.program.partition(": ")[2]]


def _citations(suite: Suite) -> Mapping[str, str]:
    corpus = suite.file.task.corpus
    return _Citations(suite.folder / corpus) if corpus else {}
