"""The way to a sandbox, and all that the agent imports of the ToolServer.

Importing this module loads neither the Docker nor an MCP library.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolserver.attached.config import HttpServer, ServerConfig, ServerName, StdioServer
from toolserver.attaching import ExaminedServer, accept_server, attach_servers, examined_server, unknown_servers
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.wire import (
    DownloadedFile,
    Extractor,
    FileAnswer,
    PageAnchor,
    PageAnswer,
    PageElement,
    PageLink,
)
from toolserver.browsing_sandbox import (
    BrowsingSandbox,
    Got,
    GotFile,
    browsing_config,
    browsing_limits,
    open_browsing,
)
from toolserver.cad.mutations import MUTATIONS as CAD_MUTATIONS
from toolserver.cad.mutations import CadMutation
from toolserver.cad.scenarios import SCENARIOS as CAD_SCENARIOS
from toolserver.cad.scenarios import CadControl, CadScenario
from toolserver.cad.settings import NEEDED as CAD_NEEDED
from toolserver.cad.settings import CadSettings
from toolserver.cad.wire import CadGate, CadInspection, CadPart, CadTrial, CadView
from toolserver.cad.wire import FileFormat as CadFileRead
from toolserver.cad.wire import Format as CadFile
from toolserver.cad_sandbox import CadModel, CadSandbox, HowTried, cad_config, cad_limits, open_cad
from toolserver.deployment.config import AutoSandbox, DockerSandbox, Limits, LocalSandbox, SandboxConfig
from toolserver.deployment.reports import EngineSurvey, Leftovers
from toolserver.egress.events import EgressEvent
from toolserver.egress.gateway import EgressGateway
from toolserver.egress.profiles import (
    AllowListEgress,
    Egress,
    EgressLimits,
    HostRule,
    NoEgress,
    OpenEgress,
    PackagesEgress,
)
from toolserver.errors import (
    BrowsingBroken,
    CadBroken,
    CadFailed,
    CadFailureKind,
    FailureKind,
    ImageError,
    PageFailed,
    SandboxLost,
    SandboxUnavailable,
    SecretUnavailable,
    ToolServerError,
    TransferRefused,
)
from toolserver.opening import open_sandbox
from toolserver.own.api import ApiTool, ApiTools
from toolserver.own.folder import ToolFolder
from toolserver.own.tools import OwnTool, OwnTools, derived
from toolserver.pages.wire import Change as PageChange
from toolserver.pages.wire import ChangeName as PageChangeName
from toolserver.pages.wire import PageLooked
from toolserver.pages.wire import Step as PageStep
from toolserver.pages.wire import Visit as PageVisit
from toolserver.pages.wire import Visited as PageVisited
from toolserver.pages_sandbox import PageSandbox, open_pages
from toolserver.pool import SandboxPool
from toolserver.protocol import (
    Approval,
    Effect,
    FileEntry,
    NodeTool,
    Progress,
    SandboxDescription,
    ToolImage,
    ToolOutcome,
)
from toolserver.sandbox import Sandbox
from toolserver.secrets import Secret, SecretName, put_in, references, secrets_for, values_to_hide
from toolserver.snapshots import Snapshot, SnapshotStore

if TYPE_CHECKING:
    from toolserver.own.operations import CompiledApi

__all__ = [
    "CAD_MUTATIONS",
    "CAD_NEEDED",
    "CAD_SCENARIOS",
    "AllowListEgress",
    "ApiTool",
    "ApiTools",
    "Approval",
    "AutoSandbox",
    "BrowsingBroken",
    "BrowsingSandbox",
    "BrowsingSettings",
    "CadBroken",
    "CadControl",
    "CadFailed",
    "CadFailureKind",
    "CadFile",
    "CadFileRead",
    "CadGate",
    "CadInspection",
    "CadModel",
    "CadMutation",
    "CadPart",
    "CadSandbox",
    "CadScenario",
    "CadSettings",
    "CadTrial",
    "CadView",
    "DockerSandbox",
    "DownloadedFile",
    "Effect",
    "Egress",
    "EgressEvent",
    "EgressGateway",
    "EgressLimits",
    "EngineSurvey",
    "ExaminedServer",
    "Extractor",
    "FailureKind",
    "FileAnswer",
    "FileEntry",
    "Got",
    "GotFile",
    "HostRule",
    "HowTried",
    "HttpServer",
    "ImageError",
    "Leftovers",
    "Limits",
    "LocalSandbox",
    "NoEgress",
    "NodeTool",
    "OpenEgress",
    "OwnTool",
    "OwnTools",
    "PackagesEgress",
    "PageAnchor",
    "PageAnswer",
    "PageChange",
    "PageChangeName",
    "PageElement",
    "PageFailed",
    "PageLink",
    "PageLooked",
    "PageSandbox",
    "PageStep",
    "PageVisit",
    "PageVisited",
    "Progress",
    "Sandbox",
    "SandboxConfig",
    "SandboxDescription",
    "SandboxLost",
    "SandboxPool",
    "SandboxUnavailable",
    "Secret",
    "SecretName",
    "SecretUnavailable",
    "ServerConfig",
    "ServerName",
    "Snapshot",
    "SnapshotStore",
    "StdioServer",
    "ToolFolder",
    "ToolImage",
    "ToolOutcome",
    "ToolServerError",
    "TransferRefused",
    "accept_server",
    "attach_servers",
    "browsing_config",
    "browsing_limits",
    "build_image",
    "cad_config",
    "cad_limits",
    "clean_engine",
    "compiled_api",
    "derived",
    "docker_obstacle",
    "examined_server",
    "open_browsing",
    "open_cad",
    "open_pages",
    "open_sandbox",
    "put_in",
    "read_document",
    "references",
    "secrets_for",
    "serve_http",
    "serve_stdio",
    "survey_engine",
    "unknown_servers",
    "values_to_hide",
]


async def build_image(
    base: str | None = None,
    bootstrap: Literal["debian"] | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    browsing: bool = False,
    cad: bool = False,
) -> str:
    """Build the image of the Docker deployment and return its tag; see ``toolserver.images.build``.

    With ``browsing`` or ``cad``, build the image of such sandboxes on top of it and return that one's tag.

    Raises:
        SandboxUnavailable: no engine answers.
        ImageError: the image cannot be built.
    """
    from toolserver.images import build

    return await build.build_image(base, bootstrap, progress or (lambda line: None), browsing=browsing, cad=cad)


def compiled_api(
    file: Path,
    *,
    prefix: str | None = None,
    only: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
    server: str | None = None,
    seconds: float = 60,
) -> "CompiledApi":
    """Return the tools that the operations of an OpenAPI document are; see ``toolserver.own.operations``.

    Raises:
        ToolServerError: it cannot be read, is none, or none of its operations can be a tool.
    """
    from toolserver.own.documents import read_document
    from toolserver.own.operations import compiled_api as compiled

    document = read_document(file)
    return compiled(document, file, prefix=prefix, only=only, secrets=secrets, server=server, seconds=seconds)


def read_document(file: Path) -> dict[str, Any]:
    """Return the object that a JSON or YAML file holds, which may have been made to keep its reader busy.

    Raises:
        ToolServerError: it is too large, too deep, not readable, or none.
    """
    from toolserver.own.documents import read_document as read

    return read(file)


async def clean_engine(*, everything: bool = False, images: bool = True, state_dirs: Sequence[Path] = ()) -> Leftovers:
    """Remove what sandboxes left on the engine and on this machine, whichever folder they belong to.

    Left alone is what a run may come back to: containers that run, and files whose sandbox still has its folder.

    Args:
        everything: remove containers that run, all volumes and all images as well.
        images: remove images of other versions of this package.
        state_dirs: folders of sandboxes to tidy beside those that things on the engine name.

    Raises:
        SandboxUnavailable: no engine answers.
    """
    from toolserver.deployment.leftovers import remove_images, remove_leftovers, state_folders
    from toolserver.deployment.pooled import drop_dangling, reap_pooled
    from toolserver.engine import Engine

    async with Engine.connect() as engine:
        folders = sorted({*(folder.resolve() for folder in state_dirs), *await state_folders(engine)})
        waiting = [found for folder in folders for found in await reap_pooled(folder)]
        removed = await remove_leftovers(engine, everything=everything)
        names = [name for folder in folders for name in await asyncio.to_thread(drop_dangling, folder)]
        removed = removed.model_copy(update={"waiting_sandboxes": tuple(waiting), "names": tuple(names)})
        if images:
            removed = removed.model_copy(update={"images": await remove_images(engine, everything=everything)})
        return removed


async def docker_obstacle(seconds: float = 2.0) -> str | None:
    """Return why sandboxes cannot be opened in Docker; None where its engine answers in time and the image is there."""
    from toolserver.deployment import auto

    return await auto.docker_obstacle(seconds)


async def survey_engine(seconds: float = 5.0) -> EngineSurvey:
    """Describe the Docker engine that the environment names; see ``toolserver.deployment.survey``.

    Raises:
        SandboxUnavailable: none answers.
    """
    from toolserver.deployment import survey

    return await survey.survey_engine(seconds)


async def serve_stdio(
    opening: Callable[[], Awaitable[Sandbox]],
    *,
    force: bool = False,
    ready: Callable[[SandboxDescription], None] = lambda description: None,
) -> None:
    """Serve a sandbox to an MCP client on standard input and output, until the input ends; then end the sandbox.

    Args:
        opening: opens the sandbox; called again when it is lost.
        force: serve a sandbox that isolates nothing, too.
        ready: called once the sandbox is there.

    Raises:
        SandboxUnavailable: it cannot be opened, or isolates nothing.
    """
    from toolserver.serving.server import ServedSandbox
    from toolserver.serving.stdio import serve_stdio as serve

    served = ServedSandbox(opening, allow_weak=force)
    try:
        ready(await served.open())
        await serve(served)
    finally:
        await served.close()


async def serve_http(
    opening: Callable[[], Awaitable[Sandbox]],
    host: str,
    port: int,
    token: str,
    *,
    names: Sequence[str] = (),
    force: bool = False,
    ready: Callable[[SandboxDescription, str], None] = lambda description, url: None,
) -> None:
    """Serve a sandbox to MCP clients over HTTP until cancelled; then end the sandbox.

    Args:
        opening: opens the sandbox; called again when it is lost.
        host: address to listen on.
        port: 0 for any that is free.
        token: what clients must send as a bearer token; at least 16 characters.
        names: further host names under which clients reach us.
        force: serve a sandbox that isolates nothing, too.
        ready: called with the sandbox and the URL once connections are taken.

    Raises:
        SandboxUnavailable: the sandbox cannot be opened or isolates nothing, or the address is taken.
    """
    from toolserver.serving.http import serve_http as serve
    from toolserver.serving.server import ServedSandbox

    served = ServedSandbox(opening, allow_weak=force)
    try:
        description = await served.open()
        await serve(served, host, port, token, names=names, ready=lambda url: ready(description, url))
    finally:
        await served.close()
