"""What is known about one claim while it is judged."""

from agent.domain.base import Fact
from agent.domain.claims import Claim, Judgement
from agent.domain.evidence import Evidence
from agent.verification.chain.deciding import DECIDED, verdict_of


class Looked(Fact):
    """A claim with the sound evidence for it and what judges have said so far."""

    claim: Claim
    evidence: tuple[Evidence, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether no further tier is to be asked."""
        return verdict_of(self.claim, self.judgements) in DECIDED
