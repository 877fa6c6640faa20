"""Takes a text apart into claims with a model, each of whose claims is compared with its sentence.

Where sentences begin and end is computed; the model is shown numbers and never asked for a place. What it hands in and
does not keep to the words of its sentence is replaced by what rules make of that sentence.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence

from agent.domain.claims import Claim, ClaimKind
from agent.domain.errors import ModelOutputError, ModelUnavailable
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.verification.chain.ports import Extraction
from agent.verification.extraction.faithful import faithful_triples, keeps_meaning, lost
from agent.verification.extraction.forms import ExtractClaims, ExtractedClaim
from agent.verification.extraction.kinds import kind_of, may_be_opinion
from agent.verification.extraction.rules import Sentence, claims_of, numbered, placed, stating_sentences
from agent.verification.extraction.triples import triples_of

_PACKAGE = "agent.verification.extraction"
_BEFORE = 3
_FAILURES = 2
_LONGEST_REASON = 200

Read = Mapping[int, tuple[Claim, ...]]
"""Claims by the position of their sentence among those that state something."""


class ModelExtractor:
    """Takes the claims out of a text with a model, and with rules where it fails (port ``Extractor``).

    It is for capable models. Whether it gains anything with a small one was not measured, and each of its calls costs
    such a model seconds: use ``RuleExtractor`` with these.

    Args:
        models: models by role.
        limit: sentences that are shown to the model at most, the first ones; rules take the rest.
        batch: sentences a call shows at most.
        characters: the same in characters.
        role: who is asked.
    """

    def __init__(
        self, models: Models, *, limit: int = 200, batch: int = 20, characters: int = 6000, role: str = "verifier"
    ) -> None:
        self._models = models
        self._limit = limit
        self._batch = batch
        self._characters = characters
        self._role = role

    async def extract(self, step: str, text: str) -> Extraction:
        """Return the claims of a text. Effects are named by the step and the number of the batch."""
        found = await asyncio.to_thread(stating_sentences, text)
        readable = [position for position, one in enumerate(found) if _is_readable(one)]
        read: dict[int, tuple[Claim, ...]] = {}
        notes: list[str] = []
        failures = shown = 0
        for number, batch in enumerate(self._batches(found, readable[: self._limit])):
            try:
                read.update(await self._read(f"{step}/{number}", found, batch))
                failures = 0
            except ModelUnavailable as outage:
                failures = _FAILURES
                notes.append(f"The model could not be reached ({_short(outage)}); rules took the rest apart.")
            except ModelOutputError as error:
                failures += 1
                notes.append(f"The model did not take {len(batch)} sentences apart ({_short(error)}); rules did.")
            shown += len(batch)
            if failures >= _FAILURES:
                break
        if len(readable) > self._limit:
            notes.append(
                f"The model was shown the first {shown} of {len(readable)} sentences; rules took the rest apart."
            )
        replaced = sum(not claims for claims in read.values())
        if replaced:
            notes.append(
                f"{replaced} sentences were not in the model's words what they are in the text; rules took them."
            )
        return _extraction(found, read, notes)

    def _batches(self, found: Sequence[Sentence], readable: Sequence[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        size = 0
        for position in readable:
            length = len(found[position].said)
            if batch and (len(batch) >= self._batch or size + length > self._characters):
                yield batch
                batch, size = [], 0
            batch.append(position)
            size += length
        if batch:
            yield batch

    async def _read(self, step: str, found: Sequence[Sentence], batch: Sequence[int]) -> Read:
        """Return the claims of a batch; none for a sentence of which the model made nothing that can be used.

        Raises:
            ModelOutputError: the model did not fill in the form, or its server declined.
            ModelUnavailable: the model could not be reached.
        """
        first = batch[0]
        prompt = render(
            _PACKAGE,
            "extract",
            before=[_line("-", one.said) for one in found[max(0, first - _BEFORE) : first]],
            sentences=[_line(f"{number}:", found[position].said) for number, position in enumerate(batch, 1)],
        )
        form = await ask_form(
            self._models,
            step,
            Transcript([{"role": "user", "content": prompt}]),
            ExtractClaims,
            role=self._role,
            refusal_is_reply=True,
            outage_is_reply=True,
        )
        given: dict[int, list[ExtractedClaim]] = {}
        for claim in form.claims:
            if claim.sentence <= len(batch):
                given.setdefault(batch[claim.sentence - 1], []).append(claim)
        return {
            position: _claims(found[position], [one.said for one in found[max(0, first - _BEFORE) : position]], made)
            for position in batch
            for made in [given.get(position, [])]
        }


def _is_readable(one: Sentence) -> bool:
    """Whether a model may put a sentence into other claims: one in prose, with nothing beside it that belongs to it."""
    return one.passage.role in ("prose", "item", "heading") and bool(one.claims) and one.claims[0][0] != "code"


def _claims(one: Sentence, before: Sequence[str], given: Sequence[ExtractedClaim]) -> tuple[Claim, ...]:
    """Return a model's claims of one sentence; none where one is not faithful, or together they lose something."""
    said = [" ".join(claim.text.split()) for claim in given]
    if not said or lost(said, one.said) or not all(keeps_meaning(text, one.said, before) for text in said):
        return ()
    return tuple(
        placed(
            one,
            text,
            _kind(text, claim.kind, one),
            triples_of(text) or faithful_triples(text, claim.triples),
        )
        for text, claim in zip(said, given, strict=True)
    )


def _kind(text: str, given: ClaimKind, one: Sentence) -> ClaimKind:
    """Return a claim's kind: rules decide it, but for opinions that only one of them sees.

    Nothing is an opinion, and so unchecked, that shows no sign of one, whatever model or text say.
    """
    by_rule = kind_of(text, one.sentence)
    if given == "opinion":
        return "opinion" if by_rule == "opinion" or (by_rule == "fact" and may_be_opinion(text)) else by_rule
    return "fact" if by_rule == "opinion" else by_rule


def _extraction(found: Sequence[Sentence], read: Read, notes: Sequence[str]) -> Extraction:
    claims = numbered(claim for position, one in enumerate(found) for claim in read.get(position) or claims_of(one))
    uncovered = tuple(one.sentence for one in found if not one.claims)
    too_long = (f"{len(uncovered)} sentences are too long to be checked.",) if uncovered else ()
    return Extraction(claims=claims, uncovered=uncovered, notes=(*notes, *too_long))


def _line(mark: str, said: str) -> str:
    return f"{mark} {json.dumps(said, ensure_ascii=False)}"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
