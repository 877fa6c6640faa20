"""A script world of our own in the page that a browser shows: it sees the document, and the page cannot change it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

SCRIPT: Final = Path(__file__).parent / "snapshot.js"
WORLD: Final = "plumbline"

TAKE_SECONDS: Final = 20.0


class Stuck(Exception):
    """The page's scripts keep the browser from answering."""


class Moved(Exception):
    """The document went away while it was asked."""


class World:
    """Runs functions of ``snapshot.js`` in a page.

    Args:
        session: a DevTools session on the page.
        script: content of ``snapshot.js``.
        seconds: how long a page may take to answer.
    """

    def __init__(self, session: "CDPSession", script: str, seconds: float) -> None:
        self._session = session
        self._seconds = seconds
        self._script = script

    async def call(self, function: str, *arguments: Any, seconds: float | None = None) -> Any:
        """Return what a function of the script returns; the arguments are plain values.

        Raises:
            Moved: the document went away.
            Stuck: no answer came.
        """
        listed = [{"value": argument} for argument in arguments]
        return await self._run(
            f"function(...given) {{ return plumbline.{function}(...given); }}", listed, seconds or self._seconds
        )

    async def with_element(self, function: str, ref: str, *arguments: Any) -> Any:
        """Return what a function of the script returns for an element, or ``{"stale": true}`` where that is gone.

        Raises:
            Moved: the document went away.
            Stuck: no answer came.
        """
        code = (
            "function(ref, ...given) { const element = plumbline.find(ref);"
            f" return element ? {{ value: plumbline.{function}(element, ...given) }} : {{ stale: true }}; }}"
        )
        return await self._run(code, [{"value": ref}, *({"value": argument} for argument in arguments)], self._seconds)

    async def interrupt(self) -> None:
        """End the script that is running now."""
        await self._send("Runtime.terminateExecution", {}, self._seconds)

    async def _run(self, function: str, arguments: list[dict[str, Any]], seconds: float) -> Any:
        tree = await self._send("Page.getFrameTree", {}, seconds)
        frame = tree["frameTree"]["frame"]["id"]
        made = await self._send("Page.createIsolatedWorld", {"frameId": frame, "worldName": WORLD}, seconds)
        context = made["executionContextId"]
        where = {"executionContextId": context, "returnByValue": True}
        known = await self._send(
            "Runtime.evaluate",
            {"expression": "!!globalThis.plumbline", "contextId": context, "returnByValue": True},
            seconds,
        )
        if not known["result"].get("value"):
            # its last value is a function set, which could not be returned
            expression = f"{self._script}\n;0"
            await self._send("Runtime.evaluate", {"expression": expression, "contextId": context}, seconds)
        answer = await self._send(
            "Runtime.callFunctionOn", {"functionDeclaration": function, "arguments": arguments, **where}, seconds
        )
        if "exceptionDetails" in answer:
            raise Moved(str(answer["exceptionDetails"].get("exception", {}).get("description", "no description"))[:300])
        return answer["result"].get("value")

    async def _send(self, method: str, parameters: dict[str, Any], seconds: float) -> dict[str, Any]:
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(seconds):
                return dict(await self._session.send(method, parameters) or {})
        except TimeoutError as error:
            raise Stuck(f"{method} was not answered within {seconds:g} s") from error
        except Error as error:
            raise Moved(str(error).splitlines()[0][:300]) from error
