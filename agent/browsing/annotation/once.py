"""Effects of a session that is put together and thrown away: each is performed once, and none is recorded."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from agent.browsing.ports import ResultT
from agent.domain.errors import LedgerUnavailable


class Once:
    """Performs every effect, and keeps blobs in memory. Implements ``Effects``."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """Perform the step and return its result."""
        return await perform()

    async def put_blob(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256."""
        name = sha256(data).hexdigest()
        self._blobs[name] = data
        return name

    async def get_blob(self, sha256: str) -> bytes:
        """Return kept bytes.

        Raises:
            LedgerUnavailable: there are none of that hash.
        """
        if sha256 not in self._blobs:
            raise LedgerUnavailable(f"blob {sha256[:12]} is missing")
        return self._blobs[sha256]

    def distrust(self) -> None:
        """Take note of nothing: nobody acts on what is read here."""
