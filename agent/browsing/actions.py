"""The actions of browsing: one form each, whose docstring is what a model reads about it."""

from typing import Any, Literal

from pydantic import Field, model_validator

from agent.browsing.errors import IllegalAction
from agent.domain.base import Form
from agent.domain.functions import function_name, function_spec, parse_form
from agent.domain.messages import ToolSpec

Direction = Literal["down", "up", "top"]

LONGEST_QUERY = 400
"""Characters of a query; what hosted search engines take."""


class Search(Form):
    """Search for pages. Replaces the list of results."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY, description="a few words that the page should contain")


class Open(Form):
    """Open one page: a result by its number, a link of the current page by its number, or an address seen before."""

    result: int | None = Field(default=None, ge=1, description="number of a result, as shown before its title")
    link: int | None = Field(default=None, ge=1, description="number of a link of the current page")
    url: str | None = Field(default=None, min_length=1, max_length=4000, description="address, only if it was shown")
    browser: bool | None = Field(
        default=None, description="true for a real browser, where buttons and fields of the page can be used"
    )

    @model_validator(mode="after")
    def _one(self) -> "Open":
        if sum(value is not None for value in (self.result, self.link, self.url)) != 1:
            raise ValueError("give exactly one of result, link and url")
        return self


class Back(Form):
    """Go back to the view from which the current one was reached."""


class Scroll(Form):
    """Move through the current page or list of results, by one window or to its top."""

    direction: Direction


class Find(Form):
    """Go to the next window of the current page that contains a text, and see which sentences have it.

    On a long page where the text does not stand word for word, go to the window that is most about it; ask again for
    the next best.
    """

    text: str = Field(min_length=1, max_length=200)


class Quote(Form):
    """Keep a passage of the current page as evidence: whole sentences by their numbers, or literal text.

    Literal text must stand on the page word for word; anything else is refused.
    """

    first: int | None = Field(default=None, ge=1, description="number of the first sentence, 12 for [s12]")
    last: int | None = Field(default=None, ge=1, description="number of the last sentence; by default the first")
    text: str | None = Field(default=None, min_length=1, description="literal text, copied from the page")

    @model_validator(mode="after")
    def _one(self) -> "Quote":
        if (self.first is None) == (self.text is None) or (self.last is not None and self.first is None):
            raise ValueError("give either first and last, or text")
        return self


class Merge(Form):
    """Make one quote of several; every passage stays as it is, with its source."""

    quotes: list[str] = Field(min_length=2, description="ids of the quotes, such as E1, in the order wanted")


class Drop(Form):
    """Throw a quote away."""

    quote: str = Field(description="id of the quote, such as E1")


class Finish(Form):
    """End browsing: the quotes are enough to answer the question."""

    answer: str = Field(default="", description="the answer, each sentence citing its quotes as [E1]")


class Reject(Form):
    """End browsing without an answer: the question cannot be answered from what can be found."""

    reason: str = Field(min_length=1, max_length=2000)


class Click(Form):
    """Click an element of the current page."""

    ref: str = Field(description="reference of the element, such as e12")


class TypeText(Form):
    """Type text into a field of the current page."""

    ref: str = Field(description="reference of the field, such as e12")
    text: str = Field(max_length=4000)
    submit: bool = Field(default=False, description="press Enter afterwards")


class Select(Form):
    """Choose an option of a selection field of the current page."""

    ref: str = Field(description="reference of the field, such as e12")
    value: str = Field(max_length=1000, description="the option as it is shown")


class Undo(Form):
    """Take the last action back. Steps stay used."""


class Reorder(Form):
    """Put the quotes into another order."""

    quotes: list[str] = Field(min_length=1, description="ids of all quotes in the order wanted")


Action = (
    Search
    | Open
    | Back
    | Scroll
    | Find
    | Quote
    | Merge
    | Drop
    | Finish
    | Reject
    | Click
    | TypeText
    | Select
    | Undo
    | Reorder
)
"""Something done in a session."""

READING: tuple[type[Action], ...] = (Search, Open, Back, Scroll, Find, Quote, Merge, Drop, Finish, Reject)
"""What everybody can do."""
HANDLING: tuple[type[Action], ...] = (Click, TypeText, Select)
"""What the browser tier adds."""
EDITING: tuple[type[Action], ...] = (Undo, Reorder)
"""What a person can do besides."""

_FORMS: dict[str, type[Action]] = {function_name(form): form for form in (*READING, *HANDLING, *EDITING)}
NAMES = tuple(_FORMS)
"""Names of all actions in the order in which they are shown."""


def name_of(action: Action) -> str:
    """Return the name under which models and records know an action."""
    return function_name(type(action))


def parse_action(name: str, arguments: dict[str, Any]) -> Action:
    """Return the validated action of a function call.

    Raises:
        IllegalAction: there is no such action.
        ModelOutputError: an argument is wrong; the message says which and how.
    """
    form = _FORMS.get(name)
    if form is None:
        raise IllegalAction(f"there is no action {name!r}; choose from {', '.join(NAMES)}")
    return parse_form(form, arguments)


def specs(names: tuple[str, ...]) -> tuple[ToolSpec, ...]:
    """Return the function schemas of some actions by name."""
    return tuple(function_spec(_FORMS[name]) for name in names)
