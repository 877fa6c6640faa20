"""The criteria of the ten wishes: from their words, with scenarios that there are, and never changed once frozen."""

import msgspec
import pytest

from agent.verification.artefacts.freezing import check_intact
from evals.cad.criteria import CRITERIA, frozen
from evals.cad.wish import Wish
from evals.cad.wishes import WISHES
from toolserver.cad.scenarios import SCENARIOS

FROZEN = {
    "table": "3f577ca8fd8b85e52ed18b18922da90543695b7f7520265aedd639635f7eced8",
    "stool": "fca0c898774b3c18561eddd2c1525fa51e9d62bcfb33a16f5b9ad2383f31aff1",
    "bench": "c3a75ef5c1c92fbda6b827c8cfd140c2eef5bfc2cf5f88dc83578146d3901668",
    "bridge": "a4d6649aace843fb71fdce0f04ee9991f722fe2f829ff29af964b23ae803c505",
    "mug": "370aec37d6d45e58c1677407a15d829caaf654969c0040de7efaaf92536d588f",
    "shelf": "8392374cb99478f28abec197872835caac12fdac51dc8c947dcf0a7f67bb0353",
    "ramp": "b68fa3b17e35d0d0cfea0a08c8f42aaeace63930aae8aa70f103ece67f77dbbd",
    "house": "fe33148a284b8ba7bfe328978e80328e9c0c8f74be5b0efb8260f07c200014a9",
    "stairs": "25995ac44fbd606c939b6a6d90549eba574d253a1eb0bf36d8933cdbc39e80b6",
    "box": "72b91e73871b43660aeef94a85f9281cef9efd1d61a100abea5ee94cfef13852",
}
"""The hash of each wish's criteria. Whoever changes a criterion says so here, and in the docs."""


@pytest.mark.parametrize("wish", [pytest.param(wish, id=wish.name) for wish in WISHES])
def test_criteria_quote_their_wish_and_ask_for_what_can_be_tried(wish: Wish) -> None:
    criteria = CRITERIA[wish.name].criteria
    assert len({criterion.id for criterion in criteria}) == len(criteria)
    for criterion in criteria:
        assert criterion.wish in wish.text, criterion.id
        row = SCENARIOS[criterion.scenario.name]
        assert row.measures[criterion.measure] == criterion.unit, criterion.id
        msgspec.convert(dict(criterion.scenario.parameters), row.form)


@pytest.mark.parametrize("wish", [pytest.param(wish, id=wish.name) for wish in WISHES])
def test_criteria_are_those_that_were_frozen(wish: Wish) -> None:
    check_intact(frozen(wish.name), FROZEN[wish.name])
