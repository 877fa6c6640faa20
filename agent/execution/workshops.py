"""The worlds in which a run makes artefacts, as they are opened for it."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from agent.domain.artefacts import ArtefactKind
from agent.domain.errors import ConfigurationError
from agent.verification.artefacts.world import World

Maker = Callable[[], World[Any]]
"""Makes a world. That must open nothing: its guide and its scenarios are asked for in replays too, where nothing may be
opened. A sandbox is opened when something has to be built for the first time."""


async def _nothing() -> None:
    """Free nothing."""


class Workshops:
    """The worlds of one run.

    Args:
        makers: what makes the world of each kind.
        close: frees what the worlds have opened.
    """

    def __init__(
        self,
        makers: Mapping[ArtefactKind, Maker] = MappingProxyType({}),
        *,
        close: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._makers = makers
        self._close = close
        self._made: dict[ArtefactKind, World[Any]] = {}

    def world(self, kind: ArtefactKind) -> World[Any]:
        """Return the world of a kind, the same each time.

        Raises:
            ConfigurationError: nothing of that kind can be made here.
        """
        if kind not in self._makers:
            known = ", ".join(sorted(self._makers)) or "nothing"
            raise ConfigurationError(f"artefacts of the kind {kind} cannot be made here; what can: {known}")
        if kind not in self._made:
            self._made[kind] = self._makers[kind]()
        return self._made[kind]

    async def close(self) -> None:
        """Free what was opened."""
        await self._close()
