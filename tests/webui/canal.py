"""A small corpus about a canal, and questions that a person browses it for in the web application."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.browsing.corpus import Corpus
from agent.runtime.services import corpus_file
from tests.webui.serving import Web

QUESTION = "How deep is the water over the sill of Harrow Lock, and why did the lock keep gates of oak?"
DEEP = "The water over the sill of Harrow Lock is 1.52 metres deep."
OAK = "Harrow Lock kept oak because its stone is too soft for the anchors of steel gates."
CORPUS = "canal"

_LOCKS = (
    "Harrow",
    "Millbrook",
    "Stane",
    "Otter",
    "Pell",
    "Fenwick",
    "Dray",
    "Lorne",
    "Wick",
    "Tarn",
    "Birch",
    "Sallow",
)
_DOCUMENTS = {
    "lock.md": f"# Harrow Lock\n\nThe gates are of oak. {DEEP} The sill was lowered by 12 centimetres in 1931.\n",
    "gates.md": f"# Gates of oak and steel\n\nGates of oak last forty years. Steel gates last longer. {OAK}\n",
    "canal.md": "# The Harrow Canal\n\nThe Harrow Canal was dug between 1789 and 1797.\n\n"
    + "".join(
        f"{name} Lock is lock {number} of the Harrow Canal. Its chamber is {20 + number} metres long. "
        f"Boats pass it in about {8 + number} minutes, and a keeper lives beside it from April to October.\n\n"
        for number, name in enumerate(_LOCKS, start=1)
    ),
}


async def fill(home: Path, folder: Path, documents: Mapping[str, str] = _DOCUMENTS) -> None:
    """Put documents into a folder and into the corpus of a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")
    place = corpus_file(home, CORPUS)
    place.parent.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(place)
    await corpus.add([folder])
    await corpus.close()


async def seat(web: Web, question: str = QUESTION) -> str:
    """Submit a question for a person to browse for and return the id of its run."""
    return await web.submit(
        question, browse={"seat": "person"}, corpus=CORPUS, options={"model": "person", "sandbox": "none"}
    )


async def act(web: Web, run: str, step: int, name: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    """Have an action done over the API and return the session after it."""
    body = {"action": {"name": name, "arguments": arguments or {}}, "step": step}
    answer = await web.client.post(f"/api/runs/{run}/seat/actions", json=body)
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after
