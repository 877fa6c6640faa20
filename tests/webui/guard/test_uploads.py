"""What somebody uploaded is theirs: others cannot have it in a task by its hash, wherever a task names contents."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.domain.task import Task, WorkspaceFile
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger
from agent.ledger.uploads import Uploads
from agent.runtime.web_settings import WebSettings
from tests.webui.guard.conftest import House, opened
from webui.app import bare_app

SECRET = b"what only Mei may read"
PLACES: dict[str, dict[str, Any]] = {
    "files": {},
    "check": {"check": {"sha256": "{sha256}"}},
    "ask": {"ask": {"mode": "direct", "exemplars": "{sha256}"}},
    "build": {"build": {"artefact": "program", "criteria": "{sha256}"}},
}
"""Where a task names contents by their hash."""


class Street:
    """Users of an application who submit tasks with each other's files."""

    def __init__(self, house: House) -> None:
        self.house = house
        roles = {"mei": "operator", "jo": "operator", "ada": "admin"}
        self.tokens = {name: house.access.add_user(name, role) for name, role in roles.items()}
        self.tokens["local"] = house.access.own_token()

    async def upload(self, who: str, content: bytes = SECRET) -> dict[str, Any]:
        """Upload contents and return how a task names them."""
        headers = {**self.house.bearer(self.tokens[who]), "X-Filename": "a.txt"}
        headers["Content-Type"] = "application/octet-stream"
        answer = await self.house.client.post("/api/uploads", content=content, headers=headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def submit(self, who: str, place: str, file: dict[str, Any]) -> tuple[int, str]:
        """Submit a task that names contents in one of the places; return the status and what was said."""
        named = {"files": [file]} if place == "files" else _filled(PLACES[place], file["sha256"])
        body = {"goal": "Read it", "options": {"sandbox": "none", "model": "none"}, **named}
        answer = await self.house.client.post("/api/runs", json=body, headers=self.house.bearer(self.tokens[who]))
        return answer.status_code, answer.json().get("message", "")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with opened(tmp_path) as house:
        yield Street(house)


def test_the_places_are_all_that_requests_have() -> None:
    """A new field in which a client names contents fails here until it is looked up, and in PLACES."""
    document = bare_app().openapi()
    bodies = [
        one["requestBody"] for path in document["paths"].values() for one in path.values() if "requestBody" in one
    ]
    named = {field for body in bodies for field in _named_in(body, document["components"]["schemas"], set())}
    assert named == {"WorkspaceFile.sha256", "CheckOrder.sha256", "AskOrder.exemplars", "BuildOrder.criteria"}


@pytest.mark.parametrize("place", PLACES)
async def test_a_hash_that_somebody_learned_names_nothing(street: Street, place: str) -> None:
    file = await street.upload("mei")
    unknown = {**file, "sha256": "0" * 64}
    for other in ("jo", "ada", "local"):
        assert await street.submit(other, place, file) == await street.submit(other, place, unknown)
        assert (await street.submit(other, place, file))[0] == 422
    assert (await street.submit("mei", place, file))[0] == 202
    # who has the contents too may name them
    assert await street.upload("jo") == file
    assert (await street.submit("jo", place, file))[0] == 202


async def test_what_is_in_a_run_is_for_those_who_see_the_run(street: Street) -> None:
    ledger = street.house.ledger
    file = await _put(ledger, b"a file of a run")
    assert (await street.submit("mei", "files", file))[0] == 422
    await ledger.create(Task(goal="x", files=(WorkspaceFile(**file),)), filing=Filing(owner="mei"))
    answers = {name: (await street.submit(name, "files", file))[0] for name in street.tokens}
    assert answers == {"mei": 202, "jo": 422, "ada": 202, "local": 202}


async def test_a_hash_that_somebody_wrote_into_a_task_makes_it_nobodys(street: Street) -> None:
    """A goal that tells a hash is no way to its contents."""
    file = await street.upload("mei")
    hint = {"goal": f"sha256 {file['sha256']}", "constraints": [f'"sha256": "{file["sha256"]}"']}
    body = {**hint, "options": {"sandbox": "none", "model": "none"}}
    headers = street.house.bearer(street.tokens["jo"])
    assert (await street.house.client.post("/api/runs", json=body, headers=headers)).status_code == 202
    assert (await street.submit("jo", "files", file))[0] == 422


async def test_where_everyone_reads_the_files_of_runs_are_everyones_and_uploads_are_not(tmp_path: Path) -> None:
    async with opened(tmp_path, WebSettings(everyone_reads=True)) as house:
        street = Street(house)
        kept, loose = await _put(house.ledger, b"a file of a run"), await street.upload("mei")
        await house.ledger.create(Task(goal="x", files=(WorkspaceFile(**kept),)), filing=Filing(owner="mei"))
        assert (await street.submit("jo", "files", kept))[0] == 202
        assert (await street.submit("jo", "files", loose))[0] == 422


async def test_uploads_are_known_to_the_next_server_until_they_expire(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        street = Street(house)
        file, tokens = await street.upload("mei"), street.tokens
    now = [0.0]
    async with opened(tmp_path) as house:
        headers = house.bearer(tokens["mei"])
        body = {"goal": "Read it", "files": [file], "options": {"sandbox": "none", "model": "none"}}
        assert (await house.client.post("/api/runs", json=body, headers=headers)).status_code == 202
        uploads = Uploads(house.ledger, clock=lambda: now[0])
        await uploads.note("jo", file["sha256"], seconds=60)
        assert await uploads.of("jo", [file["sha256"], "0" * 64]) == (file["sha256"],)
        now[0] = 61.0
        assert await uploads.of("jo", [file["sha256"]]) == ()


async def _put(ledger: Ledger, content: bytes) -> dict[str, Any]:
    return {"path": "a.txt", "sha256": await ledger.blobs.put(content), "size": len(content)}


def _named_in(value: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """Yield the fields of a schema, at any depth, that hold hashes by their name or pattern."""
    if isinstance(value, list):
        for each in value:
            yield from _named_in(each, schemas, seen)
    if not isinstance(value, dict):
        return
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        fields = schemas[name].get("properties", {})
        yield from (f"{name}.{field}" for field, one in fields.items() if "sha256" in field or "{64}" in str(one))
        yield from _named_in(schemas[name], schemas, seen)
    for each in value.values():
        yield from _named_in(each, schemas, seen)


def _filled(fields: dict[str, Any], sha256: str) -> dict[str, Any]:
    return {
        name: {key: sha256 if value == "{sha256}" else value for key, value in inner.items()}
        for name, inner in fields.items()
    }
