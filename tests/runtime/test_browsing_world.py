"""What a run's sessions can reach, by its settings."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.browsing.config import BrowsingConfig, CorpusSearchConfig
from agent.browsing.corpus import Corpus
from agent.browsing.errors import FetchFailed, SearchFailed
from agent.browsing.search.testing import Answer as SearchAnswer
from agent.browsing.search.testing import FakeSearchServer, Found
from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.ledger.blobs import FolderBlobs
from agent.ledger.store import Ledger
from agent.runtime.browsing import Pages, browsing_sandbox, open_pages, open_world
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings, keys_of, load_settings
from toolserver.client import (
    AllowListEgress,
    AutoSandbox,
    Egress,
    EgressEvent,
    HostRule,
    LocalSandbox,
    NoEgress,
    OpenEgress,
    PackagesEgress,
    SandboxConfig,
)
from toolserver.testing_web import Answer, Asked, hostile_web, page


@pytest.fixture
async def corpus(tmp_path: Path) -> AsyncIterator[Corpus]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "kettle.txt").write_text("The kettle boils water in three minutes.")
    async with Corpus(tmp_path / "corpus.db") as corpus:
        await corpus.add([tmp_path / "docs"])
        yield corpus


def sandboxes(home: Path) -> list[str]:
    return [place.name for place in (home / "sandboxes").iterdir() if place.is_dir() and "-web-" in place.name]


async def test_pages_of_the_web_come_through_a_sandbox_and_can_be_replayed_without_one(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    requests: list[EgressEvent] = []

    def pages_of(mode: str, *hosts: HostRule) -> Pages:
        config = BrowsingConfig.model_validate(
            {"private_hosts": hosts, "cache": {"mode": mode, "kept_bytes": 2000}, "web": {"delay_seconds": 0}}
        )
        return open_pages(
            config,
            settings=Settings(sandbox=LocalSandbox()),
            home=tmp_path,
            run_id="Run-1",
            corpus=None,
            blobs=blobs,
            on_egress=requests.append,
        )

    small, large = page("<p>The kettle boils in three minutes.</p>"), page(f"<p>{'It boils again. ' * 200}</p>")
    async with hostile_web({"/small": small, "/large": large}) as web:
        live = pages_of("live", web.rule)
        fetched = [await live.fetcher.fetch(web.url(path)) for path in ("/small", "/large")]
        assert sandboxes(tmp_path)
        assert live.browser is not None
        opened = await live.browser.open(web.url("/small"))
        with pytest.raises(FetchFailed) as missing:
            await live.fetcher.fetch(web.url("/missing"))
        await live.close()

        stranger = pages_of("live")
        with pytest.raises(FetchFailed) as refused:
            await stranger.fetcher.fetch(web.url("/small"))
        await stranger.close()

    assert "The kettle boils in three minutes." in fetched[0].text
    assert (opened.text, opened.tier) == (fetched[0].text, "text")
    assert (missing.value.kind, refused.value.kind) == ("not_found", "refused_address")
    assert await blobs.get(fetched[0].raw_sha256) == small.body
    assert not await blobs.has(fetched[1].raw_sha256), "it is larger than what is kept"
    assert len(requests) >= 3
    assert not sandboxes(tmp_path)

    replay = pages_of("replay")
    assert replay.browser is not None
    assert await replay.fetcher.fetch(fetched[1].url) == fetched[1]
    assert (await replay.browser.open(fetched[0].url)).text == fetched[0].text
    await replay.close()


@pytest.mark.parametrize(
    ("browsing", "sandbox", "egress"),
    [
        ({}, AutoSandbox(), OpenEgress()),
        ({}, LocalSandbox(egress=PackagesEgress()), OpenEgress()),
        (
            {"sandbox": {"kind": "docker", "egress": {"profile": "allow-list", "hosts": ["a.example"]}}},
            LocalSandbox(),
            AllowListEgress(hosts=(HostRule(host="a.example"),)),
        ),
    ],
)
def test_a_sandbox_for_pages_has_its_own_way_out(
    browsing: dict[str, Any], sandbox: SandboxConfig, egress: Egress
) -> None:
    config = BrowsingConfig.model_validate({"private_hosts": ["wiki.local"], **browsing})

    found = browsing_sandbox(config, Settings(sandbox=sandbox))

    assert found.kind == browsing.get("sandbox", {"kind": sandbox.kind})["kind"]
    assert not isinstance(egress, NoEgress)
    hosts = (*egress.hosts, HostRule(host="wiki.local", private=True))
    assert found.egress == egress.model_copy(update={"hosts": hosts})


async def test_a_run_over_documents_searches_and_opens_them_without_a_sandbox(tmp_path: Path, corpus: Corpus) -> None:
    world = await open_world(
        BrowsingConfig(search=(CorpusSearchConfig(),)),
        settings=Settings(),
        home=tmp_path,
        run_id="r",
        corpus=corpus,
        blobs=FolderBlobs(tmp_path / "blobs"),
        environment={},
    )

    (found,) = await world.search.search("kettle")
    assert world.browser is not None
    for shown in (await world.fetcher.fetch(found.url), await world.browser.open(found.url)):
        assert shown.text == "The kettle boils water in three minutes."
    with pytest.raises(FetchFailed) as failure:
        await world.browser.click("e1")
    assert failure.value.kind == "stale"
    await world.close()
    assert not (tmp_path / "sandboxes").exists()


async def test_the_own_index_is_searched_beside_the_first_service_that_answers(tmp_path: Path, corpus: Corpus) -> None:
    pages = [Found("Kettles", "https://kettles.example/all", "kettle")]
    async with FakeSearchServer(pages) as first, FakeSearchServer(pages) as second:
        config = BrowsingConfig.model_validate(
            {
                "search": [
                    {"backend": "searxng", "base_url": first.url},
                    {"backend": "searxng", "base_url": second.url},
                    {"backend": "corpus"},
                ]
            }
        )
        world = await open_world(
            config,
            settings=Settings(),
            home=tmp_path,
            run_id="r",
            corpus=corpus,
            blobs=FolderBlobs(tmp_path / "blobs"),
            environment={},
        )
        found = await world.search.search("kettle")
        assert [result.backend for result in found] == ["corpus", "searxng"]
        assert (len(first.requests), len(second.requests)) == (1, 0)
        await world.close()


async def test_runs_of_a_process_take_turns_at_a_site_and_leave_a_limited_service_alone(
    ledger: Ledger, tmp_path: Path
) -> None:
    asked_at: list[float] = []

    def answered(_asked: Asked) -> Answer:
        asked_at.append(time.monotonic())
        return page("<p>The kettle boils water in three minutes.</p>")

    limited = SearchAnswer(status=429, headers={"Retry-After": "3600"})
    async with FakeSearchServer(script=[limited] * 9) as server, hostile_web({"/a": answered, "/b": answered}) as web:
        browsing = {
            "search": [{"backend": "searxng", "base_url": server.url}],
            "private_hosts": (web.rule,),
            "browser": "never",
            "web": {"delay_seconds": 0.6, "robots": False},
        }
        settings = Settings(sandbox=LocalSandbox(), browsing=BrowsingConfig.model_validate(browsing))
        services = ConfiguredServices(settings, tmp_path)
        worlds = [await services.world(Task(goal="x", web=True), name, ledger.blobs) for name in ("one", "two")]
        one, two = (world for world in worlds if world is not None)
        for world in (one, two):
            with pytest.raises(SearchFailed) as failure:
                await world.search.search("kettle")
            assert failure.value.kind == "rate_limited"
        # the sandboxes of both are open before it is measured
        await asyncio.gather(one.fetcher.fetch(web.url("/a")), two.fetcher.fetch(web.url("/a")))
        await asyncio.gather(one.fetcher.fetch(web.url("/a")), two.fetcher.fetch(web.url("/b")))
        for world in (one, two):
            await world.close()
        await services.close()

    assert len(server.requests) == 1
    assert all(after - before >= 0.6 for before, after in pairwise(asked_at))
    assert len(asked_at) == 4


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"search": [{"backend": "corpus"}]}, "there is nothing to search"),
        ({"search": [{"backend": "brave"}]}, "BRAVE_SEARCH_API_KEY"),
        ({"search": [{"backend": "tavily", "api_key_env": "MY_KEY"}]}, "MY_KEY"),
    ],
)
async def test_what_is_missing_is_told_before_anything_is_searched(
    tmp_path: Path, config: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        await open_world(
            BrowsingConfig.model_validate(config),
            settings=Settings(),
            home=tmp_path,
            run_id="r",
            corpus=None,
            blobs=FolderBlobs(tmp_path / "blobs"),
            environment={},
        )


def test_settings_name_backends_hosts_and_limits(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        "[browsing]\nenabled = true\nprivate_hosts = ['wiki.local', {host = '127.0.0.1', ports = [8000]}]\n"
        "profile = {name = 'webcpm', steps = 20}\n"
        "[[browsing.search]]\nbackend = 'searxng'\nbase_url = 'http://127.0.0.1:8888/'\n"
        "[[browsing.search]]\nbackend = 'brave'\napi_key_env = 'MY_BRAVE'\n"
    )

    settings = load_settings(tmp_path, {})

    browsing = settings.browsing
    assert [one.backend for one in browsing.search] == ["searxng", "brave"]
    assert [(rule.host, rule.private) for rule in browsing.private_hosts] == [("wiki.local", True), ("127.0.0.1", True)]
    assert (browsing.profile.profile().steps, browsing.profile.profile().window_characters) == (20, 500)
    assert keys_of(settings, {"MY_BRAVE": "secret"}) == ["secret"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[browsing.search]]\nbackend = 'bing'", "browsing.search.0: 'backend' is one of"),
        ("[[browsing.search]]\nbackend = 'searxng'", "browsing.search.0.base_url: it is missing"),
        ("[[browsing.search]]\nbackend = 'searxng'\nbase_url = 'x'", "browsing.search.0.base_url: 'x' is no address"),
        ("[[browsing.search]]\nbackend = 'searxng'\nbase_url = 'http://u:p@x'", "cannot hold a password"),
        ("[browsing.cache]\nmode = 'never'", "browsing.cache.mode: "),
    ],
)
def test_a_mistake_in_the_settings_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "config.toml").write_text(text)

    with pytest.raises(ConfigurationError) as failure:
        load_settings(tmp_path, {})

    assert told in str(failure.value)


async def test_a_run_asks_the_person_at_hand_to_search(ledger: Ledger, tmp_path: Path) -> None:
    asked: list[str] = []

    async def asker(question: str, options: Sequence[str]) -> str:
        asked.append(question)
        return "https://a.example/kettle The kettle"

    services = ConfiguredServices(
        Settings(browsing=BrowsingConfig.model_validate({"search": [{"backend": "person"}]})), tmp_path
    )
    worlds = [
        await services.world(Task(goal="x", web=True), "r", ledger.blobs, ask=ask)
        for ask in (lambda question: asker(question, ()), None)
    ]
    with_person, alone = worlds
    assert with_person is not None
    assert alone is not None

    assert [found.title for found in await with_person.search.search("kettles")] == ["The kettle"]
    assert "kettles" in asked[0]
    with pytest.raises(SearchFailed, match="nobody is here"):
        await alone.search.search("kettles")
    for world in (with_person, alone):
        await world.close()
    await services.close()
