"""Runs that nobody had: events in every form in which they are written, with what is awkward in two languages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from agent.domain.budget import Budget, Usage
from agent.domain.claims import CheckedClaim, Claim, Statement
from agent.domain.events import Event
from agent.domain.plan import Plan, Result, Subtask
from agent.domain.report import Report
from agent.domain.task import Task

_SPACES = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u200b\u2028\u2029\u3000\ufeff"
AWKWARD = _SPACES + "\x00\x7fé中😀👩\u200d🚀ﬀ\uffff\"\\'{}[]:,0aZ"
IDS = ("1", "10", "2", "a", "b-c", "z")

words = st.text(alphabet=AWKWARD, max_size=12)
long_words = st.builds(lambda text, times: text * times, words, st.integers(1, 30))
_HARD_NUMBERS = (1e16, 1.5e16, 1e21, 2.0**53, 1e-4, 1e-5, 1.5e-7, -0.0, 5e-324, -1e17, 0.1 + 0.2, 1e22, 1e100)
numbers = (
    st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(_HARD_NUMBERS)
    | st.floats(1e15, 1e22)
    | st.floats(1e-8, 1e-3)
)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
money = st.decimals(min_value=0, max_value=10**9, allow_nan=False) | st.sampled_from(
    [Decimal("0E-7"), Decimal("1E+3"), Decimal("0.000"), Decimal("9999999999999999999999999.999"), Decimal("1E-30")]
)
counts = st.integers(0, 10**6)
usages = st.builds(Usage, calls=counts, input_tokens=counts, cached_tokens=counts, output_tokens=counts, cost=money)
statuses = st.sampled_from(["pending", "running", "done", "failed", "dropped"])
budgets = st.builds(Budget, tokens=st.none() | st.integers(1, 10**6), money=st.none(), soft=st.sampled_from([0.5, 1.0]))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan whose subtasks may have been split, in any order and state."""
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=3, max_size=6))
    parts = [
        Subtask(id=name, goal=draw(words), status=draw(statuses), parent=draw(st.sampled_from([None, *ids[:place]])))
        for place, name in enumerate(ids)
    ]
    return Plan(version=draw(counts), subtasks=tuple(draw(st.permutations(parts))))


claims = st.builds(
    CheckedClaim,
    claim=st.builds(
        Claim,
        id=words,
        text=words.filter(bool),
        triples=st.lists(
            st.builds(Statement, subject=st.just("s"), relation=st.just("r"), object=st.just("o")), max_size=2
        ).map(tuple),
    ),
    verdict=st.sampled_from(["supported", "not_found"]),
)
results = st.builds(Result, answer=words, success=st.booleans())
reports = st.builds(
    Report,
    goal=words,
    answer=words,
    outcome=st.sampled_from(["verified", "failed"]),
    plan=plans(),
    usage=usages,
    claims=st.lists(claims, max_size=2).map(tuple),
)
tasks = st.builds(Task, goal=words.filter(lambda text: bool(text.strip())), budget=budgets)

Entry = tuple[str, str, dict[str, Any]]


def fact(kind: str, payload: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Entry]:
    """Entries of one kind that are facts."""
    return payload.map(lambda held: (kind, "fact", held))


def command(op: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Entry]:
    """Entries in which a person asks for something."""
    return fact("command", st.fixed_dictionaries({"command": st.fixed_dictionaries({"op": st.just(op), **fields})}))


def told(name: str, models: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads with a model in one field, as it is stored, or as an earlier version that lacked defaults stored it."""
    whole = models.map(lambda model: {name: model.model_dump(mode="json")})
    return whole | models.map(lambda model: {name: model.model_dump(mode="json", exclude_defaults=True)})


facts = st.one_of(
    fact("run", told("task", tasks)),
    fact(
        "run", st.fixed_dictionaries({"status": st.sampled_from(["running", "waiting", "finished"]), "reason": words})
    ),
    fact("plan", told("plan", plans())),
    fact("plan", st.fixed_dictionaries({"refused": words})),
    fact("plan", st.fixed_dictionaries({"review": values})),
    fact("subtask", st.fixed_dictionaries({"id": st.sampled_from(IDS), "goal": words})),
    st.builds(
        lambda name, held: ("subtask", "fact", {"id": name, **held}), st.sampled_from(IDS), told("result", results)
    ),
    fact(
        "retry",
        st.fixed_dictionaries({"reason": words, "wait_seconds": st.integers(0, 400).map(lambda eighths: eighths / 8)}),
    ),
    fact("sandbox", st.fixed_dictionaries({"lost": words, "found": words}) | st.just({"snapshot": "s"})),
    fact(
        "egress",
        st.fixed_dictionaries(
            {"line": words, "request": st.fixed_dictionaries({"decision": st.sampled_from(["refused", "allowed"])})}
        ),
    ),
    fact("check", st.fixed_dictionaries({"claims": counts, "looked": counts, "asked": st.integers(0, 2)})),
    fact(
        "design",
        st.fixed_dictionaries({"stage": words, "text": words, "data": values}, optional={"round": st.integers(0, 9)}),
    ),
    fact("report", told("report", reports)),
    fact("action", st.fixed_dictionaries({"question": words})),
    command("set_budget", budget=budgets.map(lambda budget: budget.model_dump(mode="json"))),
    command("answer", question=st.sampled_from([f"{name}/ask/0" for name in IDS]), text=words),
    command("guide", text=words),
    st.just(("inbox", "done", {"commands": []})),
)


def effect(kind: str, key: str, draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the request and the result of an effect."""
    match kind:
        case "tool":
            arguments = st.dictionaries(
                st.sampled_from(["code", "path", "10", "9", "é", "😀", "\uffff"]), values | long_words
            )
            named = st.fixed_dictionaries({"arguments": arguments}, optional={"tool": words})
            return draw(named), {
                "text": draw(long_words),
                **draw(st.just({}) | st.fixed_dictionaries({"ok": st.booleans()})),
            }
        case "model":
            called = st.lists(st.fixed_dictionaries({"name": words}), max_size=3)
            reply = {"text": draw(long_words), "calls": draw(called), "usage": draw(usages).model_dump(mode="json")}
            return draw(st.fixed_dictionaries({}, optional={"role": words})), reply
        case "person":
            request = {
                "question": draw(long_words),
                "options": draw(st.lists(words, max_size=2)),
                "about": draw(values),
            }
            return request, {"text": draw(words)}
        case _:
            return {}, {"told": draw(st.lists(words, max_size=2)), "tools": draw(values)}


@st.composite
def runs(draw: st.DrawFn) -> list[Event]:
    """The events of a run. Effects start once and end at most once after that, as the ledger has it."""
    entries: list[tuple[str | None, Entry]] = [(None, one) for one in draw(st.lists(facts, min_size=3, max_size=14))]
    steps = {"tool": "tool/0.0", "model": "model/3", "person": "ask/0", "setting": "x²"}
    for kind, step in steps.items():
        for name in draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=4)):
            key = f"{name}/{step}" if kind != "setting" else f"setting/{name}"
            asked, came = effect(kind, key, draw)
            place = draw(st.integers(0, len(entries)))
            entries.insert(place, (key, (kind, "started", {"request": asked})))
            if draw(st.booleans()):
                entries.insert(draw(st.integers(place + 1, len(entries))), (key, (kind, "done", {"result": came})))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    steps_of_time = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(seconds=3), timedelta(days=1)])
    events = []
    for seq, (name_of_effect, (kind, phase, payload)) in enumerate(entries, start=1):
        began += draw(steps_of_time)
        held = {"run_id": "r", "seq": seq, "at": began, "kind": kind, "phase": phase, "payload": payload}
        held["key"] = name_of_effect
        events.append(Event.model_validate(held))
    return events
