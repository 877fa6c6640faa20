"""Settings of browsing: where is searched, what may be reached, what is kept."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from agent.browsing.page import LONGEST_SENTENCE
from agent.browsing.profile import PROFILES, BrowseProfile
from agent.domain.base import Form
from toolserver.client import BrowsingSettings, HostRule, SandboxConfig


def _endpoint(text: str) -> str:
    """Return the address of a search service without a final slash."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is no address of a search service; write for example http://127.0.0.1:8888")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address cannot hold a password; put the key into an environment variable")
    return text.strip().rstrip("/")


def _private(value: Any) -> Any:
    """Make a plain host name a rule for a private host."""
    if isinstance(value, str):
        return {"host": value, "private": True}
    return {"private": True, **value} if isinstance(value, dict) else value


Endpoint = Annotated[str, AfterValidator(_endpoint)]
PrivateHost = Annotated[HostRule, BeforeValidator(_private)]
"""A host of this machine or network that may be browsed. A plain text stands for a rule with that host."""


class _Service(Form):
    """What all search services share.

    Attributes:
        limit: most results of one search.
        seconds: longest wait for an answer.
    """

    limit: int = Field(default=20, ge=1, le=100)
    seconds: float = Field(default=15, gt=0, le=120)


class CorpusSearchConfig(Form):
    """The task's own index, made by ``plumbline index``; a run without one goes on to the next backend."""

    backend: Literal["corpus"] = "corpus"
    limit: int = Field(default=20, ge=1, le=100)


class SearxngConfig(_Service):
    """A SearXNG instance whose settings allow the format ``json``.

    Attributes:
        base_url: the instance's address.
        language: language of the results, such as ``en``; None leaves it to the instance.
        engines: names of its engines; none leaves it to the instance.
        categories: names of its categories; likewise.
    """

    backend: Literal["searxng"] = "searxng"
    base_url: Endpoint
    language: str | None = None
    engines: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class BraveConfig(_Service):
    """The Brave Search API.

    Attributes:
        api_key_env: environment variable that holds the key.
        country: two letters; None leaves it to the service.
        language: language of the results; likewise.
    """

    backend: Literal["brave"] = "brave"
    base_url: Endpoint = "https://api.search.brave.com/res/v1"
    api_key_env: str = "BRAVE_SEARCH_API_KEY"
    country: str | None = None
    language: str | None = None


class TavilyConfig(_Service):
    """The Tavily Search API.

    Attributes:
        api_key_env: environment variable that holds the key.
        depth: ``advanced`` costs twice as much.
    """

    backend: Literal["tavily"] = "tavily"
    base_url: Endpoint = "https://api.tavily.com"
    api_key_env: str = "TAVILY_API_KEY"
    depth: Literal["basic", "advanced"] = "basic"


class DdgsConfig(_Service):
    """The library ddgs, which asks public search pages without a key: best effort, and often refused.

    Attributes:
        engines: names of its engines, separated by commas, or ``auto``.
        region: country and language, such as ``us-en``.
    """

    backend: Literal["ddgs"] = "ddgs"
    engines: str = "auto"
    region: str = "us-en"


class PersonSearchConfig(Form):
    """The person at hand is asked for addresses."""

    backend: Literal["person"] = "person"


SearchConfig = Annotated[
    CorpusSearchConfig | SearxngConfig | BraveConfig | TavilyConfig | DdgsConfig | PersonSearchConfig,
    Field(discriminator="backend"),
]
"""Any of the search backends."""


class CacheConfig(Form):
    """What becomes of pages that were fetched.

    Attributes:
        mode: ``live`` always fetches, and keeps; ``cache`` takes a kept page that is young enough; ``replay`` takes
            kept pages only and never touches the network.
        max_age_seconds: how old a page may be in the mode ``cache``; at most ten years.
        kept_bytes: what came for a page is kept with the run, and travels in its cassette, up to this size; of more,
            the hash and the text are kept.
    """

    mode: Literal["live", "cache", "replay"] = "live"
    max_age_seconds: float = Field(default=24 * 3600, ge=0, le=10 * 365 * 24 * 3600, allow_inf_nan=False)
    kept_bytes: int = Field(default=4 * 1024 * 1024, ge=0)


class ProfileConfig(Form):
    """A named profile of sessions, and what is different in it; see ``BrowseProfile``."""

    name: Literal["default", "webcpm"] = "default"
    steps: int | None = Field(default=None, ge=1)
    results: int | None = Field(default=None, ge=1, le=20)
    window_characters: int | None = Field(default=None, ge=LONGEST_SENTENCE)
    quotes: int | None = Field(default=None, ge=1)

    def profile(self) -> BrowseProfile:
        """Return the profile."""
        return PROFILES[self.name].model_copy(update=self.model_dump(exclude={"name"}, exclude_none=True))


class BrowsingConfig(Form):
    """The part ``[browsing]`` of the settings.

    Attributes:
        enabled: runs may research the web unless they are told not to.
        search: backends in the order in which they are tried. By default the task's own index, and a library that asks
            public search pages without a key.
        combine: ask all services and join their results, instead of taking the first answer; the task's own index is
            asked in either case.
        cache: what becomes of fetched pages.
        browser: ``auto`` opens pages in Chromium that need it, ``never`` reads all pages as text.
        sandbox: where pages are fetched, and by which egress profile; None for the kind of sandbox that runs have, from
            which the public internet can be reached.
        private_hosts: hosts of this machine or network that may be browsed; all others must be public.
        profile: limits of a session.
        after_reading: what a run may do unasked once it has read pages: ``ask`` nothing but reading, ``contained`` also
            what stays in its sandbox.
        web: how sites are treated, and how much of a page is read.
    """

    enabled: bool = False
    search: tuple[SearchConfig, ...] = Field(default=(CorpusSearchConfig(), DdgsConfig()), min_length=1)
    combine: bool = False
    cache: CacheConfig = Field(default_factory=CacheConfig)
    browser: Literal["auto", "never"] = "auto"
    sandbox: SandboxConfig | None = None
    private_hosts: tuple[PrivateHost, ...] = ()
    profile: ProfileConfig = Field(default_factory=ProfileConfig)
    after_reading: Literal["ask", "contained"] = "ask"
    web: BrowsingSettings = Field(default_factory=BrowsingSettings)


def key_variables(search: Sequence[SearchConfig]) -> list[str]:
    """Return the names of the environment variables that hold keys of search services."""
    return [one.api_key_env for one in search if isinstance(one, BraveConfig | TavilyConfig)]
