"""The browsing loop lets whoever sits in the seat act until the session is over."""

from agent.browsing.policy import Choice
from agent.browsing.profile import DEFAULT, BrowseProfile
from agent.browsing.research.graph import browse
from agent.browsing.session import Session
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, page_of

PAGE = page_of("The tower is 120 metres high. It was built in 1931.", url="https://example.org/tower", title="Tower")


class Script:
    """Chooses from a list, and rejects when it is at its end. Implements ``Policy``."""

    def __init__(self, *choices: Choice) -> None:
        self.left = list(choices)

    async def choose(self, session: Session) -> Choice:
        return self.left.pop(0) if self.left else Choice("reject", {"reason": "no more ideas"})


def session(profile: BrowseProfile = DEFAULT, effects: MemoryEffects | None = None) -> Session:
    return Session(
        "How high is the tower?",
        fetcher=FakeWeb({PAGE.url: PAGE}),
        search=FakeSearch([PAGE]),
        effects=effects or MemoryEffects(),
        profile=profile,
    )


def finds_the_height() -> Script:
    return Script(
        Choice("search", {"query": "tower"}),
        Choice("open", {"result": 1}),
        Choice("quote", {"first": 1}),
        Choice("finish", {"answer": "120 metres [E1]."}),
    )


async def test_a_policy_acts_until_it_finishes() -> None:
    end = await browse(session(), finds_the_height())
    assert end.ended == "finished"
    assert [kept.text for kept in end.kept] == ["The tower is 120 metres high."]


async def test_what_is_not_possible_is_refused_and_the_loop_goes_on() -> None:
    end = await browse(session(), Script(Choice("scroll", {"direction": "down"}), Choice("nonsense", {})))
    assert [step.ok for step in end.history] == [False, False, True]
    assert end.ended == "rejected"


async def test_the_loop_ends_when_no_steps_are_left() -> None:
    profile = DEFAULT.model_copy(update={"steps": 2, "forced_ending": False})
    end = await browse(session(profile), Script(*[Choice("search", {"query": "tower"})] * 5))
    assert end.ended is None
    assert end.left == 0


async def test_a_re_run_over_the_record_comes_to_the_same_end() -> None:
    record = MemoryEffects()
    first = await browse(session(effects=record), finds_the_height())
    again = await browse(session(effects=MemoryEffects(replay=record)), finds_the_height())
    assert again.model_dump() == first.model_dump()
