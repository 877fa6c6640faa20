"""A run leaves the server as a file in four forms, and by a link that can be taken back."""

import html
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from tests.webui.guard.conftest import House, opened
from tests.webui.sharing.runs import HOSTILE, rich_run


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path / "home", authenticate=False) as one:
        yield one


class _Seen(HTMLParser):
    """Notes what could do something in a page: scripts, handlers, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        for name, value in attrs:
            if name == "href" and value is not None:
                self.addresses.append(value)
            if name in ("src", "srcset", "action", "data", "poster", "background") and value is not None:
                self.pictures.append(value)


def seen_in(page: str) -> _Seen:
    """Return what could do something in a page."""
    parser = _Seen()
    parser.feed(page)
    return parser


async def test_the_page_of_a_run_holds_all_of_it(house: House) -> None:
    run = await rich_run(house.ledger)
    got = await house.client.get(f"/api/runs/{run}/export", params={"format": "html"})
    assert got.headers["content-disposition"].startswith(f'attachment; filename="{run}.html"')
    page = got.text
    for part in (
        "How wide is the lock at Harrow?",
        "<strong>12 m</strong>",
        "<mark>12 m wide</mark>",
        "stands on the page as it was read",
        "Find the width",
        "A width is found",
        "One and one are three.",
        "contradicted",
        "it is there",
        "out/table.md",
        "python(code=print(2))",
        "One thing was not looked at.",
        "1,200 tokens in",
    ):
        assert part in page, part
    assert "127.0.0.1" not in page


async def test_nothing_in_a_page_runs_or_loads_whatever_others_wrote(house: House) -> None:
    run = await rich_run(house.ledger, said=HOSTILE)
    page = (await house.client.get(f"/api/runs/{run}/export")).text
    seen = seen_in(page)
    assert (seen.scripts, seen.handlers) == (0, [])
    assert [one for one in seen.addresses if not one.startswith("#")] == ["https://locks.example/harrow"]
    assert seen.pictures
    assert all(one.startswith("data:image/") for one in seen.pictures)
    assert "\x1b" not in page
    assert "\u202e" not in page
    said = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    policy = html.unescape(said[1]) if said is not None else ""
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "script-src" not in policy
    assert "unsafe" not in policy


async def test_a_report_as_markdown_says_the_same(house: House) -> None:
    run = await rich_run(house.ledger)
    got = await house.client.get(f"/api/runs/{run}/export", params={"format": "markdown"})
    assert got.headers["content-disposition"].startswith(f'attachment; filename="{run}.md"')
    text = got.text
    assert text.startswith("# How wide is the lock at Harrow?\n\n**Not verified**")
    assert "- **supported**: The lock is 12 m wide." in text
    assert "“12 m wide”, Locks, <https://locks.example/harrow> (stands there as it was read)" in text
    assert "- **contradicted**: One and one are three." in text
    assert "| out/table.md | " in text
    assert "- Find the width (done)" in text


async def test_markdown_of_others_makes_no_structure_beside_the_answer(house: House) -> None:
    run = await rich_run(house.ledger, said=" *x* <b> [a](javascript:b)\n# head")
    text = (await house.client.get(f"/api/runs/{run}/export", params={"format": "markdown"})).text
    outside = text.split("## Claims", 1)[1]
    assert "\\*x\\* \\<b\\> \\[a\\](javascript:b) \\# head" in outside
    assert not re.search(r"(?<!\\)<b>", outside)


async def test_json_and_cassette_hold_the_run(house: House, tmp_path: Path) -> None:
    run = await rich_run(house.ledger)
    told = (await house.client.get(f"/api/runs/{run}/export", params={"format": "json"})).json()
    assert (told["run"]["id"], told["view"]["report"]["claims"][0]["verdict"]) == (run, "supported")
    cassette = await house.client.get(f"/api/runs/{run}/export", params={"format": "cassette"})
    place = tmp_path / "run.jsonl"
    place.write_bytes(cassette.content)
    other = await Ledger.open(tmp_path / "other")
    try:
        assert (await import_run(other, place)).run_id == run
    finally:
        await other.close()


async def test_a_run_without_a_report_can_be_exported_all_the_same(house: House) -> None:
    run = await rich_run(house.ledger)
    fork = await house.ledger.fork(run, 2)
    for form in ("html", "markdown", "json", "cassette"):
        assert (await house.client.get(f"/api/runs/{fork}/export", params={"format": form})).status_code == 200
    assert "No report yet" in (await house.client.get(f"/api/runs/{fork}/export")).text


async def test_a_link_shows_the_run_until_it_is_taken_back(house: House) -> None:
    run = await rich_run(house.ledger)
    assert (await house.client.get(f"/api/runs/{run}/share")).json() == {"shared": False, "link": None}
    link = (await house.client.post(f"/api/runs/{run}/share")).json()
    again = (await house.client.post(f"/api/runs/{run}/share")).json()
    assert link["url"] == again["url"] == f"/api/shared/{link['token']}"
    shown = await house.client.get(link["url"])
    assert "<mark>12 m wide</mark>" in shown.text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["x-robots-tag"].startswith("noindex")
    assert shown.headers["cache-control"] == "no-store"
    assert (await house.client.delete(f"/api/runs/{run}/share")).status_code == 204
    gone = await house.client.get(link["url"])
    assert (gone.status_code, gone.json()["error"]) == (404, "NotInRun")


async def test_a_link_is_enough_and_opens_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path / "closed") as house:
        run = await rich_run(house.ledger)
        assert (await house.client.post(f"/api/runs/{run}/share")).status_code == 401
        link = (await house.client.post(f"/api/runs/{run}/share", headers=house.bearer())).json()
        assert (await house.client.get(link["url"])).status_code == 200
        assert (await house.client.get(f"/api/runs/{run}")).status_code == 401
        for token in ("none", link["token"][:-1], "%00", "x" * 500):
            assert (await house.client.get(f"/api/shared/{token}")).status_code == 404


async def test_a_deleted_run_is_shared_no_more(house: House) -> None:
    run = await rich_run(house.ledger)
    link = (await house.client.post(f"/api/runs/{run}/share")).json()
    assert (await house.client.get(link["url"])).status_code == 200
    await house.ledger.delete(run)
    assert (await house.client.get(link["url"])).status_code == 404
