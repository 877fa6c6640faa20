"""What is told about the plausibility of triples."""

from agent.domain.base import Fact
from agent.domain.claims import Statement


class Ranked(Fact):
    """A statement with its plausibility, which proves nothing.

    Attributes:
        score: mean log-probability of object and subject, at most 0; None where a name is not known for certain, or
            the statement is a denial.
    """

    statement: Statement
    score: float | None


class Trained(Fact):
    """What training came to.

    Attributes:
        loss: mean loss of the last epoch, in nats: cross-entropy and regulariser.
        size: of the file in bytes.
    """

    epochs: int
    triples: int
    things: int
    relations: int
    loss: float
    size: int
