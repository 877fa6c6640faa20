"""The web as a session browses it: a browsing sandbox in bubblewrap with a real browser, over servers on loopback."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
import pytest_asyncio

from agent.browsing import actions
from agent.browsing.errors import FetchFailed
from agent.browsing.fetching.web import SandboxedWeb
from agent.browsing.session import Session
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, page_of
from tests.toolserver.sites import Content, Site, html, redirect, site
from toolserver.client import (
    AllowListEgress,
    BrowsingSandbox,
    BrowsingSettings,
    EgressGateway,
    HostRule,
    LocalSandbox,
    SandboxUnavailable,
    open_browsing,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LONG = "<p>It is a plain page whose text stands in the document, so that nobody needs a browser to read it. " * 6
FILE = {"content-type": "text/csv", "content-disposition": "attachment; filename=data.csv"}
PAGES: dict[str, Content] = {
    "/": html(f"{LONG}<button onclick=\"out.textContent='It was pressed by somebody.'\">Press</button><p id=out></p>"),
    "/app": html(
        "<div id=app></div><script>app.innerHTML = '<p>Made by a script, this text tells of a tower of 324 metres.</p>'"
        " + '<button onclick=\"location=`/file`\">Get</button>'</script>"
    ),
    "/file": (200, FILE, b"a,b\n"),
    "/robots.txt": (200, {"content-type": "text/plain"}, b"User-agent: *\nDisallow: /private"),
    "/moved": redirect("/private"),
    "/private": html(LONG),
    "/door": html(f"{LONG}<button onclick=\"location='/private'\">Enter</button>"),
}


@dataclass
class Place:
    """A site, the web over it, and the bytes that were kept."""

    site: Site
    sandbox: BrowsingSandbox
    web: SandboxedWeb
    blobs: dict[str, bytes] = field(default_factory=dict)

    async def keep(self, data: bytes) -> None:
        self.blobs[sha256(data).hexdigest()] = data


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("browsing")
    async with site(PAGES) as here, EgressGateway() as gateway:
        rule = HostRule(host=here.host, ports=(here.port,), private=True)
        config = LocalSandbox(egress=AllowListEgress(hosts=(rule,)), require_isolation=True)
        try:
            sandbox = await open_browsing(
                config,
                f"test-{uuid.uuid4().hex[:10]}",
                state_dir=folder,
                gateway=gateway,
                settings=BrowsingSettings(delay_seconds=0),
            )
        except SandboxUnavailable as error:
            pytest.skip(str(error))
        ready = await sandbox.start()
        if ready.no_browser is not None:
            await sandbox.close()
            pytest.skip(ready.no_browser)
        made = Place(here, sandbox, SandboxedWeb(sandbox))
        made.web = SandboxedWeb(sandbox, made.keep)
        yield made
        await sandbox.close()


async def test_a_page_is_read_as_text_unless_it_is_made_by_scripts_or_the_browser_is_asked_for(place: Place) -> None:
    plain = await place.web.open(place.site.url())
    made = await place.web.open(place.site.url("/app"))
    wanted = await place.web.open(place.site.url(), browser=True)

    assert (plain.tier, plain.elements, plain.screenshot_sha256) == ("text", (), "")
    assert made.tier == "browser"
    assert "a tower of 324 metres" in made.text
    assert [element.name for element in made.elements] == ["Get"]
    assert [element.name for element in wanted.elements] == ["Press"]
    assert place.blobs[wanted.screenshot_sha256].startswith(b"\x89PNG")
    assert b"324 metres" in place.blobs[made.raw_sha256]


async def test_a_session_clicks_and_quotes_and_replays_without_a_browser(place: Place) -> None:
    effects = MemoryEffects()

    async def browse(session: Session) -> list[str]:
        await session.do(actions.Open(url=place.site.url(), browser=True))
        page = session.state.page
        assert page is not None
        first = await session.do(actions.Quote(text="nobody needs a browser"))
        await session.do(actions.Click(ref=page.page.elements[0].ref))
        late = await session.do(actions.Click(ref=page.page.elements[0].ref))
        await session.do(actions.Quote(text="It was pressed by somebody."))
        return [first.message, late.kind, late.message, *(kept.text for kept in session.state.kept), session.view]

    def session(record: MemoryEffects, web: SandboxedWeb | None) -> Session:
        return Session(
            f"What happens at {place.site.url()}?",
            fetcher=web or FakeWeb({}),
            search=FakeSearch([page_of("nothing")]),
            effects=record,
            browser=web,
        )

    done = await browse(session(effects, place.web))
    replayed = await browse(session(MemoryEffects(replay=effects), None))

    assert done[3:5] == ["nobody needs a browser", "It was pressed by somebody."]
    assert done[1] == "illegal"
    assert replayed == done


async def test_where_a_redirect_or_a_click_leads_robots_txt_is_obeyed_too(place: Place) -> None:
    door = await place.web.open(place.site.url("/door"), browser=True)
    with pytest.raises(FetchFailed) as clicked:
        await place.web.click(door.elements[0].ref)
    with pytest.raises(FetchFailed) as moved:
        await place.web.open(place.site.url("/moved"), browser=True)

    assert (clicked.value.kind, moved.value.kind) == ("robots", "robots")


async def test_files_that_a_page_gives_are_kept_and_told(place: Place) -> None:
    page = await place.web.open(place.site.url("/app"), browser=True)
    clicked = await place.web.click(page.elements[0].ref)
    opened = await place.web.open(place.site.url("/file"), browser=True)

    workspace = await place.sandbox.sandbox.manifest()

    assert [entry.path for entry in workspace if entry.path.startswith("downloads/")] == []
    assert [(file.name, file.size) for file in clicked.downloads] == [("data.csv", 4)]
    assert place.blobs[clicked.downloads[0].sha256] == b"a,b\n"
    assert "324 metres" in clicked.text
    assert (opened.tier, opened.text) == ("text", "The file data.csv came (4 bytes). It was kept as a file.")


async def test_what_the_browser_cannot_have_is_told_like_what_requests_cannot(place: Place) -> None:
    kinds = {}
    for url in (place.site.url("/none"), "http://127.0.0.9:9/", "https://127.0.0.1:1/", "http://evil.example/"):
        with pytest.raises(FetchFailed) as caught:
            await place.web.open(url, browser=True)
        kinds[url] = caught.value.kind

    assert kinds[place.site.url("/none")] == "not_found"
    assert set(list(kinds.values())[1:]) == {"refused_address"}


async def test_a_page_larger_than_what_is_taken_is_cut_and_stops_nobody(place: Place) -> None:
    # white space costs a browser next to nothing
    place.site.pages["/long"] = html(f"{LONG}<p id=a>End: </p><script>a.append(' '.repeat(60e6))</script>")
    page = await place.web.open(place.site.url("/long"), browser=True)

    assert page.text.startswith("It is a plain page")
    assert "the page is longer than is read; its end is missing" in page.notes


async def test_an_address_that_a_page_gives_itself_has_bounds(place: Place) -> None:
    place.site.pages["/address"] = html(f"{LONG}<script>history.replaceState(0, '', '?' + 'a'.repeat(1.9e6))</script>")
    with pytest.raises(FetchFailed, match="address of over 8,000 characters"):
        await place.web.open(place.site.url("/address"), browser=True)


async def test_what_stands_open_on_a_page_is_read_in_the_browser(place: Place) -> None:
    behind = f"<div aria-hidden=true>{LONG}</div><i aria-hidden=true>arrow_forward</i>"
    shown = "<dialog id=d><p>The price is 12 euros today.</p></dialog><script>d.showModal()</script>"
    place.site.pages["/dialog"] = html(f"<main>{behind}{shown}</main>")
    page = await place.web.open(place.site.url("/dialog"), browser=True)

    assert "The price is 12 euros today." in page.text
    assert "It is a plain page" in page.text
    assert "arrow_forward" not in page.text


async def test_a_challenge_is_known_in_the_browser_by_what_it_loads(place: Place) -> None:
    script = "<script src=/cdn-cgi/challenge-platform/x.js></script>"
    place.site.pages["/asks"] = html(f"<p>One more step before you proceed to this site of ours.</p>{script}")
    with pytest.raises(FetchFailed) as caught:
        await place.web.open(place.site.url("/asks"), browser=True)

    assert caught.value.kind == "challenge"
