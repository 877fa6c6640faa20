"""Operations of an HTTP API as tools: described by an OpenAPI document, requested by the sandbox, through the proxy."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.toolserver.asking import ask
from tests.toolserver.proxying import certificate, served
from toolserver.client import (
    AllowListEgress,
    EgressEvent,
    EgressGateway,
    HostRule,
    LocalSandbox,
    NoEgress,
    OpenEgress,
    Secret,
    ToolServerError,
    compiled_api,
    open_sandbox,
)
from toolserver.own.api import ApiTool, ApiTools
from toolserver.testing import InProcessSandbox

CANARY = "canary-77aa01d2cc"

PETS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets & more", "version": "1"},
    "servers": [{"url": "https://{where}/v1", "variables": {"where": {"default": "pets.example"}}}],
    "security": [{"token": []}],
    "paths": {
        "/pets": {
            "parameters": [{"$ref": "#/components/parameters/trace"}],
            "get": {
                "operationId": "listPets",
                "summary": "List pets.\u202e",
                "parameters": [
                    {"name": "tag[]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 9}},
                    {
                        "name": "by",
                        "in": "query",
                        "style": "deepObject",
                        "explode": True,
                        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                ],
            },
            "post": {
                "operationId": "pets/add",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                },
            },
        },
        "/pets/{petId}": {
            "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}],
            "delete": {"summary": "Give a pet away.", "security": [{}]},
            "get": {"operationId": "onePet", "security": [{"other": []}]},
            "put": {
                "operationId": "picture",
                "requestBody": {"required": True, "content": {"image/png": {}}},
            },
        },
    },
    "components": {
        "parameters": {"trace": {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}},
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string", "nullable": True},
                    "age": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                    "mother": {"$ref": "#/components/schemas/Pet"},
                },
            }
        },
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "other": {"type": "apiKey", "in": "query", "name": "key"},
        },
    },
}

Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(document: dict[str, Any]) -> Path:
        path = tmp_path / "api.json"
        path.write_text(json.dumps(document))
        return path

    return write


def with_paths(**paths: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "small"},
        "servers": [{"url": "https://a.example"}],
        "paths": {f"/{name}": item for name, item in paths.items()},
    }


def by_name(tools: tuple[ApiTool, ...]) -> dict[str, ApiTool]:
    return {tool.name: tool for tool in tools}


def test_operations_become_tools_with_schema_and_effects(write: Write) -> None:
    found = compiled_api(write(PETS), secrets={"token": "PETS"})
    tools = by_name(found.tools)

    assert list(tools) == ["petsmore__listPets", "petsmore__pets_add", "petsmore__delete_pets_petId"]
    listing, adding, giving = tools.values()
    assert listing.description == "List pets.\n\nGET /pets of pets.example"
    assert listing.parameters["additionalProperties"] is False
    assert set(listing.parameters["properties"]) == {"tag", "limit", "by", "X-Trace"}  # type: ignore[arg-type]
    assert (listing.effects, adding.effects) == (("reads", "network"), ("reads", "network", "outside"))
    assert listing.headers == {"authorization": "Bearer {secret:PETS}"}
    assert giving.headers == {}
    body: Any = adding.parameters["properties"]["body"]  # type: ignore[index,call-overload]
    assert body["required"] == ["name"]
    assert body["properties"]["name"] == {"type": ["string", "null"]}
    assert body["properties"]["age"] == {"type": "number", "exclusiveMinimum": 0}
    assert body["properties"]["mother"] == {}
    assert [line.split(": ")[0] for line in found.refused] == ["onePet", "picture"]
    assert "give --secret other=NAME" in found.refused[0]
    assert "not JSON" in found.refused[1]


def test_a_part_of_an_api_can_be_taken_under_another_name(write: Write) -> None:
    found = compiled_api(write(PETS), prefix="p", only=["DELETE /pets/{petId}", "pets/add"], secrets={"token": "PETS"})

    assert [tool.name for tool in found.tools] == ["p__pets_add", "p__delete_pets_petId"]


def test_yaml_means_what_json_means(tmp_path: Path) -> None:
    file = tmp_path / "api.yaml"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: small}\nservers: [{url: https://a.example}]\n"
        "paths:\n  /x:\n    get:\n      operationId: on\n      parameters:\n"
        "      - {name: day, in: query, required: true, schema: {enum: [2020-01-01, no, 1:30, 012, 7, true]}}\n"
        "      responses: {200: {description: fine}}\n"
    )
    (tool,) = compiled_api(file).tools

    assert tool.name == "small__on"
    assert tool.parameters["properties"]["day"]["enum"] == [  # type: ignore[index,call-overload]
        *("2020-01-01", "no", "1:30", "012"),
        *(7, True),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no object"),
        ("{", "cannot be read"),
        ("[" * 5000, "too deep|cannot be read"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "cannot be read|nested"),
        ("a: &a [1]\nb: [*a, *a]\n", "aliases are not followed"),
        ("a: !!python/object/apply:os.system [id]\n", "tags are not followed"),
        ("a: !!int 1:1\n", "tags are not followed"),
        ('swagger: "2.0"\n', "version 3"),
        ('{"openapi": "3.0.0", "info": {"title": "a"}}', "no operation"),
        ('{"openapi": "3.0.0", "info": {"title": "!"}}', "--prefix"),
        ('{"a": NaN}', "cannot be read"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "api.yaml"
    file.write_text(text)

    with pytest.raises(ToolServerError, match=why) as refused:
        compiled_api(file)

    assert "\n" not in str(refused.value)


def test_a_document_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    with file.open("wb") as sparse:
        sparse.truncate(17 * 1024 * 1024)

    with pytest.raises(ToolServerError, match="more than"):
        compiled_api(file)


def test_only_so_many_operations_are_taken_at_once(write: Write) -> None:
    document = with_paths(**{f"p{number}": {"get": {}} for number in range(65)})

    with pytest.raises(ToolServerError, match="65 operations, more than 64; name those you want with --only"):
        compiled_api(write(document))
    assert len(compiled_api(write(document), only=["GET /p3"]).tools) == 1
    with pytest.raises(ToolServerError, match="no operation 'GET /q'"):
        compiled_api(write(document), only=["GET /q"])


def _growing(levels: int) -> dict[str, Any]:
    """Schemas that each refer to the next one twenty times."""
    schemas: dict[str, Any] = {f"s{n}": {"anyOf": [{"$ref": f"#/x/s{n + 1}"}] * 20} for n in range(levels)}
    return {**schemas, f"s{levels}": {"type": "string"}}


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"parameters": [{"name": "a", "in": "query", "schema": {"$ref": "#/x/s0"}}]}, "schema is too large"),
        ({"parameters": [{"name": "a", "in": "query", "schema": {"$ref": "#/x/none"}}]}, "what is not there"),
        ({"parameters": [{"name": "a", "in": "query", "schema": {"$ref": "https://b.example"}}]}, "another document"),
        ({"parameters": [{"$ref": "#/loop"}]}, "is missing"),
        ({"parameters": [{"name": "a", "in": "cookie", "required": True}]}, "cannot be sent"),
        ({"parameters": [{"name": "a\r\nb", "in": "header", "required": True}]}, "cannot be sent"),
        ({"parameters": [{"name": "a", "in": "query", "schema": {"type": "nonsense"}}]}, "not valid"),
        ({"operationId": "???/", "parameters": []}, "no name"),
        ({"servers": [{"url": "/relative"}]}, "give --server"),
        ({"servers": [{"url": "https://user:word@a.example"}]}, "has a user"),
        ({"servers": [{"url": "https://[x/"}]}, "give --server"),
        ({"servers": [{"url": "file:///etc/passwd"}]}, "give --server"),
        ({"security": [{"gone": []}]}, "give --secret gone=NAME"),
    ],
)
def test_an_operation_that_makes_no_sense_is_refused(write: Write, operation: dict[str, Any], why: str) -> None:
    document = {**with_paths(bad={"get": operation}, good={"get": {}}), "x": _growing(30), "loop": {"$ref": "#/loop"}}
    found = compiled_api(write(document))

    assert [tool.name for tool in found.tools] == ["small__get_good"]
    assert why in found.refused[0]


def test_a_secret_is_not_taken_where_nothing_is_encrypted(write: Write) -> None:
    with pytest.raises(ToolServerError, match="over https only"):
        compiled_api(write(PETS), server="http://pets.example", secrets={"token": "T"}, only=["listPets"])


@asynccontextmanager
async def _api(folder: Path) -> AsyncIterator[tuple[int, list[tuple[str, dict[str, str], bytes]]]]:
    """A small API behind TLS that notes each request and gives back what it was told, the secret among it."""
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(one.lower().split(": ", 1) for one in lines if one)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        seen.append((line.rsplit(" ", 1)[0], headers, body))
        status = "404 Not Found" if "missing" in line else "200 OK"
        answer = json.dumps({"you": headers.get("authorization"), "sent": body.decode()}).encode()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n".encode())
        writer.write(b"content-length: %d\r\n\r\n%b" % (len(answer), answer))

    server, _, _ = certificate(folder, "localhost")
    async with served(handle, server) as port:
        yield port, seen


async def test_requests_are_made_by_the_sandbox_and_the_secret_is_nowhere(
    bubblewrap: object, new_id: str, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    told: list[EgressEvent] = []
    async with _api(tmp_path) as (port, seen):
        found = compiled_api(
            write(PETS), prefix="pets", secrets={"token": "KEY"}, server=f"https://localhost:{port}/v1"
        )
        egress = AllowListEgress(hosts=(HostRule(host="localhost", ports=(port,), private=True),))
        gateway = EgressGateway({"KEY": Secret(env="CANARY", hosts=("localhost",))})
        async with await open_sandbox(
            LocalSandbox(egress=egress, require_isolation=True),
            new_id,
            state_dir=tmp_path / "s",
            gateway=gateway,
            on_egress=told.append,
        ) as sandbox:
            sandbox.equip(ApiTools(sandbox, found.tools, egress))
            offered = {tool.name: tool.effects for tool in await sandbox.tools()}
            query = {"tag": ["a b", "c&d"], "limit": 3, "by": {"age": "2"}, "X-Trace": "t"}
            listed = await ask(sandbox, "pets__listPets", **query)
            added = [await sandbox.call("once", "pets__pets_add", {"body": {"name": None, "age": 1}}) for _ in range(2)]
            missing = await ask(sandbox, "pets__delete_pets_petId", petId="missing/../x?y")
            out_of_path = await ask(sandbox, "pets__delete_pets_petId", petId="..")
            wrong = await ask(sandbox, "pets__listPets", limit=12, other=1)
            left = [path.read_bytes() for path in (tmp_path / "s").rglob("*") if path.is_file()]
        await gateway.close()

    assert offered["pets__listPets"] == ("reads", "network")
    assert [line for line, _, _ in seen] == [
        "GET /v1/pets?tag%5B%5D=a%20b&tag%5B%5D=c%26d&limit=3&by%5Bage%5D=2",
        "POST /v1/pets",
        "DELETE /v1/pets/missing%2F..%2Fx%3Fy",
    ]
    assert [headers.get("authorization") for _, headers, _ in seen] == [f"bearer {CANARY}"] * 2 + [None]
    assert seen[0][1]["x-trace"] == "t"
    assert seen[1][2] == b'{"name": null, "age": 1}'
    assert listed.data["body"] == {"you": "bearer [redacted]", "sent": ""}
    assert added[0].ok
    assert added[0] == added[1]
    assert (missing.ok, missing.error, missing.data["status"]) == (False, "http_status", 404)
    assert (out_of_path.error, wrong.error) == ("invalid_arguments", "invalid_arguments")
    assert "cannot stand in a path" in out_of_path.text
    everything = [*(tool.model_dump_json() for tool in found.tools), str(listed), *map(str, added)]
    assert CANARY not in "".join([*everything, *(event.model_dump_json() for event in told)])
    assert not any(CANARY.encode() in content for content in left)
    assert told[0].secrets == ("KEY",)


async def test_what_the_sandbox_may_not_reach_is_not_offered_and_said(
    sandbox: InProcessSandbox, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    (tool,) = compiled_api(write(with_paths(x={"get": {"operationId": "x"}}))).tools
    source = ApiTools(sandbox, (tool,), NoEgress())
    offered = await source.tools()
    called = await source.call("one", "small__x", {})

    assert offered == ()
    assert "may not reach a.example; put it into sandbox.egress" in caplog.text
    assert called.error == "egress_refused"
    assert not tool.reachable(AllowListEgress(hosts=(HostRule(host="a.example", ports=(8443,)),)))
    assert tool.reachable(AllowListEgress(hosts=(HostRule(host="*.example"),)))
    assert tool.reachable(OpenEgress())
