"""How parameters of the tables are told to whoever fills them in."""

from typing import Any

import msgspec

from toolserver.protocol import Form


def schema_of(form: type[Form]) -> dict[str, Any]:
    """Return the JSON Schema of a form, without references."""
    (_,), components = msgspec.json.schema_components((form,))
    schema: dict[str, Any] = dict(components[form.__name__])
    schema.pop("title", None)
    return schema
