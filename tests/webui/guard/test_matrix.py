"""Every route of the OpenAPI document against everybody who may not use it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.runtime.web_settings import WebSettings
from tests.webui.guard.asking import Pairs, Said, ask
from tests.webui.guard.conftest import HERE, House, opened
from tests.webui.guard.routes import ADMINS, NAMES_OF_RUNS, OPEN, SAMPLES, VIEWERS, Route, routes
from webui.app import bare_app

ROUTES = routes()
HOST = ("Host", "127.0.0.1:8765")
Verdict = Callable[[Said], bool]


class Street:
    """An application with users, one of whom has runs."""

    def __init__(self, house: House, tokens: dict[str, str]) -> None:
        self.house = house
        self.tokens = tokens

    def by(self, name: str) -> Pairs:
        """Return the header of a user's program."""
        return [("Authorization", f"Bearer {self.tokens[name]}")]

    async def new_run(self) -> str:
        """Return a new run of Mei's."""
        return await self.house.ledger.create(Task(goal="count the words"), filing=Filing(owner="mei"))

    async def ask(self, route: Route, headers: Pairs, *, run_id: str = "none", host: str = HOST[1]) -> Said:
        """Ask a route with a body that is JSON, where it takes one."""
        body = b"{}" if route.body is not None else b""
        sent = [("Host", host), *route.headers(), *headers]
        return await ask(self.house.app, route.method, route.url(run_id), sent, body)

    async def wrong(self, asked: list[Route], is_right: Verdict, *headers: Pairs, **more: str) -> list[str]:
        """Ask routes with each of several headers and return the names of those that answered wrongly."""
        told = [(route, pairs, await self.ask(route, pairs, **more)) for route in asked for pairs in headers]
        return [
            f"{route.name} {pairs}: {said.status} {said.error}" for route, pairs, said in told if not is_right(said)
        ]


@asynccontextmanager
async def _street(home: Path, web: WebSettings) -> AsyncIterator[Street]:
    async with opened(home, web) as house:
        roles = {"mei": "operator", "jo": "operator", "vi": "viewer", "ada": "admin"}
        yield Street(house, {name: house.access.add_user(name, role) for name, role in roles.items()})


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with _street(tmp_path, WebSettings(submits_per_minute=10_000, uploads_per_minute=10_000)) as one:
        yield one


def of(status: int, error: str | None = None) -> Verdict:
    """Return what tells whether an answer has a status, and a problem its name."""
    return lambda said: said.status == status and error in (None, said.error)


def test_the_document_names_every_route() -> None:
    named = {(route.method, route.path) for route in ROUTES}
    there = [route for route in bare_app().routes if isinstance(route, APIRoute)]
    assert {(method, route.path_format) for route in there for method in route.methods or ()} <= named
    assert len(named) == len({route.name for route in ROUTES}) > 10


def test_the_lists_of_exceptions_name_routes_that_are_there() -> None:
    assert {*OPEN, *ADMINS, *VIEWERS} <= {route.name for route in ROUTES}


def test_every_address_can_be_filled_in_and_runs_are_named_in_one_way() -> None:
    for route in ROUTES:
        route.url("x")
        others = {name for name in route.inputs if "run" in name.lower().split("_")} - NAMES_OF_RUNS
        assert not others, f"{route.name} takes {others}: say in NAMES_OF_RUNS that it is looked up by who may see it"
    assert SAMPLES.keys().isdisjoint(NAMES_OF_RUNS)


async def test_no_route_answers_another_host(street: Street) -> None:
    for host in ("evil.example", "evil.example:8765", "127.0.0.1.evil.example", ""):
        assert not await street.wrong(ROUTES, of(400), street.by("ada"), host=host)
    assert not await street.wrong(ROUTES, of(400), [*street.by("ada"), HOST], [*street.by("ada"), ("Host", "evil")])


async def test_no_route_answers_pages_of_another_origin(street: Street) -> None:
    ada = street.by("ada")
    foreign = [[*ada, ("Origin", one)] for one in ("https://evil.example", "null", "http://127.0.0.1:1")]
    twice = [*ada, ("Origin", HERE), ("Origin", "https://evil.example")]
    assert not await street.wrong(ROUTES, of(403, "ForeignOrigin"), *foreign, twice)


async def test_no_route_answers_pages_of_another_site(street: Street) -> None:
    ada = street.by("ada")
    sites = [[*ada, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors")] for site in ("cross-site", "same-site")]
    assert not await street.wrong(ROUTES, of(403, "ForeignOrigin"), *sites)


async def test_no_route_answers_strangers(street: Street) -> None:
    guarded = [route for route in ROUTES if route.name not in OPEN]
    cookie = [("Cookie", f"plumbline_8765={street.house.access.open_session('ada', seconds=60)}")]
    known = [route for route in guarded if route.name != "leave"]
    assert not await street.wrong(known, lambda said: said.status != 401, cookie)
    street.house.clock.now += 61
    strangers: list[Pairs] = [[], cookie, [("Cookie", "plumbline_8765=x")], [("Authorization", "Bearer x")]]
    assert not await street.wrong(guarded, lambda said: said.status in (401, 429), *strangers)
    assert not await street.wrong(guarded, of(401, "SignedOut"), *strangers[:3])


async def test_viewers_change_nothing(street: Street) -> None:
    changing = [route for route in ROUTES if route.changes and route.name not in {*OPEN, *VIEWERS}]
    assert not await street.wrong(changing, of(403, "NotAllowed"), street.by("vi"))
    asked = [route for route in ROUTES if not route.changes or route.name in VIEWERS]
    asked = [route for route in asked if route.name not in ADMINS]
    assert not await street.wrong(asked, lambda said: said.status != 403, street.by("vi"))


async def test_what_is_for_admins_is_refused_to_others(street: Street) -> None:
    asked = [route for route in ROUTES if route.name in ADMINS]
    assert not await street.wrong(asked, of(403, "NotAllowed"), street.by("mei"))
    assert not await street.wrong(asked, lambda said: said.status not in (401, 403), street.by("ada"))


async def test_runs_of_others_are_not_there(street: Street) -> None:
    run_id = await street.new_run()
    asked = [route for route in ROUTES if route.names_a_run]
    assert not await street.wrong(asked, of(404, "UnknownRun"), street.by("jo"), run_id=run_id)
    for wrong in (run_id[:-1], "last", "%20", run_id + "x"):
        assert not await street.wrong(asked, of(404, "UnknownRun"), street.by("ada"), run_id=wrong)
    for route in asked:
        for name in ("mei", "ada"):
            said = await street.ask(route, street.by(name), run_id=await street.new_run())
            assert said.status not in (401, 403), (route.name, said)
            assert said.status < 500, (route.name, said)


async def test_where_everyone_reads_only_owners_and_admins_change(tmp_path: Path) -> None:
    async with _street(tmp_path, WebSettings(everyone_reads=True)) as street:
        run_id = await street.new_run()
        asked = [route for route in ROUTES if route.names_a_run]
        changing, reading = ([route for route in asked if route.changes is change] for change in (True, False))
        assert not await street.wrong(changing, of(403, "NotAllowed"), street.by("jo"), street.by("vi"), run_id=run_id)
        readers = (street.by("jo"), street.by("vi"))
        assert not await street.wrong(reading, lambda said: said.status not in (401, 403, 500), *readers, run_id=run_id)
        assert (await street.ask(_named("find_run"), street.by("vi"), run_id=run_id)).status == 200


async def test_lists_hold_nothing_of_others(street: Street) -> None:
    run_id = await street.new_run()
    reading = [route for route in ROUTES if not route.changes and not route.names_a_run]
    assert not await street.wrong(reading, lambda said: run_id.encode() not in said.body, street.by("jo"))
    assert run_id.encode() in (await street.ask(_named("list_runs"), street.by("mei"))).body


async def test_every_route_has_the_headers(street: Street) -> None:
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }

    def has_all(said: Said) -> bool:
        headers = said.headers
        return (
            expected.items() <= dict(headers).items()
            and headers["x-frame-options"] in ("DENY", "SAMEORIGIN")
            and "default-src 'none'" in headers["content-security-policy"]
            and not {"access-control-allow-origin", "server"} & set(headers.keys())
        )

    mei = street.by("mei")
    run_id = await street.new_run()
    assert not await street.wrong(ROUTES, has_all, [], mei, [*mei, ("Origin", "null")], run_id=run_id)


async def test_forms_of_other_pages_are_no_bodies(street: Street) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = [HOST, ("Content-Type", kind), ("Content-Length", "2"), *street.by("ada")]
        for route in ROUTES:
            if route.changes:
                said = await ask(street.house.app, route.method, route.url("none"), headers, b"{}")
                assert said.status == 415, route.name


def _named(name: str) -> Route:
    return next(route for route in ROUTES if route.name == name)
