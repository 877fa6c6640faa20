"""A Docker engine behind a small asynchronous port; its library blocks, so it runs in threads."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

import docker
import requests
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.utils import kwargs_from_env

from toolserver.errors import ImageError, SandboxUnavailable

CALL_SECONDS: Final = 60.0

CONFLICT: Final = 409

LOCAL_SCHEMES: Final = ("unix", "http+unix")

T = TypeVar("T")


@dataclass(frozen=True)
class Image:
    """An image on this machine."""

    tag: str
    id: str


class Engine:
    """Blocking calls of the engine's library, each in a thread. Failures are ``SandboxUnavailable``, in one line.

    Attributes:
        info: what the engine says about itself.
        foreign: why it does not see this machine's files and users as we do; None where it does.
    """

    def __init__(self, client: docker.DockerClient, info: Mapping[str, Any] | None = None) -> None:
        self._client = client
        self.info = dict(client.info() if info is None else info)
        self.foreign = _foreign(self.info)
        self._api = client.api
        self._images = client.images

    @classmethod
    @asynccontextmanager
    async def connect(cls, seconds: float = CALL_SECONDS) -> AsyncIterator["Engine"]:
        """Connect to the engine that the environment names, for the length of a block.

        Args:
            seconds: how long the engine may take to answer at first.

        Raises:
            SandboxUnavailable: there is none.
        """
        try:
            async with asyncio.timeout(seconds):
                client, info = await _calmly(lambda: _connected(seconds))
        except TimeoutError as error:
            raise SandboxUnavailable(f"the Docker engine did not answer within {seconds:g} s") from error
        try:
            client.api.timeout = int(CALL_SECONDS)
            yield cls(client, info)
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

        def blocks() -> Iterator[bytes]:
            # of a file the library would tell the length and send it in chunks all the same, which engines refuse
            while block := archive.read(1 << 20):
                yield block

        stream = cast("Any", blocks())
        await self._run(lambda: self._api.import_image_from_stream(stream, repository=repository, tag=tag))

    async def create(self, name: str, config: Mapping[str, Any]) -> None:
        """Create a container from the engine's own form of a configuration."""
        # the library's types leave this method out
        create: Callable[[dict[str, Any], str], object] = self._api.create_container_from_config
        await self._run(lambda: create(dict(config), name), makes=True)

    async def start(self, name: str) -> None:
        """Start a container."""
        await self._run(lambda: self._api.start(name), makes=True)

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

    async def ensure_volume(
        self, name: str, labels: Mapping[str, str], options: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Create a volume unless it is there, and return what the engine says of it."""
        chosen = dict(options) if options else None
        await self._run(lambda: self._api.create_volume(name, driver_opts=chosen, labels=dict(labels)), makes=True)
        return dict(await self._run(lambda: self._api.inspect_volume(name)))

    async def volume(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of a volume; None when there is none."""
        with contextlib.suppress(NotFound):
            return dict(await self._run(lambda: self._api.inspect_volume(name)))
        return None

    async def containers(self, label: str) -> list[dict[str, Any]]:
        """Return all containers that have a label, those that ended among them, as the engine lists them."""
        return list(await self._run(lambda: self._api.containers(all=True, filters={"label": label})))

    async def volumes(self, label: str) -> list[dict[str, Any]]:
        """Return all volumes that have a label, as the engine lists them."""
        return list((await self._run(lambda: self._api.volumes(filters={"label": label}))).get("Volumes") or ())

    async def networks(self, label: str) -> list[dict[str, Any]]:
        """Return all networks that have a label, as the engine lists them."""
        return list(await self._run(lambda: self._api.networks(filters={"label": label})))

    async def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository's images."""
        images = await self._run(lambda: self._api.images(repository))
        return sorted(tag for image in images for tag in image.get("RepoTags") or ())

    async def remove_image(self, tag: str) -> bool:
        """Remove an image; return False where a container still uses it."""

        def remove() -> bool:
            try:
                self._api.remove_image(tag)
            except ImageNotFound:
                return True
            except APIError as error:
                if error.status_code == CONFLICT:
                    return False
                raise
            return True

        return await self._run(remove)

    async def remove_network(self, name: str) -> None:
        """Remove a network, if there is one."""
        with contextlib.suppress(NotFound):
            await self._run(lambda: self._api.remove_network(name))

    async def version(self) -> dict[str, Any]:
        """Return the versions of the engine and its parts."""
        return dict(await self._run(lambda: self._api.version()))

    async def remove_volume(self, name: str) -> None:
        """Remove a volume, if there is one."""
        with contextlib.suppress(NotFound):
            await self._run(lambda: self._api.remove_volume(name))

    @staticmethod
    async def _run(call: Callable[[], T], *, makes: bool = False) -> T:
        """Run a blocking call; one that makes something is waited for when we are cancelled, so it can be removed."""
        work = asyncio.ensure_future(asyncio.to_thread(call))
        try:
            return await (asyncio.shield(work) if makes else work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            if not work.cancelled():
                work.exception()
            raise
        except (NotFound, SandboxUnavailable):
            raise
        except (DockerException, requests.RequestException) as error:
            raise SandboxUnavailable(f"the Docker engine failed: {one_line(error)}") from error


async def _calmly(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread, with its failures in our words."""
    try:
        return await asyncio.to_thread(call)
    except (DockerException, requests.RequestException, OSError) as error:
        raise SandboxUnavailable(f"no Docker engine answers: {one_line(error)}") from error


def _connected(seconds: float) -> tuple[docker.DockerClient, dict[str, Any]]:
    client = client_from_env(seconds)
    try:
        return client, dict(client.info())
    except BaseException:
        client.close()
        raise


def client_from_env(seconds: float) -> docker.DockerClient:
    """Return the library's client of the engine that the environment names. Blocks.

    Args:
        seconds: how long the engine may take for an answer.

    Raises:
        OSError: nobody listens there.
    """
    url = _url()
    if url.scheme in LOCAL_SCHEMES:
        # the library leaves a socket behind when it fails to connect
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(seconds)
            probe.connect(url.path)
    return docker.DockerClient.from_env(timeout=max(int(seconds), 1), use_ssh_client=url.scheme == "ssh")


def _url() -> SplitResult:
    return urlsplit(str(kwargs_from_env().get("base_url", DEFAULT_UNIX_SOCKET)))


def _foreign(info: Mapping[str, Any]) -> str | None:
    options = " ".join(info.get("SecurityOptions") or ())
    if _url().scheme not in LOCAL_SCHEMES:
        return "the Docker engine is reached over a network"
    if "Docker Desktop" in info.get("OperatingSystem", ""):
        return "the engine of Docker Desktop runs in a machine of its own"
    if "name=rootless" in options or "name=userns" in options:
        return "the Docker engine maps user ids"
    return None


def one_line(error: Exception) -> str:
    """Return what an error of the library says, in one line."""
    text = getattr(error, "explanation", None) or str(error)
    return " ".join(str(text).split())[:300]
