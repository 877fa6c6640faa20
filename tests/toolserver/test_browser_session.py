"""A real browser on pages that are well and on pages that are not. One browser for all tests, a session for each."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Error

from tests.toolserver.sites import Content, Request, html, redirect, site
from toolserver.browsing.browser.launching import Engine, find_program
from toolserver.browsing.browser.seen import Seen
from toolserver.browsing.browser.session import BrowserSession
from toolserver.browsing.browser.visit import BrowserLimits
from toolserver.errors import PageFailed

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    if find_program() is None:
        pytest.skip("there is no Chromium here")
    made = Engine(tmp_path_factory.mktemp("arriving"), proxy=None)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(engine: Engine, tmp_path: Path) -> AsyncIterator[BrowserSession]:
    made = BrowserSession(
        engine, tmp_path / "files", limits=BrowserLimits(settle_seconds=2, load_seconds=3, answer_seconds=1)
    )
    yield made
    await made.close()


def ref(seen: Seen, name: str) -> str:
    return next(element.ref for element in seen.elements if element.name == name)


async def failure(coming: object) -> PageFailed:
    with pytest.raises(PageFailed) as caught:
        await coming  # type: ignore[misc]
    return caught.value


HIDING = {
    "display": "style='display:none'",
    "visibility": "style='visibility:hidden'",
    "opacity": "style='opacity:0'",
    "filter": "style='filter:opacity(0)'",
    "class": "class=gone",
    "small": "style='font-size:1px'",
    "far": "style='position:absolute;left:-9999px'",
    "above": "style='position:absolute;top:-500px'",
    "indent": "style='text-indent:-9999px;overflow:hidden'",
    "box": "style='width:1px;height:1px;overflow:hidden'",
    "clip": "style='position:absolute;clip:rect(0 0 0 0)'",
    "path": "style='clip-path:inset(100%)'",
    "scale": "style='transform:scale(0)'",
    "white": "style='color:#fff'",
    "nearly": "style='color:#fefefe'",
    "clear": "style='color:transparent'",
    "fill": "style='-webkit-text-fill-color:transparent'",
    "modern": "style='color:oklch(1 0 0)'",
    "ground": "style='background:#123;color:#123'",
    "gradient": "style='background:linear-gradient(#fff,#fefefe);color:#fff'",
    "letters": "style='background-clip:text;color:transparent'",
    "letters-white": "style='background-clip:text;color:#fff'",
    "mask": "style='mask-image:linear-gradient(transparent,transparent)'",
    "polygon": "style='clip-path:polygon(0 0,0 0,0 0)'",
    "inset": "style='clip-path:inset(0 100% 0 0)'",
    "circle": "style='clip-path:circle(0.1px)'",
    "fixed": "style='position:fixed;top:3000px'",
    "right": "style='position:absolute;left:4000px'",
    "narrow": "style='transform:scaleX(.004);height:60px'",
    "little": "style='transform:scale(.1)'",
    "letter": "style='letter-spacing:-9px'",
    "blur": "style='filter:blur(60px)'",
    "bright": "style='filter:brightness(100)'",
    "line": "class=line",
    "attribute": "hidden",
    "script": "id=later",
}


HIDDEN_AROUND = {
    "opacity": "<div style='opacity:.2'><div style='opacity:.2'><p style='opacity:.2'>{}</p></div></div>",
    "window": "<div style='height:30px;overflow:hidden'><p style='margin-top:200px'>{}</p></div>",
    "beside": "<div style='width:300px;height:20px;overflow:hidden;position:relative'>"
    "<p style='position:absolute;left:900px'>{}</p></div>",
    "cover": "<div style='position:relative'><p>{}</p><b style='position:absolute;inset:0;background:#fff'></b></div>",
    "shadow": "<x-a>{}<template shadowrootmode=closed><p>Of the shadow.</p></template></x-a>",
    "frame": "<iframe style='width:3px;height:3px' srcdoc='<p>{}</p>'></iframe>",
}


async def test_what_nobody_sees_is_no_text_whatever_hides_it_from_around(browser: BrowserSession) -> None:
    hidden = "".join(part.format(f"secret-{name}") for name, part in HIDDEN_AROUND.items())
    async with site({"/": html(f"<p>plain</p>{hidden}", "<style>body{overflow-x:hidden}</style>")}) as here:
        seen = await browser.open(here.url())

    assert "plain" in seen.html
    assert [name for name in HIDDEN_AROUND if f"secret-{name}" in seen.html] == []


SHOWN = {
    "scroller": "<div style='height:40px;overflow:auto'><p style='margin-top:400px'>{}</p></div>",
    "in a window": "<div style='height:200px;overflow:hidden'><div style='height:100%;overflow-y:auto'>"
    "<p style='margin-top:900px'>{}</p></div></div>",
    "placed": "<div style='overflow:hidden;height:3px'><p style='position:absolute'>{}</p></div>",
    "corner": "<p style='clip-path:polygon(0 0,100% 0,100% 80%,0 100%)'>{}</p>",
    "rounded": "<p style='clip-path:inset(0 round 8px)'>{}</p>",
    "letters": "<p style='background:linear-gradient(red,blue);background-clip:text;color:transparent'>{}</p>",
    "beside": "<div style='position:relative'><p>{}</p>"
    "<b style='position:absolute;top:90px;background:#fff'>x</b></div>",
    "banner": "<p>{}</p><div style='position:fixed;inset:0;background:#fff'>We use cookies.</div>",
    "later": "<div style='content-visibility:auto'><p style='margin-top:3000px'>{}</p></div>",
    "sharp": "<div style='opacity:.6;filter:brightness(1.1) blur(0px)'><p>{}</p></div>",
    "slotted": "<x-b>{}<template shadowrootmode=open><p><slot></slot></p></template></x-b>",
    "code": "<pre>a\n\n  {}</pre>",
    "below": "<p style='margin-top:5000px'>{}</p>",
}


async def test_what_is_seen_stays_whatever_stands_around_it(browser: BrowserSession) -> None:
    parts = "".join(part.format(f"shown-{name}") for name, part in SHOWN.items())
    async with site({"/": html(parts, "<style>html{height:100%}body{overflow:hidden}</style>")}) as here:
        seen = await browser.open(here.url())

    assert [name for name in SHOWN if f"shown-{name}" not in seen.html] == []
    assert "a\n\n  shown-code" in seen.html


async def test_what_nobody_sees_is_no_text_whatever_way_it_is_hidden(browser: BrowserSession) -> None:
    parts = "".join(f"<div {how}>secret-{name}</div>" for name, how in HIDING.items())
    shown = (
        "<div style='background:#000;color:#fff'>light on dark</div>"
        "<div style='visibility:hidden'>x<b style='visibility:visible'>shown again</b></div>"
        "<details><summary>more</summary>secret-details</details>"
    )
    page = html(
        f"<p>plain</p>{shown}{parts}<script>document.getElementById('later').style.display='none'</script>",
        "<style>.gone{display:none}.line::first-line{color:#fff}body{overflow-x:hidden}</style>",
    )
    async with site({"/": page}) as here:
        seen = await browser.open(here.url())

    assert [name for name in (*HIDING, "details") if f"secret-{name}" in seen.html] == []
    assert seen.hidden >= len(HIDING)
    for text in ("plain", "light on dark", "shown again", "more"):
        assert text in seen.html


async def test_words_stand_on_the_ground_of_the_whole_page(browser: BrowserSession) -> None:
    words = "<p>light words</p><p style='color:#000'>black words</p>"
    async with site({"/": html(words, "<style>html{background:#000;color:#fff}</style>")}) as here:
        seen = await browser.open(here.url())

    assert "light words" in seen.html
    assert "black words" not in seen.html


async def test_scripts_make_the_text_and_components_and_frames_of_the_same_site_are_read(
    browser: BrowserSession,
) -> None:
    page = html(
        "<div id=a></div><x-card></x-card><iframe src='/frame'></iframe><iframe src='http://localhost:{}/frame'></iframe>"
        "<script>fetch('/data').then(r => r.text()).then(t => setTimeout(() => a.textContent = t, 200));"
        "customElements.define('x-card', class extends HTMLElement {"
        "connectedCallback() { this.attachShadow({mode:'open'}).innerHTML = '<p>in the shadow</p>' }})</script>"
    )
    async with site({"/data": (200, {}, b"came later"), "/frame": html("in the frame")}) as here:
        here.pages["/"] = page.replace("{}", str(here.port))
        seen = await browser.open(here.url())

    assert "came later" in seen.html
    assert "in the shadow" in seen.html
    assert seen.html.count("in the frame") == 1


FORM = html(
    "<form action=/found><input name=q placeholder='Search words'>"
    "<input type=password aria-label=Key value=hunter2><select aria-label=Colour><option value=r>Red"
    "<option value=g>Green</select><label><input type=checkbox> Agree</label><button>Go</button></form>"
    "<div role=button onclick='out.textContent=\"pressed \" + ++n'>Press</div><p id=out></p><script>var n=0</script>"
    "<button disabled>Never</button><button style='display:none'>Unseen</button>"
)


async def test_fields_are_filled_in_and_buttons_clicked(browser: BrowserSession) -> None:
    async with site({"/": FORM, "/found": html("found it")}) as here:
        seen = await browser.open(here.url())
        told = {element.name: (element.role, element.value) for element in seen.elements}
        options = next(element.options for element in seen.elements if element.name == "Colour")
        pressed = await browser.click(ref(seen, "Press"))
        chosen = await browser.select(ref(pressed, "Colour"), "Green")
        agreed = await browser.click(ref(chosen, "Agree"))
        found = await browser.type_text(ref(agreed, "Search words"), "plumb line", submit=True)

    assert told == {
        "Search words": ("textbox", ""),
        "Key": ("password", "(filled in)"),
        "Colour": ("combobox", "Red"),
        "Agree": ("checkbox", "not checked"),
        "Go": ("button", ""),
        "Press": ("button", ""),
    }
    assert options == ("Red", "Green")
    assert "pressed 1" in pressed.html
    assert next(element.value for element in chosen.elements if element.name == "Colour") == "Green"
    assert next(element.value for element in agreed.elements if element.name == "Agree") == "checked"
    assert found.url == here.url("/found?q=plumb+line")
    assert "hunter2" not in seen.html


async def test_references_of_an_earlier_snapshot_and_of_what_is_gone_are_stale(browser: BrowserSession) -> None:
    page = html("<button onclick='gone.remove()'>Remove</button><button id=gone>Gone</button>")
    async with site({"/": page}) as here:
        first = await browser.open(here.url())
        second = await browser.open(here.url())
        earlier = await failure(browser.click(ref(first, "Remove")))
        third = await browser.click(ref(second, "Remove"))
        removed = await failure(browser.click(ref(second, "Gone")))
        nothing = await failure(browser.select(ref(third, "Remove"), "x"))

    assert {earlier.kind, removed.kind, nothing.kind} == {"stale"}
    assert [element.name for element in third.elements] == ["Remove"]


async def test_dialogs_are_dismissed_and_told_and_endless_ones_ended(browser: BrowserSession) -> None:
    endless = html("<p>after</p><script>while (true) alert('again')</script>")
    pages: dict[str, Content] = {
        "/": html("<p>text</p><script>confirm('Sure?')</script>"),
        "/endless": endless,
        "/leave": html("<p>stay</p><script>onbeforeunload = e => { e.preventDefault(); return 'no' }</script>"),
    }
    async with site(pages) as here:
        once = await browser.open(here.url())
        for_ever = await browser.open(here.url("/endless"))
        await browser.open(here.url("/leave"))
        left = await browser.open(here.url())

    assert "text" in once.html
    assert once.notes == ("the page showed a dialog (confirm), which was dismissed: Sure?",)
    assert "after" in for_ever.html
    assert for_ever.notes == ("the page showed a dialog (alert), which was dismissed: again",)
    assert left.url == here.url()


async def test_a_page_that_never_settles_is_read_and_one_that_never_pauses_is_cut_off(browser: BrowserSession) -> None:
    pages: dict[str, Content] = {
        "/ticking": html("<p>clock</p><b id=t></b><script>setInterval(() => t.textContent = Date.now(), 20)</script>"),
        "/stuck": html("<p>before</p><script>setTimeout(() => { while (true) {} }, 50)</script>"),
        "/": html("fine"),
    }
    async with site(pages) as here:
        ticking = await browser.open(here.url("/ticking"))
        stuck = await browser.open(here.url("/stuck"))
        fine = await browser.open(here.url())

    assert "clock" in ticking.html
    assert any("kept changing" in note for note in ticking.notes)
    assert "before" in stuck.html
    assert any("without pause" in note for note in stuck.notes)
    assert "fine" in fine.html


async def test_files_are_kept_and_told_and_large_ones_given_up(engine: Engine, tmp_path: Path) -> None:
    attachment = {"content-disposition": 'attachment; filename="../../data.csv"', "content-type": "text/csv"}
    browser = BrowserSession(engine, tmp_path / "files", limits=BrowserLimits(download_bytes=1000, page_bytes=500))
    pages: dict[str, Content] = {
        "/": html("<p>page</p><a href=/file>link</a><button onclick=\"location='/file'\">Get</button>"),
        "/file": (200, attachment, b"a,b\n1,2\n"),
        "/large": (200, attachment, b"x" * 3_000_000),
        "/middling": (200, attachment, b"x" * 900),
    }
    async with site(pages) as here:
        opened = await browser.open(here.url("/file"))
        (file,) = opened.downloads
        page = await browser.open(here.url())
        clicked = await browser.click(ref(page, "Get"))
        large = await failure(browser.open(here.url("/large")))
        middling = await browser.open(here.url("/middling"))
        content = await browser.take(Path(file.path))
        left = len(list((tmp_path / "files").iterdir()))
        again = await failure(browser.take(Path(file.path)))
    await browser.close()

    assert (content, again.kind) == (b"a,b\n1,2\n", "not_found")
    assert not (tmp_path / "files").exists()

    assert (file.name, file.size, opened.html) == ("data.csv", 8, "")
    assert Path(file.path).parent == tmp_path / "files"
    assert clicked.downloads[0].sha256 == file.sha256
    assert "page" in clicked.html
    assert large.kind == "too_large"
    assert middling.downloads[0].size == 900
    assert left == 2


async def test_what_a_click_opens_in_a_window_becomes_the_page_and_unasked_windows_are_closed(
    browser: BrowserSession,
) -> None:
    pages: dict[str, Content] = {
        "/": html("<button onclick=\"window.open('/other')\">Other</button><p>first</p>"),
        "/other": html("second <button onclick=\"out.textContent='yes'\">Act</button><p id=out></p>"),
        "/pushy": html("<p>pushy</p><script>for (let i = 0; i < 5; i++) open('/other')</script>"),
    }
    async with site(pages) as here:
        first = await browser.open(here.url())
        second = await browser.click(ref(first, "Other"))
        third = await browser.click(ref(second, "Act"))
        pushy = await browser.open(here.url("/pushy"))

    assert (second.url, "second" in second.html) == (here.url("/other"), True)
    assert "yes" in third.html
    assert "pushy" in pushy.html
    assert pushy.notes == ("the page opened a window, which was closed",)


async def test_a_page_that_crashes_is_told_and_the_next_one_is_read(browser: BrowserSession) -> None:
    async def crash(_request: Request, _writer: asyncio.StreamWriter) -> None:
        context = (await browser.engine.browser()).contexts[-1]
        session = await context.new_cdp_session(context.pages[-1])
        with contextlib.suppress(Error):
            await session.send("Page.crash")

    async with site({"/": html("fine"), "/crash": html("<p>x</p><script src=/die></script>"), "/die": crash}) as here:
        crashed = await failure(browser.open(here.url("/crash")))
        after = await browser.open(here.url())

    assert crashed.kind == "unreachable"
    assert "crashed" in str(crashed)
    assert "fine" in after.html


async def test_failures_have_kinds(browser: BrowserSession) -> None:
    async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>begin")
        for _ in range(400):
            writer.write(b"<p>" + b"x" * 100_000)
            await writer.drain()

    async def silent(_request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    pages: dict[str, Content] = {
        "/500": (500, {}, b"broken"),
        "/401": (401, {"www-authenticate": "Basic realm=x"}, b"who are you"),
        "/429": (429, {}, b"slow down"),
        "/circle": redirect("/circle"),
        "/file": redirect("file:///etc/passwd"),
        "/endless": endless,
        "/silent": silent,
        "/pdf": (200, {"content-type": "application/pdf"}, b"%PDF-1.4"),
    }
    wanted = {
        "/500": "status",
        "/401": "login",
        "/429": "rate_limited",
        "/404": "not_found",
        "/circle": "redirects",
        "/file": "refused_address",
        "/endless": "too_large",
        "/silent": "timeout",
        "/pdf": "not_text",
    }
    async with site(pages) as here:
        kinds = {path: (await failure(browser.open(here.url(path)))).kind for path in wanted}
        others = {url: (await failure(browser.open(url))).kind for url in ("file:///etc/passwd", "chrome://version")}
    refused = await failure(browser.open(here.url()))

    assert kinds == wanted
    assert set(others.values()) == {"refused_address"}
    assert refused.kind == "unreachable"


async def test_a_certificate_that_is_not_trusted_is_a_failure(browser: BrowserSession, tmp_path: Path) -> None:
    from tests.toolserver.proxying import answering, certificate, served

    server, _, _ = certificate(tmp_path, "localhost")
    async with served(answering(b"secret"), tls=server) as port:
        failed = await failure(browser.open(f"https://127.0.0.1:{port}/"))

    assert failed.kind == "unreachable"
    assert "certificate" in str(failed)


async def test_huge_and_deep_documents_are_cut_and_not_choked_on(engine: Engine, tmp_path: Path) -> None:
    browser = BrowserSession(engine, tmp_path, limits=BrowserLimits(characters=100_000, settle_seconds=3))
    deep = "<p>top</p><script>let e=document.body;for(let i=0;i<1000;i++){const d=document.createElement('div');"
    deep += "e.append(d);e=d} e.textContent='bottom'</script>"
    many = "<script>document.body.innerHTML='<p>word</p>'.repeat(50000)+'<i>last</i>'</script>"
    async with site({"/deep": html(deep), "/many": html(many)}) as here:
        bottom = await browser.open(here.url("/deep"))
        cut = await browser.open(here.url("/many"))
    await browser.close()

    assert "bottom" in bottom.html
    assert "last" not in cut.html
    assert len(cut.html) < 150_000
    assert "the page is longer than is read; its end is missing" in cut.notes


async def test_the_page_cannot_change_what_is_read_of_it(browser: BrowserSession) -> None:
    hostile = html(
        "<p>true</p><script>window.getComputedStyle = () => ({display:'none'});"
        "Element.prototype.getBoundingClientRect = () => ({width:0,height:0});"
        "Object.defineProperty(Node.prototype, 'childNodes', {get() { return [] }});"
        "globalThis.plumbline = {take: () => ({html: 'forged', elements: []})}</script>"
    )
    async with site({"/": hostile}) as here:
        seen = await browser.open(here.url())

    assert "true" in seen.html
    assert "forged" not in seen.html.replace("'forged'", "")


async def test_a_screenshot_is_small_and_shows_pictures_that_were_not_loaded_for_reading(
    browser: BrowserSession,
) -> None:
    picture = BytesIO()
    Image.new("RGB", (200, 200), (255, 0, 0)).save(picture, "PNG")
    pages: dict[str, Content] = {
        "/": html("<img src=/red.png style='position:absolute;left:0;top:0'><div style='height:20000px'>tall</div>"),
        "/red.png": (200, {"content-type": "image/png"}, picture.getvalue()),
    }
    async with site(pages) as here:
        await browser.open(here.url())
        before = list(here.paths)
        plain = Image.open(BytesIO(await browser.screenshot(pictures=False)))
        full = Image.open(BytesIO(await browser.screenshot()))

    assert "/red.png" not in before
    assert plain.size == full.size == (640, 2000)
    assert full.convert("RGB").getpixel((50, 50)) == (255, 0, 0)
    assert plain.convert("RGB").getpixel((50, 50)) != (255, 0, 0)


async def test_sessions_share_nothing(engine: Engine, tmp_path: Path) -> None:
    one, other = BrowserSession(engine, tmp_path), BrowserSession(engine, tmp_path)
    page = html("<p id=p></p><script>p.textContent='[' + document.cookie + ']';document.cookie='a=1'</script>")
    async with site({"/": page}) as here:
        await one.open(here.url())
        again = await one.open(here.url())
        apart = await other.open(here.url())
        await one.close()
        afresh = await one.open(here.url())
    await one.close()
    await other.close()

    assert "[a=1]" in again.html
    assert "[]" in apart.html
    assert "[]" in afresh.html


async def slow_file(_request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)
    head = "content-type: text/csv\r\ncontent-disposition: attachment; filename=invoice.csv"
    writer.write(f"HTTP/1.1 200 X\r\n{head}\r\ncontent-length: 5\r\nconnection: close\r\n\r\nEVIL!".encode())
    await writer.drain()


async def test_a_page_that_was_left_has_no_hand_on_the_next_one(engine: Engine, browser: BrowserSession) -> None:
    forge = (
        "setInterval(() => { if (opener.location.pathname == '/next') opener.document.body.textContent = 'forged' })"
    )
    pages: dict[str, Content] = {
        "/late": html("<button onclick=\"setTimeout(() => window.open('/hand'), 1200)\">Go</button>"),
        "/stuck": html(
            "<button onclick=\"setTimeout(() => { window.open('/never'); while (true) {} }, 1200)\">Go</button>"
        ),
        "/never": html("<script>while (true) {}</script>"),
        "/hand": html(f"<script>{forge};setTimeout(() => alert('from elsewhere'), 500)</script>"),
        "/file": html("<a id=a href=/slow download>x</a><script>a.click()</script>"),
        "/slow": slow_file,
        "/next": html("<p>true</p>"),
        "/leaving": html("<script>onbeforeunload = () => { while (true) {} }</script><button>Press</button>"),
    }
    seen = []
    async with site(pages) as here:
        for path in ("/late", "/stuck"):
            opened = await browser.open(here.url(path))
            await browser.click(ref(opened, "Go"))
            await asyncio.sleep(1.2)
            seen += [await browser.open(here.url("/next")) for _ in range(2)]
        await browser.open(here.url("/file"))
        seen.append(await browser.open(here.url("/next")))
        await asyncio.sleep(1)
        seen.append(await browser.open(here.url("/next")))
        opened = await browser.open(here.url("/leaving"))
        await browser.click(ref(opened, "Press"))
        seen.append(await browser.open(here.url("/next")))
        pages_left = [page.url for context in (await engine.browser()).contexts for page in context.pages]

    assert ["true" in each.html and "forged" not in each.html for each in seen] == [True] * 7
    assert {(each.url, each.notes, each.downloads) for each in seen} == {(here.url("/next"), (), ())}
    assert pages_left == [here.url("/next")]


async def test_windows_are_judged_like_pages(engine: Engine, tmp_path: Path) -> None:
    browser = BrowserSession(engine, tmp_path, limits=BrowserLimits(page_bytes=500_000))

    async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>begin")
        for _ in range(400):
            writer.write(b"<p>" + b"x" * 100_000)
            await writer.drain()

    ways = {
        "/none": "not_found",
        "/far": "not_found",
        "http://127.0.0.1:1/": "refused_address",
        "/endless": "too_large",
    }
    buttons = "".join(f"<button onclick=\"window.open('{way}')\">{way}</button>" for way in (*ways, "/well"))
    pages: dict[str, Content] = {"/": html(buttons), "/far": redirect("/none"), "/well": html("well")}
    pages["/endless"] = endless
    kinds = {}
    async with site(pages) as here:
        for way in ways:
            opened = await browser.open(here.url())
            kinds[way] = (await failure(browser.click(ref(opened, way)))).kind
        opened = await browser.open(here.url())
        well = await browser.click(ref(opened, "/well"))
    await browser.close()

    assert kinds == ways
    assert ("well" in well.html, well.status) == (True, 200)


async def test_no_other_program_gives_the_same_references(engine: Engine, tmp_path: Path) -> None:
    earlier, later = BrowserSession(engine, tmp_path / "1"), BrowserSession(engine, tmp_path / "2")
    async with site({"/": html("<button>Read</button>"), "/order": html("<button>Order</button>")}) as here:
        first = await earlier.open(here.url())
        second = await later.open(here.url("/order"))
        failed = await failure(later.click(ref(first, "Read")))
    await earlier.close()
    await later.close()

    assert ref(first, "Read") != ref(second, "Order")
    assert failed.kind == "stale"


async def test_whatever_files_are_called_they_are_kept_within_bounds(engine: Engine, tmp_path: Path) -> None:
    limits = BrowserLimits(all_download_bytes=250)
    browser = BrowserSession(engine, tmp_path / "files", limits=limits)
    names = {"/long": f"filename*=UTF-8''{quote('报' * 115)}.pdf", "/dash": 'filename="-rf"'}
    kind = {"content-type": "application/octet-stream"}
    pages: dict[str, Content] = {
        path: (200, {**kind, "content-disposition": f"attachment; {name}"}, b"x" * 100) for path, name in names.items()
    }
    async with site(pages) as here:
        files = [(await browser.open(here.url(path))).downloads[0] for path in names]
        for file in files:
            await browser.take(Path(file.path))
        full = await failure(browser.open(here.url("/dash")))
    await browser.close()

    assert [len(file.name.encode()) <= 120 for file in files] == [True, True]
    assert files[0].name.endswith("报.pdf")
    assert files[1].name == "rf"
    assert (full.kind, "all files of a run together may have 250 bytes" in str(full)) == ("too_large", True)


def children() -> set[int]:
    """Return the processes that this one has started."""
    listed = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return {int(number) for line in listed for number in line.split()}


async def test_what_drives_the_browser_is_started_anew_when_it_has_ended(tmp_path: Path) -> None:
    if find_program() is None:
        pytest.skip("there is no Chromium here")
    before = children()
    engine = Engine(tmp_path / "arriving", proxy=None)
    browser = BrowserSession(engine, tmp_path / "files")
    async with site({"/": html("fine")}) as here:
        await browser.open(here.url())
        for process in children() - before:
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.2)
        ended = await failure(browser.open(here.url()))
        after = await browser.open(here.url())
    await browser.close()
    await engine.close()

    assert ended.kind == "unreachable"
    assert "fine" in after.html
