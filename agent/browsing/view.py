"""A state as a model or a person sees it."""

from collections.abc import Iterator, Sequence

from agent.browsing.page import Element, Link
from agent.browsing.state import BrowseState, Kept, PageView, ResultsView, Step, View, directions, legal, shown_results
from agent.models.fence import fenced, unhidden
from agent.models.templates import render

_QUOTE_ENDS = 200
"""Characters shown of each end of a long quote."""
_ADDRESS = 500
"""Characters shown of an address; it is opened by its number, so nothing depends on its end."""
_ELEMENTS = 12_000
"""Characters of all elements that can be handled; those that come after are counted only."""
_OPTIONS = 600
"""Characters of the options of one element."""
_HISTORY = 30
"""Actions shown, the last ones."""


def view(state: BrowseState) -> str:
    """Return the state in words; what comes from pages stands between marks of untrusted text."""
    heading, body = _body(state)
    lines = [_line(number, step) for number, step in enumerate(state.history, start=1)]
    return render(
        "agent.browsing",
        "view",
        question=state.question,
        kept=[_kept(kept) for kept in state.kept],
        query=_one_line(state.query),
        previous=_named(state.previous, state),
        heading=heading,
        body=body,
        history=_shown("\n".join(lines[-_HISTORY:])) if lines else "",
        left=state.left,
        possible=legal(state),
    )


def _body(state: BrowseState) -> tuple[str, str]:
    shown = state.view
    heading = _named(shown, state)
    if isinstance(shown, PageView):
        return heading, _shown(
            f"{_one_line(shown.page.title)}\n{_address(shown.page.final_url)}\n\n{_page_text(state, shown)}"
        )
    results = shown_results(state)
    if results:
        lines = [f"[{number}] {result.title}\n{result.snippet}\n{_address(result.url)}" for number, result in results]
        return heading, _shown("\n\n".join(lines))
    return heading, "Nothing was found; search with other words." if shown else "Begin with a search."


def _page_text(state: BrowseState, shown: PageView) -> str:
    here, page = shown.here, shown.page
    if here.last < here.first:
        # windows of a recording are not made of sentences
        text = shown.text
    else:
        text = "\n".join(f"[s{number}] {page.sentence_text(number)}" for number in range(here.first, here.last + 1))
    parts = [text or "(this page has no text)"]
    parts.extend(f"(note: {note})" for note in page.notes)
    parts.extend(f"(file that came: {file.name}, {file.size:,} bytes)" for file in page.downloads)
    parts.extend(f"[link {number}] {link.text}: {_address(link.url)}" for number, link in shown_links(state, shown))
    parts.extend(_elements(page.elements))
    return "\n".join(parts)


def shown_links(state: BrowseState, shown: PageView) -> list[tuple[int, Link]]:
    """Return the links of the window that is shown, with their numbers on the page, as many as the profile shows."""
    links = enumerate(shown.page.links, start=1)
    return [(number, link) for number, link in links if _in_window(link, shown)][: state.profile.links]


def _address(url: str) -> str:
    return url if len(url) <= _ADDRESS else f"{url[:_ADDRESS]}..."


def _elements(elements: Sequence[Element]) -> Iterator[str]:
    left = _ELEMENTS
    for number, element in enumerate(elements):
        line = _element(element)
        left -= len(line)
        if left < 0:
            yield f"(and {len(elements) - number} more buttons and fields that are not shown)"
            return
        yield line


def _element(element: Element) -> str:
    value = f" = {element.value}" if element.value else ""
    return f"[{element.ref}] {element.role} {element.name}{value}{_options(element.options)}"


def _options(options: Sequence[str]) -> str:
    """Return what can be chosen, as far as there is room for it."""
    shown, left = list[str](), _OPTIONS
    for option in options:
        left -= len(option) + 3
        if left < 0:
            break
        shown.append(option)
    more = f" | and {len(options) - len(shown)} more" if len(shown) < len(options) else ""
    return f" (of: {' | '.join(shown)}{more})" if options else ""


def _in_window(link: Link, shown: PageView) -> bool:
    following = shown.cut[shown.window + 1].start if shown.window + 1 < len(shown.cut) else len(shown.page.text) + 1
    begin = shown.here.start if shown.window else 0
    return begin <= link.offset < following


def _named(shown: View | None, state: BrowseState) -> str:
    if shown is None:
        return "nothing yet"
    ways = f", scroll {'/'.join(directions(state))}" if shown is state.view and directions(state) else ""
    if isinstance(shown, ResultsView):
        windows = max(-(-len(shown.results) // state.profile.results), 1)
        count = f"{len(shown.results)} results" if shown.results else "no results"
        return f"{count} for {_one_line(shown.query)!r}, window {shown.window + 1}/{windows}{ways}"
    # nothing that a page says of itself stands outside the marks
    return f"page {shown.page.id}, window {shown.window + 1}/{max(len(shown.cut), 1)}{ways}"


def _kept(kept: Kept) -> dict[str, str]:
    sources = dict.fromkeys(_one_line(part.quote.source.title) for part in kept.quotes)
    text = kept.text
    if len(text) > 2 * _QUOTE_ENDS:
        text = f"{text[:_QUOTE_ENDS]} ... {text[-_QUOTE_ENDS:]}"
    return {"id": kept.id, "text": _shown(f"{'; '.join(sources)}\n{text}")}


def _line(number: int, step: Step) -> str:
    arguments = ", ".join(f"{name}={_one_line(str(value))}" for name, value in step.arguments.items())
    return f"{number}. {step.name}({arguments}){'' if step.ok else ' FAILED'}: {_one_line(step.note)}"


def _shown(text: str) -> str:
    """Return untrusted text between marks, without characters that nobody sees."""
    return fenced(unhidden(text))


def _one_line(text: str) -> str:
    """Return untrusted text such as a title so that it cannot look like more than one line, nor like a mark."""
    flat = " ".join(unhidden(text).replace("<", "\u2039").split())
    return flat if len(flat) <= 120 else f"{flat[:117]}..."
