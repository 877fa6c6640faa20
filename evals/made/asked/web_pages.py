"""What is asked of the ten web pages: what is asked of any page, and what their wishes say."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.domain.artefacts import Mutation
from evals.made.asked.measuring import Asked

ALWAYS: Final[Sequence[Asked]] = (
    Asked("it opens without errors", "loads", "console_errors", {}),
    Asked("nothing is missing", "loads", "failed_requests", {}),
    Asked("links lead somewhere", "links", "broken_links", {}),
    Asked("it fits computers and telephones", "overflow", "pixels", {}, unit="px"),
    Asked("text can be read", "contrast", "faint_texts", {}),
    Asked("all has names", "labels", "unlabelled", {}),
    Asked("ids are there once", "ids", "doubled_ids", {}),
)


def _journey(wish: str, *steps: Mapping[str, Any]) -> Asked:
    return Asked(wish, "journey", "failed_steps", {"steps": list(steps)})


def _shows(*texts: str) -> Asked:
    return Asked("it shows what it should", "text_present", "missing_texts", {"texts": list(texts)})


def _count(role: str, count: int) -> Asked:
    control = Mutation(name="drop_elements", parameters={"role": role})
    return Asked(f"{count} times {role}", "counts", "count", {"role": role}, "==", count, control=control)


def _see(text: str) -> Mapping[str, Any]:
    return {"do": "see", "text": text}


def _gone(text: str) -> Mapping[str, Any]:
    return {"do": "not_see", "text": text}


def _click(role: str, name: str) -> Mapping[str, Any]:
    return {"do": "click", "role": role, "name": name}


def _type(name: str, text: str, role: str = "textbox") -> Mapping[str, Any]:
    return {"do": "type", "role": role, "name": name, "text": text}


_ENTER: Final = {"do": "press", "key": "Enter"}


def _answers(*answers: str) -> Sequence[Mapping[str, Any]]:
    return [_click("radio", answer) for answer in answers]


WEB_PAGES: Final[Mapping[str, Sequence[Asked]]] = {
    "shopping_list": (
        _journey(
            "adds things and counts them",
            _type("What to buy", "milk"),
            _ENTER,
            _see("1 thing to buy"),
            _type("What to buy", "bread"),
            _click("button", "Add"),
            _see("bread"),
            _see("2 things to buy"),
            {"do": "count", "role": "listitem", "number": 2},
        ),
        _journey(
            "ticks and removes what was bought",
            _type("What to buy", "milk"),
            _ENTER,
            _type("What to buy", "bread"),
            _ENTER,
            _click("checkbox", "milk"),
            _see("1 thing to buy"),
            _click("button", "Remove bought"),
            _gone("milk"),
            _see("bread"),
            _see("1 thing to buy"),
        ),
    ),
    "split_bill": (
        _shows("22.00 euros each"),
        _journey(
            "follows what is typed",
            _type("Total in euros", "100", "spinbutton"),
            _type("Tip in percent", "0", "spinbutton"),
            _type("People", "4", "spinbutton"),
            _see("25.00 euros each"),
        ),
        _journey("asks for people", _type("People", "0", "spinbutton"), _see("For how many people?")),
    ),
    "bakery": (
        _shows(
            "Miller's bakery", "Our bread", "Opening hours", "Contact", "Monday", "closed", "12 Mill Lane",
            "hello@bakery.example",
        ),
        _count("row", 4),
        _count("img", 1),
    ),
    "quiz": (
        _journey("says what is to be answered", _click("button", "Check"), _see("3 still to answer")),
        _journey(
            "all right",
            *_answers("Mercury", "Jupiter", "Uranus"),
            _click("button", "Check"),
            _see("3 of 3 right"),
        ),
        _journey(
            "all wrong",
            *_answers("Venus", "Saturn", "Neptune"),
            _click("button", "Check"),
            _see("0 of 3 right"),
        ),
        _count("radio", 9),
    ),
    "plants": (
        _shows("6 of 6 plants", "Aloe", "Jade plant"),
        _journey("narrows", _type("Search", "plant", "searchbox"), _see("3 of 6 plants"), _gone("Aloe")),
        _journey(
            "sorts by price",
            _click("button", "Price"),
            {"do": "see", "role": "row", "name": "Aloe sun 7 euros"},
            {"do": "count", "role": "row", "number": 7},
            _see("Aloe sun 7 euros Spider plant bright 9 euros"),
            _click("button", "Price"),
            _see("Jade plant sun 110 euros Fiddle-leaf fig bright 45 euros"),
        ),
    ),
    "tea_house": (
        _shows("清风茶馆", "绿茶", "红茶", "乌龙茶", "营业时间：每天上午九点至晚上十点"),
        _journey("红茶", _click("tab", "红茶"), _see("正山小种 45元"), _see("祁门红茶 40元"), _gone("龙井")),
        _journey(
            "乌龙茶",
            _click("tab", "乌龙茶"),
            {"do": "count", "role": "listitem", "number": 2},
            _gone("龙井"),
            _gone("正山小种"),
        ),
        _count("listitem", 2),
    ),
    "timer": (
        _shows("3:00"),
        _journey(
            "counts down",
            _click("button", "Start"),
            _see("Brewing"),
            {"do": "wait", "seconds": 1.2},
            _see("2:5"),
        ),
        _journey(
            "pauses",
            _click("button", "Start"),
            _click("button", "Pause"),
            _see("Paused"),
            {"do": "wait", "seconds": 1.2},
            {"do": "see", "role": "button", "name": "Start"},
        ),
        _journey(
            "starts anew",
            _click("button", "Start"),
            {"do": "wait", "seconds": 1.2},
            _click("button", "Reset"),
            _see("Ready"),
            {"do": "wait", "seconds": 1.2},
            _see("3:00"),
        ),
        _journey(
            "takes other times",
            {"do": "choose", "role": "combobox", "name": "Minutes", "text": "5"},
            _see("5:00"),
        ),
    ),
    "pancakes": (
        _shows("200 g flour", "300 ml milk", "2 eggs"),
        _journey(
            "for four",
            _type("For how many", "4", "spinbutton"),
            _see("400 g flour"),
            _see("600 ml milk"),
            _see("4 eggs"),
        ),
        _journey(
            "leads to the tips and back",
            _click("link", "tips for turning"),
            {"do": "see", "role": "heading", "name": "Tips for turning"},
            _click("link", "back"),
            {"do": "see", "role": "heading", "name": "Pancakes"},
        ),
        Asked(
            "6 times listitem",
            "counts",
            "count",
            {"role": "listitem", "page": "index.html"},
            "==",
            6,
            control=Mutation(name="drop_elements", parameters={"role": "listitem"}),
        ),
    ),
    "sign_up": (
        _journey(
            "says what is missing",
            _click("button", "Join"),
            _see("Please give your name."),
            _see("Please give an e-mail address."),
            _see("Please choose a voice."),
        ),
        _journey(
            "refuses what is no address",
            _type("Name", "Ada"),
            _type("E-mail", "ada at home"),
            {"do": "choose", "role": "combobox", "name": "Voice", "text": "Alto"},
            _click("button", "Join"),
            _see("Please give an e-mail address."),
            _gone("Please give your name."),
        ),
        _journey(
            "welcomes",
            _type("Name", "Ada"),
            _type("E-mail", "ada@engine.example"),
            {"do": "choose", "role": "combobox", "name": "Voice", "text": "Alto"},
            _click("button", "Join"),
            _see("Welcome, Ada! We meet on Tuesday."),
            {"do": "not_see", "role": "button", "name": "Join"},
        ),
    ),
    "gallery": (
        _count("img", 3),
        _journey(
            "opens, goes on, closes",
            _click("button", "Fishing boat at the quay"),
            _see("1 of 3: Fishing boat at the quay"),
            _click("button", "Next"),
            _see("2 of 3"),
            _click("button", "Next"),
            _see("3 of 3"),
            _click("button", "Next"),
            _see("1 of 3"),
            _click("button", "Close"),
            _gone("1 of 3"),
        ),
    ),
}  # fmt: skip
