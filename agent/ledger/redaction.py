"""Secrets never reach the ledger: they are replaced before an event is written."""

import json
import re
from collections.abc import Iterable, Mapping

REDACTED = b"[redacted]"

_SHORTEST_SECRET = 8
_SECRET_NAME = re.compile(r"(API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)", re.IGNORECASE)

# Forms that are secrets whoever made them. Each begins with a literal, so that a plain search rules most texts out.
_KNOWN_FORMS: dict[bytes, bytes] = {
    b"sk-": rb"\bsk-[A-Za-z0-9_-]{20,}",
    b"ghp_": rb"\bghp_[A-Za-z0-9]{36,}",
    b"gho_": rb"\bgho_[A-Za-z0-9]{36,}",
    b"github_pat_": rb"\bgithub_pat_[A-Za-z0-9_]{40,}",
    b"AKIA": rb"\bAKIA[0-9A-Z]{16}\b",
    b"AIza": rb"\bAIza[0-9A-Za-z_-]{35}",
    b"hf_": rb"\bhf_[A-Za-z0-9]{30,}",
    b"xox": rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    b"eyJ": rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    b"PRIVATE KEY-----": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^\"\\]|\\[nr])*?-----END [A-Z ]*PRIVATE KEY-----",
}


class Redactor:
    """Replaces secrets in JSON texts.

    Args:
        secrets: exact values to hide; values shorter than eight characters are ignored, since they would hide
            ordinary words.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        exact: set[bytes] = set()
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                # inside JSON a value stands with its quotes and control characters escaped
                exact.add(json.dumps(secret)[1:-1].encode())
                exact.add(json.dumps(secret, ensure_ascii=False)[1:-1].encode())
        longest_first = sorted(exact, key=lambda value: (-len(value), value))
        self._exact = re.compile(b"|".join(re.escape(value) for value in longest_first)) if exact else None
        self._forms = {marker: re.compile(form) for marker, form in _KNOWN_FORMS.items()}

    def scrub(self, text: bytes) -> bytes:
        """Return a JSON text without secrets; the very same object when there were none."""
        clean = text
        if self._exact is not None and self._exact.search(clean):
            clean = self._exact.sub(REDACTED, clean)
        for marker, form in self._forms.items():
            if marker in clean:
                clean = form.sub(REDACTED, clean)
        return text if clean == text else clean


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Return the values of the environment variables whose names say that they are secret."""
    return [value for name, value in environment.items() if _SECRET_NAME.search(name)]
