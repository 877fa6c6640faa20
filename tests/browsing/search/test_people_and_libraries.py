"""Search by a person, and by the library ddgs with its own errors."""

import threading
from typing import Any

import pytest
from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

from agent.browsing.config import DdgsConfig
from agent.browsing.errors import SearchFailed
from agent.browsing.search.ddgs import DdgsSearch
from agent.browsing.search.person import PersonSearch


def failing(error: Exception) -> Any:
    def find(query: str) -> list[dict[str, Any]]:
        raise error

    return find


async def test_the_library_is_asked_in_a_thread_and_its_names_are_translated() -> None:
    threads: list[threading.Thread] = []

    def find(query: str) -> list[dict[str, Any]]:
        threads.append(threading.current_thread())
        return [
            {"title": "Kettle", "href": "https://a.example/", "body": f"about {query}"},
            {"title": "no address"},
        ]

    (found,) = await DdgsSearch(DdgsConfig(), finder=find).search("kettles")

    assert (found.title, found.url, found.snippet, found.backend) == (
        "Kettle",
        "https://a.example/",
        "about kettles",
        "ddgs",
    )
    assert threads != [threading.main_thread()]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RatelimitException("https://a.example 202 Ratelimit"), "rate_limited"),
        (DDGSException("https://a.example 202 Ratelimit"), "rate_limited"),
        (DDGSException("429 too many"), "rate_limited"),
        (TimeoutException("timed out"), "timeout"),
        (DDGSException("ConnectError: no route\nsecond line"), "unreachable"),
        (KeyError("the page has changed"), "unreachable"),
    ],
)
async def test_the_librarys_errors_have_kinds(error: Exception, kind: str) -> None:
    with pytest.raises(SearchFailed) as failure:
        await DdgsSearch(DdgsConfig(), finder=failing(error)).search("x")

    assert failure.value.kind == kind
    assert "\n" not in str(failure.value)


async def test_a_library_that_hangs_times_out_and_searches_do_not_pile_up() -> None:
    release, calls = threading.Event(), 0

    def find(query: str) -> list[dict[str, Any]]:
        nonlocal calls
        calls += 1
        release.wait(60)
        return []

    search = DdgsSearch(DdgsConfig(seconds=0.05), finder=find)
    for _ in range(3):
        with pytest.raises(SearchFailed) as failure:
            await search.search("x")
        assert failure.value.kind == "timeout"
    assert calls == 1
    release.set()


async def test_the_library_itself_can_be_loaded() -> None:
    DdgsSearch(DdgsConfig())


async def test_a_person_gives_addresses_line_by_line() -> None:
    asked: list[str] = []

    async def ask(question: str) -> str:
        asked.append(question)
        return "https://a.example/kettle  Kettle manual\nsee also: <https://b.example/x>.\nnothing here\n"

    found = await PersonSearch(ask).search("kettles")

    assert [(one.url, one.title, one.backend) for one in found] == [
        ("https://a.example/kettle", "Kettle manual", "person"),
        ("https://b.example/x", "see also:", "person"),
    ]
    assert "kettles" in asked[0]


async def test_without_a_person_there_is_no_search() -> None:
    with pytest.raises(SearchFailed, match="nobody is here"):
        await PersonSearch(None).search("x")
