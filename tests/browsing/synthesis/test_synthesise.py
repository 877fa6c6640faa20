from agent.browsing.synthesis.result import SynthesisSettings
from agent.browsing.synthesis.synthesise import synthesise
from agent.browsing.testing import ScriptedModels
from agent.domain.messages import Reply
from agent.models.testing.script import call
from tests.browsing.synthesis.kept import kept_of

BRIDGE = "The old bridge was opened in 1990 and closed in 2003."
MUSEUM = "The museum of Elmton has 12 rooms."
ALONE = SynthesisSettings(judge="never")


def answer(*sentences: tuple[str, list[str]]) -> Reply:
    return call("write_answer", sentences=[{"text": text, "evidence": ids} for text, ids in sentences])


async def test_sentences_that_their_quotes_support_make_the_answer_with_their_references() -> None:
    models = ScriptedModels(
        [answer(("The museum of Elmton has 12 rooms.", ["E2"]), ("The old bridge was opened in 1990.", ["E1"]))]
    )
    found = await synthesise("What is there to see?", kept_of(BRIDGE, MUSEUM), models, step="s", settings=ALONE)

    assert found.answer == "The museum of Elmton has 12 rooms [E2]. The old bridge was opened in 1990 [E1]."
    assert [(reference.number, reference.evidence) for reference in found.references] == [(1, "E2"), (2, "E1")]
    assert found.references[0].sources[0].url == "https://example.org/E2"
    assert found.supported
    assert found.support == 1.0
    assert models.asked == [("s/write/0", "executor")]
