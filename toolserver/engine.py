"""The Docker engine of this machine behind a small asynchronous port; its library blocks, so it runs in threads."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final, TypeVar
from urllib.parse import urlsplit

import docker
import requests
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import DockerException, ImageNotFound, NotFound
from docker.utils import kwargs_from_env

from toolserver.errors import ImageError, SandboxUnavailable

CALL_SECONDS: Final = 60.0

REMOTE: Final = "this Docker engine cannot share a unix socket with us (remote or Docker Desktop); use a local sandbox"

T = TypeVar("T")


@dataclass(frozen=True)
class Image:
    """An image on this machine."""

    tag: str
    id: str


class Engine:
    """Blocking calls of the engine's library, each in a thread. Failures are ``SandboxUnavailable``, in one line."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._api = client.api
        self._images = client.images

    @classmethod
    @asynccontextmanager
    async def connect(cls, seconds: float = CALL_SECONDS) -> AsyncIterator["Engine"]:
        """Connect to the engine that the environment names, for the length of a block.

        Args:
            seconds: how long the engine may take to answer at first.

        Raises:
            SandboxUnavailable: there is none, or it cannot share a unix socket with us.
        """
        try:
            async with asyncio.timeout(seconds):
                client, info = await _calmly(lambda: _connected(seconds))
        except TimeoutError as error:
            raise SandboxUnavailable(f"the Docker engine did not answer within {seconds:g} s") from error
        try:
            _require_local(info)
            client.api.timeout = int(CALL_SECONDS)
            yield cls(client)
        finally:
            client.close()

    async def image(self, tag: str) -> Image | None:
        """Return an image by tag; None when there is none."""
        with contextlib.suppress(ImageNotFound):
            return await self._run(lambda: Image(tag, str(self._images.get(tag).id)))
        return None

    async def build(
        self,
        context: bytes,
        tag: str,
        arguments: Mapping[str, str],
        labels: Mapping[str, str],
        progress: Callable[[str], None],
    ) -> None:
        """Build an image from a context, which is a tar file.

        Raises:
            ImageError: a step failed.
        """

        def build() -> None:
            archive = BytesIO(context)
            for line in self._api.build(
                fileobj=archive,
                custom_context=True,
                tag=tag,
                buildargs=dict(arguments),
                labels=dict(labels),
                rm=True,
                decode=True,
            ):
                if "error" in line:
                    raise ImageError(f"the image cannot be built: {line['error'].strip()}")
                if text := line.get("stream", "").rstrip():
                    progress(text)

        await self._run(build)

    async def import_image(self, archive: IO[bytes], repository: str, tag: str) -> None:
        """Make an image of a root file system, which is a tar file."""
        await self._run(lambda: self._api.import_image_from_stream(archive, repository=repository, tag=tag))

    async def create(self, name: str, config: Mapping[str, Any]) -> None:
        """Create a container from the engine's own form of a configuration."""
        # the library's types leave this method out
        create: Callable[[dict[str, Any], str], object] = self._api.create_container_from_config
        await self._run(lambda: create(dict(config), name))

    async def start(self, name: str) -> None:
        """Start a container."""
        await self._run(lambda: self._api.start(name))

    async def inspect(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of a container; None when there is none."""
        with contextlib.suppress(NotFound):
            return dict(await self._run(lambda: self._api.inspect_container(name)))
        return None

    async def logs(self, name: str) -> str:
        """Return the last lines that a container printed."""
        with contextlib.suppress(NotFound):
            return (await self._run(lambda: self._api.logs(name, tail=5))).decode(errors="replace")
        return ""

    async def remove(self, name: str) -> None:
        """End and remove a container, if there is one."""
        with contextlib.suppress(NotFound):
            await self._run(lambda: self._api.remove_container(name, force=True))

    async def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Create a volume unless it is there."""
        await self._run(lambda: self._api.create_volume(name, labels=dict(labels)))

    async def remove_volume(self, name: str) -> None:
        """Remove a volume, if there is one."""
        with contextlib.suppress(NotFound):
            await self._run(lambda: self._api.remove_volume(name))

    @staticmethod
    async def _run(call: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(call)
        except (NotFound, SandboxUnavailable):
            raise
        except (DockerException, requests.RequestException) as error:
            raise SandboxUnavailable(f"the Docker engine failed: {_one_line(error)}") from error


async def _calmly(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread, with its failures in our words."""
    try:
        return await asyncio.to_thread(call)
    except (DockerException, requests.RequestException, OSError) as error:
        raise SandboxUnavailable(f"no Docker engine answers: {_one_line(error)}") from error


def _connected(seconds: float) -> tuple[docker.DockerClient, dict[str, Any]]:
    url = urlsplit(str(kwargs_from_env().get("base_url", DEFAULT_UNIX_SOCKET)))
    if url.scheme not in ("unix", "http+unix"):
        raise SandboxUnavailable(REMOTE)
    # the library leaves a socket behind when it fails to connect
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(seconds)
        probe.connect(url.path)
    client = docker.DockerClient.from_env(timeout=max(int(seconds), 1))
    try:
        return client, dict(client.info())
    except BaseException:
        client.close()
        raise


def _require_local(info: Mapping[str, Any]) -> None:
    options = " ".join(info.get("SecurityOptions") or ())
    if "Docker Desktop" in info.get("OperatingSystem", ""):
        raise SandboxUnavailable(REMOTE)
    if "name=rootless" in options or "name=userns" in options:
        raise SandboxUnavailable("Docker engines that map user ids are not supported yet; use a local sandbox")


def _one_line(error: Exception) -> str:
    text = getattr(error, "explanation", None) or str(error)
    return " ".join(str(text).split())[:300]
