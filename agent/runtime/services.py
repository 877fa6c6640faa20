"""What runs need from outside, behind one port: models, sandboxes, documents."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agent.browsing.corpus import Corpus
from agent.browsing.courtesy import Courtesy, Turns
from agent.browsing.ports import SearchResult, World
from agent.browsing.search.corpus import CorpusFetcher, CorpusSearch
from agent.browsing.search.person import Ask
from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.execution.document_tools import document_tools
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.memory.corrections.store import Corrections
from agent.memory.tool_index import Embedder
from agent.models.config import ModelConfig, parse_model
from agent.models.detection import detect
from agent.models.port import ChatModel
from agent.models.registry import build_model
from agent.runtime.benches import Benches, benches_of
from agent.runtime.confinement import LOCAL_REFUSED
from agent.runtime.options import RunOptions
from agent.runtime.settings import ROLES, Settings
from agent.verification.knowledge.port import Knowledge, KnowledgeFiles
from agent.verification.remembered import open_corrections
from toolserver.client import (
    ApiTool,
    ApiTools,
    AutoSandbox,
    DockerSandbox,
    Egress,
    EgressEvent,
    EgressGateway,
    LocalSandbox,
    NoEgress,
    OpenEgress,
    OwnTool,
    OwnTools,
    PackagesEgress,
    Sandbox,
    SandboxConfig,
    SandboxPool,
    ToolFolder,
    attach_servers,
    open_sandbox,
)

if TYPE_CHECKING:
    from agent.models.embeddings import OpenAIEmbedder

NO_SANDBOX = "none"
"""Kind of sandbox of a run that runs no programs and touches no files."""


EGRESS: Mapping[str, Egress] = {"none": NoEgress(), "packages": PackagesEgress(), "open": OpenEgress()}
"""The egress profiles that need no list of hosts."""


class Services(Protocol):
    """Makes what a run works with."""

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        """Return a model for each role.

        Raises:
            ConfigurationError: none is configured, or a name is unknown.
        """

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox | None:
        """Open a run's sandbox, or adopt it where it is still there; None when the run is to have none.

        ``on_egress`` is given every request of the sandbox to the outside.
        """

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the tools on our side of the border that a task may use."""

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        """Return what a task may browse, to be closed with its run; None for one that does not browse.

        ``ask`` reaches the person at hand, where settings let people search.

        Raises:
            ConfigurationError: there is nothing to browse, or a key or library is missing.
        """

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        """Return what opens the sandboxes in which a run makes artefacts and tries them out."""

    def knowledge(self) -> Knowledge:
        """Return what asks the user's knowledge bases."""

    def embedder(self) -> Embedder | None:
        """Return the model that finds tools by meaning, if there is one."""

    def corrections(self) -> Corrections | None:
        """Return what people have corrected, if runs are to go by it."""

    async def close(self) -> None:
        """Free models and documents."""


class ConfiguredServices:
    """Services as the user's settings say.

    Models and corpora are shared by the runs of a process, which also take turns at sites and let a search service rest
    together.

    Args:
        settings: the user's settings.
        home: the user's data folder.
        local_sandboxes: whether programs may be run in local sandboxes; sandboxes that only read pages may be local.
    """

    def __init__(self, settings: Settings, home: Path, *, local_sandboxes: bool = True) -> None:
        self._settings = settings
        self._local_sandboxes = local_sandboxes
        self._home = home
        self._gateway = EgressGateway(settings.secrets)
        self._courtesy = Courtesy(Turns(settings.browsing.web.delay_seconds))
        self._models: dict[str, ChatModel] = {}
        self._embedder: OpenAIEmbedder | None = None
        self._corpora: dict[str, Corpus] = {}
        self._knowledge = KnowledgeFiles(home)
        self._corrections = open_corrections(home)
        self._pools: dict[str, SandboxPool] = {}
        self._opening_pools = asyncio.Lock()
        self._open_pools = AsyncExitStack()

    async def check(self, options: RunOptions) -> None:
        """Raise if a run with these options could not begin: no model is configured, or a name is unknown."""
        await self.models(options)
        if options.sandbox != NO_SANDBOX:
            self._sandbox_config(options)

    async def check_world(self, task: Task, blobs: BlobStore) -> None:
        """Raise if a task could not browse what it is to browse: there is nothing to search, or a key is missing."""
        if (world := await self.world(task, "check", blobs)) is not None:
            await world.close()

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        """Return a model for each role: by the options, else the settings, else what is found on this machine."""
        chosen: dict[str, str | None] = {
            role: options.roles.get(role) or options.model or self._settings.roles.get(role) or self._settings.model
            for role in ROLES
        }
        return {role: await self._model(name) for role, name in chosen.items()}

    async def open_sandbox(
        self,
        options: RunOptions,
        run_id: str,
        on_egress: Callable[[EgressEvent], None] | None = None,
        *,
        own_tools: bool = True,
        keep: bool = True,
    ) -> Sandbox | None:
        """Open a run's sandbox in the data folder's ``sandboxes``, with own tools and those of attached servers.

        One that is not to be kept is nobody's once this process is gone.
        """
        if options.sandbox == NO_SANDBOX:
            return None
        folder = self._home / "sandboxes"
        config = self._sandbox_config(options)
        # before anything is started that a file which cannot be read would leave running
        added = await asyncio.to_thread(tool_folder(self._home).tools) if own_tools else ()
        if keep and self._settings.pool_size > 0:
            sandbox = await (await self._pool(config, folder)).open(run_id, on_egress)
        else:
            sandbox = await open_sandbox(
                config, run_id, state_dir=folder, gateway=self._gateway, on_egress=on_egress, keep=keep
            )
        if own_tools:
            sandbox.equip(OwnTools(sandbox, [tool for tool in added if isinstance(tool, OwnTool)]))
            sandbox.equip(ApiTools(sandbox, [tool for tool in added if isinstance(tool, ApiTool)], config.egress))
        attach_servers(
            sandbox,
            self._settings.mcp_servers,
            secrets=self._settings.secrets,
            trust_file=trust_file(self._home),
            state_dir=folder,
        )
        return sandbox

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the document tools, when the task names an index made by ``plumbline index``."""
        return () if task.corpus is None else document_tools(self._corpus(task.corpus), blobs)

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        """Return the task's corpus as a world, and the web beside it where the task may browse that.

        A check finds what it needs of a corpus by its own tools; of the web it has the page to be checked, and may
        search where its order says so.
        """
        order = task.check
        if order is not None and not order.web:
            return await self._pages(run_id, blobs, on_egress) if order.url else None
        if task.browse is None and order is None and not task.web:
            return None
        corpus = None if task.corpus is None or order is not None else self._corpus(task.corpus)
        if task.web or order is not None or (task.browse is not None and task.browse.web):
            # what reaches the web takes long to load
            from agent.runtime.browsing import open_world

            return await open_world(
                self._settings.browsing,
                settings=self._settings,
                home=self._home,
                run_id=run_id,
                corpus=corpus,
                blobs=blobs,
                gateway=self._gateway,
                courtesy=self._courtesy,
                on_egress=on_egress,
                ask=ask,
            )
        if corpus is None:
            raise ConfigurationError(
                "there is nothing to browse; name documents with --docs, or allow the web by --web"
            )
        return World(CorpusFetcher(corpus), CorpusSearch(corpus), None, _nothing)

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        """Return sandboxes of their own, configured like the run's."""
        config = None if options.sandbox == NO_SANDBOX else self._sandbox_config(options)
        return benches_of(config, lambda purpose: _bench_id(run_id, purpose), self._home / "sandboxes")

    def knowledge(self) -> Knowledge:
        """Return what asks the knowledge bases in the data folder."""
        return self._knowledge

    def embedder(self) -> Embedder | None:
        """Return the model of the settings' ``embedding``."""
        if self._embedder is None and self._settings.embedding is not None:
            # its libraries take long to load
            from agent.models.embeddings import OpenAIEmbedder

            self._embedder = OpenAIEmbedder(self._settings.embedding)
        return self._embedder

    def corrections(self) -> Corrections:
        """Return the corrections of the data folder; the file is opened when it is first asked."""
        return self._corrections

    async def close(self) -> None:
        """Free models and corpora, end waiting sandboxes, and close the way out."""
        await self._open_pools.aclose()
        if self._embedder is not None:
            await self._embedder.close()
        await self._gateway.close()
        await asyncio.to_thread(self._corrections.close)
        for model in self._models.values():
            await model.close()
        for corpus in self._corpora.values():
            await corpus.close()
        await self._knowledge.close()

    async def _pages(self, run_id: str, blobs: BlobStore, on_egress: Callable[[EgressEvent], None] | None) -> World:
        """Return the pages of the web, without any search."""
        from agent.runtime.browsing import open_pages

        pages = open_pages(
            self._settings.browsing,
            settings=self._settings,
            home=self._home,
            run_id=run_id,
            corpus=None,
            blobs=blobs,
            gateway=self._gateway,
            courtesy=self._courtesy,
            on_egress=on_egress,
        )
        return World(pages.fetcher, _NoSearch(), pages.browser, pages.close)

    def _corpus(self, name: str) -> Corpus:
        """Return an index, opened once for all runs of this process."""
        if name not in self._corpora:
            self._corpora[name] = Corpus(corpus_file(self._home, name))
        return self._corpora[name]

    async def _pool(self, config: SandboxConfig, folder: Path) -> SandboxPool:
        """Return the pool of sandboxes of one configuration, which begins to fill when it is first asked for."""
        key = config.model_dump_json()
        async with self._opening_pools:
            if key not in self._pools:
                settings = self._settings
                pool = SandboxPool(
                    config,
                    settings.pool_size,
                    folder,
                    idle_seconds=settings.pool_idle_seconds,
                    gateway=self._gateway,
                )
                self._pools[key] = await self._open_pools.enter_async_context(pool)
        return self._pools[key]

    async def _model(self, name: str | None) -> ChatModel:
        key = name or ""
        if key not in self._models:
            if name is None:
                config = (await detect(self._home)).config
            else:
                config = self._settings.models.get(name) or parse_model(name)
            self._models[key] = build_model(name or name_of(config), config, self._home)
        return self._models[key]

    def _sandbox_config(self, options: RunOptions) -> SandboxConfig:
        config = self._chosen_sandbox(options)
        if not self._local_sandboxes:
            if isinstance(config, LocalSandbox):
                raise ConfigurationError(LOCAL_REFUSED)
            if isinstance(config, AutoSandbox):
                config = config.model_copy(update={"or_local": False})
        if options.egress is None or options.egress == config.egress.profile:
            return config
        if options.egress not in EGRESS:
            raise ConfigurationError(f"--egress is {', '.join(EGRESS)}, not {options.egress!r}")
        return config.model_copy(update={"egress": EGRESS[options.egress]})

    def _chosen_sandbox(self, options: RunOptions) -> SandboxConfig:
        if options.sandbox is None or options.sandbox == self._settings.sandbox.kind:
            return self._settings.sandbox
        kinds = sandbox_kinds()
        if options.sandbox not in kinds:
            raise ConfigurationError(
                f"there is no sandbox {options.sandbox!r}; choose one of {', '.join((*kinds, NO_SANDBOX))}"
            )
        return kinds[options.sandbox]


@asynccontextmanager
async def services_of_one_command(settings: Settings, home: Path) -> AsyncIterator[ConfiguredServices]:
    """Give services to a command that opens a sandbox or two and ends: none are kept warm, and all is closed after."""
    services = ConfiguredServices(settings.model_copy(update={"pool_size": 0}), home)
    try:
        yield services
    finally:
        await services.close()


class _NoSearch:
    """Finds nothing. Implements ``SearchBackend``."""

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        return ()


async def _nothing() -> None:
    """Close nothing: corpora are shared and closed with the services."""


def _bench_id(run_id: str, purpose: str) -> str:
    """Return the name of a sandbox of its own for each process that works on a run."""
    return f"{run_id[:40].lower()}-{purpose}-{secrets.token_hex(4)}"


def name_of(config: ModelConfig) -> str:
    """Return what to call a model that was found rather than named."""
    return config.model if config.backend == "openai" else config.backend


def sandbox_kinds() -> dict[str, SandboxConfig]:
    """Return each kind of sandbox with its default settings."""
    return {"auto": AutoSandbox(), "docker": DockerSandbox(), "local": LocalSandbox()}


def tool_folder(home: Path) -> ToolFolder:
    """Return the tools that the user has added."""
    return ToolFolder(home / "tools")


def trust_file(home: Path) -> Path:
    """Return the path of the file that tells which attached servers the user has accepted."""
    return home / "trusted-servers.json"


def corpus_file(home: Path, name: str) -> Path:
    """Return the path of an index."""
    return home / "corpora" / f"{name}.db"
