"""Where requests may come from, and in which form."""

import httpx
import pytest

from tests.webui.guard.conftest import HERE, House


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "127.0.0.1:x",
        "",
        "127.0.0.1:8765, a",
        "[::2]",
    ],
)
async def test_other_hosts_are_refused(house: House, host: str) -> None:
    for path in ("/", "/api/me", "/api/health"):
        assert (await house.client.get(path, headers={"Host": host})).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9000", "LOCALHOST", "[::1]:8765"])
async def test_names_of_the_loopback_interface_are_right_at_any_port(house: House, host: str) -> None:
    assert (await house.client.get("/api/me", headers={**house.bearer(), "Host": host})).status_code == 200


async def test_hosts_origins_and_sites_come_once(house: House) -> None:
    bearer = [(k, v) for k, v in house.bearer().items()]
    twice = [*bearer, ("Host", "127.0.0.1:8765"), ("Host", "127.0.0.1:8765")]
    assert (await house.client.get("/api/me", headers=twice)).status_code == 400
    assert (await house.client.get("/api/me", headers=[*bearer, ("Origin", HERE), ("Origin", HERE)])).status_code == 403
    sites = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")]
    assert (await house.client.get("/api/me", headers=[*bearer, *sites])).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:8766",
        "http://localhost:8765",
        "file://",
        "http://127.0.0.1:8765@evil.example",
        "http://[",
    ],
)
async def test_other_origins_are_refused(house: House, origin: str) -> None:
    for path in ("/", "/api/me"):
        answer = await house.client.get(path, headers={**house.bearer(), "Origin": origin})
        assert answer.status_code == 403


async def test_our_origin_is_right(house: House) -> None:
    assert (await house.client.get("/api/me", headers={**house.bearer(), "Origin": HERE})).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange", ""])
async def test_other_sites_are_refused(house: House, site: str) -> None:
    navigating = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await house.client.get("/api/me", headers={**house.bearer(), **navigating})).status_code == 403
    posted = await house.client.post("/api/enter", headers=navigating, json={"token": ""})
    assert posted.status_code == 403


async def test_a_link_may_be_followed_from_elsewhere_but_not_fetched_or_framed(house: House) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await house.client.get("/api/enter?token=x", headers=followed)).status_code == 303
    for change in ({"Sec-Fetch-Mode": "no-cors"}, {"Sec-Fetch-Dest": "iframe"}):
        assert (await house.client.get("/api/enter?token=x", headers={**followed, **change})).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", None]
)
async def test_bodies_are_json(house: House, kind: str | None) -> None:
    headers = {**house.bearer(), **({"Content-Type": kind} if kind else {})}
    answer = await house.client.post("/api/enter", content=b'{"token": "x"}', headers=headers)
    assert answer.status_code == 415


async def test_bodies_of_files_are_sent_as_they_are(house: House) -> None:
    json = {**house.bearer(), "Content-Type": "application/json"}
    assert (await house.client.post("/api/uploads", content=b"{}", headers=json)).status_code == 415


async def test_bodies_of_json_are_bounded_also_where_no_length_was_given(house: House) -> None:
    json = {**house.bearer(), "Content-Type": "application/json"}
    large = b'{"token": "' + b"x" * (9 * 1024 * 1024) + b'"}'
    assert (await house.client.post("/api/enter", content=large, headers=json)).status_code == 413

    async def pieces() -> object:
        for start in range(0, len(large), 1 << 20):
            yield large[start : start + (1 << 20)]

    streamed: httpx.Response = await house.client.post("/api/enter", content=pieces(), headers=json)  # type: ignore[arg-type]
    assert streamed.status_code == 413


async def test_every_answer_tells_browsers_what_not_to_do(house: House) -> None:
    answers = [
        await house.client.get("/"),
        await house.client.get("/assets/none.js"),
        await house.client.get("/api/me"),
        await house.client.get("/api/me", headers=house.bearer()),
        await house.client.get("/api/nothing", headers=house.bearer()),
        await house.client.get("/api/enter"),
        await house.client.get("/", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", answer.url
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
    assert "script-src 'self' 'wasm-unsafe-eval'" in answers[0].headers["content-security-policy"]
    assert answers[2].headers["cache-control"] == "no-store"
