"""Texts as they are compared: words in one form, runs of words, and what a chat message says in all its parts."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from agent.browsing.rouge import rouge_tokens
from agent.domain.messages import Message
from agent.execution.guided.words import words
from agent.verification.words import CJK

_CJK: Final = re.compile(f"[{CJK}]")
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_COMPOSED: Final = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_ONES)})\b", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"(\d+)\.(\d*?)0*")
_SLIGHT: Final = frozenset({"yes", "no", "true", "false", "none"})


def tokens(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in order, in one form; small number words become digits, 2.50 is 2.5.

    Each character of Chinese, Japanese and Korean text is a word.
    """
    plain = _COMPOSED.sub(_composed, unicodedata.normalize("NFKC", text))
    found = (token for word in words(plain) for token in (rouge_tokens(word) if _CJK.search(word) else (word,)))
    return tuple(map(_shortest, found))


def joined(parts: Iterable[str]) -> str:
    """Return texts as one text of words in one form, in which ``has`` looks for others."""
    return f" {' '.join(token for part in parts for token in tokens(part))} "


def has(within: str, text: str) -> bool:
    """Whether a text stands as whole words within another, which ``joined`` made."""
    sought = tokens(text)
    return bool(sought) and f" {' '.join(sought)} " in within


def is_slight(answer: str) -> bool:
    """Whether an answer is so short that finding it somewhere says nothing: yes, no, a letter, a digit."""
    found = tokens(answer)
    return not found or (len(found) == 1 and (len(found[0]) == 1 or found[0] in _SLIGHT))


def grams(text: str, n: int) -> set[tuple[str, ...]]:
    """Return all runs of ``n`` words of a text; of a shorter one, itself."""
    found = tokens(text)
    if len(found) < n:
        return {found} if found else set()
    return {found[start : start + n] for start in range(len(found) - n + 1)}


def said(message: Message) -> str:
    """Return everything that a message says: its text, and names and values of the arguments of its calls."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [str(part.get("text", "")) for part in content or ()]
    for call in message.get("tool_calls") or ():
        texts += [call["function"]["name"], *_leaves(tool_arguments(call["function"]["arguments"]))]
    return "\n".join(texts)


def by_roles(messages: Sequence[Message], *roles: str) -> list[str]:
    """Return what the messages of some roles say, one by one."""
    return [said(message) for message in messages if message["role"] in roles]


def _shortest(token: str) -> str:
    """Return a number without the zeros at the end of its decimals; any other word as it is."""
    if (match := _DECIMAL.fullmatch(token)) is None:
        return token
    return f"{match[1]}.{match[2]}" if match[2] else match[1]


def _composed(match: re.Match[str]) -> str:
    return str(20 + 10 * _TENS.index(match[1].lower()) + 1 + _ONES.index(match[2].lower()))


def tool_arguments(arguments: Any) -> Any:
    """Return the arguments of a call as a JSON value; what is no JSON, as it is."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield str(value)
