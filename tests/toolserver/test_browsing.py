"""A browsing sandbox against a web that does what it should not: the real program, in a real local sandbox."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.toolserver.asking import eventually, shell
from toolserver.client import (
    BrowsingBroken,
    BrowsingSandbox,
    BrowsingSettings,
    EgressEvent,
    EgressLimits,
    Got,
    HostRule,
    LocalSandbox,
    OpenEgress,
    PageFailed,
    browsing_config,
    open_browsing,
)
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.testing_web import ARABIC, CHINESE, Answer, HostileWeb, hostile_web, page

pytestmark = pytest.mark.asyncio(loop_scope="module")

ARTICLE = "The lighthouse was built in 1857 by Ada Stone. It is 41 metres high."


class Opened:
    """A browsing sandbox, its configuration, the web before it, and what was told of its requests."""

    def __init__(
        self, sandbox: BrowsingSandbox, config: LocalSandbox, web: HostileWeb, told: list[EgressEvent]
    ) -> None:
        self.sandbox = sandbox
        self.config = config
        self.web = web
        self.told = told

    async def fetch(self, path: str) -> Got:
        return await self.sandbox.fetch(self.web.url(path))

    async def refused(self, path: str) -> PageFailed:
        with pytest.raises(PageFailed) as failed:
            await self.fetch(path)
        return failed.value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(bubblewrap: Bubblewrap, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Opened]:
    told: list[EgressEvent] = []
    async with hostile_web() as web:
        config = LocalSandbox(
            egress=OpenEgress(hosts=(web.rule, HostRule(host="localhost", ports=(web.port,), private=True))),
            require_isolation=True,
        )
        folder = tmp_path_factory.mktemp("browsing")
        settings = BrowsingSettings(delay_seconds=0, page_seconds=2)
        async with await open_browsing(
            config, "browsing", state_dir=folder, settings=settings, on_egress=told.append
        ) as sandbox:
            yield Opened(sandbox, config, web, told)


async def test_a_page_comes_with_its_text_its_bytes_and_how_it_was_had(opened: Opened) -> None:
    got = await opened.fetch("/moved")

    assert got.page.text.startswith(f"The lighthouse\n\n{ARTICLE}\n\nIn 1923")
    assert (got.page.title, got.page.status, got.page.tier) == ("The lighthouse", 200, "text")
    assert got.page.url.endswith("/moved")
    assert got.page.final_url.endswith("/good")
    assert got.page.content_type == "text/html"
    assert got.page.extractor.name == "plumbline-html"
    assert got.page.extractor.options["encoding"] == "utf-8"
    assert got.raw == page_bytes(opened.web, "/good")
    assert not got.page.needs_browser


def page_bytes(web: HostileWeb, path: str) -> bytes:
    answer = web.pages[path]
    assert isinstance(answer, Answer)
    return answer.body


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/no-such-page", "not_found", "answered 404"),
        ("/error", "status", "answered 500"),
        ("/forbidden", "status", "answered 403"),
        ("/unauthorised", "login", "asks for a login"),
        ("/private/page", "robots", "robots.txt of"),
        ("/loop/a", "redirects", "in a circle"),
        ("/chain", "redirects", "more than 5 redirects"),
        ("/inwards", "refused_address", "169.254.169.254 is refused"),
        ("/file-scheme", "refused_address", "only http and https"),
        ("/nowhere", "refused_address", "which is no address"),
        ("/busy-for-nonsense", "rate_limited", "try later"),
        ("/endless", "too_large", "more than 10,485,760 bytes"),
        ("/large", "too_large", "more than 10,485,760 bytes"),
        ("/bomb", "too_large", "more than 10,485,760 bytes"),
        ("/cut-off", "unreachable", "could not be read"),
        ("/unasked-coding", "unreachable", "not asked for"),
        ("/damaged-gzip", "unreachable", "damaged"),
        ("/damaged.pdf", "not_text", "damaged"),
        ("/picture", "not_text", "image/png"),
        ("/file.bin", "not_text", "without text"),
        ("/empty", "empty", "no text"),
        ("/nothing", "empty", "no text"),
        ("/words", "word_list", "without sentences"),
        ("/challenge", "challenge", "whether you are a person"),
        ("/challenge-403", "challenge", "whether you are a person"),
        ("/login", "login", "asks for a login"),
        ("/slow", "timeout", "within 2 s"),
    ],
)
async def test_what_is_no_page_is_refused_with_its_kind(opened: Opened, path: str, kind: str, words: str) -> None:
    began = time.monotonic()
    failed = await opened.refused(path)

    assert (failed.kind, words in str(failed)) == (kind, True), str(failed)
    assert "\n" not in str(failed)
    # nothing is read to an end that it does not have
    assert time.monotonic() - began < 60


async def test_a_page_made_by_scripts_asks_for_a_browser(opened: Opened) -> None:
    failed = await opened.refused("/shell")

    assert (failed.kind, failed.needs_browser) == ("empty", True)


async def test_a_rate_limit_says_for_how_long(opened: Opened) -> None:
    failed = await opened.refused("/busy")

    assert (failed.kind, failed.retry_after) == ("rate_limited", 120.0)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/gzip", ARTICLE),
        ("/deflate", ARTICLE),
        ("/html-as-pdf", ARTICLE),
        ("/refresh", ARTICLE),
        ("/wrong-charset", CHINESE),
        ("/chinese", CHINESE),
        ("/arabic", ARABIC),
        ("/latin", "Le café est fermé depuis l'été dernier"),
        ("/plain.txt", "Second line: 12,000 boats.\n\tindented code()"),
        ("/pdf-as-html", "The tower is 41 metres high"),
    ],
)
async def test_a_page_is_what_its_bytes_are_whatever_the_server_says(opened: Opened, path: str, text: str) -> None:
    assert text in (await opened.fetch(path)).page.text


async def test_pages_of_a_document_can_be_pointed_at(opened: Opened) -> None:
    got = (await opened.fetch("/paper.pdf")).page

    assert got.tier == "pdf"
    assert [(anchor.name, got.text[anchor.offset :][:8]) for anchor in got.anchors] == [
        ("page=1", "The towe"),
        ("page=2", "Page two"),
    ]
    assert got.extractor.name == "pypdfium2"


async def test_nothing_that_is_not_seen_is_read(opened: Opened) -> None:
    got = (await opened.fetch("/hidden")).page

    assert "TRAP" not in got.text
    assert "The gate is painted red. It closes at noon." in got.text
    assert "White on dark is seen." in got.text


async def test_links_are_whole_addresses_of_the_web_and_stand_in_the_text(opened: Opened) -> None:
    got = (await opened.fetch("/links")).page

    assert [link.url for link in got.links] == [opened.web.url("/good#top"), "https://example.org/x y"]
    assert [got.text[link.offset :][: len(link.text)] for link in got.links] == ["the lighthouse", "them"]


async def test_a_page_of_nine_megabytes_passes_and_says_that_it_was_cut(opened: Opened) -> None:
    got = await opened.fetch("/big")

    assert len(got.raw) > 8_000_000
    assert 4_990_000 < len(got.page.text) <= 5_000_000
    assert "more text than is read" in got.page.notes[0]


async def test_several_pages_at_a_time(opened: Opened) -> None:
    pages = await asyncio.gather(*(opened.fetch(path) for path in ["/good", "/chinese", "/arabic"] * 4))

    assert [got.page.final_url.rpartition("/")[2] for got in pages] == ["good", "chinese", "arabic"] * 4


async def test_a_file_is_handed_over_as_it_is_under_a_plain_name(opened: Opened) -> None:
    got = await opened.sandbox.download(opened.web.url("/file.bin"))

    assert got.raw == bytes(range(256)) * 40
    assert got.file.name == "data.bin"


async def test_headers_that_nobody_understands_are_no_hindrance(opened: Opened) -> None:
    assert ARTICLE in (await opened.fetch("/nonsense-name")).page.text
    assert (await opened.sandbox.download(opened.web.url("/nonsense-name"))).file.name == "nonsense-name"


async def test_robots_txt_is_asked_for_once_for_a_site(opened: Opened) -> None:
    await opened.fetch("/good")
    await opened.fetch("/chinese")

    asked = [asked for asked in opened.web.asked if asked.path == "/robots.txt"]
    assert len(asked) == 1
    assert asked[0].headers["user-agent"].startswith("Plumbline/")


async def test_a_robots_txt_that_fails_closes_the_site_and_one_that_is_missing_opens_it(opened: Opened) -> None:
    async def answered(status: str) -> str:
        async with hostile_web(
            {"/robots.txt": Answer(b"", status=status), "/a": page(f"<main>{ARTICLE}</main>")}
        ) as web:
            rule = OpenEgress(hosts=(web.rule,))
            folder = opened.sandbox.sandbox.place.folder.parent  # type: ignore[attr-defined]
            config = LocalSandbox(egress=rule, require_isolation=True)
            async with await open_browsing(config, f"robots-{status[:3]}", state_dir=Path(folder)) as other:
                try:
                    return (await other.fetch(web.url("/a"))).page.text
                except PageFailed as failed:
                    return failed.kind

    missing, failing = await asyncio.gather(answered("404 Not Found"), answered("503 Service Unavailable"))

    assert (missing, failing) == (ARTICLE, "robots")


async def test_lines_are_sentences_in_code_and_data_but_not_in_plain_texts(opened: Opened) -> None:
    opened.web.pages["/data.json"] = Answer(b'{"a": 1,\n "b": 2}\n', content_type="application/json")

    assert (await opened.fetch("/data.json")).page.by_line
    assert not (await opened.fetch("/plain.txt")).page.by_line


async def test_asking_for_too_much_at_a_time_is_no_refusal_of_the_address(opened: Opened, tmp_path: Path) -> None:
    egress = OpenEgress(hosts=(opened.web.rule,), limits=EgressLimits(requests_per_second=0.1, burst=2))
    config = LocalSandbox(egress=egress, require_isolation=True)
    async with await open_browsing(config, "hurried", state_dir=tmp_path, settings=opened.sandbox.settings) as hurried:
        # robots.txt and one page
        await hurried.fetch(opened.web.url("/good"))
        with pytest.raises(PageFailed) as failed:
            await hurried.fetch(opened.web.url("/good"))

    assert failed.value.kind == "rate_limited"


async def test_cookies_of_one_page_are_not_sent_with_the_next(opened: Opened) -> None:
    opened.web.pages["/sets"] = Answer(page(f"<main>{ARTICLE}</main>").body, headers=("set-cookie: who=you; path=/",))
    await opened.fetch("/sets")
    await opened.fetch("/good")

    assert "cookie" not in opened.web.asked[-1].headers


async def test_addresses_inside_are_refused_in_every_writing(opened: Opened) -> None:
    before = len(opened.web.asked)
    odd = ["http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://127.1/", "http://[::1]/"]
    kinds = []
    for url in odd:
        with pytest.raises(PageFailed) as failed:
            await opened.sandbox.fetch(url)
        kinds.append(failed.value.kind)

    assert kinds == ["refused_address"] * len(odd)
    assert len(opened.web.asked) == before
    assert any(event.decision == "refused" for event in opened.told)


async def test_the_program_has_no_way_around_the_proxy(opened: Opened) -> None:
    code = f"exec 3<>/dev/tcp/127.0.0.1/{opened.web.port} && echo reached"

    assert "reached" not in (await shell(opened.sandbox.sandbox, code))["stdout"]


async def test_a_program_that_dies_is_an_error_of_that_request_and_starts_anew(opened: Opened, tmp_path: Path) -> None:
    patient = BrowsingSettings(delay_seconds=0, page_seconds=300)
    async with await open_browsing(opened.config, "dies", state_dir=tmp_path, settings=patient) as second:
        before = len(opened.web.asked)
        slow = asyncio.ensure_future(second.fetch(opened.web.url("/slow")))
        await eventually(lambda: any(one.path == "/slow" for one in opened.web.asked[before:]))
        await shell(
            second.sandbox,
            "for p in /proc/[0-9]*; do grep -qz 'toolserver.browsing$' $p/cmdline "
            "2>/dev/null && kill -9 ${p#/proc/}; done; true",
        )

        with pytest.raises(BrowsingBroken, match="ask again"):
            await slow
        assert ARTICLE in (await second.fetch(opened.web.url("/good"))).page.text


async def test_an_answer_that_is_too_large_fails_alone(opened: Opened, tmp_path: Path) -> None:
    opened.web.pages["/late"] = Answer(page(f"<p>{ARTICLE}</p>").body, seconds_a_byte=0.005)
    async with await open_browsing(
        opened.config, "small", state_dir=tmp_path, settings=opened.sandbox.settings
    ) as second:
        await second.start()
        # what the host takes is less than what the program sends
        second.settings = BrowsingSettings(page_bytes=1024, download_bytes=1024)
        async with asyncio.TaskGroup() as group:
            other = group.create_task(second.fetch(opened.web.url("/late").replace("127.0.0.1", "localhost")))
            with pytest.raises(PageFailed, match="larger than it may be"):
                await second.download(opened.web.url("/big"))
    assert ARTICLE in other.result().page.text


async def test_what_is_no_longer_wanted_is_stopped(opened: Opened, tmp_path: Path) -> None:
    patient = BrowsingSettings(delay_seconds=0, page_seconds=300)
    async with await open_browsing(opened.config, "patient", state_dir=tmp_path, settings=patient) as second:
        before = len(opened.web.asked)
        slow = asyncio.ensure_future(second.fetch(opened.web.url("/slow")))
        await eventually(lambda: any(one.path == "/slow" for one in opened.web.asked[before:]))
        slow.cancel()
        await asyncio.wait({slow})

        # the host's turn is free again, long before the page would have come or been given up
        async with asyncio.timeout(60):
            assert ARTICLE in (await second.fetch(opened.web.url("/good"))).page.text


async def test_browsing_reaches_the_public_web_unless_told_otherwise() -> None:
    plain = browsing_config(LocalSandbox())
    given = browsing_config(LocalSandbox(egress=OpenEgress(ports=(443,))))

    assert isinstance(plain.egress, OpenEgress)
    assert plain.limits.pids > LocalSandbox().limits.pids
    assert isinstance(given.egress, OpenEgress)
    assert given.egress.ports == (443,)
