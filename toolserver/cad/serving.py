"""The program of a CAD sandbox: a warm process that has everything imported, and forks for each call.

It never looks into what it passes on: it hashes models and forwards results. What a candidate's program made is checked
and meshed by another process than the one that ran it, and judged by others again.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import DecodeError, ValidationError, json, msgpack, structs

from toolserver import __version__
from toolserver.cad import wire
from toolserver.cad.forking import ChildLimits, forked
from toolserver.cad.judging import Result, perform, run_program, settle
from toolserver.cad.settings import CadSettings
from toolserver.errors import CadFailed, ToolServerError
from toolserver.line_serving import Answering, Send, fits, send_pieces

_REQUEST: Final = json.Decoder(wire.Request)
_RESULT: Final = msgpack.Decoder(Result)
_MB: Final = 1024 * 1024


class Program:
    """Does what a host asks, several calls at a time.

    Args:
        settings: how much each call may use.
        ready: what it says about itself.
        send: sends a message to the host.
    """

    def __init__(self, settings: CadSettings, ready: wire.Ready, send: Send) -> None:
        self._settings = settings
        self._ready = ready
        self._send = send
        self._turns = asyncio.Semaphore(settings.parallel)
        self._models: OrderedDict[str, bytes] = OrderedDict()
        self._answering = Answering(_REQUEST, self._answer)

    async def begin(self) -> None:
        """Tell the host that it can ask."""
        await self._send(self._ready)

    def take(self, line: bytes) -> None:
        """Begin to do what a line asks for; raises like ``Answering.take``."""
        self._answering.take(line)

    async def close(self) -> None:
        """Stop everything."""
        await self._answering.close()

    async def _answer(self, ask: wire.Ask) -> None:
        done = wire.Done(id=ask.id)
        try:
            async with self._turns:
                result = await self._done(ask.call)
            if result.made is not None:
                # whoever made it may be a liar
                named = hashlib.sha256(result.data).hexdigest()
                result = structs.replace(result, made=structs.replace(result.made, sha256=named))
                self._keep(named, result.data)
            done = wire.Done(
                id=ask.id,
                made=result.made,
                inspection=result.inspection,
                views=result.views,
                trial=result.trial,
                failure=result.failure,
                size=len(result.data),
            )
            if not fits(done):
                raise CadFailed("limit", "what came of this is too large to be sent; ask for less at a time")
            await send_pieces(self._send, ask.id, result.data)
        except CadFailed as failed:
            done = wire.Done(id=ask.id, failure=wire.CadFailure(kind=failed.kind, message=str(failed)))
        except asyncio.CancelledError:
            done = wire.Done(id=ask.id, error="cancelled")
        except (ToolServerError, OSError) as error:
            done = wire.Done(id=ask.id, error=" ".join(str(error).split())[:500])
        await self._send(done)

    async def _done(self, call: wire.Call) -> Result:
        match call:
            case wire.Give(model=model):
                self._keep(hashlib.sha256(model).hexdigest(), model)
                return Result()
            case wire.Build(program=program, seconds=seconds):
                begun = time.perf_counter()
                raw = await self._child(partial(_run, program), self._program(seconds), "the program")
                if raw.failure is not None:
                    return Result(failure=raw.failure)
                return await self._settled(raw, begun)
            case wire.Import():
                begun = time.perf_counter()
                limits = self._program(self._settings.judge_seconds)
                read = await self._child(partial(_perform, call, b""), limits, "reading the file")
                # its mesh is what the file says, so it is not made anew
                return read if read.failure is None else Result(failure=read.failure)
            case wire.Simulate(scenario=name, seconds=seconds):
                # that one runs code that a model wrote
                limits = self._program(seconds) if name == "custom" else self._judge(seconds)
                result = await self._child(partial(_perform, call, self._model(call.model)), limits, "the scenario")
                return Result(trial=result.trial, failure=result.failure)
            case wire.Look():
                limits = self._judge(self._settings.judge_seconds * 2)
                return await self._child(partial(_perform, call, self._model(call.model)), limits, "the look")
            case wire.Inspect() | wire.Mutate() | wire.Export():
                limits = self._judge(self._settings.judge_seconds)
                what = f"{type(call).__name__.lower()}ing"
                return await self._child(partial(_perform, call, self._model(call.model)), limits, what)

    async def _settled(self, raw: Result, begun: float) -> Result:
        work = partial(_settle, raw.data, raw.printed)
        result = await self._child(work, self._judge(self._settings.mesh_seconds), "meshing what the program made")
        if result.made is None:
            return Result(failure=result.failure)
        return structs.replace(result, made=structs.replace(result.made, seconds=round(time.perf_counter() - begun, 3)))

    async def _child(self, work: "partial[bytes]", limits: ChildLimits, what: str) -> Result:
        data = await forked(work, limits, what)
        try:
            return _RESULT.decode(data)
        except (DecodeError, ValidationError):
            # a confined process can write what it likes
            raise CadFailed("program", f"{what} handed back something else than a result; only set parts") from None

    def _program(self, seconds: float) -> ChildLimits:
        return ChildLimits(seconds=seconds, memory_mb=self._settings.program_memory_mb, confined=True)

    def _judge(self, seconds: float) -> ChildLimits:
        return ChildLimits(seconds=seconds, memory_mb=self._settings.judge_memory_mb)

    def _model(self, sha256: str) -> bytes:
        if (model := self._models.get(sha256)) is None:
            raise CadFailed("unknown", "this model is not here any more; give it again")
        self._models.move_to_end(sha256)
        return model

    def _keep(self, sha256: str, model: bytes) -> None:
        self._models[sha256] = model
        self._models.move_to_end(sha256)
        while len(self._models) > 1 and sum(map(len, self._models.values())) > self._settings.kept_mb * _MB:
            self._models.popitem(last=False)


def _run(program: str, folder: Path) -> bytes:
    del folder
    return run_program(program)


def _settle(data: bytes, printed: str, folder: Path) -> bytes:
    del folder
    return settle(data, printed)


def _perform(call: wire.Call, model: bytes, folder: Path) -> bytes:
    del folder
    return perform(call, model)


def described(versions: Mapping[str, str], confinement: tuple[str, ...], seconds: float) -> wire.Ready:
    """Return what the program says about itself."""
    return wire.Ready(
        version=__version__, versions=dict(versions), confinement=confinement, warm_seconds=round(seconds, 2)
    )
