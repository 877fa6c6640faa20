"""What live viewers see beside the ledger: replies as they are written, and how calls get on. None of it is stored."""

from collections.abc import Callable

from agent.execution.toolbox import ProgressListener
from agent.ledger.effects import RunLedger
from agent.models.port import Retry, Watcher

TextListener = Callable[[str, str], None]
"""Takes the key of a model call and the next piece of its reply."""

CallListener = Callable[[str, float, str], None]
"""Takes the key of a tool call, for how many seconds it has run, and the last line its program printed."""


class Live:
    """Passes on what happens to those who watch a run; of runs that nobody watches nothing is streamed or asked for."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[tuple[TextListener, CallListener]]] = {}

    def watch(
        self, run_id: str, text: TextListener, progress: CallListener = lambda key, seconds, line: None
    ) -> Callable[[], None]:
        """Call ``text`` with the text of a run's replies, and ``progress`` while its calls run; returns how to stop.

        What a call's program printed is hostile: nothing is to be made of it but text.
        """
        listening = (text, progress)
        self._listeners.setdefault(run_id, []).append(listening)

        def stop() -> None:
            self._listeners[run_id].remove(listening)

        return stop

    def watcher(self, ledger: RunLedger, key: str) -> Watcher:
        """Return the watcher of one model call of a run."""
        return _CallWatcher(self, ledger, key)

    def listener(self, run_id: str, key: str) -> ProgressListener | None:
        """Return the listener of one tool call of a run; None where nobody watches."""
        if not self.watched(run_id):
            return None

        def tell(seconds: float, line: str) -> None:
            for _, progress in tuple(self._listeners.get(run_id, ())):
                progress(key, seconds, line)

        return tell

    def watched(self, run_id: str) -> bool:
        """Return whether anybody watches a run."""
        return bool(self._listeners.get(run_id))

    def tell(self, run_id: str, key: str, piece: str) -> None:
        """Pass on a piece of text."""
        for text, _ in tuple(self._listeners.get(run_id, ())):
            text(key, piece)


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
