"""A world whose every operation is an effect of a run, so that a run that is resumed makes and tries nothing twice.

What a program makes is never recorded itself: a build is known by its program and the changes made to it. The real one
is made only when something is asked of it that is not on record, and then only as far as that needs it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from agent.domain.artefacts import Artefact, ArtefactKind, Inspection, Mutation, Scenario, Trial, View
from agent.domain.base import Fact
from agent.domain.errors import PlumblineError, SandboxUnavailable, UsageError
from agent.domain.messages import digest_of
from agent.ledger.effects import RunLedger
from agent.verification.artefacts.lines import in_a_line
from agent.verification.artefacts.world import (
    BuildFailed,
    MadeFile,
    NotConcerned,
    ScenarioTemplate,
    TrialImpossible,
    World,
)
from toolserver.client import ToolServerError

KEPT: Final = 24
"""How many real builds are kept at a time; one that was dropped is made again from its program."""

_LONGEST: Final = 2_000

Ended = Literal["done", "same", "failed", "impossible", "unconcerned", "wrong"]


class Came(Fact):
    """What came of an operation, as it is recorded.

    Attributes:
        ended: ``same``: the change was none. The others beside ``done`` are the errors of ``World``.
        detail: what an error said.
    """

    ended: Ended = "done"
    detail: str = ""
    inspection: Inspection | None = None
    views: tuple[View, ...] = ()
    trial: Trial | None = None
    files: tuple[Artefact, ...] = ()


@dataclass(frozen=True)
class Handle:
    """What stands for a build: the program that makes it, and the changes made to it since."""

    program: str
    mutations: tuple[Mutation, ...] = ()

    @property
    def name(self) -> str:
        """A hash that tells it from others."""
        return digest_of([self.program, [one.model_dump(mode="json") for one in self.mutations]])[:24]


class RecordedWorld:
    """A world as a run works in it. Implements ``World``.

    The same operation on the same build is one effect, however many candidates ask for it at the same time.

    Args:
        world: the real one; it is asked only for what is not on record.
        ledger: of the run.
        branch: begins the keys of the effects.
    """

    def __init__(self, world: World[Any], ledger: RunLedger, branch: str) -> None:
        self.kind: ArtefactKind = world.kind
        self._world = world
        self._ledger = ledger
        self._branch = branch
        self._came: dict[str, Came] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._builds: OrderedDict[str, Any] = OrderedDict()

    def guide(self) -> str:
        """Return what writers of programs have to know."""
        return self._world.guide()

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried."""
        return self._world.scenarios()

    async def build(self, program: str) -> Handle:
        """Run a program. See ``World``."""
        handle = Handle(program)

        async def perform() -> Came:
            await self._real(handle)
            return Came()

        _raise(await self._effect("build", handle, {"program": program}, perform, broken="failed"))
        return handle

    async def inspect(self, build: Handle) -> Inspection:
        """Return parts, measures and problems. See ``World``."""

        async def perform() -> Came:
            return Came(inspection=await self._world.inspect(await self._real(build)))

        came = await self._effect("inspect", build, {}, perform, broken="failed")
        _raise(came)
        return came.inspection or Inspection(problems=("it was not inspected",))

    async def look(self, build: Handle) -> tuple[View, ...]:
        """Return views. See ``World``."""

        async def perform() -> Came:
            return Came(views=await self._world.look(await self._real(build)))

        came = await self._effect("look", build, {}, perform)
        _raise(came)
        return came.views

    async def simulate(self, build: Handle, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Try a scenario. See ``World``."""

        async def perform() -> Came:
            return Came(trial=await self._world.simulate(await self._real(build), scenario, measure, seed))

        asked = {"scenario": scenario.model_dump(mode="json"), "measure": measure, "seed": seed}
        came = await self._effect("simulate", build, asked, perform)
        _raise(came)
        return came.trial or Trial(value=None, detail="nothing came of it", seed=seed)

    async def mutate(self, build: Handle, mutation: Mutation) -> Handle:
        """Return a changed copy; the very build where the change is none. See ``World``."""
        changed = Handle(build.program, (*build.mutations, mutation))

        async def perform() -> Came:
            return Came(ended="same" if await self._real(changed) is await self._real(build) else "done")

        came = await self._effect("mutate", changed, {}, perform)
        _raise(came)
        return build if came.ended == "same" else changed

    async def files(self, build: Handle) -> tuple[MadeFile, ...]:
        """Return the artefact as it is handed over. See ``World``."""
        return tuple(
            [
                MadeFile(file.path, await self._ledger.get_blob(file.sha256), file.media_type)
                for file in await self.artefacts(build)
            ]
        )

    async def artefacts(self, build: Handle) -> tuple[Artefact, ...]:
        """Return the files in which a build is handed over, stored as blobs."""

        async def perform() -> Came:
            files = await self._world.files(await self._real(build))
            return Came(
                files=tuple(
                    [
                        Artefact(
                            path=file.path,
                            sha256=await self._ledger.put_blob(file.data),
                            size=len(file.data),
                            media_type=file.media_type,
                        )
                        for file in files
                    ]
                )
            )

        came = await self._effect("files", build, {}, perform, broken="failed")
        _raise(came)
        return came.files

    async def _effect(
        self,
        what: str,
        handle: Handle,
        asked: dict[str, Any],
        perform: Callable[[], Awaitable[Came]],
        *,
        broken: Ended = "impossible",
    ) -> Came:
        """Return what came of an operation, recorded or now; ``broken`` is how it ended where the world broke."""
        mutations = [one.model_dump(mode="json") for one in handle.mutations]
        arguments = {"artefact": handle.name, **({"changes": mutations} if mutations else {}), **asked}
        request = {"tool": f"{self.kind}_{what}", "arguments": arguments, "where": "host", "effects": ["executes"]}
        key = f"{self._branch}/{what}.{digest_of(request)[:24]}"
        async with self._turns.setdefault(key, asyncio.Lock()):
            if key not in self._came:
                self._came[key] = await self._ledger.effect(key, "tool", request, Came, lambda: _tamed(perform, broken))
            return self._came[key]

    async def _real(self, handle: Handle) -> Any:
        """Return the real build, made now unless it is at hand."""
        async with self._turns.setdefault(handle.name, asyncio.Lock()):
            if handle.name not in self._builds:
                if handle.mutations:
                    before = await self._real(Handle(handle.program, handle.mutations[:-1]))
                    made = await self._world.mutate(before, handle.mutations[-1])
                else:
                    made = await self._world.build(handle.program)
                self._builds[handle.name] = made
                if len(self._builds) > KEPT:
                    self._builds.popitem(last=False)
            self._builds.move_to_end(handle.name)
            return self._builds[handle.name]


async def _tamed(perform: Callable[[], Awaitable[Came]], broken: Ended) -> Came:
    """Return what came of an operation; its errors are part of that, but for what is no matter of the artefact."""
    try:
        return await perform()
    except BuildFailed as error:
        return Came(ended="failed", detail=in_a_line(str(error), _LONGEST))
    except TrialImpossible as error:
        return Came(ended="impossible", detail=in_a_line(str(error), _LONGEST))
    except NotConcerned as error:
        return Came(ended="unconcerned", detail=in_a_line(str(error), _LONGEST))
    except UsageError as error:
        return Came(ended="wrong", detail=in_a_line(str(error), _LONGEST))
    except PlumblineError:
        raise
    except ToolServerError as error:
        raise SandboxUnavailable(in_a_line(str(error), _LONGEST)) from error
    except Exception as error:  # noqa: BLE001 - whatever breaks in a world is told of this artefact, and others go on
        return Came(ended=broken, detail=in_a_line(f"{type(error).__name__}: {error}", _LONGEST))


def _raise(came: Came) -> None:
    """Raise the error that an operation ended with, if it did.

    Raises:
        BuildFailed, TrialImpossible, NotConcerned, UsageError: as the world raised it.
    """
    match came.ended:
        case "failed":
            raise BuildFailed(came.detail)
        case "impossible":
            raise TrialImpossible(came.detail)
        case "unconcerned":
            raise NotConcerned(came.detail)
        case "wrong":
            raise UsageError(came.detail)
