"""The text of web pages: what is hidden goes first, then the part that is the page's own is found, then rendered."""

import re
from importlib.metadata import version
from typing import Final, NamedTuple

import trafilatura
from lxml import etree, html

from toolserver.browsing.hidden import INVISIBLE, remove_hidden
from toolserver.browsing.names import names
from toolserver.browsing.rendering import Rendered, absolute, render
from toolserver.errors import PageFailed

VERSION: Final = "4"
"""Of the rules in this folder by which a text is made; raised with every change that makes other texts."""

FRAME_ROLES: Final = names("navigation search banner contentinfo menu menubar toolbar")
"""Roles of elements that lead to other pages, as ``nav`` does."""

PAGE_FRAME: Final = frozenset(("header", "footer", "aside"))
"""Elements that surround a page's own text, unless they stand inside of it."""

ENOUGH: Final = 0.25
"""Share of a page's text that what calls itself its main part must have to be believed."""

ENOUGH_CHARACTERS: Final = 80
"""Characters with which a main part is believed whatever surrounds it; short pages have large menus."""

COVERED: Final = 0.95
"""Share of the text that trafilatura takes for the page's own which must lie below one element."""

_CHARACTERS: Final = 250_000
"""Characters of text up to which trafilatura is asked; it takes seconds for longer pages."""

_REFRESH: Final = re.compile(r"\s*[0-5](?:\.\d*)?\s*[;,]\s*url\s*=\s*(\S.*)", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")


class Content(NamedTuple):
    """What a web page holds.

    Attributes:
        scripts: how many scripts it has.
        password: whether it asks for a password.
        noscript: what it tells browsers without scripts.
        method: how the page's own part was found.
        refresh: where it leads by itself within seconds; empty where it stays.
    """

    title: str
    rendered: Rendered
    scripts: int
    password: bool
    noscript: str
    method: str
    refresh: str


def content_of(page: str, url: str, *, longest: int, links: int) -> Content:
    """Return what a web page holds.

    Args:
        page: its source.
        url: its address.
        longest: characters at which its text ends.
        links: how many links and anchors are told.

    Raises:
        PageFailed: it is nothing that could be parsed.
    """
    root = parsed(page)
    base_element = root.find(".//base[@href]")
    base = url if base_element is None else absolute(url, base_element.get("href", "")) or url
    title = _title(root)
    scripts = sum(1 for _ in root.iter("script"))
    noscript = " ".join(" ".join("".join(found.itertext()).split()) for found in root.iter("noscript"))[:2000]
    password = any(field.get("type", "").lower() == "password" for field in root.iter("input"))
    refresh = _refresh(root, base)
    remove_hidden(root)
    body = root.find(".//body")
    body = root if body is None else body
    main, method = _main(body)
    # what a page itself calls its main part is read as a whole, with tables of contents in it
    skip = frozenset() if method == "landmark" else frozenset(_frame(main))
    rendered = render(main, base, skip=skip, longest=longest, links=links)
    return Content(title or _first_heading(main), rendered, scripts, password, noscript, method, refresh)


def parsed(page: str) -> etree._Element:
    """Return the tree of a web page.

    Raises:
        PageFailed: there is none.
    """
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        root = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise PageFailed("empty", "the page has no text") from error
    return root


def _refresh(root: etree._Element, base: str) -> str:
    for found in root.iterfind(".//meta[@http-equiv]"):
        if found.get("http-equiv", "").strip().lower() == "refresh" and (
            match := _REFRESH.match(found.get("content", ""))
        ):
            return absolute(base, match[1].strip("'\" "))
    return ""


def _title(root: etree._Element) -> str:
    for path in (".//head/title", ".//title", ".//meta[@property='og:title']"):
        for found in root.iterfind(path):
            text = found.get("content") if found.tag == "meta" else "".join(found.itertext())
            if text and text.strip():
                return " ".join(INVISIBLE.sub("", text).split())[:500]
    return ""


def _first_heading(main: etree._Element) -> str:
    heading = next(main.iter("h1", "h2"), None)
    return "" if heading is None else " ".join(INVISIBLE.sub("", "".join(heading.itertext())).split())[:500]


def _main(body: etree._Element) -> tuple[etree._Element, str]:
    whole = _size(body)
    landmarks = [element for element in body.iter() if element.tag == "main" or element.get("role") == "main"]
    enough = min(ENOUGH * whole, ENOUGH_CHARACTERS)
    if not landmarks:
        articles = list(body.iter("article"))
        landmarks = articles if len(articles) == 1 else []
        enough = ENOUGH * whole
    if landmarks:
        # where a main part lies in another one, the outer one comes first
        best = max(landmarks, key=_size)
        if _size(best) >= enough:
            return best, "landmark"
    if whole <= _CHARACTERS and (found := _by_trafilatura(body)) is not None:
        return found, "trafilatura"
    return body, "body"


def _by_trafilatura(body: etree._Element) -> etree._Element | None:
    """Return the smallest element that has nearly all that trafilatura takes for the page's own text."""
    copy = html.fromstring(html.tostring(body))
    text = trafilatura.extract(
        copy, include_comments=True, include_tables=True, favor_recall=True, with_metadata=False, deduplicate=False
    )
    wanted = {_bare(line) for line in (text or "").splitlines()}
    wanted = {line for line in wanted if len(line) >= 25}
    if not wanted:
        return None
    blocks = render(body, "", skip=frozenset(_frame(body)), longest=1_000_000, links=0)
    shown = blocks.text
    own = [
        (block.element, block.end - block.start)
        for block in blocks.blocks
        if _bare(shown[block.start : block.end]) in wanted
    ]
    total = sum(size for _, size in own)
    if total * 2 < sum(map(len, wanted)):
        # what it found are not our lines, so nothing can be said of where they stand
        return None
    below: dict[etree._Element, int] = {}
    for element, size in own:
        for around in (element, *element.iterancestors()):
            below[around] = below.get(around, 0) + size
    here = body
    while True:
        inner = next((child for child in here if below.get(child, 0) >= COVERED * total), None)
        if inner is None:
            return here
        here = inner


def _bare(line: str) -> str:
    return re.sub(r"[\W_]+", "", line).lower()


def _frame(main: etree._Element) -> list[etree._Element]:
    """Return the elements below one that lead elsewhere or surround the page's own text."""
    found = []
    for element in main.iterdescendants():
        role = element.get("role", "").lower()
        around = element.tag in PAGE_FRAME or role == "complementary"
        inside = around and next(element.iterancestors("main", "article", "section", "blockquote"), None) is not None
        if element.tag == "nav" or role in FRAME_ROLES or (around and not inside):
            found.append(element)
    return found


def _size(element: etree._Element) -> int:
    return len(_SPACES.sub("", "".join(element.itertext())))


def extractor_versions() -> str:
    """Return the versions of all that makes the text of a web page."""
    return f"{VERSION}+trafilatura{version('trafilatura')}+lxml{version('lxml')}"
