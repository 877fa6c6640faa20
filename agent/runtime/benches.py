"""What opens the sandboxes in which artefacts are made and tried out: each of its own, and without any way out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from agent.domain.checks import TriedKind
from agent.domain.errors import ConfigurationError, ReplayDivergence
from toolserver.client import (
    CAD_NEEDED,
    CadSandbox,
    LocalSandbox,
    NoEgress,
    PageSandbox,
    Sandbox,
    SandboxConfig,
    SandboxUnavailable,
    open_cad,
    open_pages,
    open_sandbox,
)

PAGE_PACKAGES: Final = ("playwright", "lxml")
"""What a local sandbox for pages takes from this installation."""

PAGE_FIX: Final = "pip install 'plumbline-agent[browser]', or with Docker: plumbline toolserver image build --browsing"

CAD_FIX: Final = "pip install 'plumbline-agent[cad]', or with Docker: plumbline toolserver image build --cad"


async def _no_programs() -> Sandbox | None:
    raise ReplayDivergence("something was to be tried out that was not recorded")


async def _no_cad() -> CadSandbox:
    raise ReplayDivergence("something was to be made that was not recorded")


async def _no_documents() -> Sandbox:
    raise ReplayDivergence("a document was to be read that was not recorded")


async def _no_pages() -> PageSandbox | None:
    raise ReplayDivergence("a page was to be opened that was not recorded")


@dataclass(frozen=True)
class Benches:
    """Opens sandboxes: none of them before it is needed.

    Attributes:
        programs: for programs; gives None where there is to be no sandbox.
        cad: for CAD programs and what judges solids.
        pages: for web pages, with a browser; gives None where there is to be no sandbox.
        documents: takes DOCX and PDF documents apart.
        tries: what files of ordinary runs can be tried out as; data files need no sandbox.
    """

    programs: Callable[[], Awaitable[Sandbox | None]] = _no_programs
    cad: Callable[[], Awaitable[CadSandbox]] = _no_cad
    pages: Callable[[], Awaitable[PageSandbox | None]] = _no_pages
    documents: Callable[[], Awaitable[Sandbox]] = _no_documents
    tries: tuple[TriedKind, ...] = ("data_file",)


NO_BENCHES: Final = Benches()
"""Where nothing may be opened, as in replays."""


def benches_of(config: SandboxConfig | None, name: Callable[[str], str], state_dir: Path) -> Benches:
    """Return what opens sandboxes beside a sandbox of a run.

    Programs that a model wrote are not run in a sandbox of ours that isolates nothing, unless the configuration says
    so: ``sandbox.kind = "local"`` with ``require_isolation = false``.

    Args:
        config: of the run's sandbox; None where it has none.
        name: returns an id for a sandbox of its own, by what it is for.
        state_dir: folder for files of local sandboxes and for locks.
    """

    async def programs() -> Sandbox | None:
        if config is None:
            return None
        closed = config.model_copy(update={"egress": NoEgress()})
        return await open_sandbox(closed, name("try"), state_dir=state_dir, keep=False)

    async def cad() -> CadSandbox:
        opened = await open_cad(_given(config), name("cad"), state_dir=state_dir)
        try:
            _check(opened.sandbox, config, CAD_NEEDED, CAD_FIX)
        except BaseException:
            await opened.close()
            raise
        return opened

    async def pages() -> PageSandbox | None:
        if config is None:
            return None
        opened = await open_pages(config, name("page"), state_dir=state_dir)
        try:
            _check(opened.sandbox, config, PAGE_PACKAGES, PAGE_FIX)
        except BaseException:
            await opened.close()
            raise
        return opened

    async def documents() -> Sandbox:
        closed = _given(config).model_copy(update={"egress": NoEgress()})
        return await open_sandbox(closed, name("read"), state_dir=state_dir, keep=False)

    # of a container it is known only when it is opened; without a browser in it pages stay inconclusive
    browser = not (isinstance(config, LocalSandbox) and missing_of(PAGE_PACKAGES))
    tries: tuple[TriedKind, ...] = ("data_file", "program", "web_page") if browser else ("data_file", "program")
    return Benches(programs=programs, cad=cad, pages=pages, documents=documents, tries=tries)


def missing_of(packages: tuple[str, ...]) -> list[str]:
    """Return which packages are not installed."""
    return [package for package in packages if find_spec(package) is None]


def _given(config: SandboxConfig | None) -> SandboxConfig:
    if config is None:
        raise SandboxUnavailable("they are run in a sandbox, and there is none; choose --sandbox auto")
    return config


def _check(sandbox: Sandbox, config: SandboxConfig | None, packages: tuple[str, ...], fix: str) -> None:
    """Raise where a sandbox isolates nothing, or this installation lacks what runs in it."""
    there = sandbox.description
    if there.kind != "local":
        return
    if missing := missing_of(packages):
        raise ConfigurationError(f"{', '.join(missing)} missing; install it: {fix}")
    allowed = isinstance(config, LocalSandbox) and "require_isolation" in config.model_fields_set
    if there.weak and not allowed:
        raise SandboxUnavailable(
            "nothing isolates programs here; install bubblewrap (apt install bubblewrap) or use Docker, or allow it "
            'by sandbox.kind = "local" with require_isolation = false'
        )
