"""No page leads, loads, posts or connects past the proxy, in either tier; the controls show that each could.

Nothing but the proxy stands between the pages and the canary here, no sandbox.
"""

import pytest

from toolserver.browsing.chromium import obstacle
from toolserver.escapes.trial import try_browser, try_text
from toolserver.escapes.ways import leading

ROUTES = {"redirect-302", "location", "image-302", "fetch-302", "websocket"}
"""The five that leaked where requests were filtered inside the browser."""

OTHERS = {
    "frame",
    "form",
    "meta-refresh",
    "preload",
    "prefetch",
    "beacon",
    "worker",
    "events",
    "rebound",
    "trap",
    "tls",
}
SPELLED = {"odd-decimal", "odd-octal", "odd-hexadecimal", "odd-short", "odd-IPv6", "odd-localhost-", "odd-trailing-dot"}


async def test_plain_requests_reach_nothing_that_is_not_allowed_and_would_if_it_were() -> None:
    refused, allowed = await try_text("refused"), await try_text("allowed")

    assert (refused.reached, refused.read) == ({}, False)
    assert refused.refused > 10
    assert allowed.read
    assert {f"redirect-{status}" for status in (301, 302, 303, 307, 308)} <= allowed.reached.keys()
    assert {"meta-refresh", "open-dotted", "open-localhost", "open-trap", "tls"} <= allowed.reached.keys()


@pytest.mark.browser
@pytest.mark.slow
async def test_pages_in_a_real_browser_reach_nothing_that_is_not_allowed_and_would_if_it_were() -> None:
    if (reason := obstacle()) is not None:
        pytest.skip(reason)

    refused, allowed = await try_browser("refused"), await try_browser("allowed", spellings=False)

    assert (refused.reached, refused.read) == ({}, False)
    assert refused.refused > 60
    assert allowed.read
    assert allowed.reached.keys() >= ROUTES | OTHERS | SPELLED
    wanted = {path.removeprefix("/") for path in leading(1)} - {"redirect-twice", "redirect-tls"}
    assert wanted <= allowed.reached.keys()
