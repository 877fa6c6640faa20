"""What words and numbers have against a model's verdict, whatever the model says."""

from agent.domain.claims import Claim
from agent.verification.attachment import swapped
from agent.verification.claims import absent_numbers
from agent.verification.comparison.amounts import Amount, compare_amounts
from agent.verification.comparison.items import read_items
from agent.verification.comparison.periods import Period, compare_periods
from agent.verification.judges.passages import sentences_of
from agent.verification.negation import denied, reworded
from agent.verification.words import tokens


def unborne_number(claim: Claim, text: str) -> str:
    """Return the first number in digits of a claim that a text does not bear; nothing where it bears them all.

    A number is borne where it stands in the text, or where an amount or a date of the text says the same: in another
    unit, in words, in another way to write it, or as what "about" stands for. A number in words is left to the judge,
    since it may sum up what a text lists.
    """
    missing = absent_numbers(claim.text, text, claim.question)
    if not missing:
        return ""
    given = [item.value for sentence in sentences_of(text) for item in read_items(sentence)]
    for item in read_items(claim.text):
        if item.value is not None and any(_says(item.value, other) for other in given):
            borne = {token.text for token in tokens(item.text) if token.kind == "number"}
            missing = [number for number in missing if number not in borne]
    return missing[0] if missing else ""


def _says(claimed: Amount | Period, given: Amount | Period | None) -> bool:
    if isinstance(claimed, Amount) and isinstance(given, Amount):
        return compare_amounts(claimed, given) == "holds"
    return isinstance(claimed, Period) and isinstance(given, Period) and compare_periods(claimed, given) == "inside"


def wording_objects(claim: Claim, text: str) -> str:
    """Return what words and numbers have against a claim being supported by a text; nothing where they let it pass.

    A capable model may overrule a negation that seems dropped or a number that seems moved; a small one may not. A
    negation does not count as dropped where the claim has other words in place of what is denied: "free of lead" denies
    lead as "none contained lead" does.
    """
    missing = unborne_number(claim, text)
    if missing:
        return f"{missing} stands nowhere in the evidence"
    negation = denied(claim.text, text, claim.question)
    if negation.passed is False and not reworded(claim.text, text):
        return negation.detail
    moved = swapped(claim.text, text, claim.question)
    return moved.detail if moved.passed is False else ""
