"""A computation over a workspace file: two routes that share nothing but the question must give the same value."""

import json
import re
from typing import Any

from pydantic import Field, TypeAdapter

from agent.domain.base import Form
from agent.domain.claims import Finding
from agent.domain.errors import ModelOutputError
from agent.execution.guided import guards
from agent.execution.guided.asking import asker_of
from agent.execution.guided.checks import Record
from agent.execution.guided.lexicon import listed
from agent.execution.guided.outcomes import ComputedOutcome, Withheld
from agent.execution.guided.programming import Computed, Programmer, printed, run
from agent.execution.guided.programs import table_source
from agent.execution.guided.tables import NONE, File, Query, Table
from agent.execution.guided.thresholds import Thresholds
from agent.execution.guided.values import agree, more_exact, value_of
from agent.execution.guided.words import begins_with_one, content, is_light, uncovered, words
from agent.execution.port import Steps

SHOWN_FILES = 8
LONGEST_TEXT = 4000
"""Characters of a text file that are given to the model."""

_FILE_NAME = re.compile(
    r"(?<![\w/.-])[\w./-]*\w\.(?:csv|tsv|jsonl?|txt|log|md|xlsx?|xml|ya?ml|pdf|db)\b", re.IGNORECASE
)
_EXPRESSION = re.compile(r"[\d\s.+*/()%-]+")
_DEFINITION = re.compile(r"([\w-]+)\s*\(([^()]{3,80})\)")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CONSTANTS = frozenset({"2", "7", "12", "24", "52", "60", "100", "365", "1000", "3600"})
_ROWS = TypeAdapter(tuple[File, ...])


class Choice(Form):
    """The file that has what is asked."""

    file: str


class Number(Form):
    """A number of a text and what it is."""

    what: str = Field(max_length=60)
    value: str = Field(max_length=20)


class Arithmetic(Form):
    """The numbers a question needs and one expression of them."""

    numbers: list[Number] = Field(max_length=8)
    expression: str = Field(max_length=120)


class ComputeStrategy:
    """Computes one value from one file of the workspace, or withholds.

    Args:
        steps: what may be done; each call is an effect.
        thresholds: how sure the model must be.
    """

    def __init__(self, steps: Steps, thresholds: Thresholds) -> None:
        self._steps = steps
        self._asker = asker_of(steps)
        self._programmer = Programmer(steps)
        self._thresholds = thresholds

    async def answer(self, question: str) -> ComputedOutcome:
        """Return the computed value, or the first reason for having none."""
        record = Record()
        file: File | None = None
        try:
            file = await self._choose(question)
            route = self._over_table if file.kind == "table" else self._over_text
            first, second = await route(question, file, record)
        except Withheld as withheld:
            return _withheld(question, withheld, record, file)
        except ModelOutputError as error:
            return _withheld(question, Withheld(f"the model's reply could not be used: {error}"), record, file)
        answer = more_exact(first.value, second.value).shown
        programs = (first.step, second.step)
        return ComputedOutcome(
            question=question,
            answer=answer,
            status="accepted",
            evidence=programs,
            findings=record.findings,
            path=file.path,
            programs=programs,
            source=second.source,
        )

    async def _choose(self, question: str) -> File:
        """Return the file the question names, or else the one the model chooses."""
        asked = [stem.removesuffix("i") for stem in content(question)]
        found = _ROWS.validate_python(await self._ours("tool/files", f"listing({asked!r})"))
        readable = [file for file in found if file.kind != "other"]
        named = _FILE_NAME.findall(question)
        for name in named:
            match = next((file for file in readable if name in (file.path, file.path.rsplit("/", 1)[-1])), None)
            if match is None:
                raise Withheld(f"there is no readable file {name} in the workspace")
            return match
        shown = _most_alike(readable)
        if not shown:
            raise Withheld("no file of the workspace has what the question asks about")
        if len(shown) == 1:
            return shown[0]
        choice = await self._asker.form(
            "model/file",
            "file",
            Choice,
            max_tokens=60,
            choices={"file": [*(file.path for file in shown), NONE]},
            files=shown,
            question=question,
        )
        if choice.file == NONE:
            raise Withheld("no file of the workspace has what the question asks about")
        return next(file for file in shown if file.path == choice.file)

    async def _over_table(self, question: str, file: File, record: Record) -> tuple[Computed, Computed]:
        described = await self._ours("tool/profile", f"profile({file.path!r}, {question!r})")
        table = Table.model_validate({"path": file.path, **described})
        if not table.rows:
            raise Withheld(f"{file.path} has no rows")
        query = await self._asker.form(
            "model/query",
            "query",
            Query,
            max_tokens=200,
            choices={
                "tests.column": table.names,
                "column": [*table.names, NONE],
                "times": [*table.names, NONE],
                "label": [*table.names, NONE],
            },
            table=table.described(),
            question=question,
        )
        query = query.completed(table)
        self._check_query(question, table, query, record)
        self._check_words(question, table, query, record)
        first = await self._run_query(table, query, record)
        second = await self._recomputed(question, table, first, record)
        return first, second

    async def _recomputed(self, question: str, table: Table, first: Computed, record: Record) -> Computed:
        """Return a program's value that agrees with the query's; a second program of another shape is the last try."""
        given = f"{table_source()}\n\nrows = typed({table.path!r})\nlines = [row.get('line') for row in rows]"
        described = table.described(blanks=True)
        try:
            second = await self._programmer.compute(
                "program", "program", given=given, table=described, question=question
            )
        except Withheld as withheld:
            record.note(Finding(method="recomputed", passed=False, detail=withheld.reason))
        else:
            if agree(first.value, second.value):
                self._compare(first, second, record)
                return second
            shown = f"{first.value.shown} and {second.value.shown}"
            record.note(Finding(method="recomputed", passed=False, detail=shown))
        third = await self._programmer.compute("one-line", "one_line", given=given, table=described, question=question)
        self._compare(first, third, record)
        return third

    def _check_query(self, question: str, table: Table, query: Query, record: Record) -> None:
        problem = query.problem(table)
        record.demand(Finding(method="query", passed=not problem, detail=problem or str(query)), problem)
        left_out = ", ".join(query.left_out(table))
        finding = Finding(method="conditions", passed=not left_out, detail=f"not used: {left_out or 'nothing'}")
        record.demand(finding, f"the question mentions {left_out}, which the query does not use")
        unknown = ", ".join(query.unknown(table))
        finding = Finding(method="values", passed=not unknown, detail=f"in no row: {unknown or 'nothing'}")
        record.demand(finding, f"no row of {table.path} has {unknown}")
        column = table.column(query.column)
        units = column.units if column else ()
        finding = Finding(method="units", passed=len(units) < 2, detail=f"units: {', '.join(units) or 'none'}")
        record.demand(finding, f"the column {query.column} mixes units")
        finding = Finding(
            method="repeated rows",
            passed=not table.repeated or query.operation in ("minimum", "maximum"),
            detail=f"{table.repeated} rows are repeated",
        )
        record.demand(finding, f"{table.path} has repeated rows, and it is not clear whether they count twice")

    def _check_words(self, question: str, table: Table, query: Query, record: Record) -> None:
        """Demand that every word of the question is in the query, names the file, or says nothing of weight.

        A model cannot be asked here: it takes profit for revenue.
        """
        used = query.covers()
        months = [name for number, name in enumerate(_MONTHS, 1) if f"-{number:02}" in used]
        numbers = re.findall(r"\d+(?:\.\d+)?", used)
        known = [used, table.path, *table.identifying, *months, *numbers, *sorted(listed("operations"))]
        if query.operation in ("largest", "smallest", "minimum", "maximum"):
            known.extend(sorted(listed("superlatives")))
        if not set(uncovered(query.column.replace("_", " "), question)) or query.column == NONE:
            known.extend(sorted(listed("measures")))
        known.extend(_defined(question, " ".join(known)))
        # a column that is named but not used was part of what is asked
        special = {*guards.hard_words(question, words(question)), *words(" ".join(table.names))}
        missing = [
            word
            for word in uncovered(question, " ".join(known))
            if not begins_with_one(word, words(used)) and (not is_light(word) or word in special)
        ]
        lost = ", ".join(missing)
        finding = Finding(
            method="coverage", passed=not missing, detail=f"not in the query: {lost or 'nothing of weight'}"
        )
        record.demand(finding, f"it is not clear what {lost} means in {table.path}")

    async def _run_query(self, table: Table, query: Query, record: Record) -> Computed:
        spec = {**query.model_dump(), "grouped": query.grouped(table)}
        call = f"query({table.path!r}, {spec!r})"
        result = await self._ours("tool/query", call)
        record.demand(
            Finding(
                method="ties", passed=not result["tie"], detail="several share the value" if result["tie"] else "one"
            ),
            "several rows or groups share the value",
        )
        value = None if result["value"] is None or not result["used"] else value_of(str(result["value"]))
        record.demand(
            Finding(method="rows", passed=value is not None, detail=f"{result['used']} rows"),
            "no row fits the question",
        )
        assert value is not None  # noqa: S101 - demanded above
        return Computed(value=value, step="tool/query", code=call)

    async def _over_text(self, question: str, file: File, record: Record) -> tuple[Computed, Computed]:
        text = str(await self._ours("tool/text", f"text({file.path!r})"))
        if len(text) > LONGEST_TEXT:
            raise Withheld(f"{file.path} is too long to compute from its text")
        missing = uncovered(question, " ".join([text, file.path, *sorted(listed("operations"))]))
        hard = guards.hard_words(question, missing)
        finding = Finding(
            method="coverage", passed=not hard, detail=f"not in the text: {', '.join(missing) or 'nothing'}"
        )
        record.demand(finding, f"{file.path} does not mention {', '.join(hard)}")
        for number, word in enumerate(word for word in missing if not is_light(word)):
            margin = await self._asker.margin(
                f"judge/text-word-{number}", "word", text=text, question=question, word=word
            )
            record.demand_margin(
                f"word {word}", margin, self._thresholds.word, f"{file.path} may not be about {word!r}"
            )
        first = await self._arithmetic(question, text, record)
        second = await self._programmer.compute("program", "facts", text=text, question=question)
        self._compare(first, second, record)
        return first, second

    async def _arithmetic(self, question: str, text: str, record: Record) -> Computed:
        reply = await self._asker.form(
            "model/expression", "expression", Arithmetic, max_tokens=220, text=text, question=question
        )
        expression = reply.expression.replace("\u00d7", "*").strip()
        if not _EXPRESSION.fullmatch(expression):
            raise Withheld("the text does not give everything the question needs")
        known = set(_figures(text)) | set(_figures(question)) | set(words(text)) | _CONSTANTS
        invented = [number for number in _figures(expression) if number not in known]
        finding = Finding(
            method="numbers", passed=not invented, detail=f"not in the text: {', '.join(invented) or 'none'}"
        )
        record.demand(finding, f"the numbers {', '.join(invented)} are not in the text")
        code = f"print({expression})"
        outcome = await run(self._steps, "tool/expression", code)
        value = value_of(printed(outcome))
        if value is None:
            raise Withheld("the arithmetic does not give a value")
        return Computed(value=value, step="tool/expression", code=code)

    def _compare(self, first: Computed, second: Computed, record: Record) -> None:
        detail = f"{first.value.shown} and {second.value.shown}"
        finding = Finding(method="recomputed", passed=agree(first.value, second.value), detail=detail)
        record.demand(finding, f"two ways of computing it disagree: {detail}")

    async def _ours(self, step: str, call: str) -> Any:
        """Return what a call of our own program in the sandbox gives.

        Raises:
            Withheld: it failed.
        """
        outcome = await run(self._steps, step, f"{table_source()}\n\nprint(json.dumps({call}))\n")
        try:
            return json.loads(printed(outcome))
        except ValueError:
            error = str(outcome.data.get("stderr", "")).strip().splitlines() or [outcome.text or "no output"]
            raise Withheld(f"the file could not be read: {error[-1]}") from None


def _defined(question: str, known: str) -> list[str]:
    """Return the words that a question defines itself, by known words in brackets: ``revenue (units times price)``."""
    found = ((match[1], match[2]) for match in _DEFINITION.finditer(question))
    return [name for name, meaning in found if len(content(meaning)) > 1 and not uncovered(meaning, known)]


def _figures(text: str) -> list[str]:
    return [figure.replace(",", "") for figure in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def _most_alike(found: list[File]) -> list[File]:
    """Return the files that have most of the question's words; several only where they have equally many."""
    most = max((len(file.has) for file in found), default=0)
    return [file for file in found if most and len(file.has) == most][:SHOWN_FILES]


def _withheld(question: str, withheld: Withheld, record: Record, file: File | None) -> ComputedOutcome:
    return ComputedOutcome(
        question=question,
        answer=withheld.answer,
        status="withheld",
        reason=withheld.reason,
        findings=record.findings,
        path=file.path if file else "",
    )
