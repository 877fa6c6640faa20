"""What the output of a tool can prove: that a program of this run printed a number it did not already contain."""

import json
import re
from collections.abc import Iterator

from agent.domain.claims import Finding
from agent.domain.evidence import ToolResult
from agent.verification.attachment import swapped
from agent.verification.literal import coverage
from agent.verification.words import number_value, tokens

READING_TOOLS = frozenset({"read_file", "list_files", "find_files", "search_files", "grep", "read_document"})
"""Tools that only show what files contain. The output of every other tool may have been written by the model."""

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
        failed, the claim has no number of its own, or it has words that neither question, program nor output have.
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
    attached = swapped(claim, result.output, question)
    if not attached.passed:
        return Finding(method=_METHOD, passed=attached.passed, detail=attached.detail)
    return Finding(method=_METHOD, passed=True, detail=f"{result.tool} computed {', '.join(fresh)}")


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
