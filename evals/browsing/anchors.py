"""Where the entry of an anchor begins and ends, read from the HTML file itself and not from what was made of it."""

from pathlib import Path

from lxml import html

from evals.browsing.suite import Region


def entry_region(file: Path, anchor: str) -> Region:
    """Return an anchor and those after its entry, in the order of the page.

    An entry is a term of a definition list with its descriptions. Blocking; call it in a thread.
    """
    root = html.parse(str(file), html.HTMLParser(encoding="utf-8")).getroot()
    term = next(element for element in root.iter("dt") if element.get("id") == anchor)
    last = term
    while (following := last.getnext()) is not None and (following.tag == "dd" or last.tag == "dt"):
        last = following
    inside = {element for part in (term, *_between(term, last)) for element in part.iter()}
    order = list(root.iter())
    following_names = [str(e.get("id")) for e in order[order.index(term) :] if e not in inside and e.get("id")]
    return Region(anchor, tuple(following_names))


def _between(first: html.HtmlElement, last: html.HtmlElement) -> list[html.HtmlElement]:
    found, element = [], first
    while element is not last:
        element = element.getnext()
        found.append(element)
    return found
