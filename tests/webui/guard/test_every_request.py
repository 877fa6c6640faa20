"""Requests of every shape that the OpenAPI document allows, and of shapes that it does not: none breaks the server."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.runtime.web_settings import WebSettings
from tests.webui.guard.routes import SAMPLES
from tests.webui.serving import DONE, Web, serving
from webui.app import bare_app

Operation = APIOperation[Any, Any, Any, Any]

ENDLESS = {"stream_run"}
"""Operations whose answers do not end; tests of streams ask them."""

ABOUT = st.sampled_from([(True, True), (True, False), (True, True), (False, False)])
"""Whether a run that is there is asked about, and things of it by names that are right; generated ones never are."""

EXAMPLES = 3
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _operations() -> Iterator[Operation]:
    for result in schemathesis.openapi.from_dict(bare_app().openapi()).get_all_operations():
        assert isinstance(result, Ok)
        yield result.ok()


def _may_be_wrong(operation: Operation) -> bool:
    parameters = operation.definition.raw.get("parameters", [])
    return bool(operation.body) or any(each["schema"] != {"type": "string"} for each in map(_untitled, parameters))


def _untitled(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**parameter, "schema": {key: value for key, value in parameter["schema"].items() if key != "title"}}


def _name(operation: Operation) -> str:
    return str(operation.definition.raw["operationId"])


# the server's loop, in another thread, takes numbers from the generator that the library watches
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
@pytest.mark.slow
async def test_no_request_breaks_the_server(tmp_path: Path) -> None:
    web = WebSettings(submits_per_minute=10_000, uploads_per_minute=10_000, runs_per_user=10_000)
    async with serving(tmp_path / "home", web=web) as server:
        done = await server.submit("count the words", DONE)
        await server.stopped(done)
        doomed = [await server.ledger.create(Task(goal="x"), filing=Filing(owner="local")) for _ in range(4 * EXAMPLES)]
        operations = list(_operations())
        asked = await asyncio.to_thread(_ask_all, server, operations, done, doomed)
    assert asked.keys() == {_name(operation) for operation in operations} - ENDLESS
    assert min(asked.values()) >= 1


def _ask_all(server: Web, operations: list[Operation], run_id: str, doomed: list[str]) -> Counter[str]:
    """Ask every operation several things and return how many."""
    asked = Counter[str]()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.access.own_token()}"
    to_delete = itertools.cycle(doomed)

    def ask(case: Case[Any], about: tuple[bool, bool]) -> None:
        name, (that_is_there, with_samples) = _name(case.operation), about
        asked[name] += 1
        if that_is_there and "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = next(to_delete) if name == "delete_run" else run_id
        if with_samples:
            case.path_parameters.update({key: SAMPLES[key] for key in case.path_parameters if key in SAMPLES})
        answer = case.call(base_url=server.url, session=session, timeout=30, allow_redirects=False)
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    with session:
        for operation in operations:
            if _name(operation) not in ENDLESS:
                BOUNDED(given(case=operation.as_strategy(), about=ABOUT)(ask))()
                # there are no wrong requests to what takes nothing but text
                if _may_be_wrong(operation):
                    BOUNDED(given(case=operation.as_strategy(GenerationMode.NEGATIVE), about=ABOUT)(ask))()
    return asked
