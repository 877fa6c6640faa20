"""Makes training data of batches: what passed, and pairs of what passed after correction with what failed before."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.errors import UnknownRun
from agent.domain.messages import Message, ToolSpec
from agent.ledger.store import Ledger
from agent.runtime.conversations import Conversation
from evals.batch.acting import acts_of
from evals.batch.order import Attempt, BatchOrder, attempts_of, read_order
from evals.batch.results import Result, result_of
from evals.scorers.acting import Acts
from evals.suite.definition import Suite
from evals.suite.sample import Sample
from evals.training.advice import AdviceBook
from evals.training.contamination import HeldOut, answers_of, gives_away, shows_advice, told_answer
from evals.training.duplicates import Known
from evals.training.examples import Unfit, plain, preference_example, provenance_of, sft_example
from evals.training.forms import PreferenceExample, SftExample
from evals.training.material import Material, material_of
from evals.training.reflecting import corrected_runs
from evals.training.texts import by_roles, has, is_slight, joined, said

Kind = Literal["sft", "preference"]
ROLES = ("planner", "executor")
"""The roles whose calls are exported by default: that an answer passed says nothing of who judged its claims."""


class Dropped(Fact):
    """What was left out, and why. ``step`` is empty where it is the whole run."""

    batch: str
    run: str
    sample: str
    attempt: int
    step: str = ""
    reason: str


class Wanted(Fact):
    """What is wanted of an export.

    Attributes:
        held_out: what no example may hold.
        per_sample: runs of one sample at most.
        roles: whose calls.
    """

    kind: Kind
    held_out: HeldOut = Field(default_factory=HeldOut)
    per_sample: int = Field(default=4, ge=1)
    roles: tuple[str, ...] = ROLES


class Seen(Fact):
    """What became of one attempt: its examples, and what was left out of it."""

    examples: tuple[SftExample | PreferenceExample, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def reasons(self) -> Counter[str]:
        """How often what was left out for which reason."""
        return Counter(one.reason for one in self.dropped)


class Exporter:
    """Makes examples of batches, attempt by attempt; what came before decides what is a duplicate.

    Args:
        ledger: has the runs.
        home: the data folder, where advice is.
        wanted: what is wanted.

    Raises:
        UsageError: the library that finds near duplicates is not installed.
    """

    def __init__(self, ledger: Ledger, home: Path, wanted: Wanted) -> None:
        self._ledger = ledger
        self._home = home
        self._wanted = wanted
        self._known = Known()
        self._taken: dict[tuple[str, str], set[str]] = defaultdict(set)

    async def seen(self, order: BatchOrder, suite: Suite) -> AsyncIterator[Seen]:
        """Yield what becomes of each attempt of a batch, in order.

        Raises:
            LedgerUnavailable: the ledger or the advice cannot be read.
        """
        corrects = corrected_runs(order, suite)
        book = AdviceBook(self._home, order.id, self._ledger.redactor)
        acts = {order.id: acts_of(order, suite, self._ledger, self._home)}
        before = order if order.reflection is None else read_order(self._home, order.reflection.batch)
        acts[before.id] = acts_of(before, suite, self._ledger, self._home)
        for attempt in attempts_of(order, suite):
            advice = book.find(attempt.run_id)
            work = _Attempt(order, suite, attempt, corrects.get(attempt.run_id), advice.model if advice else None, acts)
            try:
                yield await self._seen(work)
            except UnknownRun:
                yield work.without("it was never begun")

    async def _seen(self, work: "_Attempt") -> Seen:
        result = await self._result(work, work.attempt.run_id)
        if result.state != "passed":
            return work.without("it did not pass")
        if self._wanted.kind == "preference" and work.corrects is None:
            return work.without("it corrects nothing")
        material = await material_of(self._ledger, work.attempt.run_id)
        if reason := unusable(material, work.attempt.sample):
            return work.without(reason)
        failed = None
        if self._wanted.kind == "preference":
            if (await self._result(work, str(work.corrects))).state == "passed":
                return work.without("what it corrects passes now")
            failed = await material_of(self._ledger, str(work.corrects))
        return self._examples(work, result, material, failed)

    async def _result(self, work: "_Attempt", run_id: str) -> Result:
        sample = work.attempt.sample
        attempt = work.attempt._replace(run_id=run_id)
        return await result_of(self._ledger, attempt, work.suite.scorers_of(sample), work.acts_for(run_id))

    def _examples(self, work: "_Attempt", result: Result, material: Material, failed: Material | None) -> Seen:
        examples: list[SftExample | PreferenceExample] = []
        dropped: list[Dropped] = []
        before: list[str] = []
        partners = {one.key: one for one in failed.conversations} if failed is not None else {}
        for conversation in material.conversations:
            found = joined((*material.read, *before))
            before += by_roles(conversation.messages, "assistant", "tool")
            if conversation.role not in self._wanted.roles or (failed is not None and conversation.key not in partners):
                continue
            try:
                partner = None if failed is None else (partners[conversation.key], failed)
                examples.append(self._example(work, result, material, conversation, partner, found))
            except Unfit as unfit:
                dropped.append(work.dropped(str(unfit), conversation.key))
        if not examples and not dropped:
            dropped.append(work.dropped("there is nothing in it to learn from"))
        return Seen(examples=tuple(examples), dropped=tuple(dropped))

    def _example(
        self,
        work: "_Attempt",
        result: Result,
        material: Material,
        conversation: Conversation,
        partner: tuple[Conversation, Material] | None,
        found: str,
    ) -> SftExample | PreferenceExample:
        """Return the example of a conversation.

        Raises:
            Unfit: it is not to be trained on.
        """
        sample = work.attempt.sample
        messages = plain(conversation, material.advice)
        other = [] if partner is None else plain(partner[0], partner[1].advice)
        if told_answer(messages, sample, found, (material.date,)):
            raise Unfit("a prompt holds the answer")
        advice = (*material.advice, *(() if partner is None else partner[1].advice))
        if advice and shows_advice([*messages, *other], advice, sample.goal):
            raise Unfit("the advice shows in it")
        read = (*material.read, *(() if partner is None else partner[1].read), sample.goal, *by_roles(messages, "tool"))
        if reason := self._wanted.held_out.reason([*messages, *other], joined(read)):
            raise Unfit(reason)
        provenance = work.provenance(result, conversation)
        example = (
            sft_example(messages, conversation.tools, conversation.role, provenance)
            if partner is None
            else preference_example(messages, other, _united(conversation, partner[0]), conversation.role, provenance)
        )
        self._take(example, work, messages)
        return example

    def _take(self, example: SftExample | PreferenceExample, work: "_Attempt", messages: Sequence[Message]) -> None:
        """Take an example unless it is a duplicate, or one too many of its sample.

        Raises:
            Unfit: it is.
        """
        said_in_it = example.model_dump(mode="json", exclude={"provenance"}, exclude_none=True)
        if self._known.same(said_in_it):
            raise Unfit("the same was there before")
        opening = next((said(message) for message in messages if message["role"] == "user"), "")
        learnt = by_roles(messages, "assistant")
        if self._known.near(f"{example.role} {opening}", learnt):
            raise Unfit("nearly the same was there before")
        runs = self._taken[work.order.suite, work.attempt.sample.id]
        if work.attempt.run_id not in runs and len(runs) >= self._wanted.per_sample:
            raise Unfit(f"there are {self._wanted.per_sample} of its sample already")
        runs.add(work.attempt.run_id)


class _Attempt:
    """One attempt of a batch, and what it says of itself in examples."""

    def __init__(
        self,
        order: BatchOrder,
        suite: Suite,
        attempt: Attempt,
        corrects: str | None,
        reflector: str | None,
        acts: Mapping[str, Acts],
    ) -> None:
        self.order, self.suite, self.attempt = order, suite, attempt
        self.corrects, self.reflector = corrects, reflector
        self._acts = acts

    def acts_for(self, run_id: str) -> Acts:
        """Return what speaks for scorers that act on a run: of this batch, or of the one that it corrects."""
        reflection = self.order.reflection
        first = reflection is not None and any(one.run_id == run_id for one in reflection.failed)
        return self._acts[reflection.batch if reflection is not None and first else self.order.id]

    def dropped(self, reason: str, step: str = "") -> Dropped:
        """Return that something of it, or all, is left out."""
        return Dropped(
            batch=self.order.id,
            run=self.attempt.run_id,
            sample=self.attempt.sample.id,
            attempt=self.attempt.number,
            step=step,
            reason=reason,
        )

    def without(self, reason: str) -> Seen:
        """Return that all of it is left out."""
        return Seen(dropped=(self.dropped(reason),))

    def provenance(self, result: Result, conversation: Conversation) -> dict[str, Any]:
        """Return where an example of it comes from."""
        return provenance_of(
            (reply.by or reply.model for reply in conversation.replies),
            batch=self.order.id,
            run=self.attempt.run_id,
            sample=self.attempt.sample.id,
            attempt=self.attempt.number,
            suite=self.suite.name,
            suite_version=self.suite.file.version,
            suite_digest=self.suite.digest,
            step=conversation.key,
            corrects=self.corrects,
            reflector=self.reflector,
            scores=[{"scorer": one.scorer, "value": one.value, "passed": one.passed} for one in result.scores],
            product=version("plumbline-agent"),
        )


def unusable(material: Material, sample: Sample) -> str:
    """Return why nothing of a run that passed is to be trained on; empty where it may be."""
    report = material.report
    if material.trouble or report is None:
        return "its record cannot be replayed by this version"
    if any(check.outcome != "pass" for check in report.checks):
        return "a check of it did not pass"
    if any(claim.verdict == "contradicted" for claim in report.claims):
        return "a claim of it is contradicted"
    if any(gives_away(text, sample) for text in material.advice):
        return "the advice gives the answer away"
    telling = [answer for answer in answers_of(sample) if not is_slight(answer)]
    hints = joined(material.hints)
    if any(gives_away(text, sample) for text in material.guidance) or any(has(hints, one) for one in telling):
        return "a hint gives the answer away"
    return ""


def _united(one: Conversation, other: Conversation) -> tuple[ToolSpec, ...]:
    """Return the tools of two conversations, those of the first before others of the second."""
    known = {tool.name for tool in one.tools}
    return (*one.tools, *(tool for tool in other.tools if tool.name not in known))
