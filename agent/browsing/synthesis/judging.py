"""Asking a model whether one quote proves one sentence; what it says counts only with words that stand in the quote."""

import json
from collections.abc import Sequence

from agent.browsing.state import Kept
from agent.browsing.synthesis.forms import JudgeSentence
from agent.browsing.synthesis.result import Judgement
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.models.together import together
from agent.verification.judge import LONGEST_EVIDENCE
from agent.verification.restatement import states_nothing
from agent.verification.words import features, tokens

_FEWEST_WORDS = 2


async def judged(
    sentence: str, cited: Sequence[Kept], models: Models, *, step: str, role: str
) -> tuple[Judgement, ...]:
    """Return what a model says of a sentence and each of its quotes, one per call.

    All are asked about, since one quote may contradict what another one supports. A model that cannot fill in the form,
    or copies words that are not in the quote or only ask, gives the verdict ``error``, which supports nothing.
    """
    found = await together(_judged(sentence, item, models, step=f"{step}/{item.id}", role=role) for item in cited)
    return tuple(found)


async def _judged(sentence: str, item: Kept, models: Models, *, step: str, role: str) -> Judgement:
    if len(item.text) > LONGEST_EVIDENCE:
        detail = f"the quote has more than {LONGEST_EVIDENCE} characters"
        return Judgement(evidence=item.id, verdict="error", detail=detail)
    # each part is one JSON string, so that no text can pretend to be another part
    asked = "\n".join(
        f"{name}: {json.dumps(' '.join(text.split()), ensure_ascii=False)}"
        for name, text in (("Quote", item.text), ("Sentence", sentence))
    )
    transcript = Transcript(
        [
            {"role": "system", "content": render("agent.browsing.synthesis", "judge")},
            {"role": "user", "content": f"{asked}\nCall judge_sentence."},
        ]
    )
    try:
        form = await ask_form(models, step, transcript, JudgeSentence, role=role, refusal_is_reply=True)
    except ModelOutputError as error:
        return Judgement(evidence=item.id, verdict="error", detail=str(error))
    words = " ".join(form.words.split())
    if form.verdict == "not_found":
        return Judgement(evidence=item.id, verdict="not_found")
    if words not in " ".join(item.text.split()) or len(features(tokens(words))) < _FEWEST_WORDS:
        detail = f"it said {form.verdict}, and copied words that decide nothing or are not in the quote"
        return Judgement(evidence=item.id, verdict="error", detail=detail)
    if form.verdict == "supported" and states_nothing(words):
        return Judgement(evidence=item.id, verdict="error", detail="it said supported, and copied a question")
    return Judgement(evidence=item.id, verdict=form.verdict, words=words)
