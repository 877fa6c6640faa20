"""The criteria of the ten wishes: from their words, with scenarios that there are, and never changed once frozen."""

import msgspec
import pytest

from agent.verification.artefacts.freezing import check_intact
from evals.cad.criteria import CRITERIA, frozen
from evals.cad.wish import Wish
from evals.cad.wishes import WISHES
from toolserver.cad.scenarios import SCENARIOS

FROZEN = {
    "table": "4e02c15902ce4f5a0137b11b5d1845e71147fdd35f1e119c859f6b46090aa400",
    "stool": "e0ce3606cf06aec4dfb12368c919bdb5be834b6c58fa0d3a5462fd5503194cdb",
    "bench": "c3a75ef5c1c92fbda6b827c8cfd140c2eef5bfc2cf5f88dc83578146d3901668",
    "bridge": "c10d8631b2d4560d401a778df6af80f6ea3f40969084ad1ce825efc68e0f2cd0",
    "mug": "bfa0af58209011d627472b6fad6f34e226858b45af2b66f23715f214c6acbcbb",
    "shelf": "8392374cb99478f28abec197872835caac12fdac51dc8c947dcf0a7f67bb0353",
    "ramp": "c1e6e13f5fb1d34ead384e50a7f3b86a943ebce56b5e0824e7bf988323869133",
    "house": "79ed52d71fd7d5573404a59931fb37983a1a1a97806f1661689bdd6094b61744",
    "stairs": "a9a9321ef10c7f7cb2dcf93c15b0f9ab21fbc8527e6f4f239ccc6028dae313a4",
    "box": "81b196df97399f23e7dc91851d5de9713a6548f28841f1a1cbd4ccb4ea8a13dd",
}
"""The hash of each wish's criteria as they were written, before any program was tried by them."""


@pytest.mark.parametrize("wish", [pytest.param(wish, id=wish.name) for wish in WISHES])
def test_criteria_quote_their_wish_and_ask_for_what_can_be_tried(wish: Wish) -> None:
    criteria = CRITERIA[wish.name].criteria
    assert len({criterion.id for criterion in criteria}) == len(criteria)
    for criterion in criteria:
        assert criterion.wish in wish.text, criterion.id
        row = SCENARIOS[criterion.scenario.name]
        assert row.measures[criterion.measure] == criterion.unit, criterion.id
        msgspec.convert(dict(criterion.scenario.parameters), row.form)
    for reason in CRITERIA[wish.name].untestable:
        assert reason.split(":")[0] in wish.text


@pytest.mark.parametrize("wish", [pytest.param(wish, id=wish.name) for wish in WISHES])
def test_criteria_are_those_that_were_frozen_but_for_recorded_repairs(wish: Wish) -> None:
    check_intact(frozen(wish.name), FROZEN[wish.name])
