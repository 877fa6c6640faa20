"""Programs as models write them: plain text in one fenced block, since JSON in JSON is where models slip."""

import re
from typing import Final

from agent.domain.errors import ModelOutputError
from agent.domain.messages import Reply, Transcript
from agent.models.asking import Models, declined

_BLOCK: Final = re.compile(r"^(`{3,}|~{3,})[^\n`]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_LONGEST: Final = 400_000
_TRIES: Final = 3


async def ask_program(models: Models, step: str, transcript: Transcript, *, role: str) -> str:
    """Return the program that a model writes in one fenced block. The transcript grows by what was said.

    Raises:
        ModelOutputError: it wrote none after it was told what is wrong, or its server refused.
    """
    problem = ""
    for attempt in range(_TRIES):
        reply = await models.ask(f"{step}/{attempt}", transcript, role=role, refusal_is_reply=True)
        if reply.finish == "filtered":
            raise declined(reply)
        transcript.append(reply.as_message())
        try:
            return program_in(reply)
        except ModelOutputError as error:
            problem = str(error)
        transcript.append({"role": "user", "content": problem})
    raise ModelOutputError(problem)


def program_in(reply: Reply) -> str:
    """Return the program of a reply: the text of its only fenced block.

    Raises:
        ModelOutputError: there is none, there are several, or it was cut; the message says so to the model.
    """
    if reply.finish == "length":
        raise ModelOutputError("Your answer was cut because it was too long. Write a shorter program.")
    blocks = [found.group(2) for found in _BLOCK.finditer(reply.text.replace("\r\n", "\n"))]
    if len(blocks) != 1:
        count = "is no block" if not blocks else f"are {len(blocks)} blocks"
        raise ModelOutputError(f"There {count} between fences (```). Give the whole program in exactly one.")
    if not blocks[0].strip():
        raise ModelOutputError("The block between fences is empty. Give the whole program in it.")
    if len(blocks[0]) > _LONGEST:
        raise ModelOutputError(f"The program has more than {_LONGEST} characters. Write a shorter one.")
    return blocks[0]
