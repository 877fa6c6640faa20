"""Sandboxes in which artefacts are made, opened at their first use: a run over what is recorded opens none."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, Unpack

from agent.domain.errors import SandboxUnavailable
from toolserver.client import (
    CadBroken,
    CadFile,
    CadFileRead,
    CadInspection,
    CadModel,
    CadSandbox,
    CadTrial,
    CadView,
    HowTried,
    SandboxLost,
    ToolServerError,
)
from toolserver.client import SandboxUnavailable as NotOpened


class Closing(Protocol):
    """Something that is open."""

    async def close(self) -> None:
        """End it."""


OpenT = TypeVar("OpenT", bound=Closing)
T = TypeVar("T")


class Lazily(Generic[OpenT]):
    """Opens something at its first use, once, however many ask at the same time; and once more where it was lost.

    Args:
        opener: opens it.
        what: cannot be done without it, for messages: ``CAD programs cannot be run``.
    """

    def __init__(self, opener: Callable[[], Awaitable[OpenT]], what: str) -> None:
        self._opener = opener
        self._what = what
        self._opening = asyncio.Lock()
        self._open: OpenT | None = None

    async def use(self, work: Callable[[OpenT], Awaitable[T]]) -> T:
        """Return what is done with it; what is lost or broken meanwhile is opened anew and the work done once more.

        Raises:
            SandboxUnavailable: it cannot be opened.
        """
        there = await self._opened()
        try:
            return await work(there)
        except (SandboxLost, CadBroken):
            await self._left(there)
            return await work(await self._opened())

    async def close(self) -> None:
        """End it, if it was opened."""
        async with self._opening:
            there, self._open = self._open, None
        if there is not None:
            await _ended(there)

    async def _opened(self) -> OpenT:
        async with self._opening:
            if self._open is None:
                try:
                    self._open = await self._opener()
                except NotOpened as error:
                    raise SandboxUnavailable(f"{self._what}: {error}") from error
            return self._open

    async def _left(self, lost: OpenT) -> None:
        async with self._opening:
            if self._open is not lost:
                return
            self._open = None
        await _ended(lost)


async def _ended(there: Closing) -> None:
    # one that is gone already has nothing left to end
    with contextlib.suppress(ToolServerError):
        await there.close()


class LazyCad:
    """A CAD sandbox; see ``CadSandbox`` for each method. The host keeps the models, so a new one goes on with them."""

    def __init__(self, opener: Callable[[], Awaitable[CadSandbox]]) -> None:
        self._cad = Lazily(opener, "CAD programs cannot be run")

    async def build(self, program: str, *, seconds: float = 20.0) -> CadModel:
        """Run a program and return what it made."""
        return await self._cad.use(lambda cad: cad.build(program, seconds=seconds))

    async def load(self, data: bytes, file: CadFileRead, *, name: str = "part", scale: float | None = None) -> CadModel:
        """Read a file."""
        return await self._cad.use(lambda cad: cad.load(data, file, name=name, scale=scale))

    async def inspect(self, model: CadModel) -> CadInspection:
        """Measure parts and the whole, and name problems."""
        return await self._cad.use(lambda cad: cad.inspect(model))

    async def look(
        self, model: CadModel, views: Sequence[str] = (), *, pictures: bool = True, size: int = 480
    ) -> tuple[CadView, ...]:
        """Return views."""
        return await self._cad.use(lambda cad: cad.look(model, views, pictures=pictures, size=size))

    async def simulate(
        self,
        model: CadModel,
        scenario: str,
        measure: str,
        parameters: Mapping[str, Any] | None = None,
        **how: Unpack[HowTried],
    ) -> CadTrial:
        """Try it out."""
        return await self._cad.use(lambda cad: cad.simulate(model, scenario, measure, parameters, **how))

    async def mutate(self, model: CadModel, mutation: str, parameters: Mapping[str, Any] | None = None) -> CadModel:
        """Return a changed copy."""
        return await self._cad.use(lambda cad: cad.mutate(model, mutation, parameters))

    async def export(self, model: CadModel, file: CadFile) -> bytes:
        """Return it as a file."""
        return await self._cad.use(lambda cad: cad.export(model, file))

    async def close(self) -> None:
        """End the sandbox, if it was opened."""
        await self._cad.close()
