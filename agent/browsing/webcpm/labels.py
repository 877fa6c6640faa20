"""WebCPM's action labels and what they mean here. It has no numbers of results, only places in the window shown."""

from agent.browsing import actions
from agent.browsing.actions import Action
from agent.browsing.state import BrowseState, allowed_scrolls, legal, shown_results

SCORED = {
    "search": "搜索",
    "open_1": "一号页面",
    "open_2": "二号页面",
    "open_3": "三号页面",
    "back": "返回",
    "scroll_down": "下翻",
    "scroll_up": "上翻",
    "quote": "新增摘要",
    "merge": "合并摘要",
    "finish": "结束",
}
"""The ten labels that are scored, with WebCPM's names."""
UNSCORED = {"start": "开始", "reject": "拒答", "scroll_top": "至顶"}
"""Labels that WebCPM leaves out of its scores."""
CHINESE = {**SCORED, **UNSCORED}
BY_CHINESE = {chinese: label for label, chinese in CHINESE.items()}
CODES = {
    "search": "PRESS_SEARCH",
    "open_1": "LOAD_PAGE_DETAIL-0",
    "open_2": "LOAD_PAGE_DETAIL-1",
    "open_3": "LOAD_PAGE_DETAIL-2",
    "back": "PAGE_GO_BACK",
    "scroll_down": "TRIGGER_SCROLL_DOWN",
    "scroll_up": "TRIGGER_SCROLL_UP",
    "scroll_top": "TRIGGER_SCROLL_TO_TOP",
    "quote": "ADD_DIGEST",
    "merge": "MERGE_DIGEST",
    "finish": "RECORD_CLOSE",
    "reject": "RECORD_REJECT",
    "start": "RECORD_START",
}
"""The names in WebCPM's recordings."""
BY_CODE = {code: label for label, code in CODES.items()}

_SCROLLS = {"down": "scroll_down", "up": "scroll_up", "top": "scroll_top"}


def legal_labels(state: BrowseState) -> tuple[str, ...]:
    """Return the labels of what is possible in a state; what WebCPM has no label for is left out."""
    possible = legal(state)
    labels: list[str] = [name for name in ("search", "back", "quote", "merge", "finish", "reject") if name in possible]
    if "open" in possible:
        labels += [f"open_{place}" for place, _ in enumerate(shown_results(state)[:3], start=1)]
    if "scroll" in possible:
        labels += [_SCROLLS[way] for way in allowed_scrolls(state)]
    return tuple(label for label in CHINESE if label in labels)


def label_of(state: BrowseState, action: Action) -> str | None:
    """Return the label of an action done in a state; None where WebCPM has none, as for find or an opened link."""
    match action:
        case actions.Open():
            places = {number: place for place, (number, _) in enumerate(shown_results(state)[:3], start=1)}
            return f"open_{places[action.result]}" if action.result in places else None
        case actions.Scroll():
            return _SCROLLS[action.direction]
        case actions.Search() | actions.Back() | actions.Quote() | actions.Merge() | actions.Finish():
            return actions.name_of(action)
        case actions.Reject():
            return "reject"
        case _:
            return None


def global_number(state: BrowseState, label: str) -> int:
    """Return the number in the whole list of the result that ``open_1``, ``open_2`` or ``open_3`` means here.

    WebCPM's own code counted from the top of the list whichever window was shown, and so opened another page.
    """
    return shown_results(state)[int(label[-1]) - 1][0]
