"""What is set, and whether it is in order: as the API tells it, and to whom."""

import httpx

from tests.webui.serving import Web


async def test_settings_are_kept_and_hold_from_the_next_start(web: Web) -> None:
    before = (await web.get("/api/settings"))["values"]["concurrency"]
    answer = await web.client.put("/api/settings/concurrency", json={"value": str(before + 1)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["values"]["concurrency"] == before + 1
    assert answer.json()["restart"] is True
    assert f"concurrency = {before + 1}" in (web.home / "config.toml").read_text()


async def test_a_wrong_value_changes_nothing(web: Web) -> None:
    place = web.home / "config.toml"
    before = place.read_text() if place.exists() else None
    answer = await web.client.put("/api/settings/concurrency", json={"value": "0"})
    assert answer.status_code == 422
    assert "concurrency" in answer.json()["message"]
    assert (place.read_text() if place.exists() else None) == before


async def test_programs_addresses_and_users_are_not_set_from_a_browser(web: Web) -> None:
    for name in (
        "mcp_servers.x.command",
        "secrets.x.env",
        "web.everyone_reads",
        "models.x.base_url",
        "ledger.database_url",
    ):
        answer = await web.client.put(f"/api/settings/{name}", json={"value": "x"})
        assert answer.status_code == 403, name


async def test_passwords_are_not_shown(web: Web) -> None:
    file = web.home / "config.toml"
    file.write_text('[ledger]\ndatabase_url = "postgresql://me:hush-hush@db/x"\n[secrets.key]\nenv = "HUSH"\n')
    answer = await web.client.get("/api/settings")
    assert "hush-hush" not in answer.text
    assert answer.json()["values"]["secrets"] == ["key"]


async def test_the_doctor_looks_at_one_part_at_a_time(web: Web) -> None:
    parts = await web.get("/api/doctor")
    assert {"model", "disk", "database"} <= set(parts)
    finding = await web.get("/api/doctor/disk")
    assert finding["part"] == "disk"
    assert "GiB free" in finding["found"]
    assert (await web.client.get("/api/doctor/nothing")).status_code == 422


async def test_settings_and_doctor_are_for_admins(web: Web) -> None:
    token = web.access.add_user("olga", "operator")
    async with httpx.AsyncClient(base_url=web.url, headers={"Authorization": f"Bearer {token}"}) as operator:
        assert (await operator.get("/api/settings")).status_code == 403
        assert (await operator.put("/api/settings/concurrency", json={"value": "2"})).status_code == 403
        assert (await operator.get("/api/doctor")).status_code == 403
