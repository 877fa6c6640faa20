"""Making the search backends that the settings name."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Protocol

from agent.browsing.config import (
    BraveConfig,
    BrowsingConfig,
    CorpusSearchConfig,
    DdgsConfig,
    PersonSearchConfig,
    SearxngConfig,
    TavilyConfig,
)
from agent.browsing.corpus import Corpus
from agent.browsing.ports import SearchBackend
from agent.browsing.search.brave import BraveSearch
from agent.browsing.search.corpus import CorpusSearch
from agent.browsing.search.ddgs import DdgsSearch
from agent.browsing.search.failover import Failover
from agent.browsing.search.person import Ask, PersonSearch
from agent.browsing.search.searxng import SearxngSearch
from agent.browsing.search.tavily import TavilySearch
from agent.domain.errors import ConfigurationError


class ClosableSearch(SearchBackend, Protocol):
    """A backend that keeps connections."""

    async def close(self) -> None:
        """Close them."""


@dataclass(frozen=True)
class Search:
    """The backends of a run as one.

    Attributes:
        backend: all of them.
        close: closes their connections.
    """

    backend: SearchBackend
    close: Callable[[], Awaitable[None]]


def build_search(
    config: BrowsingConfig,
    *,
    corpus: Corpus | None,
    ask: Ask | None,
    environment: Mapping[str, str],
    rests: MutableMapping[str, float] | None = None,
) -> Search:
    """Return the search that the settings describe.

    Args:
        config: the settings.
        corpus: the task's own index; the backend ``corpus`` is left out without one.
        ask: reaches a person.
        environment: where keys are taken from.
        rests: until when a backend is left alone; see ``Failover``.

    Raises:
        ConfigurationError: a key is not set, a library is missing, or no backend is left.
    """
    own: dict[str, SearchBackend] = {}
    services: dict[str, SearchBackend] = {}
    closable: list[ClosableSearch] = []
    for one in config.search:
        if isinstance(one, CorpusSearchConfig):
            if corpus is not None:
                own[_free_name(one.backend, own)] = CorpusSearch(corpus, limit=one.limit)
            continue
        built = _built(one, ask, environment)
        services[_free_name(one.backend, services)] = built
        closable.append(built)
    if not own and not services:
        raise ConfigurationError(
            "there is nothing to search: give the run documents with --docs or --corpus, or name another backend in "
            "browsing.search, such as searxng"
        )
    if own and services and not config.combine:
        # documents of one's own cost nothing to ask, and would hide the web if they counted as the first answer
        services = {"services": Failover(services, rests=rests)}
        rests = None
    backend = Failover({**own, **services}, combine=config.combine or bool(own), rests=rests)

    async def close() -> None:
        for backend in closable:
            await backend.close()

    return Search(backend, close)


def _built(
    config: SearxngConfig | BraveConfig | TavilyConfig | DdgsConfig | PersonSearchConfig,
    ask: Ask | None,
    environment: Mapping[str, str],
) -> ClosableSearch:
    match config:
        case SearxngConfig():
            return SearxngSearch(config)
        case BraveConfig():
            return BraveSearch(config, _key(config, environment))
        case TavilyConfig():
            return TavilySearch(config, _key(config, environment))
        case DdgsConfig():
            return DdgsSearch(config)
        case PersonSearchConfig():
            return PersonSearch(ask)


def _key(config: BraveConfig | TavilyConfig, environment: Mapping[str, str]) -> str:
    key = environment.get(config.api_key_env, "").strip()
    if not key:
        raise ConfigurationError(
            f"the search backend {config.backend} needs its key; put it into the environment variable "
            f"{config.api_key_env}, or take the backend out of browsing.search"
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigurationError(f"{config.api_key_env} does not hold a key: it has characters that no key has")
    return key


def _free_name(name: str, taken: Mapping[str, SearchBackend]) -> str:
    """Return a name that is not taken: two instances of one service are told apart by a number."""
    number = sum(1 for other in taken if other.partition("-")[0] == name)
    return name if number == 0 else f"{name}-{number + 1}"
