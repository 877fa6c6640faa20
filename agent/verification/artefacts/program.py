"""Programs as artefacts: Python files that are run in a sandbox and compared with what they should print and write."""

import ast
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import Field, ValidationError

from agent.domain.artefacts import ArtefactKind, Gate, Inspection, Mutation, Part, Scenario, Trial, View
from agent.domain.base import Form
from agent.domain.errors import UsageError
from agent.models.templates import render
from agent.verification.artefacts.program_mutations import flipped, sites
from agent.verification.artefacts.templates import template_of
from agent.verification.artefacts.world import BuildFailed, MadeFile, ScenarioTemplate

MOST_FILES: Final = 100
LARGEST_FILE: Final = 1_000_000
STOPPED: Final = 124
"""Exit code of a program that was stopped by a limit."""

_SECONDS: Final = 10.0
_SEEDS: Final = 2**32
_SHOWN_LINES: Final = 40


class ProgramFiles(Form):
    """The files of a program, each with its text; what a designer returns.

    Attributes:
        files: by path in the working directory.
        entry: the Python file that is run.
    """

    files: dict[str, str] = Field(min_length=1, max_length=MOST_FILES)
    entry: str = "main.py"


@dataclass(frozen=True)
class Command:
    """What the sandbox is to run, in an empty working directory of its own.

    Attributes:
        arguments: to Python, the file first.
        wanted: paths of files whose content is to be returned.
        seed: for the hashes of Python (``PYTHONHASHSEED``), so that what depends on them comes to light.
        seconds: after which it is stopped.
    """

    arguments: tuple[str, ...]
    files: Mapping[str, str]
    stdin: str
    wanted: tuple[str, ...]
    seed: int
    seconds: float


@dataclass(frozen=True)
class Ran:
    """What became of a command.

    Attributes:
        exit_code: None where it was stopped by a limit.
        files: content of the wanted files that are there.
        whole: False where output was too long to be returned whole.
    """

    exit_code: int | None
    stdout: str
    seconds: float
    stderr: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


Sandbox = Callable[[Command], Awaitable[Ran]]
"""Runs a command without network. Raises SandboxUnavailable where it cannot."""


@dataclass(frozen=True)
class Program:
    """Files, and the one that is run."""

    files: Mapping[str, str]
    entry: str


@dataclass(frozen=True)
class ProgramScenario:
    """One scenario of programs. Implements ``ScenarioTemplate``."""

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation = field(default_factory=lambda: Mutation(name="empty"))


_TEXT: Final = {"type": "string", "maxLength": 200_000}
_RUN: Final[Mapping[str, Any]] = {
    "arguments": {"type": "array", "items": _TEXT, "maxItems": 50},
    "stdin": _TEXT,
    "files": {"type": "object", "additionalProperties": _TEXT, "maxProperties": MOST_FILES},
    "seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 60},
}


def _object(required: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = {**_RUN, **required}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


SCENARIOS: Final = (
    ProgramScenario(
        "ends",
        "with what exit code the program ends; 124 is one that was stopped",
        {"exit_code": ""},
        _object({}),
        Mutation(name="break"),
    ),
    ProgramScenario(
        "takes",
        "how long it runs, where it does not end with an error; give it more seconds than the threshold",
        {"seconds": "s"},
        _object({}),
        Mutation(name="hang"),
    ),
    ProgramScenario(
        "prints",
        "how many lines of its output differ from those that are expected; to end with an error counts as one",
        {"wrong_lines": ""},
        _object({"expected": _TEXT}),
    ),
    ProgramScenario(
        "writes",
        "how many lines of a file that it writes differ from those that are expected",
        {"wrong_lines": ""},
        _object({"path": _TEXT, "expected": _TEXT}),
    ),
    ProgramScenario(
        "cases",
        "how many of several runs, each with what is expected and arguments, stdin or files, do not print that",
        {"failed_cases": ""},
        {
            "type": "object",
            "properties": {
                "cases": {"type": "array", "items": _object({"expected": _TEXT}), "minItems": 1, "maxItems": 100}
            },
            "required": ["cases"],
            "additionalProperties": False,
        },
    ),
)


class ProgramWorld:
    """The world of Python programs. Implements ``World``.

    A program is a ``ProgramFiles`` as JSON; text that begins with no brace is one Python file, ``main.py``.
    """

    kind: ArtefactKind = "program"

    def __init__(self, sandbox: Sandbox) -> None:
        """Run programs through a port; nothing of them ever runs in this process."""
        self._sandbox = sandbox

    def guide(self) -> str:
        """Return how a program is given and how it will be run."""
        return render("agent.verification.artefacts", "program_guide", most=MOST_FILES, seconds=_SECONDS)

    async def build(self, program: str) -> Program:
        """Return the files. See ``World``."""
        try:
            if program.strip() and not program.lstrip().startswith("{"):
                given = ProgramFiles(files={"main.py": program})
            else:
                given = ProgramFiles.model_validate_json(program)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "it"
            raise BuildFailed(f"this is no program: {where}: {first['msg']}; give a JSON object with files") from None
        for path, text in given.files.items():
            if not _is_inside(path):
                raise BuildFailed(f"the path {path!r} leads out of the program's folder; use a plain relative one")
            if len(text) > LARGEST_FILE:
                raise BuildFailed(f"{path} has more than {LARGEST_FILE} characters; write less")
        if given.entry not in given.files:
            raise BuildFailed(f"there is no file {given.entry!r} to run; there are {', '.join(given.files)}")
        return Program(given.files, given.entry)

    async def inspect(self, build: Program) -> Inspection:
        """Parse the Python files; none of them is run. See ``World``."""
        return await asyncio.to_thread(_inspected, build)

    async def look(self, build: Program) -> tuple[View, ...]:
        """Return the first lines of each file. See ``World``."""
        return tuple(
            View(name=path, description="\n".join(text.splitlines()[:_SHOWN_LINES]))
            for path, text in build.files.items()
        )

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried with programs."""
        return SCENARIOS

    async def simulate(self, build: Program, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Run the program as a scenario says, once or for each of its cases. See ``World``."""
        template_of(SCENARIOS, scenario, measure, of="programs")
        given = scenario.parameters
        if scenario.name == "cases":
            runs = [await self._run(build, case, seed) for case in given["cases"]]
            failed = [
                number
                for number, (ran, case) in enumerate(zip(runs, given["cases"], strict=True), 1)
                if _differing(ran, ran.stdout, case["expected"])
            ]
            detail = f"{len(runs) - len(failed)} of {len(runs)} cases hold"
            if failed:
                detail += f"; case {failed[0]}: {_told(runs[failed[0] - 1])}"
            return _trial(float(len(failed)), detail, seed, *runs)
        ran = await self._run(build, given, seed)
        if measure == "exit_code":
            return _trial(float(STOPPED if ran.exit_code is None else ran.exit_code), _told(ran), seed, ran)
        if measure == "seconds":
            return _trial(ran.seconds if ran.exit_code in (0, None) else None, _told(ran), seed, ran)
        shown = ran.stdout if scenario.name == "prints" else ran.files.get(given["path"])
        if shown is None:
            return _trial(float(len(given["expected"].splitlines()) + 1), f"it wrote no {given['path']}", seed, ran)
        return _trial(float(_differing(ran, shown, given["expected"])), _told(ran), seed, ran)

    async def mutate(self, build: Program, mutation: Mutation) -> Program:
        """Return a program of which one thing was changed. See ``World``.

        ``flip``: an operator or constant of ``path`` (the entry, unless told), the one of ``number`` (from 0), in
        ``function`` where given. ``empty``: the entry does nothing. ``break``: it ends with an error at once.
        ``hang``: it never ends.
        """
        given = mutation.parameters
        path, number, function = given.get("path", build.entry), given.get("number", 0), given.get("function")
        if path not in build.files or not isinstance(number, int) or not isinstance(function, str | None):
            raise UsageError("flip takes the path of a Python file, a number from 0 and the name of a function")
        match mutation.name:
            case "flip":
                source = await asyncio.to_thread(flipped, build.files[path], number, function)
            case "empty":
                source = ""
            case "break":
                source = "raise SystemExit(70)\n"
            case "hang":
                source = "import time\nwhile True:\n    time.sleep(1)\n"
            case unknown:
                raise UsageError(f"there is no mutation {unknown!r} of programs; there are flip, empty, break, hang")
        return replace(build, files={**build.files, path: source})

    async def files(self, build: Program) -> tuple[MadeFile, ...]:
        """Return the files of the program, the one that is run first. See ``World``."""
        paths = sorted(build.files, key=lambda path: (path != build.entry, path))
        return tuple(MadeFile(path, build.files[path].encode(), _media_type(path)) for path in paths)

    async def _run(self, build: Program, given: Mapping[str, Any], seed: int) -> Ran:
        wanted = (given["path"],) if "path" in given else ()
        outside = [path for path in (*given.get("files", {}), *wanted) if not _is_inside(path)]
        if outside:
            raise UsageError(f"the path {outside[0]!r} leads out of the program's folder; use a plain relative one")
        return await self._sandbox(
            Command(
                arguments=(build.entry, *given.get("arguments", ())),
                files={**build.files, **given.get("files", {})},
                stdin=given.get("stdin", ""),
                wanted=wanted,
                seed=seed % _SEEDS,
                seconds=given.get("seconds", _SECONDS),
            )
        )


def _inspected(build: Program) -> Inspection:
    parts, problems = [], []
    for path, text in build.files.items():
        measures: dict[str, float | str | bool] = {"lines": len(text.splitlines()), "characters": len(text)}
        if path.endswith(".py"):
            try:
                tree = ast.parse(text)
                measures["operators_and_constants"] = len(sites(tree))
            except SyntaxError as error:
                problems.append(f"{path}, line {error.lineno}: {error.msg}")
            except (ValueError, RecursionError, MemoryError) as error:
                problems.append(f"{path} cannot be parsed: {type(error).__name__}")
        parts.append(Part(name=path, measures=measures))
    return Inspection(parts=tuple(parts), problems=tuple(problems))


def _differing(ran: Ran, shown: str, expected: str) -> int:
    """Count lines that differ, white space at their ends and blank lines at the end of the text apart."""
    one, other = _lines(shown), _lines(expected)
    differing = sum(line != wanted for line, wanted in zip(one, other, strict=False)) + abs(len(one) - len(other))
    return differing + (ran.exit_code != 0)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def _told(ran: Ran) -> str:
    """Return how a run ended, with the last line of what it complained."""
    if ran.exit_code is None:
        return "it was stopped by a limit"
    complaint = ran.stderr.strip().splitlines()[-1:] if ran.exit_code else []
    return ": ".join([f"it ended with exit code {ran.exit_code}", *complaint])[:300]


def _trial(value: float | None, detail: str, seed: int, *runs: Ran) -> Trial:
    whole = all(ran.whole for ran in runs)
    said = "all output was compared" if whole else "it printed more than can be compared"
    return Trial(
        value=value,
        detail=detail,
        seed=seed,
        gates=(Gate(name="whole_output", holds=whole, detail=said),),
        seconds=sum(ran.seconds for ran in runs),
    )


def _media_type(path: str) -> str:
    return "text/x-python" if path.endswith(".py") else "text/plain"


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path and len(path) <= 300
