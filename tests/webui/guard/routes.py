"""Every route that the OpenAPI document names, with values for what its address leaves open.

A route that takes something new fails here until somebody says what that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webui.app import bare_app

OPEN = {"enter_by_link", "enter_by_token", "health", "show_shared"}
"""Operations that need no session."""

ADMINS = {"show_settings", "change_setting", "list_doctor_parts", "check_part"}
"""Operations for admins alone."""

VIEWERS = {"leave"}
"""Operations that change something and are a viewer's all the same."""

SAMPLES = {
    "seq": "1",
    "sha256": "0" * 64,
    "path": "notes.txt",
    "eid": "e1",
    "token": "none",
    "name": "model",
    "suite": "none",
    "batch": "none",
    "other": "none",
    "part": "none",
}
"""Values of what addresses leave open, beside the run."""

NAMES_OF_RUNS = {"run_id"}
"""What runs are called in addresses; each of them is looked up by the one dependency that knows who may see it."""


@dataclass(frozen=True)
class Route:
    """A method of an address."""

    name: str
    method: str
    path: str
    body: str | None
    inputs: tuple[str, ...]

    @property
    def names_a_run(self) -> bool:
        """Return whether the address names a run."""
        return "{run_id}" in self.path

    @property
    def changes(self) -> bool:
        """Return whether the method changes something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")

    def url(self, run_id: str) -> str:
        """Return an address of this route."""
        return self.path.format(run_id=run_id, **SAMPLES)

    def headers(self) -> list[tuple[str, str]]:
        """Return what a right request to this route says of its body."""
        return [("Content-Type", self.body), ("Content-Length", "2")] if self.body is not None else []


def routes() -> list[Route]:
    """Return all routes of the document."""
    return list(_routes(bare_app().openapi()))


def _routes(document: dict[str, Any]) -> Iterator[Route]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            kinds = list(operation.get("requestBody", {}).get("content", {}))
            yield Route(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                body=kinds[0] if kinds else None,
                inputs=tuple(_inputs(document, operation)),
            )


def _inputs(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    """Yield the names of everything that a request may bring: parameters, and fields of the body at any depth."""
    yield from (parameter["name"] for parameter in operation.get("parameters", ()))
    seen = set[str]()

    def fields(schema: Any) -> Iterator[str]:
        if isinstance(schema, list):
            for each in schema:
                yield from fields(each)
        if not isinstance(schema, dict):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            yield from fields(document["components"]["schemas"][reference.rpartition("/")[2]])
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from fields(value)

    yield from fields(operation.get("requestBody", {}))
