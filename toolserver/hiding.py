"""Keep secrets out of what comes back: a server may echo what it was sent."""

import base64
import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = b"[redacted]"


class Hider:
    """Replaces secrets, in every form in which one may come back, also where one lies across two pieces of a stream.

    Args:
        values: of the secrets.
        shown: what stands in their place.
    """

    def __init__(self, values: Iterable[str], shown: bytes = HIDDEN) -> None:
        self._shown = shown
        forms = sorted({form for value in values for form in _forms(value)}, key=lambda form: (-len(form), form))
        self._pattern = re.compile(b"|".join(re.escape(form) for form in forms)) if forms else None
        self._held = max((len(form) for form in forms), default=1) - 1
        self._rest = b""

    @property
    def active(self) -> bool:
        """Whether there is anything to hide."""
        return self._pattern is not None

    def clean(self, data: bytes) -> bytes:
        """Return a whole text without secrets."""
        return data if self._pattern is None else self._pattern.sub(lambda _: self._shown, data)

    def feed(self, data: bytes) -> bytes:
        """Take the next piece of a stream and return as much as is known to hold no part of a secret."""
        if self._pattern is None:
            return data
        data = self._rest + data
        # what may be the beginning of a secret waits for the next piece; a whole one never straddles the cut
        cut = max(len(data) - self._held, 0)
        for found in self._pattern.finditer(data):
            if found.start() < cut < found.end():
                cut = found.end()
        self._rest = data[cut:]
        return self._pattern.sub(lambda _: self._shown, data[:cut])

    def end(self) -> bytes:
        """Return what was held back."""
        rest, self._rest = self._rest, b""
        return self.clean(rest)


def _forms(value: str) -> Iterable[bytes]:
    raw = value.encode()
    yield raw
    yield quote(value, safe="").encode()
    yield quote_plus(value).encode()
    yield json.dumps(value)[1:-1].encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")
    yield raw.hex().encode()
