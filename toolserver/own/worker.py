"""Runs inside a sandbox, as part of the code of one call: describes a user's function, or calls it.

What it tells goes to standard output as one line after ``MARK``; whatever the function prints goes to standard error.
"""

import asyncio
import inspect
import json
import os
import re
import sys
import types
from typing import Any

import pydantic

MARK = "\x1eplumbline-own-tool "
LONGEST = 12_000


def main(request: str) -> None:
    """Serve one request: an object with source, file, function and arguments, or null for a description."""
    wanted = json.loads(request)
    wire = os.dup(1)
    os.dup2(2, 1)
    try:
        told = serve(wanted)
    except Exception as error:  # noqa: BLE001 - whatever the user's code raises is told
        told = {"error": "own_tool_failed", "text": f"{type(error).__name__}: {error}"[:2000]}
    line = json.dumps(told, allow_nan=False, default=str)
    if len(line) > LONGEST:
        text = f"the result has {len(line):,} characters, more than {LONGEST:,}; let the function write a file"
        line = json.dumps({"error": "result_too_large", "text": text})
    sys.stdout.flush()
    os.write(wire, (MARK + line + "\n").encode())


def serve(wanted: dict[str, Any]) -> dict[str, Any]:
    """Describe or call."""
    module = types.ModuleType("own_tool")
    sys.modules["own_tool"] = module
    exec(compile(wanted["source"], wanted["file"], "exec"), module.__dict__)  # noqa: S102 - in the sandbox
    function = getattr(module, wanted["function"], None)
    if not inspect.isfunction(function):
        return {"error": "no_such_function", "text": f"{wanted['file']} has no function {wanted['function']}"}
    if wanted.get("arguments") is None:
        return described(function)
    try:
        bound = pydantic.validate_call(function)
        value = bound(**wanted["arguments"])
    except pydantic.ValidationError as error:
        if error.title != function.__name__:
            raise
        problems = [
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False, include_context=False)[:8]
        ]
        return {"error": "invalid_arguments", "text": "; ".join(problems)}
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    return {"value": pydantic.TypeAdapter(Any).dump_python(value, mode="json")}


def described(function: Any) -> dict[str, Any]:
    """Return name, description and schema of a function."""
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            return {"error": "bad_signature", "text": f"{parameter.name}: only named parameters can be filled in"}
        if parameter.annotation is parameter.empty:
            return {"error": "bad_signature", "text": f"{parameter.name}: give it a type"}
    text, notes = sections(inspect.getdoc(function) or "")
    if not text:
        return {"error": "bad_signature", "text": "give the function a docstring: models choose tools by it"}
    schema = pydantic.TypeAdapter(function).json_schema()
    for name, part in schema.get("properties", {}).items():
        if name in notes:
            part.setdefault("description", notes[name])
    return {"value": {"name": function.__name__, "description": text, "parameters": {"type": "object", **schema}}}


def sections(doc: str) -> tuple[str, dict[str, str]]:
    """Return the description of a docstring in Google's form, and what it says of each parameter."""
    head, _, rest = doc.partition("\nArgs:\n")
    notes: dict[str, str] = {}
    last = ""
    for line in re.split(r"\n\s*\n|\n(?=\S)", rest)[0].splitlines():
        found = re.match(r"\s{2,}(\w+)(?: \([^)]*\))?: (.*)", line)
        if found:
            last = found[1]
            notes[last] = found[2].strip()
        elif last:
            notes[last] += " " + line.strip()
    return re.split(r"\n(?:Returns|Raises|Yields):\n", head)[0].strip(), notes
