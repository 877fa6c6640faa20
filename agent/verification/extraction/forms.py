"""What a model fills in when it takes sentences apart."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.claims import ClaimKind


class ExtractedTriple(Form):
    """One thing a claim says, in the words of the claim.

    Attributes:
        positive: false where the claim denies it.
        time: when, as it is written; a relative date stays relative.
        bound: words such as "at least" or "about" before a number.
    """

    subject: str = Field(min_length=1, max_length=300)
    relation: str = Field(min_length=1, max_length=300)
    object: str = Field(min_length=1, max_length=300)
    positive: bool = True
    time: str = Field(default="", max_length=100)
    unit: str = Field(default="", max_length=100)
    bound: str = Field(default="", max_length=100)


class ExtractedClaim(Form):
    """One statement of a sentence that can be checked alone.

    Attributes:
        sentence: number of the sentence it is taken from.
        text: the statement in the words and the order of the sentence. Only a pronoun is replaced, by the name that the
            sentences before give.
    """

    sentence: int = Field(ge=1)
    text: str = Field(min_length=1, max_length=2000)
    kind: ClaimKind
    triples: list[ExtractedTriple] = Field(default=[], max_length=8)


class ExtractClaims(Form):
    """Hand in the claims of the numbered sentences.

    Give each sentence at least one claim; a sentence that says several things gives several. Use the words of the
    sentence in their order, keep every number, name, negation, limit ("about", "only", "may") and who is said to say
    it, and replace pronouns by what they stand for. Leave out triples where a claim does not fit subject, relation,
    object.
    """

    claims: list[ExtractedClaim] = Field(max_length=200)
