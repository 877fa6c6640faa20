"""The client's reducer gives the state that the server's reader gives: for recorded runs, and for runs nobody had."""

import gzip
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from agent.domain.events import Event
from agent.domain.view import RunView
from tests.webui.golden import CASSETTES, KEPT, golden, states, write_cassettes
from tests.webui.made_events import runs
from tests.webui.node import CLIENT, tool
from webui.shapes import written

MADE = 80


def events_of(data: bytes) -> list[Event]:
    return [Event.model_validate(event) for event in orjson.loads(gzip.decompress(data))["events"]]


async def test_every_cassette_of_the_tests_is_among_what_the_client_is_held_to(tmp_path: Path) -> None:
    await write_cassettes(tmp_path)

    assert {path.stem for path in CASSETTES} == {path.name.removesuffix(".json.gz") for path in tmp_path.iterdir()}
    for path in tmp_path.iterdir():
        assert gzip.decompress(path.read_bytes()) == gzip.decompress((KEPT / path.name).read_bytes()), path.name


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json.gz")), ids=lambda path: path.name.removesuffix(".json.gz"))
def test_what_the_client_is_held_to_is_what_the_reader_says(path: Path) -> None:
    data, view = path.read_bytes(), RunView()

    events = events_of(data)
    assert len(events) == len(states(data)) > 0
    for event, state in zip(events, states(data), strict=True):
        view.apply(event)
        assert view.model_dump(mode="json") == state


def test_the_client_knows_what_stands_for_fields_that_earlier_versions_did_not_write() -> None:
    assert (CLIENT / "src" / "ledger" / "shapes.ts").read_text() == written(), (
        "run: python -m webui.shapes > webui/client/src/ledger/shapes.ts"
    )


@pytest.mark.slow
async def test_the_client_gives_the_same_state_for_runs_that_nobody_had(node: str, tmp_path: Path) -> None:
    made: list[bytes] = []

    @settings(max_examples=MADE, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(runs())
    def collect(events: list[Event]) -> None:
        made.append(golden(events))

    collect()
    for number, data in enumerate(made):
        (tmp_path / f"{number:03}.json.gz").write_bytes(data)
    code, said = await tool(
        node, "vitest", "run", "tests/ledger/reducer.test.ts", env={"PLUMBLINE_GOLDEN": str(tmp_path)}
    )

    assert len(made) >= MADE
    assert code == 0, said[-6_000:]
