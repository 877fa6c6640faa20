"""Function calls are the one language: a pydantic model with a docstring, declared once, becomes a function schema."""

import inspect
import re
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolSpec

FormT = TypeVar("FormT", bound=BaseModel)


def function_name(form: type[BaseModel]) -> str:
    """Return the snake_case name under which a model sees a form."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", form.__name__).lower()


@cache
def function_spec(form: type[BaseModel]) -> ToolSpec:
    """Return the function schema of a form; its docstring is the description."""
    return ToolSpec(
        name=function_name(form),
        description=inspect.cleandoc(form.__doc__ or ""),
        # the docstring need not be read twice
        parameters={key: value for key, value in inlined_schema(form).items() if key != "description"},
    )


def inlined_schema(form: type[BaseModel]) -> dict[str, Any]:
    """Return a form's JSON Schema without references and titles, which small models and some servers cannot follow."""
    schema = form.model_json_schema()
    definitions = schema.pop("$defs", {})
    return dict(_inline(schema, definitions))


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        return _inline({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    return {
        key: _inline(value, definitions)
        for key, value in node.items()
        # "title" names a schema; inside "properties" it would be somebody's field
        if not (key == "title" and isinstance(value, str)) and key != "discriminator"
    }


def parse_form(form: type[FormT], arguments: dict[str, Any]) -> FormT:
    """Return the validated form.

    Raises:
        ModelOutputError: one line for each field that is wrong, in words a model can act on.
    """
    try:
        return form.model_validate(arguments)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}"
            for problem in error.errors(include_url=False)[:8]
        )
        raise ModelOutputError(f"{function_name(form)}: {problems}") from error
