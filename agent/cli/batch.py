"""Many questions from a file, and their answers into another: what is open, what is written, how it ended."""

import fcntl
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from agent.browsing.pipeline.result import PipelineResult
from agent.browsing.synthesis.result import Reference
from agent.domain.base import Fact
from agent.domain.errors import OutputUnavailable, PlumblineError, RunPaused, UsageError
from agent.domain.evidence import Quote
from agent.domain.report import Report, ReportOutcome
from agent.domain.task import GOAL_LIMIT

_BEGINNING = b'{"id":"'
"""Of every line that is written here, also of one that was cut off."""


class Question(Fact):
    """A line of the input. What else a line has is somebody else's, such as the answer that is wanted, and not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1, max_length=200)
    question: str = Field(min_length=1, max_length=GOAL_LIMIT)


class Answered(Fact):
    """A line of the output.

    Attributes:
        run: id of the question's run.
        quotes: what the answer rests on, with place and source of each.
        missing: what could not be had or used, one line each.
    """

    id: str
    question: str
    run: str
    outcome: ReportOutcome
    queries: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    references: tuple[Reference, ...] = ()
    answer: str
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, question: Question, run_id: str, report: Report, result: PipelineResult | None) -> "Answered":
        """Return the line of a question whose run has ended with a report."""
        return cls(
            id=question.id,
            question=question.question,
            run=run_id,
            outcome=report.outcome,
            queries=result.queries if result else (),
            quotes=tuple(part.quote for kept in result.kept for part in kept.quotes) if result else (),
            references=result.synthesis.references if result else (),
            answer=report.answer,
            missing=result.missing if result else (),
        )


class Summary(Fact):
    """How a batch ended: questions by outcome, and how many had been answered before."""

    questions: int
    before: int
    outcomes: dict[str, int]

    @property
    def line(self) -> str:
        """The summary for people."""
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items())) or "nothing to do"
        return f"{self.questions} questions, {self.before} answered before; {counts}"


class Batch:
    """Questions of a file, those of them that have no answer yet, and the file of the answers.

    Until it is closed no other batch can have the same output: both would answer everything.

    Args:
        questions: JSONL.
        out: JSONL; made when missing. A last line that is not whole, left by a killed process, is taken away.

    Attributes:
        open: questions to be answered, in order.

    Raises:
        UsageError: a file cannot be read, a line of it cannot be used, or another process writes the output.
    """

    def __init__(self, questions: Path, out: Path) -> None:
        everything = list(_questions(questions))
        if out.exists() and out.samefile(questions):
            raise UsageError(f"{out} holds the questions; choose another output")
        self._out = out
        self._ended: list[tuple[str, int]] = []
        self._count = len(everything)
        with ExitStack() as resources:
            self._lock(resources)
            done = _done(out)
            for one in everything:
                if done.get(one.id, one.question) != one.question:
                    raise UsageError(f"{out} answers another question under the id {one.id!r}; choose another output")
            self.open = tuple(one for one in everything if one.id not in done)
            self._cut()
            self._resources = resources.pop_all()

    def __enter__(self) -> "Batch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the output to others."""
        self._resources.close()

    @property
    def summary(self) -> Summary:
        """How far it has come."""
        outcomes = Counter(name for name, _ in self._ended)
        return Summary(questions=self._count, before=self._count - len(self.open), outcomes=dict(outcomes))

    @property
    def exit_code(self) -> int:
        """Exit code of the command: of an interruption, else 1 for failures, else 3 for what is not verified."""
        codes = {code for _, code in self._ended}
        return next((code for code in (RunPaused.exit_code, 1, 3) if code in codes), max(codes, default=0))

    def answered(self, line: Answered) -> None:
        """Write an answer.

        Raises:
            OutputUnavailable: the file cannot be written.
        """
        try:
            with self._out.open("a", encoding="utf-8") as file:
                file.write(line.model_dump_json() + "\n")
        except OSError as error:
            raise OutputUnavailable(f"cannot write {self._out}: {error.strerror or error}") from error
        self._ended.append((line.outcome, 0 if line.outcome == "verified" else 3))

    def failed(self, question: Question, error: PlumblineError) -> None:
        """Take note that a question has no answer; the next time it is asked again."""
        interrupted = isinstance(error, RunPaused)
        self._ended.append(("interrupted" if interrupted else "failed", error.exit_code))

    def _lock(self, resources: ExitStack) -> None:
        """Make the output and keep others out, so that what cannot be written is known before anything is asked."""
        try:
            file = resources.enter_context(self._out.open("ab"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"another process is writing {self._out}; wait for it or choose another output") from error
        except OSError as error:
            raise UsageError(f"cannot write {self._out}: {error.strerror or error}") from error

    def _cut(self) -> None:
        """Take away a last line that has no end."""
        try:
            data = self._out.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) == len(data):
                return
            if not data[len(whole) :].startswith(_BEGINNING):
                raise UsageError(f"{self._out} ends with a line that is no answer; choose another output")
            with self._out.open("r+b") as file:
                file.truncate(len(whole))
        except OSError as error:
            raise UsageError(f"cannot write {self._out}: {error.strerror or error}") from error


def _questions(path: Path) -> Iterator[Question]:
    seen: set[str] = set()
    for number, row in _rows(path, whole=False):
        if isinstance(row, dict):
            row = {**row, "id": _id_of(row.get("id"), number)}
        try:
            one = Question.model_validate(row)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise UsageError(f"{path}, line {number}: {where}: {problem['msg']}") from error
        if not one.question.strip():
            raise UsageError(f"{path}, line {number}: the question is empty")
        if one.id in seen:
            raise UsageError(f"{path}, line {number}: the id {one.id!r} is that of an earlier line")
        seen.add(one.id)
        yield one


def _id_of(given: object, number: int) -> object:
    """Return the id of a line: what stands there, numbers as text, or the line's number where nothing does."""
    if given is None:
        return str(number)
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


def _done(path: Path) -> dict[str, str]:
    """Return the questions that an output has answers to, by id."""
    done: dict[str, str] = {}
    for number, row in _rows(path, whole=True):
        try:
            line = Answered.model_validate(row)
        except ValidationError as error:
            raise UsageError(f"{path}, line {number}, is no answer of the pipeline; choose another output") from error
        done[line.id] = line.question
    return done


def _rows(path: Path, *, whole: bool) -> Iterator[tuple[int, Any]]:
    """Yield the values of the lines with their numbers; with ``whole``, only lines that have an end."""
    try:
        data = path.read_bytes()
        # a process may have been killed in the middle of a character
        text = (data[: data.rfind(b"\n") + 1] if whole else data).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise UsageError(f"{path}, line {number}, is not JSON: {error}") from error
            except RecursionError as error:
                raise UsageError(f"{path}, line {number}, is nested too deeply") from error
