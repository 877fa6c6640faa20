"""Tells the client which fields of a run's state may be missing in events, and what stands for them then.

Earlier versions wrote events without fields that are newer, and readers fill in the defaults. The command
``python -m webui.shapes`` writes these defaults for the client, taken from the models themselves.
"""

import sys
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from agent.domain.budget import Budget, Usage
from agent.domain.plan import Plan, Result
from agent.domain.report import Report
from agent.domain.task import Task
from agent.domain.view import DesignNews

ROOTS: Final[Mapping[str, type[BaseModel]]] = {
    "Task": Task,
    "Plan": Plan,
    "Result": Result,
    "Usage": Usage,
    "Budget": Budget,
    "DesignNews": DesignNews,
    "Report": Report,
}
"""What the client takes out of events as a whole, by the names it uses."""

_JSON: Final = TypeAdapter[Any](Any)
_HEAD: Final = "// Made by `python -m webui.shapes` from the models of events. Do not edit.\n"
_SEVERAL: Final = (tuple, list, dict, Mapping, Sequence)


def shapes() -> dict[str, Any]:
    """Return the defaults and inner models of each model by name, but for models in which nothing may be missing."""
    models: dict[str, type[BaseModel]] = {}
    for model in ROOTS.values():
        _collect(model, models)
    described = {name: _described(model) for name, model in models.items()}
    return {name: fields for name, fields in described.items() if fields}


def written() -> str:
    """Return the client's file."""
    rows = (f'  "{name}": {orjson.dumps(fields).decode()},\n' for name, fields in sorted(shapes().items()))
    return f'{_HEAD}import type {{ Shapes }} from "./fill";\n\nexport const SHAPES: Shapes = {{\n{"".join(rows)}}};\n'


def _name(model: type[BaseModel]) -> str:
    """Return the name of a model: its own, with that of its module where it is no root."""
    root = next((name for name, known in ROOTS.items() if known is model), None)
    return root or f"{model.__module__.rpartition('.')[2]}.{model.__name__}"


def _collect(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> None:
    if _name(model) not in found:
        found[_name(model)] = model
        for field in model.model_fields.values():
            for inner in _models(field.annotation):
                _collect(inner, found)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _described(model: type[BaseModel]) -> dict[str, Any]:
    told = {name: _field(field) for name, field in model.model_fields.items()}
    return {name: entry for name, entry in told.items() if entry}


def _field(field: FieldInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if not field.is_required():
        entry["default"] = _JSON.dump_python(field.get_default(call_default_factory=True), mode="json")
    inner = _inner(field.annotation)
    if inner is not None:
        entry["of"] = inner
    return entry


def _inner(annotation: Any) -> Any:
    """Return where models are in a type: a name, ``each`` of a list or mapping, or one by its ``tag``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _name(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return _inner(arguments[0])
    if origin in (Union, types.UnionType):
        given = [one for one in map(_inner, arguments) if one is not None]
        return _tagged(list(_models(annotation))) if len(given) > 1 else next(iter(given), None)
    if isinstance(origin, type) and issubclass(origin, _SEVERAL):
        inner = next((one for one in map(_inner, arguments) if one is not None), None)
        return None if inner is None else {"each": inner}
    return None


def _tagged(models: list[type[BaseModel]]) -> dict[str, Any]:
    return {"tag": "kind", "by": {get_args(model.model_fields["kind"].annotation)[0]: _name(model) for model in models}}


if __name__ == "__main__":
    sys.stdout.write(written())
