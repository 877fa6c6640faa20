"""What a server writes down of requests: nothing that was secret in them."""

import logging
from pathlib import Path

import httpx
import pytest

from tests.webui.serving import serving


async def test_no_log_holds_tokens_or_what_people_ask(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving(tmp_path / "home") as web:
        with caplog.at_level(logging.INFO):
            link = web.link()
            async with httpx.AsyncClient() as browser:
                await browser.get(link)
                await browser.get(f"{web.url}/api/me")
                await browser.get(link)
            await web.stopped(await web.submit("find the heron of the canal"))
            await web.client.get("/api/runs", params={"search": "heron"})
            await web.client.get("/api/me", headers={"Authorization": "Bearer wrong-and-secret"})
        secrets = [link.partition("token=")[2], web.access.own_token(), "wrong-and-secret", "heron"]
    told = capfd.readouterr()
    # the test's own client writes down what it asks
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    written = "\n".join([told.out, told.err, *ours])
    assert not [secret for secret in secrets if secret in written]
