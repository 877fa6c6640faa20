"""Skeleton-of-Thought against writing in one go, on a scripted server with time per token; and its router."""

import time
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from agent.browsing.quotes import quote_sentences
from agent.browsing.state import Kept, PageQuote
from agent.browsing.synthesis.result import Shape, Synthesis, SynthesisSettings
from agent.browsing.synthesis.routing import route_by_rule
from agent.browsing.synthesis.synthesise import synthesise
from agent.browsing.testing import ScriptedModels, page_of
from agent.domain.messages import Reply
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import Paced, call
from agent.models.testing.scripted_server import ScriptedServer
from evals.benchmarks.router_questions import SEEN, UNSEEN

SECONDS_PER_TOKEN = 0.01
FIRST_SECONDS = 0.2
PAPERS_BEST = 2.39
"""The best factor of the paper (Ning et al. 2023)."""

QUESTION = "What are the main sights of Elmton?"
_SIGHTS = (
    ("The harbour", "built in 1874", "fishing boats and a ferry to the island of Sark Holm"),
    ("The museum", "opened in 1921", "twelve rooms on the history of weaving and dyeing"),
    ("The lighthouse", "raised in 1802", "a lamp that is seen from thirty kilometres away"),
    ("The town hall", "finished in 1655", "a ceiling with portraits of forty mayors"),
    ("The botanical garden", "laid out in 1889", "palm trees under glass and a pond with carps"),
    ("The observatory", "founded in 1910", "a telescope with a mirror of two metres"),
    ("The market hall", "rebuilt in 1967", "ninety stalls that sell cheese, bread and flowers"),
    ("The old mill", "restored in 2004", "a water wheel that grinds flour every Saturday"),
)


class Timed(BaseModel):
    """Seconds of an answer that was written in one go, and of one that was written by points; both are checked.

    Attributes:
        sentences: supported sentences of each answer; the two must be equal for the factor to mean anything.
    """

    points: int
    sequential_seconds: float
    skeleton_seconds: float
    sequential_calls: int
    skeleton_calls: int
    sentences: tuple[int, int]

    @property
    def factor(self) -> float:
        """How many times faster points were."""
        return self.sequential_seconds / self.skeleton_seconds


class Routed(BaseModel):
    """A question, how its answer is to be written, and what the router's rules say.

    Attributes:
        ruled: None where no rule decides, which leaves the answer sequential.
    """

    question: str
    wanted: Shape
    ruled: Shape | None

    @property
    def right(self) -> bool:
        """Whether the outcome is the wanted one."""
        return (self.ruled or "sequential") == self.wanted


def routed(questions: Sequence[tuple[str, Shape]]) -> list[Routed]:
    """Return what the rules say to questions, for an answer that may be long and has quotes enough."""
    found = [(text, wanted, route_by_rule(text, quotes=8, sentences=24)) for text, wanted in questions]
    return [Routed(question=text, wanted=wanted, ruled=ruled.shape if ruled else None) for text, wanted, ruled in found]


def seen() -> list[Routed]:
    """Return the rules' outcome on the questions that they were adjusted to."""
    return routed(SEEN)


def unseen() -> list[Routed]:
    """Return the rules' outcome on the questions that they were not adjusted to."""
    return routed(UNSEEN)


def sights() -> tuple[Kept, ...]:
    """Return the quotes that the answer is written from, one a sight."""
    found = []
    for number, sight in enumerate(_SIGHTS, start=1):
        page = page_of(" ".join(_sentences(sight)), url=f"https://elmton.example/{number}", title=sight[0])
        quote = quote_sentences(page, 1, len(page.sentences), evidence_id=f"E{number}")
        fetched = page.fetched_at.isoformat()
        part = PageQuote(quote=quote, url=page.url, fetched_at=fetched, tier=page.tier, raw_sha256=page.raw_sha256)
        found.append(Kept(id=f"E{number}", quotes=(part,)))
    return tuple(found)


def scripted_reply(request: dict[str, Any]) -> Reply:
    """Return what a scripted model writes: the whole answer, its outline, or the point that it is asked for."""
    name = request["tools"][0]["function"]["name"]
    if name == "write_outline":
        points = [{"title": sight[0], "evidence": [f"E{n}"]} for n, sight in enumerate(_SIGHTS, start=1)]
        return call(name, points=points)
    if name == "write_answer":
        return call(name, sentences=[item for number in range(1, len(_SIGHTS) + 1) for item in _written(number)])
    prompt = request["messages"][1]["content"]
    number = int(prompt.rsplit("Write point ", 1)[1].split()[0])
    return call(name, sentences=_written(number))


async def measure(*, per_token: float = SECONDS_PER_TOKEN, first: float = FIRST_SECONDS) -> Timed:
    """Write the same eight points both ways and return how long each took.

    Args:
        per_token: seconds for each token of a reply.
        first: seconds before the first one.
    """

    def answer(request: dict[str, Any], _: int) -> Paced:
        return Paced(scripted_reply(request), first=first, per_token=per_token)

    async with ScriptedServer(answer) as server:
        profile = Profile(tool_mode="native")
        config = OpenAIConfig(model="scripted", base_url=server.base_url, api_key_env=None, profile=profile)
        sequential, sequential_seconds, calls = await _timed(config, "sequential")
        skeleton, skeleton_seconds, skeleton_calls = await _timed(config, "skeleton")
    counts = tuple(sum(one.supported for one in found.sentences) for found in (sequential, skeleton))
    return Timed(
        points=len(_SIGHTS),
        sequential_seconds=sequential_seconds,
        skeleton_seconds=skeleton_seconds,
        sequential_calls=calls,
        skeleton_calls=skeleton_calls,
        sentences=(counts[0], counts[1]),
    )


async def _timed(config: OpenAIConfig, shape: Shape) -> tuple[Synthesis, float, int]:
    model = OpenAICompatible("scripted", config)
    models = ScriptedModels(model)
    settings = SynthesisSettings(shape=shape, sentences=3 * len(_SIGHTS), points=len(_SIGHTS))
    began = time.perf_counter()
    found = await synthesise(QUESTION, sights(), models, step="answer", settings=settings)
    seconds = time.perf_counter() - began
    await model.close()
    return found, seconds, len(models.asked)


def _sentences(sight: tuple[str, str, str]) -> tuple[str, str, str]:
    name, when, what = sight
    return (
        f"{name} of Elmton was {when}.",
        f"{name} of Elmton has {what}.",
        f"{name} of Elmton is open to visitors from April to October and closed on Mondays.",
    )


def _written(number: int) -> list[dict[str, Any]]:
    return [{"text": text, "evidence": [f"E{number}"]} for text in _sentences(_SIGHTS[number - 1])]
