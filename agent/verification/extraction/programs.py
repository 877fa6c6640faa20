"""What a sentence says of the fenced program beside it, as a claim that carries the program."""

import re

from agent.verification.extraction.kinds import is_about_program, is_output_label
from agent.verification.extraction.passages import Passage

_COLON = (":", "\uff1a")
_AHEAD = re.compile(r"\b(?:following|below|next)\b|下面|以下|如下", re.IGNORECASE)
_BEHIND = re.compile(r"\b(?:above|previous|preceding)\b|上面|上述|以上", re.IGNORECASE)
_FENCED = re.compile(
    r"(?:`{3,}|~{3,})[ \t]*(?P<info>[\w+#.-]*)[^\n]*\n(?P<body>.*?)\n?\s*(?:`{3,}|~{3,})\s*", re.DOTALL
)
_PRINTED = frozenset({"", "text", "txt", "output", "console", "plain", "plaintext", "stdout"})


def about_program(passage: Passage, before: Passage | None, after: Passage | None) -> str:
    """Return a sentence with the program that it speaks of; empty where it speaks of none.

    A sentence that ends in a colon between a program and what that prints says that it prints this: "Output:" becomes
    "This prints `42`.". Where it is not clear which program is meant, the sentence stands alone.
    """
    said = passage.text
    if not is_about_program(said):
        return ""
    behind = before.text if before is not None and before.role == "program" else ""
    ahead = after.text if after is not None and after.role == "program" and said.endswith(_COLON) else ""
    if not behind and not ahead:
        return ""
    if ahead and behind and not _AHEAD.search(said):
        printed = _printed(ahead)
        if not printed:
            return f"{said}\n{behind}" if _BEHIND.search(said) else said
        said = "This prints" if is_output_label(said) else said.rstrip("".join(_COLON))
        return f"{said} `{printed}`.\n{behind}"
    if is_output_label(said):
        return ""
    if ahead:
        # the colon only introduces; beside a value it would be read as part of it
        said = f"{said.rstrip(''.join(_COLON))}."
    return f"{said}\n{ahead or behind}"


def _printed(fenced: str) -> str:
    """Return the one line of a block that is no program but what one prints; empty where it is something else."""
    match = _FENCED.fullmatch(fenced)
    body = match["body"].strip() if match and match["info"].lower() in _PRINTED else ""
    return body if "\n" not in body and "`" not in body else ""
