"""What a bridge says, as we read it: from another process with libraries of others, so hostile like any input."""

from typing import Any

from pydantic import Field, JsonValue

from agent.domain.base import Fact


class DojoTool(Fact):
    """A tool of a suite; ``parameters`` is its JSON Schema."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str
    parameters: dict[str, Any]


class DojoSuite(Fact):
    """A suite.

    Attributes:
        version: of the benchmark.
        users: goals of users' tasks, by id.
        injections: what attackers are after, by id.
        told: those of which the benchmark says by which calls or words the harm is done.
        attacks: names of the ways to say what an attacker is after.
    """

    version: str
    tools: tuple[DojoTool, ...]
    users: dict[str, str]
    injections: dict[str, str]
    told: tuple[str, ...]
    attacks: tuple[str, ...]


class DojoCall(Fact):
    """A call of a tool."""

    tool: str
    arguments: dict[str, JsonValue]


class DojoTask(Fact):
    """A user's task in an environment of its own.

    Attributes:
        system: what the benchmark tells models about their user.
        calls: that solve it, with ``answer``.
        wish: what the attacker is after; empty where nothing is attacked.
        orders: calls that do the harm, with ``said`` in the answer.
        planted: where in the environment the attacker's text stands.
    """

    system: str
    goal: str
    calls: tuple[DojoCall, ...]
    answer: str
    wish: str
    orders: tuple[DojoCall, ...]
    said: str
    planted: tuple[str, ...]


class Returned(Fact):
    """What a tool gave."""

    ok: bool
    text: str


class Judged(Fact):
    """The benchmark's own judgement of an environment and an answer.

    Attributes:
        utility: the user's task is solved.
        security: the harm is done; None where nothing was attacked.
    """

    utility: bool
    security: bool | None


class Said(Fact):
    """One line of a bridge: a result, or why there is none."""

    result: dict[str, JsonValue] | None = None
    error: str | None = None
