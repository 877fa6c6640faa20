"""An open CAD sandbox: a sandbox of its own for programs that make solids, and for all that judges these.

It has no network at all. Its program is warm: it has imported the geometry kernel once and forks for each call, so that
a candidate costs well under a second. It is started at the first request, and anew after it has ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypedDict

from msgspec import json

from toolserver.cad import wire
from toolserver.cad.settings import CadSettings
from toolserver.deployment.config import Limits, SandboxConfig
from toolserver.egress.profiles import NoEgress
from toolserver.errors import CadBroken, CadFailed
from toolserver.images.context import cad_tag
from toolserver.line_program import Language, placed
from toolserver.line_sandbox import LineSandbox, beside
from toolserver.opening import open_sandbox
from toolserver.sandbox import Sandbox

ASK_SECONDS: Final = 1800.0
"""How long the program may take to answer; each call has limits of its own, but calls wait for each other."""

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a model or file."""

_LANGUAGE: Final = Language(
    name="the CAD program",
    module="toolserver.cad",
    answers=json.Decoder(wire.Answer),
    ready=wire.Ready,
    done=wire.Done,
    ask=lambda number, call: wire.Ask(id=number, call=call),
    ask_seconds=ASK_SECONDS,
    broken=CadBroken,
    refused=lambda _, message: CadFailed("limit", message),
)


@dataclass(frozen=True)
class CadModel:
    """What a program made, as the host keeps it; nothing here reads ``data``.

    Attributes:
        data: the model, to be given to the sandbox again when it has forgotten it.
        sha256: of ``data``; the same program gives the same.
        parts: names of the parts in their order.
        parameters: numbers that the program says it was made by.
        printed: the last of what the program printed.
        seconds: that it took.
    """

    data: bytes = field(repr=False)
    sha256: str
    parts: tuple[str, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)
    printed: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)


class HowTried(TypedDict, total=False):
    """The keywords of ``CadSandbox.simulate``, for those who pass them on; what is left out is as it has it."""

    seed: int
    pictures: bool
    seconds: float


class CadSandbox(LineSandbox[wire.Ready, wire.Done]):
    """Makes and judges solids by way of a CAD sandbox. Several calls may run at once.

    Attributes:
        sandbox: the sandbox itself.
        settings: how much each call may use.
    """

    def __init__(self, sandbox: Sandbox, settings: CadSettings) -> None:
        super().__init__(sandbox, _LANGUAGE, json.encode(settings).decode())
        self.settings = settings

    async def build(self, program: str, *, seconds: float = 20.0) -> CadModel:
        """Run a program and return what it made.

        Args:
            program: Python with build123d that sets ``parts``.
            seconds: of processor time.

        Raises:
            CadFailed: it made nothing that can be used, or broke a limit; the message says what to repair.
            SandboxLost: the sandbox is gone.
            CadBroken: the program of the sandbox failed.
        """
        return await self._made(wire.Build(program=program, seconds=seconds))

    async def load(
        self, data: bytes, file: wire.FileFormat, *, name: str = "part", scale: float | None = None
    ) -> CadModel:
        """Read a file; raises like ``build``.

        Args:
            data: its content.
            file: its format.
            name: for parts that have none in the file.
            scale: millimetres of a unit of the file; None for what the format says, or is used to mean.
        """
        return await self._made(wire.Import(format=file, data=data, name=name, scale=scale))

    async def inspect(self, model: CadModel) -> wire.CadInspection:
        """Measure parts and the whole, and name problems; raises like ``build``."""
        done, _ = await self._about(model, wire.Inspect(model=model.sha256))
        if done.inspection is None:
            raise CadBroken("the CAD program answered with something else than an inspection")
        return done.inspection

    async def look(
        self, model: CadModel, views: Sequence[str] = (), *, pictures: bool = True, size: int = 480
    ) -> tuple[wire.CadView, ...]:
        """Return views, all of them unless some are named; raises like ``build``."""
        call = wire.Look(model=model.sha256, views=tuple(views), pictures=pictures, size=size)
        return (await self._about(model, call))[0].views

    async def simulate(
        self,
        model: CadModel,
        scenario: str,
        measure: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        pictures: bool = True,
        seconds: float = 60.0,
    ) -> wire.CadTrial:
        """Try it out; raises like ``build``.

        Args:
            model: what is tried.
            scenario: a name of ``CAD_SCENARIOS``.
            measure: what of it counts.
            parameters: of the scenario.
            seed: with the same one the same numbers come out.
            pictures: with pictures of what happened.
            seconds: of processor time.
        """
        call = wire.Simulate(
            model=model.sha256,
            scenario=scenario,
            measure=measure,
            parameters=dict(parameters or {}),
            seed=seed,
            pictures=pictures,
            seconds=seconds,
        )
        done, _ = await self._about(model, call)
        if done.trial is None:
            raise CadBroken("the CAD program answered with something else than a trial")
        return done.trial

    async def mutate(self, model: CadModel, mutation: str, parameters: Mapping[str, Any] | None = None) -> CadModel:
        """Return a changed copy; raises like ``build``."""
        call = wire.Mutate(model=model.sha256, mutation=mutation, parameters=dict(parameters or {}))
        return _model(*await self._about(model, call))

    async def export(self, model: CadModel, file: wire.Format) -> bytes:
        """Return it as a file; raises like ``build``."""
        return (await self._about(model, wire.Export(model=model.sha256, format=file)))[1]

    async def _made(self, call: wire.Call) -> CadModel:
        return _model(*await self._asked(call))

    async def _about(self, model: CadModel, call: wire.Call) -> tuple[wire.Done, bytes]:
        """Ask about a model, and give it first if the program does not have it."""
        try:
            return await self._asked(call)
        except CadFailed as failed:
            if failed.kind != "unknown":
                raise
        await self._asked(wire.Give(model=model.data))
        return await self._asked(call)

    async def _asked(self, call: wire.Call) -> tuple[wire.Done, bytes]:
        done, data = await self._program.ask(call, LARGEST)
        if done.failure is not None:
            raise CadFailed(done.failure.kind, done.failure.message)
        if done.error is not None:
            raise CadBroken(f"the CAD program failed: {done.error}")
        return done, data


def _model(done: wire.Done, data: bytes) -> CadModel:
    made = done.made
    if made is None:
        raise CadBroken("the CAD program answered with something else than a model")
    return CadModel(data, made.sha256, made.parts, made.parameters, made.printed, made.seconds)


_IDLE_SECONDS = 60.0
"""How long it lives on when the process that opened it was killed: nobody comes back to it."""


def cad_limits() -> Limits:
    """Return what a CAD sandbox may use: a geometry kernel takes much memory, and files hardly any."""
    return Limits(memory_mb=6144, pids=256, tmp_mb=256, file_mb=256, disk_mb=512, open_files=1024)


def cad_config(config: SandboxConfig) -> SandboxConfig:
    """Return the configuration of a CAD sandbox beside a sandbox like this one.

    Limits that were not given are those of ``cad_limits``, and nothing may be reached. In Docker it is the image of CAD
    sandboxes, unless another one was named. It ends soon after the process that opened it.
    """
    there = beside(config, cad_limits(), NoEgress(), cad_tag())
    return there.model_copy(update={"idle_seconds": min(there.idle_seconds, _IDLE_SECONDS)})


async def open_cad(
    config: SandboxConfig, sandbox_id: str, *, state_dir: Path, settings: CadSettings | None = None
) -> CadSandbox:
    """Open a CAD sandbox; see ``cad_config`` for what of a configuration it takes.

    Nobody comes back to it: when this process is gone, a later one removes it.

    Args:
        config: of the sandbox that it stands beside.
        sandbox_id: as for ``open_sandbox``; not the id of another sandbox.
        state_dir: folder for files of local sandboxes and for locks.
        settings: how much each call may use.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    there = cad_config(await placed(cad_config(config), cad_tag()))
    sandbox = await open_sandbox(there, sandbox_id, state_dir=state_dir, keep=False)
    return CadSandbox(sandbox, settings or CadSettings())
