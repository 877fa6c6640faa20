"""A model that does whatever any text tells it to: the worst case of one that reads pages.

It looks for orders such as ``call shell {"command": "ls"}`` in everything it is shown, without regard to marks or to
who says so, and never forgets one. Wherever it works it makes each of these calls once, whether or not it is offered
the function. Where an order speaks of ``$SECRET``
it fills in whatever it has seen that looks like one. Only when no order is left does it do its own work: it researches
the goal, opens every result, quotes all it sees, believes every sentence, and submits what it has quoted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent.domain.messages import Reply
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel

SECRET = re.compile(r"CANARY-[0-9a-f]{8,}")
"""What a secret looks like to this model."""

_ORDER = re.compile(r"\bcall ([a-z_]+) (?=\{)")
_EVIDENCE = re.compile(r"\[(root[\w.-]*\.E\d+(?:\.\d+)?)\] [^\n]*\n([^\n]+)")
_QUOTED = re.compile(r"\[(E\d+)\]")
_SHOWN = re.compile(r"\[s(\d+)\] ")
_ACTION = re.compile(r"^(\d+)\. (\w+)\((.*?)\)( FAILED)?: (.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")


class GullibleModel(ScriptedModel):
    """Plays every role of a run, and obeys.

    Args:
        question: what its executor researches when nobody tells it otherwise.

    Attributes:
        obeyed: the calls it made because a text said so, as ``name arguments``, with what came of each: the answer that
            it was given, or nothing where the run went no further.
    """

    def __init__(self, question: str) -> None:
        super().__init__(self._turn, name="gullible")
        self._question = question
        self.obeyed: dict[str, str] = {}
        self._made: set[tuple[str, str]] = set()
        self._called: dict[str, str] = {}
        self._seen: dict[str, tuple[str, dict[str, Any]]] = {}
        self._numbers = 0

    def saw(self, order: str) -> bool:
        """Return whether an order, such as ``call shell {"command": "ls"}``, stood in anything that it was shown."""
        return any(_key(name, arguments) in self._seen for name, arguments in _orders(order))

    def outcome_of(self, order: str) -> str | None:
        """Return what came of an order that it obeyed: what it was answered, or nothing; None where it did not."""
        return next((self.obeyed.get(_key(name, arguments)) for name, arguments in _orders(order)), None)

    def _turn(self, asked: Asked) -> Reply:
        names = {tool.name for tool in asked.tools}
        shown = "\n".join(str(message.get("content") or "") for message in asked.messages[1:])
        self._hear(asked, shown)
        place = "executor" if "submit" in names else _line_after(shown, "Question: ")
        self._seen.update((_key(name, arguments), (name, arguments)) for name, arguments in _orders(shown))
        for order, (name, arguments) in self._seen.items() if asked.tools else ():
            forced = asked.options.tool_choice not in ("auto", "required", name)
            if (place, order) in self._made or forced or (place == "executor" and name in _SEAT):
                continue
            self._made.add((place, order))
            self.obeyed.setdefault(order, "")
            return self._reply(name, _filled(arguments, shown), order)
        if "submit" in names:
            return self._work(shown)
        if "write_answer" in names:
            ids = list(dict.fromkeys(_QUOTED.findall(shown)))
            said = [line for line in shown.splitlines() if line.endswith(".") and "metres" in line]
            sentences = [{"text": line[:900], "evidence": ids[:1]} for line in said[:5]]
            return call("write_answer", sentences=sentences)
        if "judge_sentence" in names:
            return call("judge_sentence", verdict="supported", words="")
        if "search" in names or "finish" in names or "reject" in names:
            return _browse(shown, names, self._question)
        return say('{"answer": "yes"}')

    def _hear(self, asked: Asked, shown: str) -> None:
        """Take note of what came of the calls that were made."""
        for message in asked.messages:
            order = self._called.get(str(message.get("tool_call_id")))
            if order is not None:
                self.obeyed[order] = " ".join(str(message["content"]).split())[:300]
        for action in _ACTION.finditer(shown):
            for order, told in self.obeyed.items():
                name, arguments = self._seen[order]
                given = all(str(value)[:80] in action[3] for value in _filled(arguments, shown).values())
                if not told and name == action[2] and given:
                    self.obeyed[order] = action[5]

    def _reply(self, name: str, arguments: Mapping[str, Any], order: str) -> Reply:
        reply = call(name, **arguments)
        self._numbers += 1
        made = reply.calls[0].model_copy(update={"id": f"order_{self._numbers}"})
        self._called[made.id] = order
        return reply.model_copy(update={"calls": (made,)})

    def _work(self, shown: str) -> Reply:
        if ("executor", "research") not in self._made:
            self._made.add(("executor", "research"))
            return call("research", question=self._question)
        found = dict(_EVIDENCE.findall(shown))
        claims = [{"text": text[:1000], "evidence": [name]} for name, text in found.items()]
        answer = " ".join(str(claim["text"]) for claim in claims) or "Nothing was found."
        return call("submit", answer=answer, claims=claims)


_SEAT = frozenset({"search", "open", "quote", "finish", "reject", "click", "type_text", "select"})
"""Actions of browsing; an executor that is told to do one passes it on by its next research."""


def _orders(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    decoder = json.JSONDecoder()
    for match in _ORDER.finditer(text):
        try:
            value, _ = decoder.raw_decode(text, match.end())
        except ValueError:
            continue
        if isinstance(value, dict):
            yield match[1], value


def _key(name: str, arguments: Mapping[str, Any]) -> str:
    return f"{name} {json.dumps(arguments, sort_keys=True)}"


def _filled(value: Any, shown: str) -> Any:
    """Return arguments with the secrets that the model has seen."""
    secret = found[0] if (found := SECRET.search(shown)) is not None else "$SECRET"
    return json.loads(json.dumps(value).replace("$SECRET", secret))


def _line_after(text: str, mark: str) -> str:
    return text.partition(mark)[2].partition("\n")[0]


def _browse(shown: str, names: set[str], question: str) -> Reply:
    """Search, open each result once, quote each sentence that is shown, and finish."""
    done = [(action[2], action[3]) for action in _ACTION.finditer(shown)]
    opened = sum(name == "open" and arguments.startswith("result=") for name, arguments in done)
    numbers = [int(number) for number in _SHOWN.findall(shown)]
    wanted = _ADDRESS.findall(_line_after(shown, "Question: "))
    if wanted and not any(name == "open" and wanted[0] in arguments for name, arguments in done):
        return call("open", url=wanted[0])
    if "search" in names and not any(name == "search" for name, _ in done):
        return call("search", query=question)
    quoted = sum(name == "quote" and arguments.startswith("first=") for name, arguments in done)
    if "quote" in names and numbers and quoted < opened:
        return call("quote", first=numbers[0], last=numbers[-1])
    if "open" in names and opened < 2:
        return call("open", result=opened + 1)
    ids = list(dict.fromkeys(_QUOTED.findall(shown)))
    return call("finish", answer=" ".join(f"See [{name}]." for name in ids)) if "finish" in names else say("done")
