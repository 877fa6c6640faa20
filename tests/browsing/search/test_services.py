"""The contract of search services, each over a server that speaks its language."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from agent.browsing.config import BraveConfig, SearxngConfig, TavilyConfig
from agent.browsing.errors import SearchFailed
from agent.browsing.search.brave import BraveSearch
from agent.browsing.search.building import ClosableSearch
from agent.browsing.search.http import LARGEST_ANSWER
from agent.browsing.search.searxng import SearxngSearch
from agent.browsing.search.tavily import TavilySearch
from agent.browsing.search.testing import Answer, FakeSearchServer, Found

KEY = "tvly-5ecret-5ecret"
PAGES = [
    Found("Kettle <strong>manual</strong>", "https://a.example/kettle", "It <strong>boils</strong> &amp; stops."),
    Found("Nowhere", "ftp://a.example/"),
    Found("热水壶", "https://b.example/水壶", "三分钟烧开。"),
]

Make = Callable[..., ClosableSearch]
SERVICES: dict[str, Make] = {
    "searxng": lambda url, **settings: SearxngSearch(SearxngConfig(base_url=url, **settings)),
    "brave": lambda url, **settings: BraveSearch(BraveConfig(base_url=url, **settings), KEY),
    "tavily": lambda url, **settings: TavilySearch(TavilyConfig(base_url=url, **settings), KEY),
}
WITH_KEY = ["brave", "tavily"]


@pytest.fixture
async def server() -> AsyncIterator[FakeSearchServer]:
    async with FakeSearchServer(PAGES, key=KEY) as server:
        yield server


@pytest.fixture(params=SERVICES)
async def backend(request: pytest.FixtureRequest, server: FakeSearchServer) -> AsyncIterator[ClosableSearch]:
    backend = SERVICES[request.param](server.url, seconds=0.4)
    yield backend
    await backend.close()


async def failure_of(backend: ClosableSearch, query: str = "kettle") -> SearchFailed:
    with pytest.raises(SearchFailed) as failure:
        await backend.search(query)
    assert "\n" not in str(failure.value)
    return failure.value


async def test_results_come_in_order_as_plain_text_and_name_their_backend(
    backend: ClosableSearch, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["backend"]

    first, second = await backend.search("kettle")

    assert (first.title, first.url, first.snippet) == ("Kettle manual", "https://a.example/kettle", "It boils & stops.")
    assert (second.title, second.url) == ("热水壶", "https://b.example/水壶")
    assert {first.backend, second.backend} == {name}


async def test_no_results_are_an_answer(backend: ClosableSearch, server: FakeSearchServer) -> None:
    server.pages.clear()

    assert await backend.search("kettle") == ()


async def test_a_query_that_is_too_long_is_cut_between_words(backend: ClosableSearch, server: FakeSearchServer) -> None:
    await backend.search("kettle\nwater " * 100)
    await backend.search("水" * 1000)

    long, unspaced = (str(one.fields.get("q") or one.fields.get("query")) for one in server.requests)
    assert long == " ".join(["kettle water"] * 25)
    assert unspaced == "水" * 400


@pytest.mark.parametrize(
    ("answer", "kind", "told", "rest"),
    [
        (Answer(429, headers={"Retry-After": "17"}), "rate_limited", "429", 17.0),
        (Answer(429), "rate_limited", "429", None),
        (Answer(429, headers={"Retry-After": "soon"}), "rate_limited", "429", None),
        (Answer(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), "rate_limited", "429", 0.0),
        (Answer(202), "rate_limited", "202", None),
        (Answer(503, headers={"Retry-After": "5"}), "rate_limited", "503", 5.0),
        (Answer(500), "unreachable", "500", None),
        (Answer(401), "status", "401", None),
        (Answer(302, headers={"Location": "http://elsewhere.example/"}), "status", "302", None),
        (Answer(body=b"<html>a page</html>"), "status", "no JSON", None),
        (Answer(body=b"[" * 100_000), "status", "no JSON", None),
        (Answer(body=["x"]), "status", "no JSON object", None),
        (Answer(body=b"x" * (LARGEST_ANSWER + 1)), "too_large", "4 MiB", None),
        (
            Answer(body=gzip.compress(b" " * (LARGEST_ANSWER + 1)), headers={"Content-Encoding": "gzip"}),
            "too_large",
            "4 MiB",
            None,
        ),
        (Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "unreachable", "cannot be reached", None),
        (Answer(delay=5), "timeout", "0.4 s", None),
        (Answer(closes=True), "unreachable", "cannot be reached", None),
    ],
)
async def test_what_fails_has_a_kind_and_one_line(
    backend: ClosableSearch, server: FakeSearchServer, answer: Answer, kind: str, told: str, rest: float | None
) -> None:
    server.script = [answer]

    failure = await failure_of(backend)

    assert (failure.kind, failure.retry_after) == (kind, rest)
    assert told in str(failure)
    assert len(await backend.search("kettle")) == 2, "the next search is not hurt"


async def test_an_answer_with_other_things_in_it_gives_what_can_be_read(
    backend: ClosableSearch, server: FakeSearchServer
) -> None:
    good = {"url": "https://a.example/", "title": None, "content": 3, "description": {"a": 1}}
    results = [3, None, {"url": 5}, {}, {"url": "javascript:alert(1)"}, good]
    server.script = [Answer(body={"results": results, "web": {"results": results}})]

    (found,) = await backend.search("kettle")

    assert (found.title, found.url, found.snippet) == ("https://a.example/", "https://a.example/", "")


async def test_a_service_that_is_not_there_is_unreachable() -> None:
    for make in SERVICES.values():
        backend = make("http://127.0.0.1:9", seconds=2)
        assert (await failure_of(backend)).kind == "unreachable"
        await backend.close()


@pytest.mark.parametrize("name", WITH_KEY)
async def test_the_key_is_sent_and_never_told(
    name: str, server: FakeSearchServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    backend = SERVICES[name](server.url, seconds=0.4)
    texts = [repr(backend), str(await backend.search("kettle"))]
    for status in (400, 401, 403, 429, 500):
        server.script = [Answer(status, {"error": f"the key {KEY} is wrong"}, {"X-Echo": KEY})]
        texts.append(repr(await failure_of(backend)))
    await backend.close()

    assert KEY in str(server.requests[0].headers)
    # what HTTP libraries log of a server's answer is the server's own text, which no level but debugging shows
    logged = [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]
    assert not [text for text in (*texts, *logged) if KEY in text]


@pytest.mark.parametrize("name", WITH_KEY)
async def test_a_wrong_key_is_told(name: str, server: FakeSearchServer) -> None:
    server.key = "another"
    backend = SERVICES[name](server.url)

    assert "check the key" in str(await failure_of(backend))
    await backend.close()


async def test_searxng_without_json_is_told_what_to_change(server: FakeSearchServer) -> None:
    server.formats = ["html"]
    backend = SearxngSearch(SearxngConfig(base_url=server.url))

    assert "add json to search.formats in its settings.yml" in str(await failure_of(backend))
    await backend.close()


async def test_searxng_whose_engines_are_all_silent_has_not_answered(server: FakeSearchServer) -> None:
    server.unresponsive = [("brave", "too many requests"), ("google", "CAPTCHA")]
    backend = SearxngSearch(SearxngConfig(base_url=server.url, language="en", engines=("brave", "google")))

    assert len(await backend.search("kettle")) == 2
    server.pages.clear()
    failure = await failure_of(backend)
    await backend.close()

    assert "google (CAPTCHA)" in str(failure)
    assert server.requests[0].fields == {"q": "kettle", "format": "json", "language": "en", "engines": "brave,google"}


async def test_brave_rests_for_the_window_that_is_exhausted(server: FakeSearchServer) -> None:
    backend = SERVICES["brave"](server.url)
    for left, reset, rest in (("0, 100", "1, 1419704", 1.0), ("0, 0", "1, 1419704", 1419704.0), ("x", "y", None)):
        server.script = [Answer(429, headers={"X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset})]
        assert (await failure_of(backend)).retry_after == rest
    await backend.close()


@pytest.mark.parametrize("status", [432, 433])
async def test_tavily_whose_plan_is_used_up_is_rate_limited(server: FakeSearchServer, status: int) -> None:
    server.script = [Answer(status)]
    backend = SERVICES["tavily"](server.url)

    failure = await failure_of(backend)
    await backend.close()

    assert failure.kind == "rate_limited"
    assert "used up" in str(failure)


async def test_a_search_that_is_given_up_leaves_the_service_usable(
    backend: ClosableSearch, server: FakeSearchServer
) -> None:
    server.script = [Answer(delay=5)]
    searching = asyncio.ensure_future(backend.search("kettle"))
    await server.asked.wait()
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching

    assert len(await backend.search("kettle")) == 2
