"""A report as an HTML file: every claim is marked where it stands, and nothing in it does anything."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from agent.cli.annotated import annotated, parts, write_annotated
from agent.cli.html_files import check_place, visible
from agent.cli.verdicts import coverage, notes_of, shown_claims
from agent.domain.claims import CheckedClaim, Claim, ClaimKind, Judgement, Verdict
from agent.domain.errors import UsageError
from agent.domain.evidence import Quote, Source
from agent.domain.report import Report
from agent.verification.checking import check_text
from toolserver.browsing.browser.launching import find_program

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
TEXT = (
    f"Water boils at 90 °C. I like {HOSTILE} tea.\nParis is the capital of France, and 2 + 2 = 5.\n"
    "\u202eevil\u202c \x1b[31mred\x1b[0m עברית."
)
QUOTE = Quote(
    id="0a1b2c3d4e:1-1",
    source=Source(title=f"Boiling {HOSTILE}", location="/docs/water.md", text_sha256="0" * 64),
    start=0,
    end=22,
    text="Water boils at 100 °C.",
)


def claim(name: str, text: str, verdict: Verdict, *, kind: ClaimKind = "fact", placed: bool = True) -> CheckedClaim:
    start = TEXT.index(text)
    place = {"sentence": text, "start": start, "end": start + len(text)} if placed else {}
    said = Judgement(
        judge="wording",
        tier="T1",
        verdict=verdict,
        detail=f"says {HOSTILE}",
        evidence=(QUOTE.id,),
        quote="Water boils at 100 °C.",
    )
    judgements = () if kind == "opinion" else (said,)
    return CheckedClaim(claim=Claim(id=name, text=text, kind=kind, **place), verdict=verdict, judgements=judgements)


SENTENCE = "Paris is the capital of France, and 2 + 2 = 5."
REPORT = Report(
    goal=f"Check {HOSTILE}",
    answer=TEXT,
    outcome="unverified",
    claims=(
        claim("c1", "Water boils at 90 °C.", "contradicted"),
        claim("c2", f"I like {HOSTILE} tea.", "unverifiable", kind="opinion"),
        claim("c3", SENTENCE, "supported"),
        claim("c4", SENTENCE, "not_found"),
        claim("c5", "2 + 2 = 5", "contradicted", placed=False),
    ),
    evidence=(QUOTE,),
    notes=(f"a note {HOSTILE}",),
)


class Reader(HTMLParser):
    """Gathers what a page has in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.marked: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag == "a":
            self.marked.append(dict(attrs)["class"])


def test_the_pieces_are_the_whole_text_and_the_worst_verdict_colours_a_sentence() -> None:
    pieces = list(parts(TEXT, shown_claims(REPORT)))
    assert "".join(piece.text for piece in pieces) == TEXT
    marked = [(piece.text, piece.verdict) for piece in pieces if piece.claims]
    assert marked == [
        ("Water boils at 90 °C.", "contradicted"),
        (f"I like {HOSTILE} tea.", "opinion"),
        ("Paris is the capital of France, and ", "not_found"),
        ("2 + 2 = 5", "contradicted"),
        (".", "not_found"),
    ]


def test_nothing_on_the_page_runs_or_comes_from_outside() -> None:
    page = annotated(REPORT)
    found = Reader(page)
    assert not found.tags & {"script", "img", "link", "iframe", "object", "form", "input", "base"}
    assert not [name for name, _ in found.attributes if name.startswith("on") or name == "src"]
    assert all((value or "").startswith("#claim-") for name, value in found.attributes if name == "href")
    assert "default-src 'none'" in page
    assert found.marked == [
        "claim contradicted",
        "claim opinion",
        "claim not_found",
        "claim contradicted",
        "claim not_found",
    ]
    assert not re.search("[\x1b\u202a-\u202e]", page)


def test_what_would_do_something_is_shown_instead() -> None:
    assert visible("a\x1b[31m\u202eb\nc\td\x7f\ud800") == "a\u241b[31m\ufffdb\nc\td\ufffd\ufffd"


def test_a_report_without_claims_says_so() -> None:
    assert "Nothing in the text could be checked" in annotated(Report(goal="g", answer="", outcome="unverified"))


def test_coverage_is_told_in_words() -> None:
    assert coverage(REPORT) == "3 of 4 claims checked, 1 opinion left aside"


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    check_place(tmp_path / "out.html")
    for place, told in ((tmp_path, "is a folder"), (tmp_path / "none" / "out.html", "there is no folder")):
        with pytest.raises(UsageError, match=told):
            check_place(place)


@pytest.mark.browser
async def test_a_browser_shows_it_marks_it_and_runs_nothing_of_it(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    write_annotated(REPORT, place)
    program = find_program()
    if program is None:
        pytest.skip("there is no Chromium here")
    asked: list[str] = []
    told: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1000, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("console", lambda message: told.append(message.text))
        await page.goto(place.as_uri())
        assert "taken" not in (await page.title())[:10]
        assert HOSTILE in await page.inner_text(".text")

        note = page.locator(".claim.contradicted .note").first
        assert not await note.is_visible()
        await page.locator(".claim.contradicted").first.hover()
        await note.wait_for(state="visible")
        assert "Water boils at 100 °C." in await note.inner_text()
        colours = {
            name: await page.locator(f".claim.{name}").first.evaluate("one => getComputedStyle(one).borderBottomColor")
            for name in ("contradicted", "not_found", "opinion")
        }
        assert len(set(colours.values())) == 3

        await page.locator(".claim.opinion").click()
        await page.get_by_text("An opinion is not judged.").wait_for(state="visible")
        await browser.close()
    assert asked == [place.as_uri()]
    assert not told


async def test_it_is_told_what_no_claim_was_taken_from() -> None:
    checked = await check_text("Two plus 2 is 4.\n\n```\nThe tower of Brock is in Spain.\n```\n")
    report = Report(
        goal="x", answer=checked.answer, outcome="verified", claims=checked.claims, checking=checked.checking
    )

    assert notes_of(report) == (
        "no claim was taken from 1 sentence, so not checked, such as: The tower of Brock is in Spain.",
    )
