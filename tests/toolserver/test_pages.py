"""Pages are opened in a real browser in a real sandbox; whatever a page does, a visit ends and says what happened."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from toolserver.client import (
    LocalSandbox,
    OpenEgress,
    PageChange,
    PageSandbox,
    PageStep,
    PageVisit,
    PageVisited,
    open_pages,
)
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.pages_sandbox import pages_config

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

HEAD = '<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width">'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(bubblewrap: Bubblewrap, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PageSandbox]:
    folder = tmp_path_factory.mktemp("pages")
    async with await open_pages(LocalSandbox(require_isolation=True), "pages", state_dir=folder) as sandbox:
        if (obstacle := (await sandbox.start()).no_browser) is not None:
            pytest.skip(obstacle)
        yield sandbox


async def visited(pages: PageSandbox, body: str, *steps: PageStep, **files: bytes) -> PageVisited:
    site = {"index.html": f"{HEAD}</head><body>{body}</body></html>".encode(), **files}
    return (await pages.visit(PageVisit(files=site, steps=steps)))[0]


async def test_a_page_comes_with_what_can_be_known_of_it(pages: PageSandbox) -> None:
    body = (
        '<h1>Trains</h1><p style="color: #ccc">pale words</p><a href="#top">up</a><a href="#nowhere">down</a>'
        '<a href="other.html#here">there</a><a href="other.html#gone">gone</a><a href="https://rail.example/">out</a>'
        '<img src="missing.png"><input><i id="a"></i><i id="a"></i><div style="width: 500px">wide</div>'
        "<script>console.error('oh'); null.x</script>"
    )
    site = {
        "index.html": f"{HEAD}</head><body>{body}</body></html>".encode(),
        "other.html": f'{HEAD}</head><body><p id="here">Here.</p></body></html>'.encode(),
    }
    seen, pictures = await pages.visit(PageVisit(files=site, pictures=True))
    page, other = seen.pages

    assert (page.title, page.language, page.headings) == ("A page", "en", ((1, "Trains"),))
    assert (page.links, page.outside) == (5, 1)
    assert [link.partition(" to ")[2].partition(":")[0] for link in page.broken_links] == [
        '"#nowhere"',
        "'other.html#gone'",
    ]
    assert page.faint[0].startswith('"pale words" 1.61, wanted 4.5')
    assert [one.partition(" ")[0] for one in page.unlabelled] == ["picture", "field"]
    assert page.doubled_ids == ("a",)
    assert (page.overflow[1280], page.overflow[360] > 100, "wide" in page.wide[360]) == (0, True, True)
    assert seen.errors[0] == "console: oh"
    assert seen.errors[1].startswith("uncaught: Cannot read properties of null")
    assert seen.failed == ("missing.png: there is no such file",)
    assert (other.path, other.broken_links, other.faint) == ("other.html", (), ())
    assert [pictures[:4], sum(seen.picture_sizes)] == [b"\x89PNG", len(pictures)]
    assert 'heading "Trains"' in page.tree


async def test_contrast_is_that_of_wcag(pages: PageSandbox) -> None:
    body = (
        '<p style="color: #777">4.48 is too little</p><p style="color: #767676">4.54 is enough</p>'
        '<p style="color: #949494; font-size: 24px">3.03 is enough for large text</p>'
        '<div style="background: #000"><p style="color: rgba(255, 255, 255, .4)">half seen</p></div>'
        '<p style="color: #eee; visibility: hidden">hidden</p><button disabled style="color: #eee">off</button>'
        '<p style="color: #eee; background-image: linear-gradient(red, blue)">on a gradient</p>'
    )
    (page,) = (await visited(pages, body)).pages
    assert page.faint == ('"4.48 is too little" 4.48, wanted 4.5', '"half seen" 3.66, wanted 4.5')
    assert page.unmeasured == 1


async def test_a_journey_ends_at_the_first_step_that_fails(pages: PageSandbox) -> None:
    body = (
        '<label>Name <input id="n"></label><button onclick="said.textContent = `Hello, ${n.value}`">Greet</button>'
        '<p id="said"></p><a href="next.html">Next</a>'
    )
    steps = (
        PageStep(do="type", role="textbox", name="name", text="Ada"),
        PageStep(do="click", role="button", name="Greet"),
        PageStep(do="see", text="Hello, Ada"),
        PageStep(do="value", role="textbox", name="Name", text="Ada"),
        PageStep(do="click", role="link", name="Next"),
        PageStep(do="see", role="heading", name="There"),
        PageStep(do="back"),
        PageStep(do="count", role="link", number=2),
        PageStep(do="see", text="never reached"),
    )
    seen = await visited(pages, body, *steps, **{"next.html": b"<h1>There</h1>"})
    assert [step.ok for step in seen.steps] == [*[True] * 7, False]
    assert seen.steps[-1].detail == "count link 2: there are 1"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("setTimeout(() => { for (;;); }, 20)", "ran for over 5 s without pause"),
        ("for (let i = 0; i < 25000; i++) document.body.append(document.createElement('p'))", "elements; no more than"),
        ("location = 'https://elsewhere.example/'", "went away to"),
    ],
)
async def test_a_page_that_breaks_a_limit_is_given_up_with_a_reason(pages: PageSandbox, script: str, said: str) -> None:
    seen = await visited(pages, f"<p>words</p><script>{script}</script>")
    assert said in seen.stopped
    assert not seen.pages


async def test_dialogs_windows_downloads_and_other_sites_are_refused_and_told(pages: PageSandbox) -> None:
    body = (
        '<p>words</p><a id="f" href="data:text/plain,x" download="x">file</a><script>f.click();'
        "open('about:blank'); fetch('http://169.254.169.254/').catch(() => 0); for (;;) alert('again')</script>"
    )
    seen = await visited(pages, body)
    assert not seen.stopped
    assert seen.pages[0].text.startswith("words")
    assert {note.partition(",")[0].partition(" (")[0] for note in seen.notes} == {
        "the page showed a dialog",
        "the page opened a window",
        "the page gave a file to download",
    }
    assert seen.errors == ("uncaught: too many dialogs",)
    assert "on another site, which nothing here reaches" in seen.failed[0]


async def test_a_page_cannot_change_what_is_measured_of_it(pages: PageSandbox) -> None:
    script = (
        "Element.prototype.checkVisibility = () => false; window.getComputedStyle = () => ({});"
        "Array.prototype.filter = () => []; document.querySelectorAll = () => []"
    )
    (page,) = (await visited(pages, f'<p style="color: #ddd">pale</p><img src="x.png"><script>{script}</script>')).pages
    assert (len(page.faint), len(page.unlabelled)) == (1, 1)


async def test_elements_can_be_taken_out_or_doubled(pages: PageSandbox) -> None:
    site = {"index.html": f"{HEAD}</head><ul><li>a<li>b</ul></html>".encode()}
    counts = []
    for change in (PageChange(name="drop_elements", role="listitem"), PageChange(name="add_elements", role="listitem")):
        seen, _ = await pages.visit(PageVisit(files=site, changes=(change,)))
        counts.append(seen.pages[0].roles.get("listitem", 0))
    assert counts == [0, 4]


async def test_pages_are_opened_only_where_they_reach_nothing() -> None:
    config = pages_config(LocalSandbox(egress=OpenEgress()))
    assert isinstance(config, LocalSandbox)
    assert (config.require_isolation, config.egress.profile) == (True, "none")
