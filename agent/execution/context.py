"""What a run works with, and the verbs through which everything it does becomes an effect."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from agent.browsing.state import addresses_in
from agent.domain.base import Fact
from agent.domain.errors import ReplayDivergence
from agent.domain.evidence import Evidence, Quote, ToolResult, Triple
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolOutcome, ToolSpec, Transcript, digest_of
from agent.domain.task import Task, WorkspaceFile
from agent.domain.wishes import Wished
from agent.execution.approvals import approval_question
from agent.execution.evidence import EvidenceBook
from agent.execution.exposure import Exposure
from agent.execution.meter import Meter
from agent.execution.overheard import Listener, Overheard
from agent.execution.pictures import Illustrator
from agent.execution.policy import decide
from agent.execution.provenance import only_from_others, strange_addresses
from agent.execution.setting import Limits, Setting
from agent.execution.taking import Collected, TakenFiles
from agent.execution.toolbox import ProgressListener, Toolbox
from agent.execution.workshops import Workshops
from agent.execution.world import RunWorld
from agent.ledger.effects import RunLedger
from agent.memory.corrections.facts import Situation
from agent.memory.corrections.recalling import Recalled, recall
from agent.memory.corrections.store import Corrections
from agent.memory.tool_index import Embedder, ToolIndex
from agent.models.asking import reply_or_failure
from agent.models.port import ChatModel, Watcher
from agent.models.requests import request_digest
from agent.models.storable import storable_reply
from agent.verification.knowledge.port import Knowledge, NoKnowledge

KEEP_EVERY = 10
"""After so many calls of a branch that write or execute, the state of the workspace is kept."""

REFUSED = "refused"
"""Kind of failure of a call that a person did not allow; nothing was run."""


class FoundTools(Fact):
    """Names of tools that fit a description, best first; ``text`` says how they were found."""

    text: str
    names: tuple[str, ...]


class PersonReply(Fact):
    """What a person answered to a question."""

    text: str


class Person(Protocol):
    """Whoever answers questions."""

    async def answer(self, key: str, question: str, options: Sequence[str]) -> str:
        """Return the answer to a question.

        Raises:
            WaitingForPerson: nobody has answered yet and nobody is here to.
        """


@dataclass
class RunContext:
    """Everything one run works with. Concurrent runs share nothing but the ledger's store.

    Attributes:
        models: models by role: planner, executor, verifier.
        pending: what a person has sent since an event number, as items with ``seq``, ``from``, ``text``, ``edits``.
        collect: stores the files the run made.
        hand: puts files into the workspace.
        take: reads files of the workspace, as they are now, and stores them as blobs.
        keep: keeps the state of the workspace under a key of the ledger, so that a lost sandbox can be rebuilt;
            returns False where calls were running and it has to be tried again.
        watcher: makes the watcher of a model call.
        listener: makes the listener of a tool call, by its key; None where nobody watches.
        embedder: helps to find tools by meaning.
        knowledge: asks knowledge bases; what it says is an effect.
        world: what can be browsed; opened when it is first asked for.
        workshops: the worlds in which artefacts are made; their sandboxes are opened when something is first built.
        corrections: what people have corrected; None where it is not to be asked.
        wishes: tests that were written and frozen before the work was begun.
        overhear: is told of every model call and its reply, recorded or new.
        notes: what the report has to say besides, found out while the run was at work; the same on every re-run.
    """

    ledger: RunLedger
    task: Task
    models: Mapping[str, ChatModel]
    toolbox: Toolbox
    evidence: EvidenceBook
    meter: Meter
    setting: Setting
    person: Person
    pending: Callable[[int], list[dict[str, Any]]]
    collect: Callable[[], Awaitable[Collected]]
    hand: Callable[[Sequence[WorkspaceFile]], Awaitable[ToolOutcome]] = field(default=lambda files: _no_hands())
    take: Callable[[Sequence[str]], Awaitable[TakenFiles]] = field(default=lambda paths: _none_taken())
    watcher: Callable[[str], Watcher | None] = lambda key: None
    listener: Callable[[str], ProgressListener | None] = lambda key: None
    embedder: Embedder | None = None
    knowledge: Knowledge = field(default_factory=NoKnowledge)
    keep: Callable[[str], Awaitable[bool]] = field(default=lambda key: _nothing())
    world: RunWorld = field(default_factory=RunWorld)
    workshops: Workshops = field(default_factory=Workshops)
    corrections: Corrections | None = None
    wishes: tuple[Wished, ...] = ()
    overhear: Listener | None = None
    notes: list[str] = field(default_factory=list)
    _branches: dict[str, "Branch"] = field(default_factory=dict, init=False)
    _index: ToolIndex | None = field(default=None, init=False)

    @property
    def limits(self) -> Limits:
        """How far planning and execution may go."""
        return self.setting.limits

    def branch(self, name: str) -> "Branch":
        """Return the verbs of one branch of the run; its name begins all its effects' keys."""
        return self._branches.setdefault(name, Branch(self, name))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What the user has written."""
        return (self.task.goal, *self.task.constraints, *(exchange.goal for exchange in self.task.history))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Addresses that the user has written, which may be opened."""
        return tuple(address for text in self.words for address in addresses_in(text))

    def looked(self, name: str) -> bool:
        """Return whether a branch, or one below it, may have read files, documents or outputs of programs."""
        return any(
            branch.exposure.heard_looked
            for branch in self._branches.values()
            if f"{branch.name}.".startswith(f"{name}.")
        )

    @property
    def index(self) -> ToolIndex:
        """The index of the run's tools, made when it is first needed."""
        if self._index is None:
            self._index = ToolIndex([tool.spec for tool in self.toolbox.tools.values()], self.embedder)
        return self._index

    def untrusted(self, name: str = "") -> bool:
        """Return whether text of unknown origin has come into a branch or one below it; by default, into any."""
        return any(
            branch.untrusted
            for branch in self._branches.values()
            if not name or f"{branch.name}.".startswith(f"{name}.")
        )


class Branch:
    """One branch of a run: a subtask, the planner, or the report. Implements ``Steps``."""

    def __init__(self, run: RunContext, name: str) -> None:
        self.run = run
        self.name = name
        self._sent: WeakKeyDictionary[Transcript, int] = WeakKeyDictionary()
        self._offered: WeakKeyDictionary[Transcript, list[str]] = WeakKeyDictionary()
        self._heard = 0
        self._pictures = Illustrator(run.ledger.get_blob)
        strange = [exchange.answer for exchange in run.task.history if exchange.untrusted]
        self.exposure = Exposure(untrusted=bool(strange), addresses=run.addresses, texts=strange)
        self._changes = 0
        self._changed_now = False
        self._words = run.words

    @property
    def untrusted(self) -> bool:
        """Whether text of unknown origin has come into this branch. It follows from recorded effects alone."""
        return self.exposure.heard_untrusted

    def distrust(self, *, looked: bool = False, texts: Iterable[str] = ()) -> None:
        """Take note that text of unknown origin has come in from elsewhere, such as the result of another subtask.

        Args:
            looked: there may be something in it of what another branch has read of files.
            texts: what has come in.
        """
        self.exposure.hear(untrusted=True, looked=looked)
        for text in texts:
            self.exposure.hear(text=text)
        self.exposure.read()

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = "executor",
        refusal_is_reply: bool = False,
        outage_is_reply: bool = False,
    ) -> Reply:
        """Ask a model by role and return its reply, recorded or new.

        Where the run can go on without an answer, ``refusal_is_reply`` makes a refusal by the server a reply without
        calls, and ``outage_is_reply`` that it cannot be reached; these are recorded like any other.
        """
        key = f"{self.name}/{step}"
        self.exposure.read()

        async def perform() -> Reply:
            model = self.run.models[role]
            coming = model.complete(
                await self._pictures.illustrated(messages),
                tools=tools,
                response_format=response_format,
                options=options,
                watcher=self.run.watcher(key),
            )
            reply = await reply_or_failure(coming, refusal_is_reply=refusal_is_reply, outage_is_reply=outage_is_reply)
            return storable_reply(reply).model_copy(update={"by": model.name, "limited": model.profile.limited})

        reply = await self.run.ledger.effect(
            key,
            "model",
            self._request(messages, tools, response_format, options, role),
            Reply,
            perform,
            digest=request_digest(messages, tools, response_format, options),
        )
        if self.run.overhear is not None:
            self.run.overhear(Overheard(key, role, messages, tools, response_format, options, reply))
        self.run.meter.add(reply.usage)
        # replies recorded by earlier versions do not say by whom they are
        self.run.meter.worked(reply.by or self.run.setting.models.get(role, ""), limited=reply.limited)
        return reply

    def asks_before(self, tool: str, arguments: Mapping[str, Any] | None = None) -> bool:
        """Return whether a person has to allow a call of a tool as things are now."""
        found = self.run.toolbox.find(tool)
        # a sandbox has its own list of hosts; what runs elsewhere reaches whom it likes
        reaches = self.run.setting.wary and found.where != "sandbox" and "network" in found.effects
        decision = decide(
            self.run.task.mode,
            untrusted=self.exposure.untrusted,
            effects=found.effects,
            approval=found.approval,
            sends=found.sends,
            carries=reaches and bool(strange_addresses(arguments or {}, self._words)),
            strict=self.run.setting.strict,
        )
        return decision == "ask"

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run a tool and return its outcome, recorded or new; it becomes evidence under ``evidence_id(step)``."""
        key = f"{self.name}/{step}"
        found = self.run.toolbox.find(tool)
        if self.asks_before(tool, arguments):
            refusal = await self.approval(step, tool, arguments)
            if refusal is not None:
                return refusal

        async def perform() -> ToolOutcome:
            self._changed_now = self._changed_now or changes
            named = call_id(self.run.ledger.run_id, key)
            return await self.run.toolbox.run(named, tool, arguments, self.run.listener(key))

        changes = found.where == "sandbox" and not {"writes", "executes"}.isdisjoint(found.effects)
        outcome = await self.run.ledger.effect(
            key,
            "tool",
            {"tool": tool, "arguments": dict(arguments), "where": found.where, "effects": list(found.effects)},
            ToolOutcome,
            perform,
            repeat="never" if "outside" in found.effects else "same_id",
        )
        self._changes += changes
        # what was refused before it ran has brought nothing in
        self.exposure.hear(untrusted=found.untrusted, looked=True, text=outcome.text if found.untrusted else "")
        # what a branch does after such reading may carry it on; what it called beside it does not
        self.run.evidence.note(
            self.evidence_id(step), key, tool, arguments, outcome, untrusted=found.untrusted or self.exposure.untrusted
        )
        if found.where == "host":
            self.run.evidence.note_documents(outcome, untrusted=found.untrusted)
        return outcome

    async def recall(self, evidence_id: str) -> Evidence:
        """Return evidence of any branch of the run; what is of unknown origin in it comes into this branch.

        Raises:
            ModelOutputError: nothing of that id was seen in this run.
        """
        evidence = await self.run.evidence.find(evidence_id)
        untrusted = self.run.evidence.untrusted(evidence_id)
        # evidence of an earlier task is of unknown origin as that task's answer was
        others = _text_of(evidence) if untrusted or self.untrusted else ""
        self.exposure.hear(untrusted=untrusted, looked=True, text=others)
        return evidence

    async def keep(self, step: int) -> None:
        """Keep the state of the workspace after model call ``step``, where many calls have been made since the last.

        Calls are counted from the record, so a re-run keeps it at the same steps; where all was recorded already, the
        workspace has nothing new.
        """
        if self._changes < KEEP_EVERY:
            return
        if self._changed_now and not await self.run.keep(f"{self.name}/snapshot/{step}"):
            return
        self._changes, self._changed_now = 0, False

    async def find_tools(self, step: str, query: str, *, limit: int, besides: Sequence[str] = ()) -> FoundTools:
        """Return the tools that fit a description best, recorded or found now, without those named in ``besides``."""
        request = {
            "tool": "find_tools",
            "arguments": {"query": query, "limit": limit, "besides": list(besides)},
            "where": "host",
            "effects": ["reads"],
        }

        async def perform() -> FoundTools:
            ranking = await self.run.index.search(query, limit=limit, besides=besides)
            note = f"; {ranking.note}" if ranking.note else ""
            return FoundTools(text=f"{len(ranking.names)} found by {ranking.by}{note}", names=ranking.names)

        return await self.run.ledger.effect(f"{self.name}/{step}", "tool", request, FoundTools, perform)

    async def remember(self, step: str, situations: Iterable[Situation]) -> Recalled:
        """Return the corrections that apply to any of some situations, recorded or looked up now."""
        asked = list(situations)
        request = {
            "tool": "corrections",
            "arguments": {"situations": [one.model_dump(mode="json") for one in asked]},
            "where": "host",
            "effects": ["reads"],
        }

        async def perform() -> Recalled:
            return await asyncio.to_thread(recall, self.run.corrections, asked)

        return await self.run.ledger.effect(f"{self.name}/{step}", "tool", request, Recalled, perform)

    async def ask_person(
        self, step: str, question: str, options: Sequence[str] = (), *, about: Mapping[str, Any] | None = None
    ) -> str:
        """Return a person's answer to a question, which is shown to them word for word.

        ``about`` is recorded with the question for whoever can show more than its words, and is no part of what is
        asked: records without it stay good.
        """
        key = f"{self.name}/{step}"

        async def perform() -> PersonReply:
            return PersonReply(text=await self.run.person.answer(key, question, options))

        asked = {"question": question, "options": list(options)}
        request = asked if about is None else {**asked, "about": dict(about)}
        reply = await self.run.ledger.effect(key, "person", request, PersonReply, perform, digest=digest_of(asked))
        return reply.text

    async def take_files(self, step: str, paths: Sequence[str]) -> TakenFiles:
        """Return files of the workspace as they are now, stored as blobs."""
        request = {"tool": "take_files", "arguments": {"paths": list(paths)}, "where": "host", "effects": ["reads"]}
        taken = await self.run.ledger.effect(
            f"{self.name}/{step}", "tool", request, TakenFiles, lambda: self.run.take(paths)
        )
        self.exposure.hear(untrusted=False, looked=True)
        return taken

    async def collect(self, step: str) -> Collected:
        """Return the files the run has made, stored as blobs."""
        request = {"tool": "collect", "arguments": {}, "where": "host", "effects": ["reads"]}
        return await self.run.ledger.effect(f"{self.name}/{step}", "tool", request, Collected, self.run.collect)

    async def safe_point(self, step: int) -> list[str]:
        """Return what a person or the budget has to say before model call ``step``, as sentences for the model."""
        items = await self.take(f"inbox/{step}", before=f"model/{step}")
        return [f"[{item['from']}] {item['text']}" for item in items if item["text"]]

    async def take(self, step: str, *, before: str) -> list[dict[str, Any]]:
        """Return what has arrived since this branch last asked: items with ``seq``, ``from``, ``text`` and ``edits``.

        ``before`` is the step that comes right after this one and leaves a trace in the ledger.
        """
        items = await self.run.ledger.inbox(f"{self.name}/{step}", before=f"{self.name}/{before}", take=self._arrived)
        self._heard = max([self._heard, *(item["seq"] for item in items)])
        if said := [str(item["text"]) for item in items if item["from"] == "person"]:
            self._words = (*self._words, *said)
            self.exposure.forget_refusals()
        self.run.meter.mark_warned(self.name, [item["text"] for item in items if item["from"] == "budget"])
        return items

    def _arrived(self) -> list[dict[str, Any]]:
        warnings = self.run.meter.warnings(self.name)
        return [
            *self.run.pending(self._heard),
            *({"seq": self._heard, "from": "budget", "text": warning, "edits": []} for warning in warnings),
        ]

    def evidence_id(self, step: str) -> str:
        """Return the id under which the outcome of a tool call can be cited."""
        return f"{self.name}.{step.removeprefix('tool/')}"

    def _request(
        self,
        messages: Transcript,
        tools: Sequence[ToolSpec],
        response_format: ResponseFormat | None,
        options: CallOptions,
        role: str,
    ) -> dict[str, Any]:
        """Return what to store of a request: only the messages that this branch has not sent before."""
        start = self._sent.get(messages, 0)
        self._sent[messages] = len(messages)
        request: dict[str, Any] = {"role": role, "after": start, "messages": messages[start:]}
        names = [spec.name for spec in tools]
        if start == 0 or self._offered.get(messages) != names:
            request["tools"] = names
        self._offered[messages] = names
        if response_format is not None:
            request["response_format"] = response_format.name
        if options.tool_choice != "auto":
            request["tool_choice"] = options.tool_choice
        return request

    async def approval(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome | None:
        """Ask a person to approve a risky call; returns the outcome to give instead when they refuse.

        What they have refused is not asked again as long as they say nothing else: whoever makes a model repeat a call
        cannot make them give in.
        """
        call = digest_of([tool, arguments])
        if (before := self.exposure.refused.get(call)) is not None:
            return ToolOutcome(ok=False, error=REFUSED, text=before)
        wary = self.run.setting.wary
        strange = only_from_others(arguments, self._words, self.exposure.texts) if wary else ()
        question = approval_question(tool, arguments, strange, whole=wary)
        about = {"tool": tool, "arguments": dict(arguments)}
        answer = await self.ask_person(f"approve/{step}", question, ("yes", "no"), about=about)
        if answer.strip().lower() in ("y", "yes"):
            return None
        reason = "" if answer.strip().lower() in ("n", "no") else f": {answer.strip()}"
        text = f"a person did not allow this call{reason}"
        if wary:
            self.exposure.refuse(call, text)
        return ToolOutcome(ok=False, error=REFUSED, text=text)


def _text_of(evidence: Evidence) -> str:
    match evidence:
        case Quote():
            return evidence.text
        case ToolResult():
            return evidence.output
        case Triple():
            return f"{evidence.subject} {evidence.relation} {evidence.object}"


async def _nothing() -> bool:
    """Keep nothing: in a replay there is no sandbox."""
    return True


async def _none_taken() -> TakenFiles:
    raise ReplayDivergence("files were to be read from the workspace of a replay")


async def _no_hands() -> ToolOutcome:
    raise ReplayDivergence("files were to be put into the workspace of a replay")


def call_id(run_id: str, key: str) -> str:
    """Return the id under which a sandbox's journal knows a tool call: the same whenever the call is made again."""
    return hashlib.sha256(f"{run_id}\n{key}".encode()).hexdigest()[:32]
