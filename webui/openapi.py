"""``python -m webui.openapi``: the API's OpenAPI document, from which the client's types are made."""

import sys

import orjson

from webui.app import bare_app


def document() -> bytes:
    """Return the OpenAPI document as JSON that does not change from one machine to another."""
    return orjson.dumps(bare_app().openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
