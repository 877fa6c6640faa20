"""How much one may ask for, and what is kept of it."""

from pathlib import Path

from agent.domain.task import Task
from agent.ledger.audit import Audit
from agent.ledger.filing import Filing
from agent.runtime.web_settings import WebSettings
from tests.webui.guard.conftest import House, opened
from webui.guard.rates import Rates


async def test_who_asks_too_often_is_told_when_to_ask_again(tmp_path: Path) -> None:
    async with opened(tmp_path, WebSettings(submits_per_minute=3, uploads_per_minute=2)) as house:
        mei = house.bearer(house.access.add_user("mei", "operator"))
        jo = house.bearer(house.access.add_user("jo", "operator"))
        answers = [await house.client.post("/api/runs", json={}, headers=mei) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
        raw = {"Content-Type": "application/octet-stream"}
        sent = [await house.client.post("/api/uploads", content=b"x", headers={**mei, **raw}) for _ in range(3)]
        assert [answer.status_code == 429 for answer in sent] == [False, False, True]
        assert (await house.client.post("/api/runs", json={}, headers=jo)).status_code == 422
        assert (await house.client.get("/api/runs", headers=mei)).status_code == 200


async def test_one_has_so_many_runs_under_way(tmp_path: Path) -> None:
    async with opened(tmp_path, WebSettings(runs_per_user=2)) as house:
        mei = house.bearer(house.access.add_user("mei", "operator"))
        jo = house.bearer(house.access.add_user("jo", "operator"))
        for _ in range(2):
            await house.ledger.create(Task(goal="x"), filing=Filing(owner="mei"))
        refused = await house.client.post("/api/runs", json={}, headers=mei)
        assert refused.status_code == 429
        assert "2 runs under way" in refused.json()["message"]
        assert (await house.client.post("/api/runs", json={}, headers=jo)).status_code == 422


def test_streams_are_counted_while_they_are_open() -> None:
    rates = Rates({"enter": 1, "submit": 1, "upload": 1}, streams=2)
    with rates.stream("mei") as first, rates.stream("mei") as second, rates.stream("mei") as third:
        assert (first, second, third) == (True, True, False)
        with rates.stream("jo") as other:
            assert other
    with rates.stream("mei") as again:
        assert again


def test_buckets_fill_up_again_and_stay_few() -> None:
    now = [0.0]
    rates = Rates({"enter": 2, "submit": 1, "upload": 1}, streams=1, clock=lambda: now[0])
    assert [rates.may("a", "enter") for _ in range(3)] == [True, True, False]
    assert rates.seconds_until("a", "enter") == 30
    now[0] += 30
    assert rates.may("a", "enter")
    assert not rates.may("a", "enter")
    for number in range(20_000):
        rates.may(str(number), "enter")
    assert len(rates._buckets) <= 4_097


async def test_what_somebody_changed_is_kept_and_what_was_refused_is_not(house: House) -> None:
    mei = house.bearer(house.access.add_user("mei", "operator"))
    run_id = await house.ledger.create(Task(goal="count"), filing=Filing(owner="mei"))
    jo = house.bearer(house.access.add_user("jo", "operator"))
    await house.client.patch(f"/api/runs/{run_id}", json={"title": "x"}, headers=jo)
    await house.client.patch(f"/api/runs/{run_id}", json={"title": "Words"}, headers=mei)
    await house.client.delete(f"/api/runs/{run_id}", headers=house.bearer())
    kept = [(entry.who, entry.what, entry.run_id, entry.detail) for entry in await Audit(house.ledger).entries()]
    assert kept == [("local", "delete_run", run_id, "Words"), ("mei", "change_run", run_id, "")]


async def test_signing_in_and_out_is_kept_too(house: House) -> None:
    house.access.add_user("mei", "viewer")
    await house.enter("mei")
    await house.client.post("/api/leave")
    kept = [(entry.who, entry.what) for entry in await Audit(house.ledger).entries()]
    assert kept == [("mei", "leave"), ("mei", "enter_by_link")]
