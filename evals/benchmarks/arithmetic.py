"""How many corrupted equations of worked solutions the judge of arithmetic finds, and what it says of the clean ones.

Equations are found and corrupted by plain patterns and templates of this file, never by the judge's own reader.
"""

import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel

from agent.domain.errors import UsageError
from agent.verification.arithmetic.computation import Computation
from agent.verification.arithmetic.judging import judge_arithmetic

_RESULT = re.compile(r"(?P<left>[^=\n]*)=\s*\$?\s*(?P<result>\d[\d,]*(?:\.\d+)?)(?![\d/]|\s*[-+*/x×÷(]|[a-z]\b)")
_OPERATION = re.compile(r"[\d)%]\s*(?:[a-z]+\s*)?[-+*/x×÷–]\s*\$?\(?[\d.]")
_VARIABLE = re.compile(r"\d[a-z]\b|\)[a-z]\b|(?<![\w'’.])(?!a\b)[a-wyz]\b(?!['’.])|\bx\s*[-+=/*]|[-+=/*–]\s*x\b")
_SENTENCES = (
    "{l} {s} {r} = {v}.",
    "So we have {l} {s} {r} = {v} apples.",
    "That makes {l} {w} {r} equals {v} in total.",
    "First, {l} {w} {r} is {v}.",
    "The cost is ${l} {s} {r} = ${v}.",
    "Together they have {v} because {l} {w} {r} is equal to {v}.",
    "She walks {l} km {s} {r} = {v} km.",
    "{l}{s}{r}={v}",
    "We compute ({l} {s} {r}) = {v} and go on.",
    "{l}{c}{r}等于{v}。",
    "There are {l} {s} {r} = {v} of them left, and that is all.",
)
_FUNCTIONS = (
    ("+", "The sum of {l} and {r} is {v}."),
    ("-", "Subtracting {r} from {l} gives {v}."),
    ("*", "Multiplying {l} by {r} gives {v}."),
    ("/", "Divide {l} by {r} to get {v}."),
    ("%", "{l}% of {r} is {v}."),
    ("%", "He saves {l}% of ${r} = ${v}."),
    ("/2", "Half of {l} is {v}."),
    ("/2", "1/2 of {l} is {v} pages."),
)
_WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_CHINESE = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}
_SIGNS = {"+": "+", "-": "-−", "*": "*×x", "/": "/÷"}


@dataclass(frozen=True, slots=True)
class Worked:
    """A worked solution; ``start`` to ``end`` is the printed result that is corrupted, ``wrong`` what replaces it."""

    source: str
    text: str
    start: int
    end: int
    wrong: str

    @property
    def corrupted(self) -> str:
        """The solution with its one false equation."""
        return self.text[: self.start] + self.wrong + self.text[self.end :]


class Row(BaseModel):
    """Figures of one source: corruptions found, and equations of clean solutions that were called false."""

    source: str
    solutions: int
    found: int
    alarms: int
    judged: int
    milliseconds: float
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]


def measure(data: Path | None, *, count: int = 500, seed: int = 0) -> list[Row]:
    """Corrupt one equation in each of some solutions and judge them before and after.

    Raises:
        UsageError: the folder does not hold the files.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    solutions = [*_gsm8k(data, rng), *_svamp(data, rng)] if data else []
    solutions += [written(rng) for _ in range(count - len(solutions))]
    return [_row(source, [one for one in solutions if one.source == source]) for source in _sources(solutions)]


def _sources(solutions: Sequence[Worked]) -> list[str]:
    return list(dict.fromkeys(one.source for one in solutions))


def _row(source: str, solutions: Sequence[Worked]) -> Row:
    missed, alarms = [], []
    judged, begun = 0, time.perf_counter()
    for one in solutions:
        clean = judge_arithmetic(one.text)
        judged += len(clean)
        alarms += [judgement.text for judgement in clean if judgement.verdict == "contradicted"]
        if not any(_hits(judgement, one) for judgement in judge_arithmetic(one.corrupted)):
            missed.append(one.corrupted[max(0, one.start - 60) : one.start + len(one.wrong) + 20])
    spent = 1000 * (time.perf_counter() - begun) / max(1, 2 * len(solutions))
    return Row(
        source=source,
        solutions=len(solutions),
        found=len(solutions) - len(missed),
        alarms=len(alarms),
        judged=judged,
        milliseconds=spent,
        missed=tuple(missed),
        false_alarms=tuple(alarms),
    )


def _hits(judgement: Computation, one: Worked) -> bool:
    return judgement.verdict == "contradicted" and judgement.start <= one.start < judgement.end


def wrong_result(printed: str, rng: random.Random) -> str:
    """Return another number in the same dress: off by a little, by a digit, or by a factor of ten."""
    value = Decimal(printed.replace(",", ""))
    unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
    options = [value + unit, value - unit, value + 2 * unit, value + 10 * unit, value * 10]
    options = [option for option in options if option > 0 and option != value]
    chosen = rng.choice(options)
    return f"{chosen:,}" if "," in printed else f"{chosen:f}"


def _gsm8k(data: Path, rng: random.Random) -> Iterator[Worked]:
    for row in _rows(data / "gsm8k.jsonl"):
        text = row["solution"]
        matches = [
            match
            for match in _RESULT.finditer(text)
            if _OPERATION.search(match["left"]) and not _VARIABLE.search(match["left"].rsplit(", ", 1)[-1])
        ]
        if matches:
            start, end = (match := rng.choice(matches)).span("result")
            yield Worked("gsm8k", text, start, end, wrong_result(match["result"].rstrip(","), rng))


def _svamp(data: Path, rng: random.Random) -> Iterator[Worked]:
    for row in _rows(data / "svamp.jsonl"):
        opening = f"{row['question']} We compute {row['equation']} = "
        answer = row["answer"]
        end = len(opening) + len(answer)
        yield Worked("svamp", f"{opening}{answer}.", len(opening), end, wrong_result(answer, rng))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise UsageError(f"{path} cannot be read; name the folder of the reasoning sets with --data") from error


def written(rng: random.Random) -> Worked:
    """Write a worked solution of two to five steps; one of its results is the one to corrupt."""
    steps = [_step(rng) for _ in range(rng.randint(2, 5))]
    chosen = rng.randrange(len(steps))
    text, start, end = "", 0, 0
    for index, (sentence, at, printed) in enumerate(steps):
        if index == chosen:
            start, end = len(text) + at, len(text) + at + len(printed)
        text += sentence + (rng.choice(("\n", " ")) if sentence[-1] in ".。" else "\n")
    return Worked("written", text, start, end, wrong_result(text[start:end], rng))


def _step(rng: random.Random) -> tuple[str, int, str]:
    """Return a sentence, the place of its result, and the result."""
    if rng.random() < 0.4:
        sign, template = rng.choice(_FUNCTIONS)
    else:
        sign, template = rng.choice("+-*/"), rng.choice(_SENTENCES)
    left, right, value = _numbers(sign, rng)
    if "km" in template and sign in "*/":
        template = _SENTENCES[0]
    words = {"w": _WORDS[sign], "c": _CHINESE[sign], "s": rng.choice(_SIGNS[sign])} if sign in _WORDS else {}
    if template.startswith("{l}{s}") and words.get("s") == "x":
        words["s"] = "*"
    grouped = rng.random() < 0.3 and "等于" not in template
    form = ",f" if grouped else "f"
    printed = format(value, form)
    sentence = template.format(l=format(left, form), r=format(right, form), v=printed, **words)
    return sentence, sentence.rindex(printed), printed


def _numbers(sign: str, rng: random.Random) -> tuple[Decimal, Decimal, Decimal]:
    """Return two operands and their exact result, some of them with decimals."""
    scale = rng.choice((Decimal(1), Decimal(1), Decimal(1), Decimal("0.1"), Decimal("0.01")))
    big = rng.choice((20, 100, 5000))
    one, two = rng.randint(2, big) * scale, Decimal(rng.randint(2, big))
    if sign == "+":
        return one, two, one + two
    if sign == "-":
        return one + two, two, one
    if sign == "*":
        return one, two, one * two
    if sign == "/":
        return one * two, two, one
    if sign == "/2":
        return 2 * one, Decimal(2), one
    percent = Decimal(rng.choice((5, 10, 15, 20, 25, 40, 75)))
    return percent, 100 * two, percent * two
