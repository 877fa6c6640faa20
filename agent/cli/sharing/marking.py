"""Markdown that a model wrote, as HTML in which nothing runs and nothing is loaded."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from agent.cli.html_files import visible

_LONGEST = 300_000
_CITED = re.compile(r"\[([A-Za-z0-9][\w.:-]{0,79})\](?![^<]*>)")
"""A citation in a text, not in a tag."""


class _Renderer(RendererHTML):
    """Renders pictures as their words, and addresses only of the web; no attribute but those is written."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return f"[{self.renderInlineAsText(tokens[idx].children or [], options, env)}]"

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - the name is that of the library
        if token.type != "link_open":
            return ""
        address = str(token.attrs.get("href", ""))
        if not address.startswith(("http://", "https://")):
            return ""
        attributes: dict[str, str | int | float] = {"href": address, "rel": "noreferrer noopener"}
        return RendererHTML.renderAttrs(Token("link_open", "a", 1, attrs=attributes))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 40}, renderer_cls=_Renderer).enable(
        ["table", "strikethrough"]
    )


def cited(page: Markup, claims: Mapping[str, str]) -> Markup:
    """Return an answer as HTML in which each citation, such as ``[E1]``, leads to the claim that rests on it.

    Args:
        page: as ``marked_up`` returned it.
        claims: ids of claims by the ids of evidence.
    """

    def linked(match: re.Match[str]) -> str:
        claim = claims.get(match[1])
        return match[0] if claim is None else f'<a class="cite" href="#claim-{escape(claim)}">{match[0]}</a>'

    # what stands in the page is escaped already, and what is matched has no signs that could be anything else
    return Markup(_CITED.sub(linked, page))  # noqa: S704


def marked_up(text: str) -> Markup:
    """Return Markdown as HTML; tags in it are shown, and of a very long one the rest is left out."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n\n[{len(text) - _LONGEST:,} more characters]"
    # everything in it was escaped by the renderer, which is told to pass no HTML
    return Markup(_markdown().render(visible(cut)))  # noqa: S704
