"""Goes a journey through a page, as a person would: what is clicked, typed and pressed, and what must be seen then."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from toolserver.pages.serving import Serving
from toolserver.pages.wire import Step, StepDone

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

ACTION_SECONDS: Final = 2.5
"""How long an element may take to be there and to be ready."""

SEE_SECONDS: Final = 2.0
"""How long what is to be seen may take to come, and what is not to be seen to go."""

_POLL: Final = 0.05


class Open(Protocol):
    """What is open; a ``Site``."""

    page: "Page"

    async def load(self, path: str) -> None: ...  # noqa: D102 - of Site, as those that follow

    async def settle(self) -> None: ...  # noqa: D102

    async def spoil(self) -> None: ...  # noqa: D102

    async def ask(self, function: str, *given: Any) -> Any: ...  # noqa: D102


class _Failed(Exception):
    """A step failed. The message says why."""


class Travelling:
    """Goes the steps of a journey, one after the other, up to the first that fails."""

    def __init__(self, site: Open, serving: Serving) -> None:
        self._site = site
        self._serving = serving

    async def all(self, steps: Sequence[Step]) -> list[StepDone]:
        """Go all steps; those after a failed one are not gone, since they would begin elsewhere.

        Raises:
            GivenUp: the page broke a limit.
        """
        done: list[StepDone] = []
        for step in steps:
            try:
                await self._go(step)
                done.append(StepDone(ok=True))
            except _Failed as reason:
                return [*done, StepDone(ok=False, detail=" ".join(str(reason).split())[:300])]
        return done

    async def _go(self, step: Step) -> None:
        from playwright.async_api import Error

        try:
            match step.do:
                case "see" | "not_see" | "count" | "value":
                    await self._until(step)
                case _:
                    before = self._site.page.url
                    await self._act(step)
                    await self._site.settle()
                    if self._site.page.url.partition("#")[0] != before.partition("#")[0] and step.do != "open":
                        await self._site.spoil()
        except Error as error:
            what = str(error).partition("Call log")[0]
            raise _Failed(f"{told(step)}: {what}") from None

    async def _act(self, step: Step) -> None:
        page, wait = self._site.page, ACTION_SECONDS * 1000
        match step.do:
            case "open":
                if self._serving.path_of(f"{self._serving.origin}/{step.path}") is None:
                    raise _Failed(f"{step.path!r} is no path of this site")
                await self._site.load(step.path)
            case "back":
                await page.go_back(timeout=wait)
            case "click":
                await (await self._element(step)).click(timeout=wait)
            case "type":
                await (await self._element(step)).fill(step.text, timeout=wait)
            case "choose":
                await (await self._element(step)).select_option(label=step.text, timeout=wait)
            case "press":
                await page.keyboard.press(step.key)
            case "wait":
                await asyncio.sleep(step.seconds)

    async def _until(self, step: Step) -> None:
        """Wait until something is so, but not for long."""
        until = asyncio.get_running_loop().time() + SEE_SECONDS
        while True:
            wrong = await self._wrong(step)
            if wrong is None:
                return
            if asyncio.get_running_loop().time() >= until:
                raise _Failed(f"{told(step)}: {wrong}")
            await asyncio.sleep(_POLL)

    async def _wrong(self, step: Step) -> str | None:
        """Return what is not as a step says; None where all is."""
        match step.do:
            case "count":
                count = await self._all(step, exact=False).count()
                return None if count == step.number else f"there are {count}"
            case "value":
                held = await (await self._element(step)).input_value(timeout=ACTION_SECONDS * 1000)
                return None if held == step.text else f"it holds {held!r}"
            case "see":
                return None if await self._is_seen(step) else "it is not there"
            case _:
                return "it is there" if await self._is_seen(step) else None

    async def _is_seen(self, step: Step) -> bool:
        if step.role:
            return await self._all(step, exact=False).count() > 0
        return bool(await self._site.ask("sees", " ".join(step.text.split())))

    async def _element(self, step: Step) -> "Locator":
        """Return the element that a step is about: of the whole name, or else of one that contains it."""
        place = max(0, (step.number or 1) - 1)
        whole = self._all(step, exact=True)
        return whole.nth(place) if await whole.count() > place else self._all(step, exact=False).nth(place)

    def _all(self, step: Step, *, exact: bool) -> "Locator":
        if not step.role:
            return self._site.page.get_by_text(step.name or step.text, exact=exact)
        role: Any = step.role
        return (
            self._site.page.get_by_role(role, name=step.name, exact=exact)
            if step.name
            else self._site.page.get_by_role(role)
        )


def told(step: Step) -> str:
    """Return a step in words."""
    given = (step.role, step.name and repr(step.name), step.text and repr(step.text), step.key, step.path)
    number = "" if step.number is None else f"number {step.number}" if step.do != "count" else str(step.number)
    return " ".join(filter(None, (step.do.replace("_", " "), *given, number)))
