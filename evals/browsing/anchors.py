"""Where the entry of an anchor begins and ends, read from the HTML file itself and not from what was made of it."""

from pathlib import Path

from lxml import html


def entry_region(file: Path, anchor: str) -> tuple[str, str | None]:
    """Return an anchor and the first one after its entry, in the order of the page; None where it is the last.

    An entry is a term of a definition list with its descriptions. Blocking; call it in a thread.
    """
    root = html.parse(str(file), html.HTMLParser(encoding="utf-8")).getroot()
    term = next(element for element in root.iter("dt") if element.get("id") == anchor)
    last = term
    while (following := last.getnext()) is not None and (following.tag == "dd" or last.tag == "dt"):
        last = following
    inside = {element for part in (term, *_between(term, last)) for element in part.iter()}
    after = False
    for element in root.iter():
        after = after or element is term
        if after and element not in inside and element.get("id"):
            return anchor, str(element.get("id"))
    return anchor, None


def _between(first: html.HtmlElement, last: html.HtmlElement) -> list[html.HtmlElement]:
    found, element = [], first
    while element is not last:
        element = element.getnext()
        found.append(element)
    return found
