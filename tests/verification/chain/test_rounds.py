"""Rounds of rethinking through the whole chain: real judges without a model, and a model behind a real server."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.testing import ScriptedModels
from agent.domain.claims import CheckedClaim, Claim, Statement, Verdict
from agent.domain.evidence import Evidence
from agent.domain.messages import Reply
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import call
from agent.models.testing.scripted_server import ScriptedServer
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Extraction, Rethought
from agent.verification.chain.quoting import QuotingRethinker
from agent.verification.chain.rethinking import ModelRethinker
from agent.verification.chain.testing import (
    ScriptedExtractor,
    ScriptedJudge,
    ScriptedRetriever,
    StoredTexts,
    quote_from,
)
from agent.verification.extraction.rules import RuleExtractor
from agent.verification.judges.choosing import deterministic_judges, knowledge_retrievers
from agent.verification.knowledge.base import knowledge_file
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.port import KnowledgeFiles
from agent.verification.knowledge.store import Store
from agent.verification.sentences import split_sentences

FACTS = """Paris\tis the capital of\tFrance
Rome\tis the capital of\tItaly
Bern\tis the capital of\tSwitzerland
Vienna\tis the capital of\tAustria
Oslo\tis the capital of\tNorway
Lima\tis the capital of\tPeru
Cairo\tis the capital of\tEgypt
"""
WRONG = ["Oslo is the capital of Peru.", "- Lima is the capital of Norway.", "12 * 7 = 74."]
DRAFT = (
    "# Notes\n\nParis is the capital of France. Rome is the capital of Italy. Oslo is the capital of Peru.\n"
    "- Bern is the capital of Switzerland.\n- Vienna is the capital of Austria.\n- Lima is the capital of Norway.\n\n"
    "Cairo is the capital of Egypt.  6 * 7 = 42. 12 * 7 = 74.\n8 + 5 = 13.\n"
)
RIGHT = (
    "# Notes\n\nParis is the capital of France. Rome is the capital of Italy. Lima is the capital of Peru.\n"
    "- Bern is the capital of Switzerland.\n- Vienna is the capital of Austria.\n- Oslo is the capital of Norway.\n\n"
    "Cairo is the capital of Egypt.  6 * 7 = 42. 12 * 7 = 84.\n8 + 5 = 13.\n"
)
_CAPITAL = re.compile(r"(\w+) is the capital of (\w+)\.")


class CapitalExtractor(RuleExtractor):
    """Takes claims out by rules, with a triple where a claim names a capital."""

    async def extract(self, step: str, text: str) -> Extraction:
        """Return the claims of a text."""
        found = await super().extract(step, text)
        return found.model_copy(update={"claims": tuple(map(_with_triple, found.claims))})


def _with_triple(claim: Claim) -> Claim:
    stated = [
        Statement(subject=match[1], relation="is the capital of", object=match[2])
        for match in _CAPITAL.finditer(claim.text)
    ]
    return claim.model_copy(update={"triples": tuple(stated)})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "capitals.tsv").write_text(FACTS, "utf-8")
    store = Store(knowledge_file(folder, "capitals"))
    load(store, folder / "capitals.tsv", functional=["is the capital of"])
    store.close()
    return folder


class Writer:
    """A model behind a real server that answers with new sentences by old ones.

    Attributes:
        prompts: what it was sent.
    """

    def __init__(self, new: Mapping[str, str]) -> None:
        self.prompts: list[str] = []
        self._new = new

    def __call__(self, body: dict[str, Any], index: int) -> Reply:
        prompt = str(body["messages"][1]["content"])
        self.prompts.append(prompt)
        asked = re.search(r"^The sentence: (.*)$", prompt, re.MULTILINE)
        assert asked is not None, prompt
        return call("rewrite_sentence", text=self._new[json.loads(asked[1])])

    @asynccontextmanager
    async def rethinker(self) -> AsyncIterator[ModelRethinker]:
        """Start the server, and give what asks it."""
        async with ScriptedServer(self) as server:
            config = OpenAIConfig(
                model="scripted", base_url=server.base_url, api_key_env=None, profile=Profile(tool_mode="native")
            )
            model = OpenAICompatible("scripted", config)
            try:
                yield ModelRethinker(ScriptedModels(model))
            finally:
                await model.close()


async def checked_draft(home: Path, writer: Writer) -> Checked:
    """Return what becomes of the draft, judged by a knowledge base and by arithmetic."""
    async with writer.rethinker() as rethinker, KnowledgeFiles(home) as knowledge:
        parts = Parts(
            extractor=CapitalExtractor(),
            judges=deterministic_judges(bases=["capitals"], knowledge=knowledge),
            retrievers=knowledge_retrievers(["capitals"], knowledge),
            rethinker=rethinker,
        )
        return await check_answer(DRAFT, parts, CheckingConfig())


async def test_three_false_claims_of_ten_are_put_right_in_two_rounds_and_nothing_else_changes(home: Path) -> None:
    writer = Writer(
        {
            "Oslo is the capital of Peru.": "Lima is the capital of Peru.",
            # wrong once more, so that there is a second round
            "Lima is the capital of Norway.": "Bern is the capital of Norway.",
            "Bern is the capital of Norway.": "Oslo is the capital of Norway.",
            "12 * 7 = 74.": "12 * 7 = 84.",
        }
    )
    checked = await checked_draft(home, writer)
    rounds = checked.checking.rounds
    assert [one.score.claims for one in rounds] == [10, 10, 10]
    assert [len(one.contradicted) for one in rounds] == [3, 1, 0]
    assert [one.verdict for one in checked.claims] == ["supported"] * 10
    assert (checked.checking.stopped, checked.checking.best) == ("accepted", 2)
    assert [one.changed for one in rounds] == [(), tuple(WRONG), ("- Bern is the capital of Norway.",)]
    assert checked.answer.encode() == RIGHT.encode()
    assert not [said for one in checked.claims for said in one.judgements if said.tier == "T0"], "nothing is missing"
    # only what is new was judged anew
    assert [one.usage.calls for one in rounds] == [0, 3, 1]
    # sentences are asked about side by side, so that any of them may arrive first
    (prompt,) = (one for one in writer.prompts if '"Oslo is the capital of Peru." is wrong, because' in one)
    assert '["Lima", "is the capital of", "Peru"]' in prompt


async def test_a_round_that_makes_it_no_better_is_the_last_and_is_not_kept(home: Path) -> None:
    writer = Writer(
        {
            "Oslo is the capital of Peru.": "Cairo is the capital of Peru.",
            "Lima is the capital of Norway.": "Rome is the capital of Norway.",
            "12 * 7 = 74.": "12 * 7 = 75.",
        }
    )
    checked = await checked_draft(home, writer)
    assert (checked.checking.stopped, checked.checking.best) == ("no gain", 0)
    assert checked.answer == DRAFT
    assert len(checked.checking.rounds) == 2


async def test_a_judge_that_swings_to_and_fro_stops_and_the_best_round_is_kept() -> None:
    """Whatever the first sentence says, the judge says the contrary; so it would swing for ever."""
    judge = ScriptedJudge(
        {"The lamp is red.": "contradicted", "The lamp is blue.": "contradicted", "It weighs 2 kg.": "contradicted"},
        other="supported",
    )
    writer = Writer(
        {
            "The lamp is red.": "The lamp is blue.",
            "The lamp is blue.": "The lamp is red.",
            "It weighs 2 kg.": "It weighs 3 kg.",
        }
    )
    async with writer.rethinker() as rethinker:
        parts = Parts(ScriptedExtractor(), (judge,), rethinker=rethinker)
        checked = await check_answer("The lamp is red. It weighs 2 kg.", parts, CheckingConfig(rounds=10))
    assert [one.contradicted for one in checked.checking.rounds] == [("c1", "c2"), ("c3",), ("c1",)]
    assert (checked.checking.stopped, checked.checking.best) == ("no gain", 1)
    assert checked.answer == "The lamp is blue. It weighs 3 kg."


async def test_without_a_model_quotes_take_the_place_of_what_they_refute_and_the_rest_is_left_out() -> None:
    notes = "The lamp is red. Much else is known of it."
    answer = "The lamp is blue. It weighs 2 kg. It stands in the hall."
    quote = quote_from(notes, "The lamp is red.", name="e1")
    judge = ScriptedJudge(
        {"The lamp is blue.": "contradicted", "The lamp is red.": "supported"}, tier="T3", other="supported"
    )
    rule = ScriptedJudge({"It weighs 2 kg.": "contradicted"}, name="rule")
    parts = Parts(
        ScriptedExtractor(),
        (judge, rule),
        retrievers=(
            ScriptedRetriever({text: [quote] for text in split_texts(answer)} | {"The lamp is red.": [quote]}),
        ),
        text_of=StoredTexts(notes),
        rethinker=QuotingRethinker(),
    )
    checked = await check_answer(answer, parts, CheckingConfig())
    assert checked.answer == "The lamp is red. It stands in the hall."
    assert checked.checking.stopped == "accepted"
    assert checked.checking.unchecked == (
        "A sentence was replaced by what the evidence says: The lamp is blue.",
        "A refuted sentence was left out, since no single quote says what is right: It weighs 2 kg.",
    )


async def test_what_was_left_out_in_a_round_that_is_not_kept_is_not_told() -> None:
    judge = ScriptedJudge(
        {"The lamp is red.": "contradicted", "It is old.": "contradicted", "The lamp is new.": "contradicted"},
        other="supported",
    )
    text = "The lamp is red. It stands there."

    class Worse:
        """Drops one sentence with a note, and puts two wrong ones in its place."""

        async def rethink(
            self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
        ) -> Rethought:
            return Rethought(sentences={"The lamp is red.": "The lamp is new. It is old."}, notes=("Told of round 1.",))

    checked = await check_answer(text, Parts(ScriptedExtractor(), (judge,), rethinker=Worse()), CheckingConfig())
    assert (checked.checking.best, checked.answer) == (0, text)
    assert checked.checking.unchecked == ()


class Bumping:
    """Raises the version of each sentence that failed."""

    async def rethink(
        self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
    ) -> Rethought:
        """Return the failed sentences with the next version."""
        failed = [one.claim.text for one in checked if one.verdict == "contradicted"]
        return Rethought(sentences={old: old[:-2] + f"{(int(old[-2]) + 1) % 4}." for old in failed})


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["supported", "contradicted"]), min_size=4, max_size=4), min_size=1, max_size=5),
    st.integers(min_value=0, max_value=6),
)
async def test_whatever_judges_say_it_ends_keeps_the_best_round_and_changes_only_what_failed(
    said: list[list[str]], limit: int
) -> None:
    """Each sentence has four versions; ``said`` is what the judge says of each."""
    text = " ".join(f"Lamp {number} is of kind 0." for number in range(len(said)))
    judge = ScriptedJudge(
        {
            f"Lamp {number} is of kind {version}.": cast("Verdict", verdict)
            for number, row in enumerate(said)
            for version, verdict in enumerate(row)
        }
    )
    parts = Parts(ScriptedExtractor(), (judge,), rethinker=Bumping())
    checked = await check_answer(text, parts, CheckingConfig(rounds=limit))
    rounds = checked.checking.rounds
    assert len(rounds) <= limit + 1
    assert len(rounds[checked.checking.best].contradicted) == min(len(one.contradicted) for one in rounds)
    before, after = split_texts(text), split_texts(checked.answer)
    assert [
        new for new, old, row in zip(after, before, said, strict=True) if row[0] == "supported" and new != old
    ] == []
    assert [one.verdict == "contradicted" for one in checked.claims] == [
        row[int(new[-2])] == "contradicted" for new, row in zip(after, said, strict=True)
    ]


def split_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]
