"""How the pages of a run were read, by its record."""

from collections.abc import Mapping
from typing import Literal

from agent.browsing.actions import Click, Select, TypeText
from agent.domain.functions import function_name
from agent.ledger.store import Ledger

Reading = Literal["text", "shown", "handled"]
"""``text``: by a plain request. ``shown``: in a browser. ``handled``: in a browser, after something was clicked,
typed or selected, so that the page's address alone does not lead to it."""

_EASIEST: tuple[Reading, ...] = ("text", "shown", "handled")
_HANDLING = frozenset(function_name(form) for form in (Click, TypeText, Select))


async def readings_of(ledger: Ledger, run_id: str) -> Mapping[str, Reading]:
    """Return the easiest way in which each text of a page was read, by the text's SHA-256."""
    found: dict[str, Reading] = {}
    handled: set[str] = set()
    async for event in ledger.events(run_id):
        if event.kind != "tool" or event.key is None:
            continue
        if event.phase == "started":
            arguments = event.payload["request"].get("arguments")
            if isinstance(arguments, dict) and arguments.get("action") in _HANDLING:
                handled.add(event.key)
            continue
        page = event.payload["result"].get("page")
        if not isinstance(page, dict) or not isinstance(page.get("text_sha256"), str):
            continue
        reading: Reading = "handled" if event.key in handled else "shown" if page.get("tier") == "browser" else "text"
        found[page["text_sha256"]] = min(found.get(page["text_sha256"], reading), reading, key=_EASIEST.index)
    return found
