"""Getting in: links, sessions, tokens, proxies; and who does not get in."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError, UsageError
from agent.runtime.web_settings import WebSettings
from tests.webui.guard.conftest import House, opened
from webui.guard.access import Access
from webui.guard.principals import Principal
from webui.guard.rules import rules_for


async def test_a_link_signs_a_browser_in_once_and_leaves_the_address(house: House) -> None:
    secret = house.access.new_link("local", seconds=60)
    first = await house.client.get("/api/enter", params={"token": secret})
    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "plumbline_8765=" in cookie
    assert (await house.client.get("/api/me")).json()["role"] == "admin"

    house.client.cookies.clear()
    again = await house.client.get("/api/enter", params={"token": secret})
    assert again.headers["location"] == "/enter?problem=used"
    assert "set-cookie" not in again.headers


async def test_links_that_are_old_or_made_up_lead_to_the_page_that_says_what_to_do(house: House) -> None:
    secret = house.access.new_link("local", seconds=60)
    house.clock.now += 61
    assert (await house.client.get(f"/api/enter?token={secret}")).headers["location"] == "/enter?problem=expired"
    assert (await house.client.get("/api/enter?token=x")).headers["location"] == "/enter?problem=unknown"
    assert (await house.client.get("/api/enter")).headers["location"] == "/enter?problem=unknown"


async def test_a_session_ends_with_its_time_and_says_so(house: House) -> None:
    await house.enter()
    house.clock.now += 8 * 86_400
    refused = await house.client.get("/api/me")
    assert refused.status_code == 401
    assert "expired" in refused.json()["message"]
    assert "plumbline serve link" in refused.json()["message"]


async def test_who_leaves_is_out_even_with_the_cookie_kept(house: House) -> None:
    await house.enter()
    cookies = dict(house.client.cookies)
    assert (await house.client.post("/api/leave")).status_code == 204
    assert not house.client.cookies
    house.client.cookies.update(cookies)
    assert (await house.client.get("/api/me")).status_code == 401


async def test_programs_send_a_token(house: House) -> None:
    assert (await house.client.get("/api/me", headers=house.bearer())).json()["name"] == "local"
    refused = await house.client.get("/api/me", headers=house.bearer("wrong"))
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert (await house.client.get("/api/me", headers={"Authorization": "Basic eDp5"})).status_code == 401
    strange = [(b"authorization", b"Bearer \xff\xfe")]
    assert (await house.client.get("/api/me", headers=strange)).status_code == 401


async def test_a_wrong_token_is_not_saved_by_a_good_session(house: House) -> None:
    await house.enter()
    assert (await house.client.get("/api/me", headers=house.bearer("wrong"))).status_code == 401


async def test_a_token_may_be_typed_in_but_not_guessed(house: House) -> None:
    entered = await house.client.post("/api/enter", json={"token": house.access.own_token()})
    assert entered.json()["name"] == "local"
    assert (await house.client.get("/api/me")).status_code == 200
    answers = [(await house.client.post("/api/enter", json={"token": str(n)})) for n in range(25)]
    assert {answer.status_code for answer in answers[:20]} == {401}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_users_have_names_roles_and_tokens_of_their_own(house: House) -> None:
    token = house.access.add_user("mei", "viewer")
    me = (await house.client.get("/api/me", headers=house.bearer(token))).json()
    assert (me["name"], me["role"], me["several"]) == ("mei", "viewer", True)
    house.access.set_role("mei", "operator")
    assert (await house.client.get("/api/me", headers=house.bearer(token))).json()["role"] == "operator"
    renewed = house.access.renew_token("mei")
    assert (await house.client.get("/api/me", headers=house.bearer(token))).status_code == 401
    assert (await house.client.get("/api/me", headers=house.bearer(renewed))).status_code == 200


async def test_a_user_who_is_removed_is_out_at_once(house: House) -> None:
    house.access.add_user("mei", "admin")
    await house.enter("mei")
    assert (await house.client.get("/api/me")).status_code == 200
    house.access.remove_user("mei")
    assert (await house.client.get("/api/me")).status_code == 401


async def test_another_token_ends_what_the_old_one_opened(house: House) -> None:
    house.access.add_user("mei", "operator")
    await house.enter("mei")
    link = house.access.new_link("mei", seconds=60)
    house.access.renew_token("mei")
    assert (await house.client.get("/api/me")).status_code == 401
    entered = await house.client.get("/api/enter", params={"token": link})
    assert entered.headers["location"] == "/enter?problem=unknown"


@pytest.mark.parametrize("name", ["local", "LOCAL", "", "a b", "../x", "x" * 65, "-x", "x\n"])
async def test_some_names_are_no_users(house: House, name: str) -> None:
    with pytest.raises(UsageError):
        house.access.add_user(name, "viewer")


async def test_names_and_roles_are_checked(house: House) -> None:
    house.access.add_user("mei", "viewer")
    with pytest.raises(UsageError, match="there is a user"):
        house.access.add_user("Mei", "viewer")
    with pytest.raises(UsageError, match="viewer, operator, admin"):
        house.access.add_user("jo", "root")
    with pytest.raises(UsageError, match="no user 'jo'"):
        house.access.new_link("jo", seconds=1)


async def test_files_of_secrets_are_for_their_owner_alone_and_hold_no_secret_of_others(house: House) -> None:
    token = house.access.add_user("mei", "viewer")
    secret = house.access.new_link("mei", seconds=60)
    house.access.own_token()
    assert house.access.path.stat().st_mode & 0o777 == 0o600
    assert house.access.token_path.stat().st_mode & 0o777 == 0o600
    stored = house.access.path.read_bytes()
    assert token.encode() not in stored
    assert secret.encode() not in stored


def test_a_token_that_others_may_read_is_refused(tmp_path: Path) -> None:
    access = Access(tmp_path)
    access.own_token()
    access.token_path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read"):
        access.own_token()


async def test_trusted_proxies_name_users_and_nobody_else_does(tmp_path: Path) -> None:
    web = WebSettings(proxies=["127.0.0.1"], user_header="X-Forwarded-User")
    async with opened(tmp_path, web) as house:
        house.access.add_user("mei", "operator")
        named = {"X-Forwarded-User": "mei"}
        assert (await house.client.get("/api/me", headers=named)).json()["name"] == "mei"
        for wrong in ("local", "nobody", ""):
            refused = await house.client.get("/api/me", headers={"X-Forwarded-User": wrong})
            assert refused.status_code == 401, wrong
        twice = [("X-Forwarded-User", "mei"), ("X-Forwarded-User", "root")]
        assert (await house.client.get("/api/me", headers=twice)).status_code == 401
    async with opened(tmp_path, WebSettings(proxies=["10.0.0.0/8"], user_header="X-Forwarded-User")) as house:
        assert (await house.client.get("/api/me", headers=named)).status_code == 401


async def test_a_cookie_is_for_https_alone_where_a_proxy_speaks_it(tmp_path: Path) -> None:
    async with opened(tmp_path, WebSettings(proxies=["127.0.0.1"], user_header="X-User")) as house:
        secret = house.access.new_link("local", seconds=60)
        answer = await house.client.get(f"/api/enter?token={secret}", headers={"X-Forwarded-Proto": "https"})
        assert "secure" in answer.headers["set-cookie"].lower()
    async with opened(tmp_path) as house:
        secret = house.access.new_link("local", seconds=60)
        answer = await house.client.get(f"/api/enter?token={secret}", headers={"X-Forwarded-Proto": "https"})
        assert "secure" not in answer.headers["set-cookie"].lower()


async def test_without_authentication_everybody_here_is_the_one_who_started_it(tmp_path: Path) -> None:
    async with opened(tmp_path, authenticate=False) as house:
        assert (await house.client.get("/api/me")).json()["role"] == "admin"
        assert (await house.client.get("/api/me", headers={"Host": "evil.example"})).status_code == 400


def test_servers_that_others_reach_need_names_and_authentication() -> None:
    with pytest.raises(UsageError, match="--no-auth"):
        rules_for("192.0.2.1", WebSettings(trusted_hosts=["x.example"]), authenticate=False)
    for wildcard in ("0.0.0.0", "::", ""):  # noqa: S104 - nothing listens
        with pytest.raises(UsageError, match="--trusted-host"):
            rules_for(wildcard, WebSettings())
    assert rules_for("192.0.2.1", WebSettings()).hosts == ("192.0.2.1",)
    assert rules_for("::1", WebSettings(), authenticate=False).authenticate is False


def test_requests_find_out_who_asks_while_another_process_changes_users(tmp_path: Path) -> None:
    access = Access(tmp_path)
    session = access.open_session("local", seconds=60)
    with contextlib.closing(sqlite3.connect(access.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = access.of_session(session)
        assert isinstance(found, Principal)
        assert found.name == "local"
        assert access.of_token("none") is None
        assert access.of_name("nobody") is None
        assert access.users() == ()
