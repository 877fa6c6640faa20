"""Sessions as chat completions: what was seen, and the function call that followed, one example a step."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson
from pydantic import ConfigDict, Field

from agent.browsing import actions
from agent.browsing.state import BrowseState, legal
from agent.browsing.view import view
from agent.domain.base import Fact
from agent.domain.messages import Message, canonical

_PEOPLES = frozenset({"undo", "reorder"})


class ChatExample(Fact):
    """One line of a fine-tuning file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: list[Message] = Field(min_length=2)
    tools: list[dict[str, Any]]


def chat_examples(trail: Sequence[BrowseState], *, system: str = "") -> tuple[ChatExample, ...]:
    """Return the steps of a session as examples.

    Only what is worth learning counts: not what was refused, failed or taken back, and not what models cannot do.

    Args:
        trail: all states of the session.
        system: what a model would be told before.
    """
    lasting: list[tuple[BrowseState, BrowseState]] = []
    for before, after in pairwise(trail):
        step = after.history[-1]
        if step.name == "undo" and step.ok:
            lasting.pop()
        elif after.before is before:
            # a refused step is none that could be taken back
            lasting.append((before, after))
    return tuple(
        _example(before, after, system)
        for before, after in lasting
        if after.history[-1].ok and after.history[-1].name not in _PEOPLES
    )


def dump_examples(examples: Sequence[ChatExample]) -> str:
    """Return a fine-tuning file, JSONL."""
    return "".join(f"{orjson.dumps(example.model_dump()).decode()}\n" for example in examples)


def _example(before: BrowseState, after: BrowseState, system: str) -> ChatExample:
    step = after.history[-1]
    seen = before.model_copy(update={"seat": "model"})
    possible = tuple(name for name in (*legal(seen), step.name) if name not in _PEOPLES)
    call = {
        "id": f"call_{before.used + 1}",
        "type": "function",
        "function": {"name": step.name, "arguments": canonical(step.arguments).decode()},
    }
    messages: list[Message] = [{"role": "system", "content": system}] if system else []
    messages += [
        {"role": "user", "content": view(seen)},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    tools = [spec.as_function() for spec in actions.specs(tuple(dict.fromkeys(possible)))]
    return ChatExample(messages=messages, tools=tools)
