"""What claims come to for a report."""

import pytest

from agent.domain.claims import CheckedClaim, Claim, ClaimKind, Verdict
from agent.planning.holding import hold


def claim(verdict: Verdict, kind: ClaimKind = "fact") -> CheckedClaim:
    return CheckedClaim(claim=Claim(id="c", text="Alice paid 5.", kind=kind), verdict=verdict)


@pytest.mark.parametrize(
    ("claims", "uncovered", "tolerance", "holds"),
    [
        ([claim("supported")], (), 0.0, True),
        ([claim("supported"), claim("unverifiable", "opinion")], (), 0.0, True),
        ([claim("supported"), claim("not_found")], (), 0.0, False),
        ([claim("supported"), claim("not_found")], (), 0.5, True),
        ([claim("supported"), claim("contradicted")], (), 1.0, False),
        ([claim("supported")], ("A sentence of many pages.",), 0.0, False),
        ([claim("supported")], ("A sentence of many pages.",), 0.4, False),
        ([claim("supported")], ("A sentence of many pages.",), 0.5, True),
    ],
)
def test_claims_hold_where_none_is_refuted_and_few_are_open(
    claims: list[CheckedClaim], uncovered: tuple[str, ...], tolerance: float, *, holds: bool
) -> None:
    assert hold(claims, tolerance, uncovered=uncovered) is holds
