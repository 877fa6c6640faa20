# ruff: noqa: RUF001 - Chinese punctuation is meant
import asyncio
import time

import pytest

from agent.browsing.synthesis.result import SynthesisSettings
from agent.browsing.synthesis.routing import route_by_rule
from agent.browsing.synthesis.synthesise import synthesise
from agent.browsing.testing import ScriptedModels
from agent.domain.messages import Reply, Transcript
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import Paced, call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from evals.benchmarks.skeleton import QUESTION, measure, scripted_reply, seen, sights, unseen

POINTS = SynthesisSettings(judge="never", shape="skeleton", sentences=24)


def request_of(asked: Asked) -> dict[str, object]:
    return {"tools": [tool.as_function() for tool in asked.tools], "messages": list(asked.messages)}


async def test_the_points_of_an_outline_are_written_at_the_same_time() -> None:
    waiting, all_wait = 0, asyncio.Event()

    async def turn(asked: Asked) -> Reply:
        nonlocal waiting
        if asked.tools[0].name == "write_point":
            waiting += 1
            if waiting == 8:
                all_wait.set()
            await asyncio.wait_for(all_wait.wait(), 60)
        return scripted_reply(request_of(asked))

    models = ScriptedModels(turn)
    found = await synthesise(QUESTION, sights(), models, step="s", settings=POINTS)

    assert models.steps == ["s/outline/0", *(f"s/point/{n}/0" for n in range(1, 9))]
    assert len(found.answer.split("\n\n")) == 8
    assert [sentence.evidence for sentence in found.sentences] == [(f"E{n}",) for n in range(1, 9) for _ in range(3)]
    assert found.supported
    assert found.route.shape == "skeleton"


async def test_a_point_is_shown_its_own_quotes_only_and_titles_are_no_part_of_the_answer() -> None:
    prompts: list[str] = []

    def turn(asked: Asked) -> Reply:
        if asked.tools[0].name == "write_point":
            prompts.append(asked.messages[1]["content"])
        return scripted_reply(request_of(asked))

    found = await synthesise(QUESTION, sights(), ScriptedModels(turn), step="s", settings=POINTS)

    assert ["[E1]" in prompt for prompt in prompts] == [True] + [False] * 7
    assert found.answer.startswith("The harbour of Elmton was built in 1874 [E1].")


async def test_sentences_of_points_are_checked_like_all_others() -> None:
    def turn(asked: Asked) -> Reply:
        reply = scripted_reply(request_of(asked))
        arguments = reply.calls[0].arguments.replace("1921", "1922")
        return reply.model_copy(update={"calls": (reply.calls[0].model_copy(update={"arguments": arguments}),)})

    found = await synthesise(QUESTION, sights(), ScriptedModels(turn), step="s", settings=POINTS)

    assert [item.text for item in found.dropped] == ["The museum of Elmton was opened in 1922."]
    assert len(found.sentences) == 23


async def test_a_point_that_cannot_be_written_is_told_and_the_others_stand() -> None:
    def turn(asked: Asked) -> Reply:
        prompt = asked.messages[1]["content"]
        return say("no") if "Write point 2 " in prompt else scripted_reply(request_of(asked))

    found = await synthesise(QUESTION, sights(), ScriptedModels(turn), step="s", settings=POINTS)

    assert len(found.sentences) == 21
    assert [item.text for item in found.dropped] == ["The museum"]


async def test_without_a_usable_outline_the_answer_is_written_in_one_go() -> None:
    def turn(asked: Asked) -> Reply:
        if asked.tools[0].name == "write_outline":
            return call("write_outline", points=[{"title": "All", "evidence": []}])
        return scripted_reply(request_of(asked))

    found = await synthesise(QUESTION, sights(), ScriptedModels(turn), step="s", settings=POINTS)

    assert found.route.shape == "sequential"
    assert "outline" in found.route.why
    assert len(found.sentences) == 24


@pytest.mark.parametrize(
    "question",
    [
        "Solve 3x + 7 = 22 for x.",
        "First sort the files, then compare the two largest: list the commands.",
        "How do I install PostgreSQL? List the main steps.",
        "Write a function that lists the factors of a number.",
        "Prove the main properties of prime numbers.",
        "求解方程，并列出主要步骤。",
        "如何安装 Docker？有哪些步骤？",
    ],
)
def test_what_needs_its_steps_in_order_stays_sequential_whatever_else_it_says(question: str) -> None:
    route = route_by_rule(question, quotes=20, sentences=40)

    assert route is not None
    assert route.shape == "sequential"


@pytest.mark.parametrize(
    ("question", "quotes", "sentences", "shape"),
    [
        ("What are the advantages of trains?", 8, 16, "skeleton"),
        ("火车有哪些优点？", 8, 16, "skeleton"),
        ("What are the advantages of trains?", 3, 16, "sequential"),
        ("What are the advantages of trains?", 8, 5, "sequential"),
        ("When was the first train built?", 8, 16, "sequential"),
        ("第一列火车是哪一年造的？", 8, 16, "sequential"),
    ],
)
def test_points_are_for_long_answers_to_questions_that_ask_for_several(
    question: str, quotes: int, sentences: int, shape: str
) -> None:
    route = route_by_rule(question, quotes=quotes, sentences=sentences)

    assert route is not None
    assert route.shape == shape


def test_no_step_by_step_question_of_the_list_is_written_by_points() -> None:
    rows = [*seen(), *unseen()]

    assert len(rows) >= 60
    assert not [row.question for row in rows if row.wanted == "sequential" and row.ruled == "skeleton"]
    assert sum(row.right for row in rows) >= 0.85 * len(rows)


@pytest.mark.parametrize(("chosen", "first"), [("skeleton", "s/outline/0"), ("sequential", "s/write/0")])
async def test_where_no_rule_decides_a_cheap_model_may_be_asked(chosen: str, first: str) -> None:
    def turn(asked: Asked) -> Reply:
        if asked.tools[0].name == "choose_shape":
            return call("choose_shape", shape=chosen)
        return scripted_reply(request_of(asked))

    models = ScriptedModels(turn)
    settings = SynthesisSettings(judge="never", ask_router=True)
    found = await synthesise("Tell me about Elmton.", sights(), models, step="s", settings=settings)

    assert models.asked[0] == ("s/route/0", "cheap")
    assert models.steps[1] == first
    assert found.route.by == "model"


async def test_the_benchmark_compares_answers_that_are_equally_supported() -> None:
    found = await measure(per_token=0.0002, first=0.0)

    assert (found.sequential_calls, found.skeleton_calls) == (1, 9)
    assert found.sentences == (24, 24)


async def test_a_scripted_server_takes_time_for_each_token() -> None:
    async with ScriptedServer([Paced(say("x" * 400), per_token=0.002)] * 2) as server:
        config = OpenAIConfig(
            model="m", base_url=server.base_url, api_key_env=None, profile=Profile(tool_mode="native")
        )
        model = OpenAICompatible("m", config)
        began = time.perf_counter()
        await ScriptedModels(model).ask("s", Transcript([{"role": "user", "content": "Write."}]))
        seconds = time.perf_counter() - began
        await model.close()

    assert Paced(say("x" * 400), per_token=0.002).writing == pytest.approx(0.2)
    assert seconds >= 0.2


async def test_a_second_time_the_same_is_asked_under_the_same_steps() -> None:
    async def asked_and_found() -> tuple[dict[str, str], object]:
        model = ScriptedModel(lambda asked: scripted_reply(request_of(asked)))
        models = ScriptedModels(model)
        found = await synthesise(QUESTION, sights(), models, step="s", settings=POINTS)
        return dict(zip(models.steps, (asked.messages.digest for asked in model.asked), strict=True)), found

    assert await asked_and_found() == await asked_and_found()
