"""One run's effects: each is performed once and recorded, and a re-run is given the recorded result.

This is the single mechanism behind resuming, replaying, forking and the exactly-once guarantee. The code that calls
``effect`` is run again from its start; until it reaches what was not recorded yet, nothing is performed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from agent.domain.errors import RecordEnded, ReplayDivergence
from agent.domain.events import EventKind
from agent.domain.messages import canonical, digest_of
from agent.ledger.store import Ledger
from agent.ledger.writer import Append

Mode = Literal["live", "replay"]
"""``live`` performs what is not recorded; ``replay`` only ever returns what is."""

Repeat = Literal["free", "same_id", "never"]
"""What may happen to an effect that was started and not finished before a crash: ``free`` to be performed again (a
model call), sent again under the ``same_id`` (a sandbox tool call, whose node keeps a journal), or ``never`` repeated
without asking a person (something outside)."""

_PAGE = 10_000

ResultT = TypeVar("ResultT", bound=BaseModel)


@dataclass(slots=True)
class _Record:
    """What the ledger holds under a key."""

    kind: str
    started: str | None = None
    started_seq: int = 0
    done: str | None = None


class RunLedger:
    """The ledger as one run's orchestration sees it.

    Args:
        ledger: the ledger of all runs.
        run_id: the run.
        fence: number of the lease under which to write; None only reads.
        mode: whether to perform what is not recorded.
        before_live: called before each effect that is really performed; raises to stop the run in good order.
        on_unknown: asked about an effect that must never be repeated and may have happened; returns its result or
            raises.
    """

    def __init__(
        self,
        ledger: Ledger,
        run_id: str,
        *,
        fence: int | None,
        mode: Mode = "live",
        before_live: Callable[[str], None] = lambda key: None,
        on_unknown: Callable[[str, dict[str, Any]], Awaitable[BaseModel]] | None = None,
    ) -> None:
        self.run_id = run_id
        self.mode = mode
        self._ledger = ledger
        self._fence = fence
        self._before_live = before_live
        self._on_unknown = on_unknown
        self._records: dict[str, _Record] = {}
        self._unseen: dict[str, int] = {}
        self._failure: Exception | None = None
        self._newest: asyncio.Future[int] | None = None

    async def load(self) -> None:
        """Read what the ledger holds of this run. Payloads are decoded when they are asked for."""
        after, more = 0, True
        while more:
            page = await self._ledger.raw_events(self.run_id, after=after, limit=_PAGE)
            more = len(page) == _PAGE
            for row in page:
                if row.key is None or row.kind == "command":
                    continue
                record = self._records.setdefault(row.key, _Record(row.kind))
                if row.phase == "started":
                    record.started, record.started_seq = row.payload, row.seq
                    self._unseen[branch_of(row.key)] = self._unseen.get(branch_of(row.key), 0) + 1
                else:
                    record.done = row.payload
            after = page[-1].seq if page else after

    def knows(self, key: str) -> bool:
        """Return whether the ledger held anything under a key when the run was loaded."""
        return key in self._records

    def branches(self) -> tuple[str, ...]:
        """Return the branches that have effects or facts in the record, in the order in which they began."""
        return tuple(dict.fromkeys(branch_of(key) for key in self._records))

    def left(self, branch: str) -> bool:
        """Return whether effects of a branch are on record that have not been asked for since the run was loaded."""
        return self._unseen.get(branch, 0) > 0

    async def effect(
        self,
        key: str,
        kind: EventKind,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
        *,
        digest: str | None = None,
        repeat: Repeat = "free",
    ) -> ResultT:
        """Return the recorded result of an effect, or perform it and record the result.

        What is returned is what was recorded, so with secrets removed, whether it was performed now or before.

        Args:
            key: names the effect; the same on every re-run and unique within the run.
            kind: what sort of effect it is.
            request: what was asked for, as JSON; stored when the effect starts.
            result_type: model of the result.
            perform: does it.
            digest: SHA-256 that stands for the request, where its JSON holds less than was asked; by default taken over
                ``request``.
            repeat: what may happen when it was started and not finished.

        Raises:
            ReplayDivergence: the request differs from the recorded one, or the recorded result is none of its type.
            RecordEnded: replay meets one that was not recorded, or was started and did not end.
            LeaseLost, LedgerUnavailable: it could not be recorded.
        """
        digest = digest or digest_of(request)
        record = self._records.get(key)
        if record is not None and record.started is not None:
            self._see(key)
            await self._compare(key, record, request, digest)
            if record.done is not None:
                return await self._read(key, record.done, record, result_type)
        elif self.mode == "replay":
            raise RecordEnded(self._stray_message(key, kind))
        elif self._strayed(key, kind):
            raise ReplayDivergence(self._stray_message(key, kind))
        if self.mode == "replay":
            raise RecordEnded(f"effect {key} ({kind}) was started but never finished, so it cannot be replayed")
        self._before_live(key)
        if record is None:
            await self._start(key, kind, request, digest)
            result = await perform()
        elif repeat == "never" and self._on_unknown is not None:
            result = result_type.model_validate((await self._on_unknown(key, request)).model_dump())
        else:
            result = await perform()
        return await self._finish(key, kind, result, result_type)

    async def fact(self, key: str, kind: EventKind, payload: dict[str, Any]) -> None:
        """Record something that follows from the effects, once, however often the orchestration is re-run."""
        if key not in self._records and self.mode == "live":
            await self._send(kind, key, "fact", canonical(payload))

    def note_now(self, kind: EventKind, payload: dict[str, Any]) -> None:
        """Record something small that happened just now and will not happen again, from code that cannot wait."""
        if self.mode == "live" and self._failure is None:
            data = self._ledger.redactor.scrub(canonical(payload))
            self._submit(Append(self.run_id, self._fence, time.time(), kind, None, "fact", data))

    async def done_requests(self, kind: EventKind) -> list[tuple[str, dict[str, Any]]]:
        """Return key and request of all effects of a kind that were done when the run was loaded, in order."""
        done = [
            (record.started_seq, key, record.started)
            for key, record in self._records.items()
            if record.kind == kind and record.started is not None and record.done is not None
        ]
        return [(key, (await self._ledger.decode(started))["request"]) for _, key, started in sorted(done)]

    async def facts(self, kind: EventKind) -> list[dict[str, Any]]:
        """Return the payloads of all facts of a kind that have a key and were recorded when the run was loaded."""
        # records are in the order of their first events
        found = [r.done for r in self._records.values() if r.kind == kind and r.started is None and r.done is not None]
        return [await self._ledger.decode(payload) for payload in found]

    async def recorded(self, key: str) -> dict[str, Any] | None:
        """Return the payload of a fact or of an effect's result that was recorded when the run was loaded."""
        record = self._records.get(key)
        return None if record is None or record.done is None else await self._ledger.decode(record.done)

    async def inbox(self, key: str, *, before: str, take: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """Return what had arrived at a safe point: recorded items on a re-run, else what ``take`` finds now.

        What is returned is what was recorded, so with secrets removed. Nothing is recorded where nothing had arrived.
        So that a re-run tells "nothing" from "not reached yet", the caller names the effect that comes right after the
        safe point in ``before``.
        """
        if (record := await self.recorded(key)) is not None:
            return list(record["items"])
        if self.mode == "replay" or self.knows(before):
            return []
        items = take()
        if not items:
            return []
        clean = self._ledger.redactor.scrub(canonical({"items": items}))
        await self._send("inbox", key, "done", clean)
        return list(orjson.loads(clean)["items"])

    async def flush(self) -> None:
        """Wait until everything sent so far is committed."""
        if self._newest is not None:
            await asyncio.wait([self._newest])
        self._check()

    async def put_blob(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""
        return await self._ledger.blobs.put(data)

    async def get_blob(self, sha256: str) -> bytes:
        """Return stored bytes."""
        return await self._ledger.blobs.get(sha256)

    async def _start(self, key: str, kind: EventKind, request: dict[str, Any], digest: str) -> None:
        # whoever awaits this append also waits for all results sent before it
        await (await self._send(kind, key, "started", canonical({"request": request, "digest": digest})))
        self._check()

    async def _finish(self, key: str, kind: EventKind, result: ResultT, result_type: type[ResultT]) -> ResultT:
        raw = b'{"result":' + result.model_dump_json().encode() + b"}"
        clean = self._ledger.redactor.scrub(raw)
        await self._send(kind, key, "done", clean)
        return result if clean is raw else result_type.model_validate(orjson.loads(clean)["result"])

    async def _send(self, kind: EventKind, key: str | None, phase: str, payload: bytes) -> "asyncio.Future[int]":
        self._check()
        data = await self._ledger.stored_form(payload)
        return self._submit(Append(self.run_id, self._fence, time.time(), kind, key, phase, data))

    def _submit(self, append: Append) -> "asyncio.Future[int]":
        sent = self._ledger.submit(append)
        sent.add_done_callback(self._note_failure)
        self._newest = sent
        return sent

    def _note_failure(self, future: "asyncio.Future[int]") -> None:
        if not future.cancelled() and (error := future.exception()) is not None and self._failure is None:
            self._failure = error if isinstance(error, Exception) else RuntimeError(str(error))

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _see(self, key: str) -> None:
        self._unseen[branch_of(key)] -= 1

    def _strayed(self, key: str, kind: EventKind) -> bool:
        """Return whether a new model call stands where the ledger still holds other effects of the same branch."""
        return kind == "model" and self.left(branch_of(key))

    def _stray_message(self, key: str, kind: EventKind) -> str:
        branch = branch_of(key)
        left = [name for name, record in self._records.items() if record.started and branch_of(name) == branch]
        if key in left or not left:
            return f"effect {key} ({kind}) was never recorded in run {self.run_id}"
        return (
            f"effect {key} ({kind}) was never recorded in run {self.run_id}, which went on with {left[-1]}; "
            f"code or prompts have changed since; fork the run to go on"
        )

    async def _read(self, key: str, done: str, record: _Record, result_type: type[ResultT]) -> ResultT:
        """Return a recorded result. What comes with a cassette may be anything."""
        payload = await self._ledger.decode(done)
        try:
            return result_type.model_validate(payload.get("result"))
        except ValidationError as error:
            raise ReplayDivergence(
                f"the recorded result of effect {key} ({record.kind}) is not as this version writes it: "
                f"{first_problem(error)}; to go on from before it: "
                f"plumbline fork {self.run_id} --at {record.started_seq - 1}"
            ) from error

    async def _compare(self, key: str, record: _Record, request: dict[str, Any], digest: str) -> None:
        started = orjson.loads(record.started or "{}")
        if started.get("digest") == digest:
            return
        recorded = (await self._ledger.decode(record.started or "{}")).get("request")
        raise ReplayDivergence(
            f"effect {key} ({record.kind}) asks for something else than was recorded: "
            f"{_first_difference(recorded, request)}; "
            f"to go on from before it: plumbline fork {self.run_id} --at {record.started_seq - 1}"
        )


def branch_of(key: str) -> str:
    """Return the part of the orchestration a key belongs to: all before its first slash."""
    return key.split("/", 1)[0]


def first_problem(error: ValidationError) -> str:
    """Return in one line where something is not as it should be, and why."""
    problem = error.errors(include_url=False, include_input=False)[0]
    return " ".join(f"{'.'.join(map(str, problem['loc'])) or 'all of it'}: {problem['msg']}".split())


def _first_difference(recorded: Any, now: Any, path: str = "request") -> str:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name in sorted({*recorded, *now}):
            if recorded.get(name) != now.get(name):
                return _first_difference(recorded.get(name), now.get(name), f"{path}.{name}")
    if isinstance(recorded, list) and isinstance(now, list):
        for index, (before, after) in enumerate(zip(recorded, now, strict=False)):
            if before != after:
                return _first_difference(before, after, f"{path}[{index}]")
    if recorded == now:
        return "an earlier part of the conversation changed"
    return f"{path} was {_excerpt(recorded, now)} and is now {_excerpt(now, recorded)}"


def _excerpt(value: Any, other: Any) -> str:
    """Return a short piece of a value from where it begins to differ from another."""
    text, against = (item if isinstance(item, str) else canonical(item).decode() for item in (value, other))
    start = next(
        (i for i, (a, b) in enumerate(zip(text, against, strict=False)) if a != b), min(len(text), len(against))
    )
    piece = text[max(0, start - 20) : start + 60]
    return repr(piece if len(text) <= len(piece) else f"…{piece}…")
