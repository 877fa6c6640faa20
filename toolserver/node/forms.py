"""What forms tell: the schema that a model sees, and what is wrong with what it filled in."""

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final, Literal, get_args, get_origin

from msgspec import ValidationError, convert, json
from msgspec.structs import FieldInfo, fields

from toolserver.protocol import Form

_WHOLE: Final = re.compile(r"\^\(\?:(.*)\)\\Z")
"""What ``matching`` makes of an expression."""


def parameters_of(form: type[Form]) -> dict[str, Any]:
    """Return the JSON Schema of a form, of type object; it refers to others only where it holds them."""
    _, components = json.schema_components([form], ref_template="#/$defs/{name}")
    schemas = {name: _plain(schema) for name, schema in components.items()}
    schema = schemas.pop(form.__name__)
    for field in fields(form):
        if get_origin(field.type) is Literal:
            # in the order of the form, which is that of its description
            schema["properties"][field.encode_name]["enum"] = list(get_args(field.type))
    # the docstring is the tool's description, which models need not read twice
    schema.pop("description", None)
    return {**schema, **({"$defs": schemas} if schemas else {})}


def problems_of(form: type[Form], arguments: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with arguments, a line for each that begins with its name."""
    known = {field.encode_name: field for field in fields(form)}
    found = [_problem(field, arguments) for field in known.values()]
    found += [f"{name}: there is no such argument" for name in arguments if name not in known]
    return [" ".join(problem.split()) for problem in found if problem is not None]


def _problem(field: FieldInfo, arguments: Mapping[str, Any]) -> str | None:
    if field.encode_name not in arguments:
        return f"{field.encode_name}: is missing" if field.required else None
    try:
        convert(arguments[field.encode_name], field.type, strict=False)
    except ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        return f"{field.encode_name}{place.rstrip('`')}: {problem}"
    return None


def _plain(schema: Any) -> Any:
    """Return a schema as it is written by hand: without made-up titles, with the patterns that JSON Schema knows."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        match key, value:
            case "properties", dict():
                # a title in here is somebody's field
                plain[key] = {name: _plain(item) for name, item in value.items()}
            case "description", str():
                plain[key] = cleandoc(value)
            case "pattern", str() if found := _WHOLE.fullmatch(value):
                plain[key] = f"^{found[1]}$"
            case "enum", list():
                plain |= {"enum": value, "type": "string"}
            case "title" | "required" | "default", _ if key == "title" or value in ([], {}):
                pass
            case "default", _:
                plain[key] = value
            case _:
                plain[key] = _plain(value)
    if "propertyNames" in plain:
        plain["patternProperties"] = {plain.pop("propertyNames")["pattern"]: plain.pop("additionalProperties")}
    return plain
