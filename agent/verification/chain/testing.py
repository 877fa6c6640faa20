"""Doubles of the parts of a chain, for tests: they say what a script says, by rules that can be seen at a glance."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from agent.domain.budget import Usage
from agent.domain.claims import CheckedClaim, Claim, Judgement, Tier, Verdict
from agent.domain.evidence import Evidence, Quote, Source
from agent.domain.messages import Transcript
from agent.models.asking import Models
from agent.verification.chain.ports import Extraction, JudgeFailed, Rethought
from agent.verification.quotes import CONTEXT, text_digest
from agent.verification.sentences import split_sentences

Said = Verdict | Exception | Sequence[object]
"""What a scripted judge says: a verdict, judgements as they are (or garbage), or an error to raise."""


class ScriptedExtractor:
    """Makes one claim of each sentence.

    Args:
        opinions: sentences that are opinions.
        failure: raised instead of an answer.
    """

    def __init__(self, *, opinions: Sequence[str] = (), failure: Exception | None = None) -> None:
        self._opinions = frozenset(opinions)
        self._failure = failure

    async def extract(self, step: str, text: str) -> Extraction:
        """Return a claim for each sentence of a text."""
        if self._failure is not None:
            raise self._failure
        claims = tuple(
            Claim(
                id=f"c{number}",
                text=text[start:end],
                sentence=text[start:end],
                start=start,
                end=end,
                kind="opinion" if text[start:end] in self._opinions else "fact",
            )
            for number, (start, end) in enumerate(split_sentences(text), start=1)
        )
        return Extraction(claims=claims)


class ScriptedJudge:
    """Says about each claim what a script says.

    Args:
        script: what to say by the text of the claim, or a function of claim and evidence.
        name: how the judge is called.
        tier: its tier; one of tier T3 quotes the whole of the first evidence.
        other: what it says about claims that are not in the script.
        pause: gives the turns of the event loop that it waits before it answers, by the claim.

    Attributes:
        asked: the steps under which it was asked, in the order in which it answered.
    """

    def __init__(
        self,
        script: Mapping[str, Said] | Callable[[Claim, Sequence[Evidence]], Said],
        *,
        name: str = "scripted",
        tier: Tier = "T1",
        other: Said = (),
        pause: Callable[[Claim], int] = lambda claim: 0,
    ) -> None:
        self.name = name
        self.tier: Tier = tier
        self.asked: list[str] = []
        self._script = script
        self._other = other
        self._pause = pause

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return what the script says."""
        for _ in range(self._pause(claim)):
            await asyncio.sleep(0)
        self.asked.append(step)
        said = self._script(claim, evidence) if callable(self._script) else self._script.get(claim.text, self._other)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            verdict = cast("Verdict", said)
            return (judgement(self.name, self.tier, verdict, evidence if self.tier == "T3" else ()),)
        return cast("Sequence[Judgement]", said)


class OscillatingJudge(ScriptedJudge):
    """Supports a claim and contradicts it in turn, each time it is asked about the same text.

    Args:
        name: how the judge is called.
    """

    def __init__(self, *, name: str = "oscillating") -> None:
        super().__init__(self._said, name=name)
        self._times: dict[str, int] = {}

    def _said(self, claim: Claim, evidence: Sequence[Evidence]) -> Verdict:
        self._times[claim.text] = times = self._times.get(claim.text, 0) + 1
        return "contradicted" if times % 2 else "supported"


class ModelAskingJudge:
    """A judge of tier T3 that asks a model about each claim and calls whatever comes back ``contradicted``.

    So with a model that cannot be reached it shows whether a failure is taken for a verdict.

    Args:
        models: asked in the role ``verifier``.
        name: how the judge is called.
    """

    tier: Tier = "T3"

    def __init__(self, models: Models, *, name: str = "model") -> None:
        self.name = name
        self._models = models

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return ``contradicted``, with the first evidence as its quote.

        Raises:
            JudgeFailed: the model was not reached or refused.
        """
        messages = Transcript([{"role": "user", "content": claim.text}])
        reply = await self._models.ask(step, messages, role="verifier", refusal_is_reply=True, outage_is_reply=True)
        if reply.finish in ("unavailable", "filtered"):
            raise JudgeFailed(reply.text)
        return (judgement(self.name, self.tier, "contradicted", evidence),)


class ScriptedRetriever:
    """Gives each claim the quotes that a script has for it.

    Args:
        script: evidence by the text of the claim, or an error to raise.
    """

    def __init__(self, script: Mapping[str, Sequence[Evidence] | Exception]) -> None:
        self._script = script

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return what the script has for a claim."""
        found = self._script.get(claim.text, ())
        if isinstance(found, Exception):
            raise found
        return found


class ScriptedRethinker:
    """Writes sentences anew by a script.

    Args:
        rounds: for each round the new sentences by the old ones; after the last there is nothing to say.
        usage: what each round costs.
    """

    def __init__(self, rounds: Sequence[Mapping[str, str]], *, usage: Usage | None = None) -> None:
        self._rounds = list(rounds)
        self._usage = usage or Usage()

    async def rethink(
        self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
    ) -> Rethought:
        """Return the sentences of the next round."""
        return Rethought(sentences=self._rounds.pop(0) if self._rounds else {}, usage=self._usage)


class StoredTexts:
    """Stored texts by their SHA-256; one that is forgotten has vanished.

    Args:
        texts: the texts.
    """

    def __init__(self, *texts: str) -> None:
        self._texts = {text_digest(text): text for text in texts}

    async def __call__(self, sha256: str) -> str:
        """Return a text.

        Raises:
            LookupError: it is not stored.
        """
        return self._texts[sha256]

    def forget(self, text: str) -> None:
        """Let a text vanish."""
        del self._texts[text_digest(text)]


def judgement(judge: str, tier: Tier, verdict: Verdict, evidence: Sequence[Evidence] = ()) -> Judgement:
    """Return a judgement that rests on the first evidence and quotes all of it, where there is any."""
    quoted = next((item for item in evidence if isinstance(item, Quote)), None)
    return Judgement(
        judge=judge,
        tier=tier,
        verdict=verdict,
        detail="as the script says",
        evidence=(quoted.id,) if quoted else (),
        quote=quoted.text if quoted else "",
    )


def quote_from(text: str, cited: str, *, name: str, title: str = "Notes") -> Quote:
    """Return a valid quote of a part of a text."""
    start = text.index(cited)
    end = start + len(cited)
    return Quote(
        id=name,
        source=Source(title=title, location=f"{title.lower()}.txt", text_sha256=text_digest(text)),
        start=start,
        end=end,
        text=cited,
        prefix=text[max(start - CONTEXT, 0) : start],
        suffix=text[end : end + CONTEXT],
    )
