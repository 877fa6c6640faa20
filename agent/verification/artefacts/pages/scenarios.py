"""What can be tried with a web page: that it opens without errors, can be read and used, and does what was wished."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.domain.artefacts import Mutation
from toolserver.client import PageLooked, PageVisited

Measured = tuple[float | None, str]
"""A value, and what was found, in one line; None where there was nothing to measure."""

WIDTHS: Final = (1280, 360)

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 2000}
_PAGE: Final = {"page": {"type": "string", "minLength": 1, "maxLength": 300}}
_STEP: Final = {
    "type": "object",
    "properties": {
        "do": {
            "enum": [
                "open", "back", "click", "type", "choose", "press", "wait", "see", "not_see", "count", "value",
            ]
        },
        "role": {**_TEXT, "description": "as assistive technology names it: button, link, textbox, checkbox, row ..."},
        "name": {**_TEXT, "description": "its label or text"},
        "text": {"type": "string", "maxLength": 2000, "description": "what is typed, chosen or seen"},
        "key": {**_TEXT, "description": "such as Enter or Escape"},
        "path": {**_TEXT, "description": "of the page that is opened"},
        "number": {"type": "integer", "minimum": 0, "maximum": 10_000},
        "seconds": {"type": "number", "minimum": 0, "maximum": 10},
    },
    "required": ["do"],
    "additionalProperties": False,
}  # fmt: skip
_NEEDED: Final = {
    "open": ("path",),
    "click": ("role", "name"),
    "type": ("role", "text"),
    "choose": ("role", "text"),
    "press": ("key",),
    "wait": ("seconds",),
    "count": ("role", "number"),
    "value": ("role", "text"),
}
_STEPS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 60,
    "items": {
        **_STEP,
        "allOf": [
            {"if": {"properties": {"do": {"const": do}}}, "then": {"required": list(needed)}}
            for do, needed in _NEEDED.items()
        ],
    },
}


@dataclass(frozen=True)
class PageScenario:
    """One scenario of web pages. Implements ``ScenarioTemplate``.

    Attributes:
        reads: takes what was seen, and the parameters; returns every measure. None for journeys.
    """

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation
    reads: Callable[[PageVisited, Mapping[str, Any]], Mapping[str, Measured]] | None


def loads(seen: PageVisited, _: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count errors of scripts, and requests that came to nothing; a page that was given up is an error as well."""
    errors = (*seen.errors, *([seen.stopped] if seen.stopped else []))
    return {"console_errors": _counted(errors), "failed_requests": _counted(seen.failed)}


def broken_links(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count links of the pages that lead nowhere."""
    pages = _pages(seen, given)
    value, detail = _counted(_of(pages, "broken_links"))
    outside = sum(page.outside for page in pages)
    more = f"; {outside} lead to other sites, which nobody followed" if outside else ""
    return {"broken_links": (value, f"{detail}, of {sum(page.links for page in pages)} links{more}")}


def overflow(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Return by how many pixels a page is wider than the window, the worst of all pages and widths."""
    widths = [given["width"]] if "width" in given else WIDTHS
    found = [
        (page.overflow.get(width, 0.0), f"{page.path} at {width} px: {page.wide.get(width, 'it fits')}")
        for page in _pages(seen, given)
        for width in widths
    ]
    return {"pixels": max(found, key=lambda one: one[0])}


def contrast(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count texts that are too faint (WCAG 2.2, 1.4.3, level AA)."""
    pages = _pages(seen, given)
    value, detail = _counted(_of(pages, "faint"))
    measured, unmeasured = sum(page.texts for page in pages), sum(page.unmeasured for page in pages)
    if not measured and unmeasured:
        return {"faint_texts": (None, "all text stands on pictures or gradients")}
    more = f"; {unmeasured} stand on pictures and were not measured" if unmeasured else ""
    return {"faint_texts": (value, f"{detail}, of {measured} texts{more}")}


def labels(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count fields, buttons, links and pictures without a name, and pages without a title or a language."""
    return {"unlabelled": _counted(_of(_pages(seen, given), "unlabelled"))}


def ids(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count ids that several elements of one page have."""
    return {"doubled_ids": _counted(_of(_pages(seen, given), "doubled_ids"))}


def missing_texts(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count the texts that no page shows."""
    shown = _shown(seen, given)
    return {"missing_texts": _counted([text for text in given["texts"] if _plain(text) not in shown])}


def unwanted_texts(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count the texts that a page shows and should not, whatever their case."""
    shown = _shown(seen, given).lower()
    return {"unwanted_texts": _counted([text for text in given["texts"] if _plain(text).lower() in shown])}


def counts(seen: PageVisited, given: Mapping[str, Any]) -> Mapping[str, Measured]:
    """Count the visible elements of a role, on all pages together or on one."""
    pages = _pages(seen, given)
    count = sum(page.roles.get(given["role"], 0) for page in pages)
    return {"count": (float(count), f"{count} times {given['role']}")}


def journeyed(seen: PageVisited, steps: int) -> Measured:
    """Return how many steps of a journey failed or were not reached."""
    failed = steps - sum(step.ok for step in seen.steps)
    if seen.stopped:
        return float(max(failed, 1)), f"step {len(seen.steps) + 1}: {seen.stopped}"
    reasons = [f"step {number}: {step.detail}" for number, step in enumerate(seen.steps, 1) if not step.ok]
    return float(failed), reasons[0] if reasons else f"all {steps} steps went as they should"


def _scenario(
    reads: Callable[[PageVisited, Mapping[str, Any]], Mapping[str, Measured]] | None,
    name: str,
    description: str,
    measures: Mapping[str, str] | Iterable[str],
    required: Mapping[str, Any],
    control: Mutation,
    **optional: Any,
) -> PageScenario:
    properties = {**required, **_PAGE, **optional}
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    units = dict(measures) if isinstance(measures, Mapping) else dict.fromkeys(measures, "")
    return PageScenario(name, description, units, parameters, control, reads)


_TEXTS: Final = {"texts": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100}}
_ROLE: Final = {"role": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 40}}

SCENARIOS: Final = (
    _scenario(
        loads,
        "loads",
        "that the pages open without errors of scripts, and all that they ask for is there",
        ["console_errors", "failed_requests"],
        {},
        Mutation(name="throw_error"),
    ),
    _scenario(
        broken_links,
        "links",
        "where links lead: pages of the site, places on them, addresses for mail; other sites are not followed",
        ["broken_links"],
        {},
        Mutation(name="break_link"),
    ),
    _scenario(
        overflow,
        "overflow",
        "whether one has to scroll sideways, on a computer and on a telephone",
        {"pixels": "px"},
        {},
        Mutation(name="widen"),
        width={"enum": list(WIDTHS)},
    ),
    _scenario(
        contrast,
        "contrast",
        "whether text can be told from what is behind it (WCAG 2.2, level AA)",
        ["faint_texts"],
        {},
        Mutation(name="fade_text"),
    ),
    _scenario(
        labels,
        "labels",
        "whether fields, buttons, links and pictures have names for those who cannot see them",
        ["unlabelled"],
        {},
        Mutation(name="strip_labels"),
    ),
    _scenario(
        ids, "ids", "whether each id is there once", ["doubled_ids"], {}, Mutation(name="duplicate_id")
    ),
    _scenario(
        missing_texts,
        "text_present",
        "whether texts can be seen when the page is opened",
        ["missing_texts"],
        _TEXTS,
        Mutation(name="drop_text", parameters={"texts": "$texts"}),
    ),
    _scenario(
        unwanted_texts,
        "text_absent",
        "whether texts that should not be there are absent, such as lorem ipsum or NaN",
        ["unwanted_texts"],
        _TEXTS,
        Mutation(name="add_text", parameters={"texts": "$texts"}),
    ),
    _scenario(
        counts,
        "counts",
        "how many visible elements of a role there are, such as row, listitem, heading or link",
        ["count"],
        _ROLE,
        Mutation(name="drop_elements", parameters={"role": "$role"}),
    ),
    _scenario(
        None,
        "journey",
        "what a person does on a page, step by step, and what must be seen, counted or held by a field then",
        ["failed_steps"],
        {"steps": _STEPS},
        Mutation(name="dead"),
    ),
)  # fmt: skip


def _pages(seen: PageVisited, given: Mapping[str, Any]) -> tuple[PageLooked, ...]:
    return tuple(page for page in seen.pages if given.get("page", page.path) == page.path)


def _shown(seen: PageVisited, given: Mapping[str, Any]) -> str:
    return "\n".join(_plain(f"{page.title}\n{page.text}") for page in _pages(seen, given))


def _of(pages: Iterable[PageLooked], name: str) -> list[str]:
    return [f"{page.path}: {one}" for page in pages for one in getattr(page, name)]


def _counted(found: Iterable[str]) -> Measured:
    listed = list(found)
    return float(len(listed)), "; ".join(listed[:3]) or "none"


def _plain(text: str) -> str:
    return " ".join(text.split())
