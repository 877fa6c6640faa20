"""Several backends as one: who is asked, who rests, and what is left of their results."""

import pytest

from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchResult
from agent.browsing.search.failover import LONGEST_REST, REST_SECONDS, Failover
from agent.browsing.search.results import normalised_url, unique, web_result


def result(url: str, title: str = "", snippet: str = "", backend: str = "") -> SearchResult:
    return SearchResult(title=title or url, url=url, snippet=snippet, backend=backend)


class Scripted:
    """Gives one answer or failure after the other; the last one again and again."""

    def __init__(self, *script: tuple[SearchResult, ...] | SearchFailed) -> None:
        self.script = list(script)
        self.asked = 0

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        self.asked += 1
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, SearchFailed):
            raise step
        return step


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


ONE = (result("https://a.example/1"),)
TWO = (result("https://b.example/2"),)


async def test_the_first_backend_that_answers_counts_and_is_named() -> None:
    second = Scripted(TWO)
    search = Failover({"one": Scripted(ONE), "two": second})

    (found,) = await search.search("x")

    assert (found.url, found.backend) == ("https://a.example/1", "one")
    assert second.asked == 0


async def test_a_backend_that_fails_gives_way_to_the_next() -> None:
    search = Failover({"one": Scripted(SearchFailed("timeout", "no answer within 15 s")), "two": Scripted(TWO)})

    assert [found.backend for found in await search.search("x")] == ["two"]


async def test_no_results_are_an_answer_unless_another_backend_has_some() -> None:
    assert await Failover({"one": Scripted(())}).search("x") == ()
    assert await Failover({"one": Scripted(()), "two": Scripted(SearchFailed("timeout", "slow"))}).search("x") == ()
    assert [f.backend for f in await Failover({"one": Scripted(()), "two": Scripted(TWO)}).search("x")] == ["two"]


async def test_all_failures_are_told_in_one_line() -> None:
    search = Failover(
        {"one": Scripted(SearchFailed("timeout", "slow")), "two": Scripted(SearchFailed("status", "no key"))}
    )

    with pytest.raises(SearchFailed) as failure:
        await search.search("x")

    assert failure.value.kind == "unreachable"
    assert "one: slow; two: no key" in str(failure.value)
    assert "\n" not in str(failure.value)


async def test_if_all_are_rate_limited_so_is_the_search() -> None:
    with pytest.raises(SearchFailed) as failure:
        await Failover({"one": Scripted(SearchFailed("rate_limited", "wait"))}).search("x")

    assert failure.value.kind == "rate_limited"


@pytest.mark.parametrize(("said", "rest"), [(None, REST_SECONDS), (7.0, 7.0), (30 * 24 * 3600.0, LONGEST_REST)])
async def test_a_rate_limited_backend_rests_as_long_as_it_said(said: float | None, rest: float) -> None:
    clock = Clock()
    limited = Scripted(SearchFailed("rate_limited", "wait", retry_after=said), ONE)
    search = Failover({"one": limited, "two": Scripted(TWO)}, clock=clock)

    await search.search("x")
    clock.now += rest - 0.5
    assert [found.backend for found in await search.search("x")] == ["two"]
    assert limited.asked == 1
    clock.now += 1
    assert [found.backend for found in await search.search("x")] == ["one"]


async def test_other_failures_need_no_rest() -> None:
    flaky = Scripted(SearchFailed("timeout", "slow"), ONE)
    search = Failover({"one": flaky, "two": Scripted(TWO)})

    assert [found.backend for found in await search.search("x")] == ["two"]
    assert [found.backend for found in await search.search("x")] == ["one"]


async def test_combined_backends_take_turns_and_pages_come_once() -> None:
    one = (result("https://a.example/1"), result("https://a.example/2"), result("https://a.example/3"))
    two = (result("http://www.a.example/1/#top"), result("https://b.example/"))
    failing = SearchFailed("timeout", "slow")
    search = Failover({"one": Scripted(one), "two": Scripted(two), "three": Scripted(failing)}, combine=True)

    assert [(found.url, found.backend) for found in await search.search("x")] == [
        ("https://a.example/1", "one"),
        ("https://a.example/2", "one"),
        ("https://b.example/", "two"),
        ("https://a.example/3", "one"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/a?b=1&c=2",
        "https://www.example.org/a/?c=2&b=1",
        "https://EXAMPLE.org:443/a?b=1&c=2#part",
        "https://example.org/a?b=1&utm_source=x&c=2&fbclid=y&UTM_Campaign=z",
    ],
)
def test_addresses_of_one_page_are_the_same(other: str) -> None:
    assert normalised_url(other) == normalised_url("https://example.org/a?b=1&c=2")


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/A?b=1&c=2",
        "https://example.org/a?b=1&c=3",
        "https://example.org:8443/a?b=1&c=2",
        "https://docs.example.org/a?b=1&c=2",
        "https://example.org/a?b=1&b=1&c=2",
        "https://example.org/a?b=1",
        "https://example.org/a?b=1&c=2#/users",
    ],
)
def test_addresses_of_different_pages_are_not(other: str) -> None:
    assert normalised_url(other) != normalised_url("https://example.org/a?b=1&c=2")


def test_an_address_that_is_none_is_compared_as_it_is() -> None:
    assert normalised_url("http://[broken") == "http://[broken"
    assert normalised_url("http://example.org:notaport/") == "http://example.org:notaport/"
    assert normalised_url("corpus:abc#x") == "corpus:abc"
    assert normalised_url("http://a.example/?x=\ud800").startswith("a.example?x=")


SNIPPET = "The kettle boils water in three minutes and switches off by itself, says the manual for owners of kettles."


def test_the_same_text_at_one_host_is_one_page() -> None:
    one = result("https://a.example/kettle", "Kettle manual", SNIPPET)
    print_view = result("https://a.example/print/kettle", "Kettle manual", SNIPPET)
    elsewhere = result("https://b.example/kettle", "Kettle manual", SNIPPET)

    assert unique([one, print_view, elsewhere]) == (one, elsewhere)


def test_pages_with_other_titles_are_several_though_their_site_describes_all_alike() -> None:
    site = f"{SNIPPET} Here you find guides, parts, answers of readers, a shop with spare lids and a phone number."
    found = [result(f"https://a.example/{name}", f"Install on {name}", site) for name in ("Linux", "macOS", "BSD")]

    assert unique(found) == tuple(found)


def test_pages_that_differ_in_a_number_only_are_two() -> None:
    one = result("https://a.example/3.11", "What is new in 3.11", SNIPPET)
    two = result("https://a.example/3.12", "What is new in 3.12", SNIPPET)

    assert unique([one, two]) == (one, two)


def test_titles_alone_do_not_make_two_pages_one() -> None:
    one, two = result("https://a.example/1", "Manual"), result("https://a.example/2", "Manual")

    assert unique([one, two]) == (one, two)


@pytest.mark.parametrize(
    "url",
    [
        None,
        3,
        "",
        "ftp://a.example/",
        "javascript:alert(1)",
        "https://a.example/" + "x" * 2000,
        "https://a.example/\ud800",
        "https://a.example/?x=\udfff",
        "https://a.example/a b",
        "https://a.example/a\nb",
        "https://a.example/\x1b[2J",
        "https://a.example/\u202egpj",
    ],
)
def test_a_result_without_an_address_that_can_be_opened_is_left_out(url: object) -> None:
    assert web_result("title", url, "snippet", "brave") is None


def test_markup_and_bad_characters_are_taken_out_of_titles_and_snippets() -> None:
    found = web_result("<b>A</b> &amp;\x00 B\ud800", "https://a.example/", "one\n <strong>two</strong>", "brave")

    assert found is not None
    assert (found.title, found.snippet) == ("A & B\ufffd", "one two")
