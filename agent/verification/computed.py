"""What the output of a tool can prove: that a program of this run printed a number it did not already contain."""

import json
import re
from collections.abc import Iterator

from agent.domain.claims import Finding
from agent.domain.evidence import ToolResult
from agent.verification.attachment import clause_tokens, swapped
from agent.verification.literal import coverage
from agent.verification.negation import unshared_scope
from agent.verification.words import number_value, tokens

PROGRAM_TOOLS = frozenset({"python", "shell", "job"})
"""Tools that run programs. What they print is the work of a program, and so can prove computed values."""

_DIGITS = re.compile(r"(?<![\w.])(?:0x[0-9a-f_]+|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d{1,3})?)", re.IGNORECASE)
_RESULT_WORDS = "result answer value total sum output computed calculated equals equal is"
_METHOD = "computed"
_LIMITS = frozenset({"seconds"})
"""Arguments that only say how long a call may take."""


def computed(claim: str, result: ToolResult, question: str = "") -> Finding:
    """Say whether a program's output bears the numbers of a claim.

    Numbers of the question are given; every other number must stand in the output as a whole number, beside the words
    the claim gives it. A number that the program contains is an echo: printing it proves nothing.

    Returns:
        failed where a number is not in the output, is an echo, or stands beside other words; undecided where the call
        failed, the claim has no number of its own, it has words that neither question, program nor output have, or
        claim and output differ in a word that denies or limits, for which the words of a program stand for nothing.
    """
    given = number_values(question)
    wanted = number_values(claim)
    printed = number_values(result.output)
    fresh = [number for number in wanted if number not in given]
    if not result.ok:
        return Finding(method=_METHOD, passed=None, detail=f"the call of {result.tool} failed")
    if missing := [number for number in fresh if number not in printed]:
        return Finding(method=_METHOD, passed=False, detail=f"not in the output of {result.tool}: {', '.join(missing)}")
    if not fresh:
        return Finding(method=_METHOD, passed=None, detail="a program's output proves numbers, and the claim adds none")
    if echoed := [number for number in fresh if number in program_numbers(result.arguments)]:
        detail = f"the program contains the value it prints: {', '.join(echoed)}"
        return Finding(method=_METHOD, passed=False, detail=detail)
    known = f"{question}\n{_RESULT_WORDS}\n{' '.join(_strings(result.arguments))}"
    if unknown := [word for word in coverage(claim, result.output, known) if word not in wanted]:
        return Finding(method=_METHOD, passed=None, detail=f"the computation does not say: {', '.join(unknown)}")
    if limits := _limits(f"{question} {claim}", result.output, fresh):
        return Finding(method=_METHOD, passed=None, detail=f"the output says {', '.join(limits)}, the claim does not")
    if limits := unshared_scope(f"{question} {result.output}", claim):
        return Finding(method=_METHOD, passed=None, detail=f"the output does not say {', '.join(limits)}")
    attached = swapped(claim, result.output, question)
    if not attached.passed:
        return Finding(method=_METHOD, passed=attached.passed, detail=attached.detail)
    return Finding(method=_METHOD, passed=True, detail=f"{result.tool} computed {', '.join(fresh)}")


def _limits(statement: str, output: str, numbers: list[str]) -> tuple[str, ...]:
    """Return the words that deny or limit one of some numbers where it is printed, and that a statement lacks."""
    groups = [group for line in output.splitlines() for group in clause_tokens(line)]
    texts = (" ".join(token.text for token in group) for group in groups)
    return tuple(
        word for text in texts if set(numbers) & set(number_values(text)) for word in unshared_scope(statement, text)
    )


def number_values(text: str) -> tuple[str, ...]:
    """Return the numbers of a text by value: ``12.0`` and ``12`` are one. A percent sign stays."""
    found = [token.text for token in tokens(text) if token.kind == "number"]
    values = (f"{number_value(number[:-1])}%" if number.endswith("%") else number_value(number) for number in found)
    return tuple(dict.fromkeys(values))


def program_numbers(arguments: str) -> frozenset[str]:
    """Return every number that the arguments of a call contain, in code or text, also with a percent sign."""
    numbers: set[str] = set()
    for text in _strings(arguments):
        numbers.update(number_values(text))
        for match in _DIGITS.finditer(text):
            digits = match[0].replace("_", "").lower()
            numbers.add(str(int(digits, 16)) if digits.startswith("0x") else number_value(digits))
    return frozenset(numbers | {f"{number}%" for number in numbers})


def _strings(arguments: str) -> Iterator[str]:
    """Yield the strings and numbers inside a JSON value; what is no JSON is one string."""
    try:
        pending = [json.loads(arguments)]
    except ValueError:
        pending = [arguments]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(item for name, item in value.items() if name not in _LIMITS)
        elif isinstance(value, list):
            pending.extend(value)
        elif not isinstance(value, bool) and value is not None:
            yield str(value)
