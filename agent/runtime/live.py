"""What live viewers see beside the ledger: the text of a reply as it is written. None of it is stored."""

from collections.abc import Callable

from agent.ledger.effects import RunLedger
from agent.models.port import Retry, Watcher

TextListener = Callable[[str, str], None]
"""Takes the key of a model call and the next piece of its reply."""


class Live:
    """Passes on the text of replies to those who watch a run; calls of runs that nobody watches are not streamed."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[TextListener]] = {}

    def watch(self, run_id: str, listener: TextListener) -> Callable[[], None]:
        """Call ``listener`` with the text of a run's replies; returns how to stop."""
        self._listeners.setdefault(run_id, []).append(listener)

        def stop() -> None:
            self._listeners[run_id].remove(listener)

        return stop

    def watcher(self, ledger: RunLedger, key: str) -> Watcher:
        """Return the watcher of one model call of a run."""
        return _CallWatcher(self, ledger, key)

    def watched(self, run_id: str) -> bool:
        """Return whether anybody watches a run."""
        return bool(self._listeners.get(run_id))

    def tell(self, run_id: str, key: str, piece: str) -> None:
        """Pass on a piece of text."""
        for listener in tuple(self._listeners.get(run_id, ())):
            listener(key, piece)


class _CallWatcher:
    """Watches one model call: text goes to viewers, retries become events."""

    def __init__(self, live: Live, ledger: RunLedger, key: str) -> None:
        self._live = live
        self._ledger = ledger
        self._key = key

    @property
    def streaming(self) -> bool:
        return self._live.watched(self._ledger.run_id)

    def text(self, piece: str) -> None:
        self._live.tell(self._ledger.run_id, self._key, piece)

    def retry(self, notice: Retry) -> None:
        self._ledger.note_now("retry", {"of": self._key, **notice.model_dump(mode="json")})
