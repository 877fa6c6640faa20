"""Checks of a run as criteria of a world: what can be asked of the files of a workspace, and whether a check can be."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.domain.artefacts import Criteria, Criterion, Mutation, Scenario
from agent.domain.checks import ArtefactCheck
from agent.domain.errors import ModelOutputError
from agent.verification.artefacts.freezing import completed, problems_of
from agent.verification.artefacts.world import ScenarioTemplate, World

_KINDS: Final[Mapping[str, str]] = {
    "data_file": "data files (CSV, TSV, JSON, JSONL)",
    "program": "Python programs (the first path is the file that is run)",
    "web_page": "web pages (the first path is the page)",
}


_MOST_ROWS: Final = 200_000
_FAR: Final = 10**15


def criterion_of(world: World[Any], name: str, check: ArtefactCheck) -> Criterion:
    """Return a check as a criterion of its world, with the usual control where it names none.

    Args:
        world: of the kind that the check is for.
        name: id of the milestone, by which what is wrong is told.
        check: as a model or a person wrote it.

    Raises:
        ModelOutputError: it cannot be tried; one line that says what to write instead.
    """
    units = {template.name: template.measures for template in world.scenarios()}
    criterion = Criterion(
        id=name[:64],
        wish=name,
        scenario=Scenario(name=check.scenario, parameters=check.parameters),
        measure=check.measure,
        relation=check.relation,
        threshold=check.threshold,
        unit=units.get(check.scenario, {}).get(check.measure, ""),
        control=check.control or _beyond(check),
        tolerance=check.tolerance,
    )
    criteria = completed(world, Criteria(wish=name, kind=world.kind, criteria=(criterion,)))
    problems = problems_of(world, criteria)
    if problems:
        raise ModelOutputError(" ".join(problems[0].detail.split()))
    return criteria.criteria[0]


def _beyond(check: ArtefactCheck) -> Mutation | None:
    """Return a control that breaks a bound however much slack it leaves, where the usual one may not."""
    upper = check.relation in ("<", "<=")
    match check.artefact, check.scenario:
        case "data_file", "rows" if upper or (check.relation == "==" and check.threshold <= 0):
            return Mutation(name="repeat_rows", parameters={"count": min(max(int(check.threshold), 0), _MOST_ROWS) + 1})
        case "data_file", "total" if check.relation != "==" and "column" in check.parameters:
            by = _FAR if upper else -_FAR
            return Mutation(name="change_number", parameters={"column": check.parameters["column"], "by": by})
    return None


def program_of(check: ArtefactCheck, files: Mapping[str, bytes]) -> str:
    """Return what a world builds from to get the artefact that files are.

    Raises:
        ModelOutputError: a file of a program, or the page that is opened, is not UTF-8.
    """
    if check.artefact == "data_file":
        return "\n".join(check.paths)
    first, texts, others = check.paths[0], dict[str, str](), dict[str, str]()
    for path in check.paths:
        try:
            texts[path] = files[path].decode()
        except UnicodeDecodeError as error:
            if check.artefact == "program" or path == first:
                raise ModelOutputError(f"{path} is not UTF-8: byte {error.start}") from None
            others[path] = base64.b64encode(files[path]).decode()
    if check.artefact == "program":
        return json.dumps({"files": texts, "entry": first})
    return json.dumps({"files": texts, "pictures": others, "start": first})


def told(worlds: Sequence[World[Any]]) -> str:
    """Return what can be tried, one line for each scenario, for whoever writes checks."""
    lines: list[str] = []
    for world in worlds:
        lines.append(f"{world.kind}: {_KINDS.get(world.kind, world.kind)}")
        lines += [f"- {_line(template)}" for template in world.scenarios()]
    return "\n".join(lines)


def _line(template: ScenarioTemplate) -> str:
    measures = ", ".join(f"{name} [{unit}]" if unit else name for name, unit in template.measures.items())
    return f"{template.name}({', '.join(_parameters(template.parameters))}) -> {measures}: {template.description}"


def _parameters(schema: Mapping[str, Any]) -> list[str]:
    """Return names of a JSON Schema, with a question mark those that can be left out; of lists also what they hold."""
    required = list(schema.get("required", ()))
    known: Mapping[str, Any] = schema.get("properties", {})
    names = [*required, *(name for name in known if name not in required)]
    return [_parameter(name, known.get(name, {}), optional=name not in required) for name in names]


def _parameter(name: str, schema: Mapping[str, Any], *, optional: bool) -> str:
    told = f"{name}?" if optional else name
    if "enum" in schema:
        return f"{told}={'|'.join(map(str, schema['enum']))}"
    items = schema.get("items", {})
    if isinstance(items, Mapping) and "properties" in items:
        return f"{told}: [{{{', '.join(_parameters(items))}}}]"
    return told
