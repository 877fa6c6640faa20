"""Programs a model writes: taken from its reply, looked at, run in the sandbox, repaired once."""

import ast
import re

from agent.domain.base import Fact
from agent.domain.messages import ToolOutcome, Transcript
from agent.execution.guided.asking import asker_of
from agent.execution.guided.outcomes import Withheld
from agent.execution.guided.values import Value, value_of
from agent.execution.port import Steps

RUN_SECONDS = 20
_PROGRAM_TOKENS = 320
_ERROR_CHARACTERS = 200
_BLOCK = re.compile(r"```(?:python)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)


class Computed(Fact):
    """A value with the step whose tool call printed it, and the program; ``source`` is all that was run for it."""

    value: Value
    step: str
    code: str
    source: str = ""


class Programmer:
    """Lets a model write a program for a prompt and runs it, with one repair."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._asker = asker_of(steps)

    async def compute(self, name: str, prompt: str, *, given: str = "", **values: object) -> Computed:
        """Return what the model's program prints.

        Args:
            name: names the steps: ``model/<name>``, ``tool/<name>``.
            prompt: name of the prompt file.
            given: code that runs first and defines ``rows`` and ``lines``, one of which the program must use; empty if
                there is none.
            values: what the prompt file needs.

        Raises:
            Withheld: neither the program nor its repair prints one value.
        """
        messages = self._asker.transcript(prompt, **values)
        problem = ""
        for attempt in ("", "-repair"):
            reply = await self._asker.text(f"model/{name}{attempt}", messages, max_tokens=_PROGRAM_TOKENS)
            code = _code(reply.text)
            problem = (
                "the program was cut" if reply.finish == "length" else flaw(code, ("rows", "lines") if given else ())
            )
            if not problem:
                step, source = f"tool/{name}{attempt}", f"{given}\n\n{code}\n"
                outcome = await run(self._steps, step, source)
                value = value_of(printed(outcome)) if outcome.ok else None
                if value is not None:
                    return Computed(value=value, step=step, code=code, source=source)
                problem = _complaint(outcome)
            messages = Transcript([*messages, reply.as_message(), _repair(problem)])
        raise Withheld(f"the program did not give one value: {problem.splitlines()[-1]}")


async def run(steps: Steps, step: str, code: str) -> ToolOutcome:
    """Run a program in the sandbox."""
    return await steps.call(step, "python", {"code": code, "seconds": RUN_SECONDS})


def printed(outcome: ToolOutcome) -> str:
    """Return a program's standard output, or nothing where it ended with an error."""
    return str(outcome.data.get("stdout", "")) if outcome.data.get("exit_code") == 0 else ""


def flaw(code: str, given: tuple[str, ...]) -> str:
    """Return why a program is not worth running, or nothing.

    A program that never uses the data it is given, or that prints a constant, only repeats what the model believes.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return f"SyntaxError: {error.msg} in line {error.lineno}"
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if given and (loaded.isdisjoint(given) or not stored.isdisjoint(given)):
        return f"the list {given[0]} is given; use it and do not define it"
    if any(_is_echo(node) for node in ast.walk(tree)):
        return "the program must compute the result, not print a constant"
    return ""


def _is_echo(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"):
        return False
    return not node.args or any(isinstance(argument, ast.Constant) for argument in node.args)


def _code(text: str) -> str:
    match = _BLOCK.search(text)
    return (match[1] if match else text).strip()


def _complaint(outcome: ToolOutcome) -> str:
    error = str(outcome.data.get("stderr", "")).strip() or ("" if outcome.ok else outcome.text)
    return error[-_ERROR_CHARACTERS:] or "it must print exactly one value"


def _repair(problem: str) -> dict[str, str]:
    return {"role": "user", "content": f"That does not work: {problem}\nWrite the whole program again."}
