"""Puts pairs to the tiers of judges: by rules, by a model, and by both one after the other."""

from collections.abc import Callable, Sequence
from time import perf_counter

from agent.domain.claims import Claim, Judgement, Verdict
from agent.domain.evidence import Quote, Source
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.asking import Models
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

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = "executor",
        refusal_is_reply: bool = False,
        outage_is_reply: bool = False,
    ) -> Reply:
        """Return the model's reply, the one it gave before to the same messages and options."""
        key = (messages.digest, options.model_dump_json())
        if key not in self._replies:
            self._replies[key] = await self._models.ask(
                step,
                messages,
                tools=tools,
                response_format=response_format,
                options=options,
                role=role,
                refusal_is_reply=refusal_is_reply,
                outage_is_reply=outage_is_reply,
            )
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
    alone, guarded = (None, None) if model is None else _judges(model)
    for pair in pairs:
        rules = await _judged(pair, WordingJudge())
        judged[RULES].append(rules)
        if alone is not None and guarded is not None:
            judged[MODEL].append(await _judged(pair, alone))
            judged[BOTH].append(rules if rules.verdict in DECIDED else await _after(pair, rules, guarded))
        told(pair)
    return judged


def _judges(model: ChatModel) -> tuple[Judge, Judge]:
    models = RememberingModels(CountedModel(model))
    if not model.profile.limited:
        capable = ModelJudge(models)
        return capable, capable
    weights = model.profile.weights
    return MarginJudge(models, weights=weights, objects=lambda claim, text: ""), MarginJudge(models, weights=weights)


async def _after(pair: Pair, rules: Judged, judge: Judge) -> Judged:
    """Return what a model's judge makes of a pair that the rules left."""
    done = await _judged(pair, judge)
    # what neither decides stays what it was: that of the rules says more than that of a model
    return done.model_copy(update={"seconds": rules.seconds + done.seconds})


async def _judged(pair: Pair, judge: Judge) -> Judged:
    claim, quote = _claim(pair), _quote(pair)
    began = perf_counter()
    try:
        said: Sequence[Judgement] = await judge.judge(f"pairs/{pair.id}", claim, [quote])
        verdict: Verdict = verdict_of(claim, said)
        detail = "; ".join(one.detail for one in said)
    except JudgeFailed as error:
        verdict, detail = "error", str(error)
    return Judged(pair=pair, verdict=verdict, detail=detail, seconds=perf_counter() - began)


def _claim(pair: Pair) -> Claim:
    return Claim(id=pair.id, text=pair.claim, evidence=("e1",))


def _quote(pair: Pair) -> Quote:
    source = Source(title=pair.source, location=pair.source, text_sha256=text_digest(pair.evidence))
    return Quote(id="e1", source=source, start=0, end=len(pair.evidence), text=pair.evidence)
