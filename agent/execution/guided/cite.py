"""A question over documents: find a sentence, copy the answer from it, and doubt it until nothing is left to doubt."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.claims import Finding
from agent.domain.errors import ModelOutputError
from agent.execution.guided import guards
from agent.execution.guided.asking import asker_of
from agent.execution.guided.checks import LiteralCheck, Record, largest
from agent.execution.guided.outcomes import CitedOutcome, Withheld
from agent.execution.guided.passages import Candidate, Passage, candidates, numbered, passages_of
from agent.execution.guided.thresholds import Thresholds
from agent.execution.guided.words import is_light, uncovered, words
from agent.execution.port import Steps

PASSAGES = 6
NOT_STATED = "not stated"


class Found(Form):
    """The sentence that states the answer, and the answer."""

    sentence: int
    answer: str = Field(max_length=100)


class Reread(Form):
    """The answer as a single sentence gives it."""

    answer: str = Field(max_length=100)


class CiteStrategy:
    """Answers one question with words copied from one sentence of the documents, or withholds.

    Args:
        steps: what may be done; each call is an effect.
        literal: the literal check.
        thresholds: how sure the model must be.
    """

    def __init__(self, steps: Steps, literal: LiteralCheck, thresholds: Thresholds) -> None:
        self._steps = steps
        self._asker = asker_of(steps)
        self._literal = literal
        self._thresholds = thresholds

    async def answer(self, question: str) -> CitedOutcome:
        """Return the cited answer, or the first reason for having none."""
        record = Record()
        chosen: Candidate | None = None
        try:
            reason = guards.out_of_reach(question)
            record.demand(Finding(method="form", passed=not reason, detail=reason or "one fact is asked"), reason)
            shown = candidates(question, await self._search(question))
            chosen, answer = await self._find(question, shown)
            self._check_text(question, chosen, answer, record)
            await self._check_meaning(question, chosen, answer, record)
            await self._check_direction(question, chosen, answer, record)
            await self._check_rivals(question, chosen, answer, record)
            await self._check_other_places(question, chosen, answer, shown, record)
        except Withheld as withheld:
            return _withheld(question, withheld, record, chosen)
        except ModelOutputError as error:
            return _withheld(question, Withheld(f"the model's reply could not be used: {error}"), record, chosen)
        return _outcome(question, chosen, record, answer=answer, status="accepted")

    async def _search(self, question: str) -> tuple[Passage, ...]:
        query = {"query": question, "limit": PASSAGES}
        found = passages_of(await self._steps.call("tool/search", "search_documents", query))
        if not found:
            raise Withheld("nothing in the documents matches the question")
        return found

    async def _find(self, question: str, shown: tuple[Candidate, ...]) -> tuple[Candidate, str]:
        found = await self._asker.form(
            "model/find",
            "find",
            Found,
            max_tokens=90,
            choices={"sentence": list(range(len(shown) + 1))},
            sentences=numbered(shown),
            question=question,
        )
        if found.sentence == 0 or _is_not_stated(found.answer):
            raise Withheld("the documents do not state it in the sentences found")
        answer = found.answer.strip()
        chosen = self._place(question, answer, shown, shown[found.sentence - 1])
        return chosen, guards.whole_value(answer, chosen.sentence.text)

    def _place(self, question: str, answer: str, shown: tuple[Candidate, ...], chosen: Candidate) -> Candidate:
        """Return the chosen sentence, or where it lacks the answer, the one that has it and fits the question best."""
        if self._stated(question, chosen, answer).passed is True:
            return chosen
        having = [item for item in shown if self._stated(question, item, answer).passed is True]
        return min(having, key=lambda item: len(uncovered(question, item.text)), default=chosen)

    def _check_text(self, question: str, chosen: Candidate, answer: str, record: Record) -> None:
        """Demand what can be seen without a model."""
        cited = chosen.sentence.text
        record.demand(self._stated(question, chosen, answer), "the answer is not in the words of the sentence", answer)
        record.demand(guards.row_fits(question, cited), "the table row found is about something else", answer)
        record.demand(
            guards.kind_fits(question, answer), "the answer is of another kind than the question asks", answer
        )
        record.demand(guards.negation_fits(question, answer, cited), "the sentence denies something", answer)
        record.demand(guards.list_is_whole(question, answer, cited), "the sentence lists more than the answer", answer)
        names = guards.names_fit(question, cited, chosen.passage.place, chosen.before)
        record.demand(names, f"the sentence found does not say all of it; {names.detail}", answer)

    def _stated(self, question: str, item: Candidate, answer: str) -> Finding:
        """Run the literal check; a date or version may also stand in the heading: ``4.0 (11 April 2024)``."""
        finding = self._literal(answer, item.sentence.text, question)
        if finding.passed is not True and item.passage.heading:
            finding = self._literal(answer, f"{item.passage.heading}. {item.sentence.text}", question)
        return finding

    async def _check_meaning(self, question: str, chosen: Candidate, answer: str, record: Record) -> None:
        """Demand that a second reading agrees, that a judge believes it, and that paraphrases are ones."""
        again = await self._asker.form(
            "model/reread", "reread", Reread, max_tokens=70, text=chosen.text, question=question
        )
        agrees = _agree(answer, again.answer)
        detail = f"read again, the sentence gives: {again.answer}"
        record.demand(Finding(method="reread", passed=agrees, detail=detail), "two readings disagree", answer)
        margin = await self._judged("judge/answer", question, chosen, answer)
        soft = [word for word in uncovered(question, guards.with_limits(chosen.text)) if not is_light(word)]
        needed = self._thresholds.paraphrased if soft else self._thresholds.answer
        record.demand_margin("judge", margin, needed, "the model is not sure that the sentence proves it", answer)
        if len(soft) > self._thresholds.soft_words:
            raise Withheld(f"too little of the question is in the sentence found: {', '.join(soft)}", answer)
        for number, word in enumerate(soft):
            said = await self._asker.margin(
                f"judge/word-{number}", "word", text=chosen.text, question=question, word=word
            )
            reason = f"the sentence found may not be about {word!r}"
            record.demand_margin(f"word {word}", said, self._thresholds.word, reason, answer)

    async def _check_direction(self, question: str, chosen: Candidate, answer: str, record: Record) -> None:
        """Demand that the judge does not like the reverse as well: readers take "A succeeded B" for "B succeeded A"."""
        reverse = guards.turned_round(question, answer, chosen.sentence.text)
        if reverse is None:
            return
        own = await self._judged("judge/direct", question, chosen, answer)
        other = await self._judged("judge/reverse", reverse[0], chosen, reverse[1])
        reason = "the model cannot tell which way round the sentence is"
        # two names exchanged give exactly the opposite margin, so that its sign is nearly enough
        needed = self._thresholds.exchanged if reverse[1] == answer else self._thresholds.direction
        record.demand_margin("direction", own - other, needed, reason, answer)

    async def _check_rivals(self, question: str, chosen: Candidate, answer: str, record: Record) -> None:
        """Demand that the judge prefers the answer to every other value of the sentence."""
        others = guards.rivals(answer, chosen.sentence.text, question)
        if not others:
            return
        own = await self._judged("judge/own", question, chosen, answer)
        margins = {}
        for number, other in enumerate(others):
            margins[other] = await self._judged(f"judge/rival-{number}", question, chosen, other)
        rival, margin = largest(margins)
        reason = f"the sentence also gives {rival}, and the model cannot tell them apart"
        tells = guards.clause_tells(question, answer, others, chosen.sentence.text)
        needed = self._thresholds.rival_in_other_clause if tells else self._thresholds.rival
        record.demand_margin(f"rival {rival}", own - margin, needed, reason, answer)

    async def _judged(self, step: str, question: str, chosen: Candidate, answer: str) -> float:
        return await self._asker.margin(step, "judge", text=chosen.text, question=question, answer=answer)

    async def _check_other_places(
        self, question: str, chosen: Candidate, answer: str, shown: tuple[Candidate, ...], record: Record
    ) -> None:
        """Demand that no other sentence that fits the question as well gives another answer."""
        missing = set(uncovered(question, chosen.text))
        rivals = [
            other
            for other in shown
            if other is not chosen
            and set(uncovered(question, f"{other.passage.place} {other.sentence.text}")) <= missing
            and self._literal(answer, other.sentence.text, question).passed is not True
        ]
        for number, other in enumerate(rivals[:2]):
            again = await self._asker.form(
                f"model/other-{number}", "reread", Reread, max_tokens=70, text=other.text, question=question
            )
            if _is_not_stated(again.answer) or _agree(answer, again.answer):
                continue
            if self._literal(again.answer, other.sentence.text, question).passed is not True:
                continue
            margin = await self._judged(f"judge/other-{number}", question, other, again.answer)
            reason = f"another sentence gives {again.answer!r}"
            finding = Finding(method="other places", passed=margin < 0, detail=f"{reason}, margin {margin:.2f}")
            record.demand(finding, reason, answer)


def _is_not_stated(answer: str) -> bool:
    return not answer.strip() or answer.strip().lower().rstrip(".") == NOT_STATED


def _agree(first: str, second: str) -> bool:
    """Whether one answer holds all words of the other, so that ``Ellen Moe`` agrees with ``the owner, Ellen Moe``.

    Answers with numbers agree when the numbers do, whatever their units are called.
    """
    numbers, others = ([word for word in words(text) if word[0].isdigit()] for text in (first, second))
    if numbers or others:
        return sorted(numbers) == sorted(others)
    one, two = ({word for word in words(text) if word not in ("the", "a", "an")} for text in (first, second))
    return bool(one and two) and (one <= two or two <= one)


def _withheld(question: str, withheld: Withheld, record: Record, chosen: Candidate | None) -> CitedOutcome:
    return _outcome(question, chosen, record, answer=withheld.answer, status="withheld", reason=withheld.reason)


def _outcome(question: str, chosen: Candidate | None, record: Record, **fields: str) -> CitedOutcome:
    place: dict[str, object] = {}
    if chosen is not None:
        number, passage = chosen.sentence.n, chosen.passage
        place = {
            "document": passage.document,
            "title": passage.title,
            "location": passage.location,
            "first": number,
            "last": number,
            "quote": chosen.sentence.text,
            "evidence": (f"{passage.document}:{number}-{number}",),
        }
    return CitedOutcome.model_validate({"question": question, "findings": record.findings, **place, **fields})
