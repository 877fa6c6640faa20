"""With very many tools an executor is offered those it needs, and finds more when it asks."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import ModelUnavailable
from agent.domain.messages import ToolOutcome, ToolSpec
from agent.domain.task import Task
from agent.execution.compaction import BYTES_PER_TOKEN
from agent.execution.offered import CORE, described
from agent.execution.setting import Limits
from agent.execution.toolbox import Tool
from agent.ledger.store import Ledger
from agent.memory.tool_index import ToolIndex
from agent.models.config import EmbeddingConfig
from agent.models.embeddings import OpenAIEmbedder
from agent.models.port import Profile
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.settings import Settings
from evals.benchmarks.catalogue import TASKS, catalogue, recall
from tests.studio import StudioServices, studio

DONE = call("submit", answer="Done.", success=False)
CONTROLS = {"submit", "ask_person", "recall", "make_plan", "find_tools"}


class Service:
    """A tool of an attached server."""

    def __init__(self, spec: ToolSpec) -> None:
        self.tool = Tool(spec=spec, where="server")

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        return ToolOutcome(text=f"{self.tool.spec.name} did it")


def services(model: ScriptedModel, folder: Path) -> StudioServices:
    return StudioServices(model, folder, host=[Service(spec) for spec in catalogue()])


def names(asked: Asked) -> list[str]:
    return [spec.name for spec in asked.tools]


async def test_the_core_and_what_fits_the_goal_is_offered(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([DONE])
    async with studio(ledger, services(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="File a ticket for the login bug")))
    offered = names(model.asked[0])
    assert len(offered) <= Limits().tools_offered + len(CONTROLS)
    assert "jira__create_ticket" in offered
    assert {"read_file", "shell", "python", "find_tools", "submit", "ask_person"} <= set(offered)
    assert offered[0] in CORE


async def test_no_more_tools_are_offered_than_the_limit_says(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([DONE])
    settings = Settings(limits=Limits(tools_offered=20))
    async with studio(ledger, services(model, folder), settings=settings) as runner:
        await runner.wait(await runner.start(Task(goal="Create something new, list it, change it and delete it")))
    assert len(names(model.asked[0])) == 20 + len(CONTROLS)


def size(specs: Sequence[ToolSpec]) -> int:
    return described(spec for spec in specs if spec.name not in CONTROLS)


@pytest.mark.parametrize("context", [8_192, 16_384, 32_768])
async def test_descriptions_take_no_more_of_a_small_context_than_their_share(
    ledger: Ledger, folder: Path, context: int
) -> None:
    look = [call("find_tools", query=query) for query in ("playlist of music", "calendar event", "pull request")]
    model = ScriptedModel([*look, DONE], profile=Profile(tool_mode="native", context=context))
    async with studio(ledger, services(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="File a ticket for the login bug")))
    room = int(context * 0.25 * BYTES_PER_TOKEN)
    first = names(model.asked[0])
    assert {"read_file", "write_file", "shell", "jira__create_ticket", "find_tools"} <= set(first)
    assert all(size(asked.tools) <= room for asked in model.asked)
    for asked in model.asked[1:]:
        assert names(asked)[: len(first)] == first
        assert len(names(asked)) > len(first)
    assert any("playlist" in name for name in names(model.asked[1])[len(first) :])
    assert any("pull_request" in name or "pull" in name for name in names(model.asked[3])[len(first) :])


async def test_a_model_with_a_small_context_can_call_what_is_offered_no_longer(ledger: Ledger, folder: Path) -> None:
    look = [call("find_tools", query=query) for query in ("playlist of music", "calendar event", "pull request")]
    model = ScriptedModel(
        [*look, call("spotify__create_playlist", fields={}), DONE], profile=Profile(tool_mode="native", context=4_096)
    )
    async with studio(ledger, services(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="File a ticket for the login bug")))
    assert "spotify__create_playlist" in names(model.asked[1])
    assert "spotify__create_playlist" not in names(model.asked[3])
    assert "spotify__create_playlist did it" in str(model.asked[4].messages[-1]["content"])


async def test_ours_alone_are_offered_whole_from_a_context_of_16k_on(ledger: Ledger, folder: Path) -> None:
    offered: dict[int, set[str]] = {}
    for context in (8_192, 16_384):
        model = ScriptedModel([DONE], profile=Profile(tool_mode="native", context=context))
        async with studio(ledger, StudioServices(model, folder)) as runner:
            await runner.wait(await runner.start(Task(goal="Draw the figures of a table in a notebook")))
        offered[context] = set(names(model.asked[0]))
    assert {"notebook", "read_file", "shell", "find_tools"} <= offered[8_192] < offered[16_384] | {"find_tools"}
    assert "find_tools" not in offered[16_384]


async def test_what_is_found_comes_after_what_was_offered_and_can_be_called(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(
        [
            call("find_tools", query="playlist of music"),
            call("spotify__create_playlist", fields={}),
            call("find_tools", query="playlist of music"),
            DONE,
        ]
    )
    async with studio(ledger, services(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="File a ticket for the login bug")))
    first, second, third, fourth = (names(asked) for asked in model.asked)
    assert "spotify__create_playlist" not in first
    assert second[: len(first)] == first
    assert "spotify__create_playlist" in second[len(first) :]
    assert third == second
    assert fourth[: len(second)] == second
    assert "spotify__create_playlist did it" in str(model.asked[2].messages[-1]["content"])


async def test_a_catalogue_that_fits_is_offered_whole_and_nothing_is_searched(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([DONE])
    settings = Settings(limits=Limits(tools_offered=1_000, tools_share=1))
    async with studio(ledger, services(model, folder), settings=settings) as runner:
        run_id = await runner.start(Task(goal="File a ticket"))
        await runner.wait(run_id)
    assert {spec.name for spec in catalogue()} < set(names(model.asked[0]))
    assert "find_tools" not in names(model.asked[0])
    assert not [event async for event in ledger.events(run_id) if "found" in str(event.key)]


def trigrams(text: str) -> list[float]:
    """A vector that knows the letters of a text and nothing of its meaning."""
    vector = [0.0] * 64
    for start in range(len(text) - 2):
        vector[hashlib.sha256(text[start : start + 3].lower().encode()).digest()[0] % 64] += 1.0
    return vector


async def test_the_server_is_asked_once_for_each_text_and_its_ranking_is_recorded(ledger: Ledger, folder: Path) -> None:
    async with ScriptedServer([], embed=trigrams) as server:
        config = EmbeddingConfig(model="e", base_url=server.base_url, api_key_env=None)
        embedder = OpenAIEmbedder(config)
        for _ in range(2):
            model = ScriptedModel([DONE])
            used = services(model, folder)
            used.embeds = embedder
            async with studio(ledger, used) as runner:
                run_id = await runner.start(Task(goal="File a ticket for the login bug"))
                await runner.wait(run_id)
        await embedder.close()
        asked = server.by_path["/v1/embeddings"]
    # all tools in batches of 128, and one goal; the second run asks for nothing new
    assert asked == -(-(len(catalogue()) + 11) // 128) + 1
    (found,) = [event async for event in ledger.events(run_id) if event.key == "root/found/0" and event.phase == "done"]
    assert "words and meaning" in found.payload["result"]["text"]


async def test_words_alone_count_where_the_server_fails() -> None:
    async with ScriptedServer([]) as server:
        config = EmbeddingConfig(model="e", base_url=server.base_url, api_key_env=None)
        embedder = OpenAIEmbedder(config)
        ranking = await ToolIndex(catalogue(), embedder).search("File a ticket", limit=3)
        await embedder.close()
    assert ranking.by == "words"
    assert "404" in ranking.note
    assert ranking.names[0].startswith("jira__")


async def test_an_embedder_that_failed_is_not_asked_again_and_each_ranking_says_why() -> None:
    class Down:
        """Counts how often it is asked in vain."""

        asked = 0

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            self.asked += 1
            await asyncio.sleep(0.01)
            raise ModelUnavailable("the server is down")

    down = Down()
    index = ToolIndex(catalogue(), down)
    rankings = await asyncio.gather(*(index.search("File a ticket", limit=3) for _ in range(3)))
    rankings.append(await index.search("Something else", limit=3))
    assert down.asked == 1
    assert [(ranking.by, ranking.note) for ranking in rankings] == [("words", "the server is down")] * 4


async def test_meaning_finds_what_no_word_tells() -> None:
    class Knowing:
        """Knows one thing: that giving money back is a refund."""

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return [[1.0, 0.0] if "refund" in text or "money back" in text else [0.0, 1.0] for text in texts]

    task, limit = "Give the customer their money back", 10
    words = await ToolIndex(catalogue()).search(task, limit=limit)
    both = await ToolIndex(catalogue(), Knowing()).search(task, limit=limit)
    assert TASKS[task] not in words.names
    assert TASKS[task] in both.names


async def test_most_tasks_find_their_tool_by_words() -> None:
    measured = await recall()
    assert measured.tools > 300
    assert measured.at[5] >= 0.7
    assert measured.missed


async def test_a_query_of_nothing_but_signs_finds_nothing() -> None:
    index = ToolIndex(catalogue())
    for query in ("", '" OR *', "NEAR(", "the of and", "\x00"):
        assert (await index.search(query, limit=3)).names == ()
