"""Secrets never reach the ledger: they are replaced before an event is written."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from agent.domain.messages import wire_json

REDACTED = "[redacted]"

_SHORTEST_SECRET = 8
_SECRET_NAME = re.compile(r"(API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)", re.IGNORECASE)

# Forms that are secrets whoever made them. Each begins with a literal, so that a plain search rules most texts out.
_KNOWN_FORMS = {
    "sk-": r"\bsk-[A-Za-z0-9_-]{20,}",
    "ghp_": r"\bghp_[A-Za-z0-9]{36,}",
    "gho_": r"\bgho_[A-Za-z0-9]{36,}",
    "github_pat_": r"\bgithub_pat_[A-Za-z0-9_]{40,}",
    "AKIA": r"\bAKIA[0-9A-Z]{16}\b",
    "AIza": r"\bAIza[0-9A-Za-z_-]{35}",
    "hf_": r"\bhf_[A-Za-z0-9]{30,}",
    "xox": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "eyJ": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "PRIVATE KEY-----": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
}


class Redactor:
    """Replaces secrets in texts.

    Args:
        secrets: exact values to hide; values shorter than eight characters are ignored, since they would hide
            ordinary words.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        # inside JSON a value stands with its quotes and control characters escaped
        escaped = {
            json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for secret in long_enough for ascii_only in (False, True)
        }
        self._exact = _any_of(long_enough)
        self._exact_in_json = _any_of(escaped)
        self._forms = {marker: re.compile(form, re.DOTALL) for marker, form in _KNOWN_FORMS.items()}

    def scrub(self, text: bytes) -> bytes:
        """Return a JSON text without secrets; the very same object when there were none."""
        plain = text.decode("utf-8", "surrogatepass")
        found = self._exact_in_json is not None and self._exact_in_json.search(plain) is not None
        if not found and not self._may_hold(plain):
            return text
        # something looks like a secret: only the parsed value tells it from a part of an escape sequence
        value = json.loads(text)
        clean = self._clean(value)
        return text if clean == value else wire_json(clean)

    def _may_hold(self, plain: str) -> bool:
        """Return whether a text holds the literal that a known form begins with."""
        # a plain loop: this is asked of every payload, and a generator takes longer than what it looks at
        for marker in self._forms:  # noqa: SIM110
            if marker in plain:
                return True
        return False

    def scrub_text(self, text: str) -> str:
        """Return a text without secrets."""
        if self._exact is not None:
            text = self._exact.sub(REDACTED, text)
        for marker, form in self._forms.items():
            if marker in text:
                text = form.sub(REDACTED, text)
        return text

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.scrub_text(value)
        if isinstance(value, dict):
            return {self.scrub_text(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._clean(item) for item in value]
        return value


def _any_of(values: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(values, key=lambda value: (-len(value), value))
    return re.compile("|".join(re.escape(value) for value in longest_first)) if longest_first else None


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Return the values of the environment variables whose names say that they are secret."""
    return [value for name, value in environment.items() if _SECRET_NAME.search(name)]
