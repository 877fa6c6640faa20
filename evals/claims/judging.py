"""Puts pairs to the tiers of judges: by rules, by a model, and by both one after the other."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import NamedTuple, Unpack

from agent.domain.claims import Claim, Judgement
from agent.domain.evidence import Quote, Source
from agent.domain.messages import CallOptions, Reply, Transcript
from agent.models.asking import HowAsked, Models
from agent.models.port import ChatModel
from agent.verification.chain.deciding import DECIDED, verdict_of
from agent.verification.chain.ports import Judge, JudgeFailed
from agent.verification.judges.margins import MarginJudge
from agent.verification.judges.model import ModelJudge
from agent.verification.judges.wording import WordingJudge
from agent.verification.quotes import text_digest
from evals.browsing.working import CountedModel
from evals.claims.pairs import Pair
from evals.claims.scores import Judged

RULES, MODEL, BOTH = "rules", "model", "both"
"""What is measured: rules; the model on every pair, a small one without objections by words; rules, then the model."""


class RememberingModels:
    """Models that are asked the same thing once only. Implements ``Models``."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._replies: dict[tuple[str, str], Reply] = {}

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Return the model's reply, the one it gave before to the same messages and options."""
        key = (messages.digest, how.get("options", CallOptions()).model_dump_json())
        if key not in self._replies:
            self._replies[key] = await self._models.ask(step, messages, **how)
        return self._replies[key]


async def judge_pairs(
    pairs: Sequence[Pair], model: ChatModel | None, *, told: Callable[[Pair], None]
) -> dict[str, list[Judged]]:
    """Return the verdicts on pairs by what gave them; without a model those of the rules alone.

    Args:
        pairs: what is judged, each by itself.
        model: who judges what the rules leave; a limited one is judged by its log-probabilities.
        told: hears of each pair when it has been judged.
    """
    judged: dict[str, list[Judged]] = {RULES: []} if model is None else {RULES: [], MODEL: [], BOTH: []}
    alone, heard = (None, None) if model is None else _judges(model)
    for pair in pairs:
        by_rules = await _said(pair, WordingJudge())
        judged[RULES].append(_judged(pair, by_rules))
        if alone is not None and heard is not None:
            by_model = await _said(pair, alone)
            judged[MODEL].append(_judged(pair, by_model))
            if judged[RULES][-1].verdict in DECIDED:
                judged[BOTH].append(_judged(pair, by_rules))
            else:
                # its replies are remembered, so that the time is what they took the first time
                after = (await _said(pair, heard))._replace(seconds=by_model.seconds)
                judged[BOTH].append(_judged(pair, by_rules, after))
        told(pair)
    return judged


def _judges(model: ChatModel) -> tuple[Judge, Judge]:
    models = RememberingModels(CountedModel(model))
    if not model.profile.limited:
        capable = ModelJudge(models)
        return capable, capable
    # which sentence is quoted changes no verdict, and finding it would take longer than all else
    judge = partial(MarginJudge, models, weights=model.profile.weights, sentences=1)
    return judge(objects=lambda claim, text: ""), judge()


class _Said(NamedTuple):
    """What a judge said about a pair, and how many seconds that took."""

    judgements: Sequence[Judgement]
    seconds: float


async def _said(pair: Pair, judge: Judge) -> _Said:
    began = perf_counter()
    try:
        judgements = await judge.judge(f"pairs/{pair.id}", _claim(pair), [_quote(pair)])
    except JudgeFailed as error:
        judgements = (Judgement(judge=judge.name, tier=judge.tier, verdict="error", detail=str(error)),)
    return _Said(judgements, perf_counter() - began)


def _judged(pair: Pair, *said: _Said) -> Judged:
    judgements = [one for part in said for one in part.judgements]
    return Judged(
        pair=pair,
        verdict=verdict_of(_claim(pair), judgements),
        detail="; ".join(one.detail for one in judgements),
        seconds=sum(part.seconds for part in said),
    )


def _claim(pair: Pair) -> Claim:
    return Claim(id=pair.id, text=pair.claim, evidence=("e1",))


def _quote(pair: Pair) -> Quote:
    source = Source(title=pair.source, location=pair.source, text_sha256=text_digest(pair.evidence))
    return Quote(id="e1", source=source, start=0, end=len(pair.evidence), text=pair.evidence)
