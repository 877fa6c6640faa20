"""Matching a pattern that a model wrote, in a process that can be ended, since some patterns never end."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Final

from agent.domain.errors import UsageError
from agent.verification.artefacts.world import TrialImpossible

SECONDS: Final = 5.0
"""How long one pattern may take for one column."""

_PROGRAM: Final = """
import json, re, sys
given = json.load(sys.stdin)
try:
    pattern = re.compile(given["pattern"])
except (re.error, OverflowError, RecursionError) as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"unmatched": sum(pattern.fullmatch(text) is None for text in given["texts"])}))
"""


async def unmatched(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> int:
    """Return how many texts do not match a pattern as a whole.

    Raises:
        UsageError: it is no pattern.
        TrialImpossible: matching takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-c", _PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    given = json.dumps({"pattern": pattern, "texts": texts}).encode()
    try:
        async with asyncio.timeout(seconds):
            out, _ = await process.communicate(given)
    except TimeoutError:
        raise TrialImpossible(
            f"the pattern takes longer than {seconds:g} s on this column; write a simpler one"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise TrialImpossible("the pattern could not be matched on this column; write a simpler one")
    answer = json.loads(out)
    if "error" in answer:
        raise UsageError(f"this is no regular expression: {answer['error']}")
    return int(answer["unmatched"])
