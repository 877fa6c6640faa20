"""A session: one seat at the state machine, for a model or a person, with what lies outside as recorded effects."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal

from agent.browsing import actions
from agent.browsing.actions import Action, name_of, parse_action
from agent.browsing.errors import BrowsingFailed, FailureKind, FetchFailed, QuoteNotFound, UnknownSentence
from agent.browsing.page import Anchor, Download, Element, Extractor, Link, Page, Tier
from agent.browsing.ports import Browser, Effects, Fetcher, ResultT, SearchBackend, SearchResult
from agent.browsing.profile import DEFAULT, BrowseProfile
from agent.browsing.state import BrowseState, Observation, Seat, begin, check, legal, target_of
from agent.browsing.transition import applied, refused
from agent.browsing.view import view
from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.messages import ToolSpec
from agent.ledger.effects import RunLedger
from agent.verification.sentences import Span

_OUTSIDE = (actions.Search, actions.Open, actions.Click, actions.TypeText, actions.Select)


def reaches_outside(action: Action) -> bool:
    """Return whether an action searches, opens or handles a page."""
    return isinstance(action, _OUTSIDE)


class StoredPage(Fact):
    """A page as the record holds it: its text is a blob, named by ``text_sha256``."""

    url: str
    final_url: str
    title: str
    fetched_at: datetime
    tier: Tier
    raw_sha256: str
    text_sha256: str
    sentences: tuple[Span, ...]
    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    elements: tuple[Element, ...] = ()
    status: int = 0
    content_type: str = ""
    extractor: Extractor | None = None
    notes: tuple[str, ...] = ()
    screenshot_sha256: str = ""
    downloads: tuple[Download, ...] = ()


class Outside(Fact):
    """What came of an action that reached outside: results, a page, or why neither."""

    results: tuple[SearchResult, ...] = ()
    page: StoredPage | None = None
    failure: FailureKind | None = None
    message: str = ""


class Session:
    """Browses for one question.

    Args:
        question: what is to be found out.
        fetcher: gets pages.
        search: finds pages.
        effects: where searches and pages are recorded; a session over the same record needs neither of the two above.
        browser: a real browser; where there is one it opens the pages, and their elements can be handled.
        profile: the limits.
        seat: who acts.
        urls: further addresses that may be opened.
        asked_by_user: addresses in the question may be opened, since the user wrote it.
    """

    def __init__(
        self,
        question: str,
        *,
        fetcher: Fetcher,
        search: SearchBackend,
        effects: Effects,
        browser: Browser | None = None,
        profile: BrowseProfile = DEFAULT,
        seat: Seat = "model",
        urls: tuple[str, ...] = (),
        asked_by_user: bool = True,
    ) -> None:
        self._trail = [begin(question, profile=profile, seat=seat, urls=urls, asked_by_user=asked_by_user)]
        self._fetcher = fetcher
        self._search = search
        self._effects = effects
        self._browser = browser
        self._pages: dict[str, Page] = {}

    @property
    def state(self) -> BrowseState:
        """Where the session is."""
        return self._trail[-1]

    @property
    def trail(self) -> tuple[BrowseState, ...]:
        """All states from the beginning on; each but the first has one more step in its history."""
        return tuple(self._trail)

    @property
    def view(self) -> str:
        """The state in words."""
        return view(self.state)

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """Function schemas of the actions that are possible now."""
        return actions.specs(legal(self.state))

    async def call(self, name: str, arguments: dict[str, Any]) -> Observation:
        """Do what a function call says; see ``do``. A call that is no action is refused like an impossible one."""
        try:
            action = parse_action(name, arguments)
        except ModelOutputError as error:
            return self._refuse(name, arguments, error)
        return await self.do(action)

    async def do(self, action: Action) -> Observation:
        """Do an action and return what came of it; ``state`` is then the state after it.

        What is not possible, what is not on the page and what cannot be had are observations that are not ``ok``.

        Raises:
            UsageError: the session has ended.
            ServiceError: what fetches or searches is itself broken; nothing was done.
        """
        if not legal(self.state):
            raise UsageError("the session has ended; begin another one")
        try:
            check(self.state, action)
            observation = await self._reach_out(action) if isinstance(action, _OUTSIDE) else Observation()
            # searching a long page for words takes seconds, in which the lease of the run must be kept
            self._trail.append(await asyncio.to_thread(applied, self.state, action, observation))
        except (ModelOutputError, UsageError) as error:
            return self._refuse(name_of(action), action.model_dump(exclude_none=True), error)
        return observation.model_copy(update={"message": self.state.history[-1].note})

    def _refuse(self, name: str, arguments: dict[str, Any], error: ModelOutputError | UsageError) -> Observation:
        self._trail.append(refused(self.state, name, arguments, error))
        kind: Literal["no_quote", "illegal"] = (
            "no_quote" if isinstance(error, QuoteNotFound | UnknownSentence) else "illegal"
        )
        return Observation(ok=False, kind=kind, message=str(error))

    async def _reach_out(self, action: Action) -> Observation:
        step = f"browse/{len(self.state.history) + 1}"
        match action:
            case actions.Search():
                request: dict[str, Any] = {"query": action.query}

                async def perform() -> Outside:
                    return Outside(results=await self._search.search(action.query))

            case actions.Open():
                url, real = target_of(self.state, action).url, bool(action.browser)
                # asked for only where it is wanted, so that older records still fit
                request = {"url": url, **({"browser": True} if real else {})}

                async def perform() -> Outside:
                    if self._browser is not None:
                        return await self._stored(self._browser.open(url, browser=real))
                    if real:
                        raise FetchFailed("unreachable", "there is no real browser here; open it without")
                    return await self._stored(self._fetcher.fetch(url))

            case actions.Click() | actions.TypeText() | actions.Select():
                request = action.model_dump()

                async def perform() -> Outside:
                    return await self._stored(self._handled(action))

            case _:
                raise UsageError(f"{name_of(action)} does not reach outside")
        outside = await self._effects.effect(
            step, {"action": name_of(action), **request}, Outside, lambda: _told(perform)
        )
        self._effects.distrust()
        if outside.failure is not None:
            return Observation(ok=False, kind=outside.failure, message=outside.message)
        page = None if outside.page is None else await self._restored(outside.page)
        return Observation(results=outside.results, page=page)

    async def _handled(self, action: actions.Click | actions.TypeText | actions.Select) -> Page:
        if self._browser is None:
            raise FetchFailed("stale", "this page was not opened in a browser, so nothing on it can be handled")
        match action:
            case actions.Click():
                return await self._browser.click(action.ref)
            case actions.TypeText():
                return await self._browser.type_text(action.ref, action.text, submit=action.submit)
            case actions.Select():
                return await self._browser.select(action.ref, action.value)

    async def _stored(self, coming: Awaitable[Page]) -> Outside:
        """Keep a page's text as a blob and return the rest of it."""
        page = await coming
        self._pages[page.text_sha256] = page
        await self._effects.put_blob(page.text.encode("utf-8", "surrogatepass"))
        # not by model_dump: spans and links are facts already, and a page may have thousands
        kept = {name: getattr(page, name) for name in StoredPage.model_fields}
        return Outside(page=StoredPage(**kept))

    async def _restored(self, stored: StoredPage) -> Page:
        known = self._pages.get(stored.text_sha256)
        if known is None:
            text = (await self._effects.get_blob(stored.text_sha256)).decode("utf-8", "surrogatepass")
        else:
            text = known.text
        page = Page(**{name: getattr(stored, name) for name in StoredPage.model_fields}, text=text)
        return self._pages.setdefault(page.text_sha256, page) if known is None else page


async def _told(perform: Callable[[], Awaitable[Outside]]) -> Outside:
    """Perform, and make a failure that can be reacted to a result."""
    try:
        return await perform()
    except BrowsingFailed as failure:
        return Outside(failure=failure.kind, message=str(failure))


class LedgerEffects:
    """A session's effects as effects of a run. Implements ``Effects``.

    Args:
        ledger: the run's ledger.
        branch: name of the branch of the run that browses; it begins all keys.
        distrust: told when text of unknown origin has come in.
    """

    def __init__(self, ledger: RunLedger, branch: str, *, distrust: Callable[[], None]) -> None:
        self._ledger = ledger
        self._branch = branch
        self.distrust = distrust

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """Return the recorded result of a step, or perform it and record the result.

        Raises:
            ReplayDivergence: something else was recorded under the step.
        """
        asked = {"tool": "browse", "arguments": request, "where": "host", "effects": ["outside"]}
        return await self._ledger.effect(f"{self._branch}/{step}", "tool", asked, result_type, perform)

    async def put_blob(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""
        return await self._ledger.put_blob(data)

    async def get_blob(self, sha256: str) -> bytes:
        """Return stored bytes."""
        return await self._ledger.get_blob(sha256)


class EffectsUnder:
    """Effects whose steps stand under a name, so that sessions side by side do not use the same. Is ``Effects``."""

    def __init__(self, name: str, effects: Effects) -> None:
        self._name = name
        self._effects = effects
        self.put_blob = effects.put_blob
        self.get_blob = effects.get_blob
        self.distrust = effects.distrust

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """Return the recorded result of a step, or perform it and record the result."""
        return await self._effects.effect(f"{self._name}/{step}", request, result_type, perform)
