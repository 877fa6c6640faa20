"""How a design is carried out."""

from pydantic import Field

from agent.domain.base import Form


class DesignConfig(Form):
    """Limits of one design, beside those that its order has.

    Attributes:
        repairs: how often the program of a candidate that made nothing usable is repaired.
        tried: candidates of a round that are tried out, the best ones by looks.
        mendings: how often a check that came out inconclusive is repaired, in the whole design.
        stalls: rounds one after the other without anything better, after which a person is asked.
        least_score: what was looked at by somebody who can judge it and got less is not accepted.
        parallel: candidates that are worked on at the same time.
    """

    repairs: int = Field(default=2, ge=0, le=10)
    tried: int = Field(default=2, ge=1, le=8)
    mendings: int = Field(default=4, ge=0, le=20)
    stalls: int = Field(default=2, ge=1, le=10)
    least_score: float = Field(default=0.4, ge=0, le=1)
    parallel: int = Field(default=4, ge=1, le=16)
