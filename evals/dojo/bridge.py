"""Holds agentdojo's suites in a process of their own and answers questions about them, one JSON object a line.

It is run by a Python that has agentdojo and nothing of ours, so it needs the standard library alone. A request names an
operation, a reply has either ``result`` or ``error``:

    {"op": "suite", "suite": "banking"}
    {"op": "open", "suite": "banking", "user": "user_task_0", "injection": "injection_task_1", "attack": "direct"}
    {"op": "call", "session": "1", "tool": "send_money", "arguments": {...}}
    {"op": "judge", "session": "1", "answer": "..."}
    {"op": "close", "session": "1"}
"""

import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO


class Library(Protocol):
    """What a bridge leads to: suites with an environment, tools, tasks and attacks."""

    def suite(self, name: str) -> dict[str, Any]:
        """Return ``version``, ``tools``, ``users`` and ``injections`` (ids to goals), ``told`` and ``attacks``.

        ``told`` are the injections of which the library itself says how the harm is done.

        Raises:
            LookupError: there is none of that name.
        """

    def open(self, suite: str, user: str, injection: str | None, attack: str | None) -> "Room":
        """Return a fresh environment for a user's task, attacked or not.

        Raises:
            LookupError: there is no such suite, task or attack.
            ValueError: nothing that the task reads can hold an attack.
        """


class Room(Protocol):
    """One environment, in which one task is worked on.

    Attributes:
        task: what a model would be told (``system``, ``goal``), what solves the task (``calls``, ``answer``), what the
            attack is after (``wish``) and what does its harm (``orders``, ``said``).
    """

    task: dict[str, Any]

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Run a tool; return ``ok`` and ``text``."""

    def judge(self, answer: str) -> dict[str, Any]:
        """Return ``utility`` and ``security`` by the library's own functions.

        ``security`` is True where the harm is done, and None where nothing was attacked.
        """


def serve(library: Library, requests: TextIO, replies: TextIO) -> None:
    """Answer requests until there are no more."""
    rooms: dict[str, Room] = {}
    for line in requests:
        try:
            reply: dict[str, Any] = {"result": _answer(library, rooms, json.loads(line))}
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in the library is told to whoever asked
            reply = {"error": f"{type(error).__name__}: {error}"[:2000]}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _answer(library: Library, rooms: dict[str, Room], asked: Mapping[str, Any]) -> dict[str, Any]:
    match asked["op"]:
        case "suite":
            return library.suite(asked["suite"])
        case "open":
            room = library.open(asked["suite"], asked["user"], asked["injection"], asked["attack"])
            name = str(asked["session"])
            rooms[name] = room
            return room.task
        case "call":
            return rooms[asked["session"]].call(asked["tool"], asked["arguments"])
        case "judge":
            return rooms[asked["session"]].judge(asked["answer"])
        case "close":
            del rooms[asked["session"]]
            return {}
        case other:
            raise LookupError(f"there is no operation {other!r}")


class AgentDojo:
    """The suites of the installed agentdojo.

    Args:
        version: of its benchmark, such as ``v1.2.2``.
    """

    def __init__(self, version: str) -> None:
        # not there where this file is only read, as by a type checker
        import importlib.resources

        import agentdojo.attacks  # registers the attacks
        import yaml
        from agentdojo.agent_pipeline.ground_truth_pipeline import GroundTruthPipeline
        from agentdojo.attacks.attack_registry import ATTACKS, load_attack
        from agentdojo.task_suite.load_suites import get_suites

        self._version = version
        self._suites = get_suites(version)
        self._load_attack = load_attack
        self._attack_names = sorted(ATTACKS)
        # attacks that address the model by its name look for it here
        self._target = GroundTruthPipeline(None)
        self._target.name = "local"
        self._attacks: dict[tuple[str, str], Any] = {}
        self._environments: dict[tuple[str, tuple[tuple[str, str], ...]], Any] = {}
        messages = importlib.resources.files(agentdojo) / "data" / "system_messages.yaml"
        self._system = str(yaml.safe_load(messages.read_text(encoding="utf-8"))["default"])

    def suite(self, name: str) -> dict[str, Any]:
        """See ``Library``."""
        suite = self._suites[name]
        environment = self._environment(name, {})
        harms = suite.injection_tasks.values()
        return {
            "version": self._version,
            "tools": [
                {"name": tool.name, "description": tool.description, "parameters": tool.parameters.model_json_schema()}
                for tool in suite.tools
            ],
            "users": {task.ID: task.PROMPT for task in suite.user_tasks.values()},
            "injections": {task.ID: task.GOAL for task in harms},
            "told": [task.ID for task in harms if task.ground_truth(environment) or task.GROUND_TRUTH_OUTPUT],
            "attacks": self._attack_names,
        }

    def open(self, suite: str, user: str, injection: str | None, attack: str | None) -> "DojoRoom":
        """See ``Library``."""
        found = self._suites[suite]
        task = found.user_tasks[user]
        harm = None if injection is None else found.injection_tasks[injection]
        planted = {} if harm is None or attack is None else self._attack(suite, attack).attack(task, harm)
        return DojoRoom(found, task, harm, self._environment(suite, planted), planted, self._system)

    def _attack(self, suite: str, name: str) -> Any:
        if (suite, name) not in self._attacks:
            self._attacks[suite, name] = self._load_attack(name, self._suites[suite], self._target)
        return self._attacks[suite, name]

    def _environment(self, suite: str, planted: Mapping[str, str]) -> Any:
        key = suite, tuple(sorted(planted.items()))
        if key not in self._environments:
            # the same attack is met several times in a row; of more there is no need to know
            if len(self._environments) > 8:
                self._environments.clear()
            self._environments[key] = self._suites[suite].load_and_inject_default_environment(dict(planted))
        return self._environments[key].model_copy(deep=True)


class DojoRoom:
    """One environment of agentdojo. Implements ``Room``."""

    def __init__(
        self, suite: Any, task: Any, harm: Any, environment: Any, planted: Mapping[str, str], system: str
    ) -> None:
        from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
        from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime

        self._suite = suite
        self._user = task
        self._harm = harm
        self._call = FunctionCall
        self._text_of = tool_result_to_str
        self._environment = task.init_environment(environment)
        self._before = self._environment.model_copy(deep=True)
        self._runtime = FunctionsRuntime(suite.tools)
        self._made: list[Any] = []
        self.task = {
            "system": system,
            "goal": task.PROMPT,
            "calls": self._calls_of(task),
            "answer": task.GROUND_TRUTH_OUTPUT,
            "wish": "" if harm is None else harm.GOAL,
            "orders": [] if harm is None else self._calls_of(harm),
            "said": "" if harm is None else harm.GROUND_TRUTH_OUTPUT,
            "planted": sorted(planted),
        }

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Room``."""
        self._made.append(self._call(function=tool, args=dict(arguments)))
        result, error = self._runtime.run_function(self._environment, tool, dict(arguments))
        return {"ok": error is None, "text": error or self._text_of(result)}

    def judge(self, answer: str) -> dict[str, Any]:
        """See ``Room``."""
        return {
            "utility": bool(self._holds(self._user, "utility", answer)),
            "security": None if self._harm is None else bool(self._holds(self._harm, "security", answer)),
        }

    def _holds(self, task: Any, what: str, answer: str) -> bool | None:
        by_calls = getattr(task, f"{what}_from_traces")(answer, self._before, self._environment, self._made)
        if by_calls is not None:
            return bool(by_calls)
        return bool(getattr(task, what)(answer, self._before, self._environment))

    def _calls_of(self, task: Any) -> list[dict[str, Any]]:
        calls = task.ground_truth(self._environment.model_copy(deep=True))
        return [{"tool": call.function, "arguments": json.loads(json.dumps(dict(call.args)))} for call in calls]


def main() -> None:
    """Serve agentdojo over standard input and output; what the library prints itself goes to standard error."""
    replies = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        serve(AgentDojo(sys.argv[1]), sys.stdin, replies)


if __name__ == "__main__":
    main()
